/** Whether a PIN is long enough and made of the right characters. */
import { done, refuse, type Outcome } from '../../refusal.ts'
import { pinShortcoming } from '../login/profile.ts'
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

/** Checks that the actor may enroll a token with this PIN, or without one. privacyIDEA silently drops a PIN that the actor may
 *  not set; Nod refuses, so that no token lacks the PIN its owner believes it has. Refuses: `right_missing`; as `checkPin`. */
export function checkEnrollmentPin(set: PolicySet, actor: Actor, target: RightTarget, pin: string): Outcome<void> {
  const permitted = pin === '' ? done(undefined) : checkRight(set, actor, 'enrollpin', target)
  return permitted.ok ? checkPin(set, actor, target, pin) : permitted
}

/** Checks a PIN against the policies of this actor.
 *  Refuses: `pin_invalid`, in privacyIDEA's words; `policy_conflict`, `condition_unknown`. Source: golden 02-enroll-limits. */
export function checkPin(set: PolicySet, actor: Actor, target: RightTarget, pin: string): Outcome<void> {
  const group = { scope: actor.scope, actions: PIN_ACTIONS }
  const found = readActions(set, group, actorSituation(actor, target))
  if (!found.ok) return found
  const { otp_pin_minlength: least, otp_pin_maxlength: most, otp_pin_contents: contents } = found.value
  const short = pinShortcoming(set, target === 'nobody' || target === 'deployment' ? undefined : target, pin)
  if (short !== undefined) return unfit(short)
  const characters = Array.from(pin)
  if (least !== undefined && characters.length < least) return unfit(`The minimum OTP PIN length is ${least}`)
  if (most !== undefined && characters.length > most) return unfit(`The maximum OTP PIN length is ${most}`)
  const missing = contents === undefined ? undefined : missingCharacters(contents, characters)
  return missing === undefined ? done(undefined) : unfit(`Missing character in PIN: ${missing}`)
}

const unfit = (why: string): Outcome<never> => refuse({ reason: 'pin_invalid', why })

/** The characters of which the PIN has none, or undefined if it has all that are required. */
function missingCharacters(contents: string, characters: readonly string[]): string | undefined {
  const kinds = Array.from(contents.replace('+', ''), (kind) => KINDS[kind] ?? '')
  const required = contents.startsWith('+') ? [kinds.join('')] : kinds
  return required.find((kind) => !characters.some((character) => kind.includes(character)))
}
