import { present } from '../../present.ts'
import type { Ports } from '../../ports/ports.ts'
import type { TokensAsked } from '../../protocol/token/token-change-request.ts'
import type { Outcome, Refusal } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import { pinFits } from '../../rules/token/pin.ts'
import { drawPin } from '../../rules/token/random-pin.ts'
import type { Owner, Source } from '../../vocabulary.ts'
import type { Token, TokenSettings } from '../../vocabulary/tokens.ts'
import type { Changing } from './change-token.ts'
import type { Acting } from '../access/act-over.ts'
import { actOver } from '../access/act-over.ts'
import { changeToken, mayChange, tokenNamed } from './change-token.ts'
import type { Credential, OwnerRight } from '../access/identify.ts'
import { actorOf, fromOf } from '../access/identify.ts'
import { findSubject, ownerOf } from '../login/subject.ts'

/** What came of a change of tokens. */
export interface Changed {
  /** Those it made a difference to. */
  readonly serials: readonly string[]
  /** Whether more than one was meant, and which of them could not be changed, or not by who asked. */
  readonly several: boolean
  readonly failed: readonly string[]
  readonly unauthorized: readonly string[]
  readonly administrator: string
}

/** Who asks, and by what request: as the audit names it. */
export interface Asking {
  readonly credential: Credential
  readonly source: Source
  readonly right: OwnerRight
  readonly action: string
  readonly info?: string
  /** Told of each token that is refused, and whether the request is as a whole. */
  readonly refused: (serial: string, refusal: Refusal, isWhole: boolean) => void
}

/**
 * One change of every token that is meant, each by itself and with its own record in the audit: what keeps one token as it
 * is keeps no other.
 * Refuses: who may not; `user_not_in_realm`; `storage_unavailable`, when some may have changed; what all of them refused.
 */
export const changeTokens = (
  ports: Ports,
  asking: Asking,
  tokens: TokensAsked,
  wanted: Changing,
): Promise<Outcome<Changed>> =>
  forEach(ports, asking, tokens, (serial, owner, acting) => changeToken(ports, acting, serial, wanted, owner))

/** What of these tokens may simply be set is set; where there is nothing to set, they are looked for and left as they are.
 *  Refuses: as `changeTokens`. */
export const setTokens = (
  ports: Ports,
  asking: Asking,
  tokens: TokensAsked,
  settings: TokenSettings,
): Promise<Outcome<Changed>> => {
  const names = Object.keys(settings)
  if (names.length === 0) return lookAt(ports, asking, tokens)
  return changeTokens(ports, { ...asking, info: names.join(', ') }, tokens, () => done({ kind: 'set', settings }))
}

const lookAt = (ports: Ports, asking: Asking, tokens: TokensAsked): Promise<Outcome<Changed>> =>
  forEach(ports, asking, tokens, async (serial, owner, acting) => {
    const found = await tokenNamed(ports, serial, owner)
    if (!found.ok) return found
    const may = mayChange(acting, found.value)
    return may.ok ? done(false) : may
  })

/** The failed attempts of these tokens begin anew. Refuses: as `changeTokens`. */
export const resetTokens = (ports: Ports, asking: Asking, tokens: TokensAsked): Promise<Outcome<Changed>> =>
  forEach(ports, asking, tokens, async (serial, owner, acting) => {
    const found = await tokenNamed(ports, serial, owner)
    if (!found.ok) return found
    const may = mayChange(acting, found.value)
    if (!may.ok) return may
    if (found.value.revoked) return refuse({ reason: 'token_revoked' })
    const reset = await ports.phones.of(found.value.serial).reset()
    return reset.ok ? done(true) : reset
  })

/** The PIN of these tokens is this one from now on; an empty one takes it away, none at all leaves it.
 *  Refuses: as `changeTokens`. */
export function setPin(
  ports: Ports,
  asking: Asking,
  tokens: TokensAsked,
  pin: string | undefined,
): Promise<Outcome<Changed>> {
  if (pin === undefined) return lookAt(ports, asking, tokens)
  return forEach(ports, asking, tokens, (serial, owner, acting) =>
    changeToken(
      ports,
      acting,
      serial,
      async (token) => {
        const fits = pinFitsFor(acting, asking, token, pin)
        if (!fits.ok) return fits
        return done({ kind: 'pin', ...(pin === '' ? {} : { pin: await ports.pins.seal(token.serial, pin) }) })
      },
      owner,
    ),
  )
}

/** Whether policies let who asks choose this PIN; one that was drawn is nobody's choice. Refuses: `pin_unfit`. */
function pinFitsFor(
  { snapshot, over }: Acting,
  { credential, right }: Asking,
  token: Token,
  pin: string,
): Outcome<void> {
  if (right !== 'setpin') return done(undefined)
  const may = over(token.owner)
  if (!may.ok) return may
  return pinFits(snapshot.policySet, actorOf(may.value.caller, fromOf(credential)), token.owner ?? 'nobody', pin)
}

/** These tokens have a PIN that nobody chose: which, told this once. Refuses: as `changeTokens`. */
export async function setRandomPin(
  ports: Ports,
  asking: Asking,
  tokens: TokensAsked,
): Promise<Outcome<Changed & { readonly pin: string }>> {
  const pin = drawPin(ports.random)
  const set = await setPin(ports, asking, tokens, pin)
  return set.ok ? done({ ...set.value, pin }) : set
}

async function forEach(
  ports: Ports,
  { credential, source, right, action, info, refused: tell }: Asking,
  tokens: TokensAsked,
  each: (serial: string, owner: Owner | undefined, acting: Acting) => Promise<Outcome<boolean>>,
): Promise<Outcome<Changed>> {
  const acting = await actOver(ports, credential, source, right, action, info)
  if (!acting.ok) return acting
  const meant = await tokensMeant(ports, tokens, acting.value)
  if (!meant.ok) return meant
  const { serials, owner } = meant.value
  const outcomes = await Promise.all(
    serials.map(async (serial) => ({ serial, outcome: await each(serial, owner, acting.value) })),
  )
  const refused = outcomes.flatMap(({ serial, outcome: { ...one } }) =>
    one.ok ? [] : [{ serial, refusal: one.refusal }],
  )
  const failure = refused.find(({ refusal }) => refusal.reason === 'storage_unavailable')
  const first = refused.length === serials.length ? refused[0] : undefined
  const no = failure ?? first
  for (const { serial, refusal } of refused) tell(serial, refusal, no !== undefined)
  if (no !== undefined) return refuse(no.refusal)
  return done({
    serials: outcomes.filter(({ outcome }) => outcome.ok && outcome.value).map(({ serial }) => serial),
    several: serials.length > 1,
    failed: refused.filter(({ refusal }) => !isForbidden(refusal)).map(({ serial }) => serial),
    unauthorized: refused.filter(({ refusal }) => isForbidden(refusal)).map(({ serial }) => serial),
    administrator: acting.value.by,
  })
}

const isForbidden = ({ reason }: Refusal): boolean => reason === 'right_missing'

/** The tokens, and whose they have to be, if a user is named: looked for only where the caller may do it to that user's. Whoever
 *  asks about their own is told nothing of others', not even that they are others'.
 *  Refuses: as `Acting.over`; `user_not_in_realm`, `storage_unavailable`. */
async function tokensMeant(
  ports: Ports,
  { serials, user, realm }: TokensAsked,
  { snapshot, user: self, over }: Acting,
): Promise<Outcome<{ readonly serials: readonly string[]; readonly owner?: Owner }>> {
  if (user === undefined) return done({ serials: serials ?? [] })
  const given = { user, ...present({ realm }) }
  const owner = ownerOf(given, snapshot)
  const may = over(owner)
  if (!may.ok) return may
  if (serials !== undefined) return done({ serials, ...(self === undefined ? { owner } : {}) })
  const meant = await findSubject(ports, given)
  if (!meant.ok) return meant
  if (!meant.value.userKnown) return refuse({ reason: 'user_not_in_realm' })
  return done({ serials: meant.value.tokens.map(({ serial }) => serial), owner })
}
