/** Whether a PIN is what the policies want of one. */
import { done, refuse, type Outcome } from '../../refusal.ts'
import type { Random } from '../../vocabulary.ts'
import { PIN_ACTIONS } from '../policy/actions/rights.ts'
import type { PolicySet } from '../policy/policy-set.ts'
import { readActions } from '../policy/read-actions.ts'
import { type Actor, actorSituation, type RightTarget, checkRight } from '../policy/rights.ts'

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const KINDS: Readonly<Record<string, string>> = {
  c: LETTERS,
  n: '0123456789',
  s: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
}

/** Whether the actor may enroll a token with this PIN, or with none. privacyIDEA leaves a PIN out that may not be set; a token
 *  must not be without the PIN it was thought to have. Refuses: `right_missing`, as `pinFits`. */
export function checkEnrollmentPin(set: PolicySet, actor: Actor, affected: RightTarget, pin: string): Outcome<void> {
  const may = pin === '' ? done(undefined) : checkRight(set, actor, 'enrollpin', affected)
  return may.ok ? checkPin(set, actor, affected, pin) : may
}

/** Accepts a PIN that is as the policies for this actor require.
 *  Refuses: `pin_unfit`, in privacyIDEA's words; `policy_conflict`, `condition_unknown`. Source: golden 02-enroll-limits. */
export function checkPin(set: PolicySet, actor: Actor, target: RightTarget, pin: string): Outcome<void> {
  const group = { scope: actor.scope, actions: PIN_ACTIONS }
  const found = readActions(set, group, actorSituation(actor, target))
  if (!found.ok) return found
  const { otp_pin_minlength: least, otp_pin_maxlength: most, otp_pin_contents: contents } = found.value
  const characters = Array.from(pin)
  if (least !== undefined && characters.length < least) return unfit(`The minimum OTP PIN length is ${least}`)
  if (most !== undefined && characters.length > most) return unfit(`The maximum OTP PIN length is ${most}`)
  const missing = contents === undefined ? undefined : missingCharacters(contents, characters)
  return missing === undefined ? done(undefined) : unfit(`Missing character in PIN: ${missing}`)
}

const unfit = (why: string): Outcome<never> => refuse({ reason: 'pin_unfit', why })

/** The characters of which the PIN has none, or undefined if it has all that are required. */
function missingCharacters(contents: string, characters: readonly string[]): string | undefined {
  const kinds = Array.from(contents.replace('+', ''), (kind) => KINDS[kind] ?? '')
  const wanted = contents.startsWith('+') ? [kinds.join('')] : kinds
  return wanted.find((kind) => !characters.some((character) => kind.includes(character)))
}

/** Uniform decimal digits, leading zeros kept: what would favor some is drawn again. */
export function randomDigits(count: number, random: Random): string {
  let digits = ''
  while (digits.length < count) {
    const [byte = 255] = random(1)
    if (byte < 250) digits += String(byte % 10)
  }
  return digits
}
