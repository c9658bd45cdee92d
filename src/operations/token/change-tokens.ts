import { present } from '../../present.ts'
import type { Ports } from '../../ports/ports.ts'
import type { TokenSelection } from '../../protocol/token/token-change-request.ts'
import type { Outcome, Refusal } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import { checkPin } from '../../rules/token/pin.ts'
import { randomPin } from '../../rules/token/random-pin.ts'
import type { Owner, Source } from '../../vocabulary.ts'
import type { Token, TokenSettings } from '../../vocabulary/tokens.ts'
import type { ChooseChange } from './change-token.ts'
import type { OwnerChange } from '../access/authorize-owner-change.ts'
import { authorizeOwnerChange } from '../access/authorize-owner-change.ts'
import { changeToken, authorizeTokenChange, findToken } from './change-token.ts'
import type { Credential, OwnerRight } from '../access/identify.ts'
import { actorOf, requestOriginOf } from '../access/identify.ts'
import { findSubject, ownerOf } from '../login/login-subject.ts'

/** What came of a change of tokens. */
export interface TokenChangeResult {
  /** Those it made a difference to. */
  readonly serials: readonly string[]
  /** Whether more than one was meant, and which of them could not be changed, or not by who asked. */
  readonly several: boolean
  readonly failed: readonly string[]
  readonly unauthorized: readonly string[]
  readonly administrator: string
}

/** Who asks, and by what request: as the audit names it. */
export interface TokenChangeContext {
  readonly credential: Credential
  readonly source: Source
  readonly right: OwnerRight
  readonly action: string
  readonly info?: string
  /** Told of each token that is refused, and whether the request is as a whole. */
  readonly onRefusal: (serial: string, refusal: Refusal, isWhole: boolean) => void
}

/**
 * One change of every token that is meant, each by itself and with its own record in the audit: what keeps one token as it
 * is keeps no other.
 * Refuses: who may not; `user_not_in_realm`; `storage_unavailable`, when some may have changed; what all of them refused.
 */
export const changeTokens = (
  ports: Ports,
  asking: TokenChangeContext,
  tokens: TokenSelection,
  wanted: ChooseChange,
): Promise<Outcome<TokenChangeResult>> =>
  forEach(ports, asking, tokens, (serial, owner, acting) => changeToken(ports, acting, serial, wanted, owner))

/** What of these tokens may simply be set is set; where there is nothing to set, they are looked for and left as they are.
 *  Refuses: as `changeTokens`. */
export const setTokenSettings = (
  ports: Ports,
  asking: TokenChangeContext,
  tokens: TokenSelection,
  settings: TokenSettings,
): Promise<Outcome<TokenChangeResult>> => {
  const names = Object.keys(settings)
  if (names.length === 0) return lookAt(ports, asking, tokens)
  return changeTokens(ports, { ...asking, info: names.join(', ') }, tokens, () => done({ kind: 'set', settings }))
}

const lookAt = (
  ports: Ports,
  asking: TokenChangeContext,
  tokens: TokenSelection,
): Promise<Outcome<TokenChangeResult>> =>
  forEach(ports, asking, tokens, async (serial, owner, acting) => {
    const found = await findToken(ports, serial, owner)
    if (!found.ok) return found
    const may = authorizeTokenChange(acting, found.value)
    return may.ok ? done(false) : may
  })

/** The failed attempts of these tokens begin anew. Refuses: as `changeTokens`. */
export const resetTokens = (
  ports: Ports,
  asking: TokenChangeContext,
  tokens: TokenSelection,
): Promise<Outcome<TokenChangeResult>> =>
  forEach(ports, asking, tokens, async (serial, owner, acting) => {
    const found = await findToken(ports, serial, owner)
    if (!found.ok) return found
    const may = authorizeTokenChange(acting, found.value)
    if (!may.ok) return may
    if (found.value.revoked) return refuse({ reason: 'token_revoked' })
    const reset = await ports.phones.of(found.value.serial).reset()
    return reset.ok ? done(true) : reset
  })

/** The PIN of these tokens is this one from now on; an empty one takes it away, none at all leaves it.
 *  Refuses: as `changeTokens`. */
export function setPin(
  ports: Ports,
  asking: TokenChangeContext,
  tokens: TokenSelection,
  pin: string | undefined,
): Promise<Outcome<TokenChangeResult>> {
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
  { snapshot, authorizeFor: over }: OwnerChange,
  { credential, right }: TokenChangeContext,
  token: Token,
  pin: string,
): Outcome<void> {
  if (right !== 'setpin') return done(undefined)
  const may = over(token.owner)
  if (!may.ok) return may
  return checkPin(
    snapshot.policySet,
    actorOf(may.value.caller, requestOriginOf(credential)),
    token.owner ?? 'nobody',
    pin,
  )
}

/** These tokens have a PIN that nobody chose: which, told this once. Refuses: as `changeTokens`. */
export async function setRandomPin(
  ports: Ports,
  asking: TokenChangeContext,
  tokens: TokenSelection,
): Promise<Outcome<TokenChangeResult & { readonly pin: string }>> {
  const pin = randomPin(ports.random)
  const set = await setPin(ports, asking, tokens, pin)
  return set.ok ? done({ ...set.value, pin }) : set
}

async function forEach(
  ports: Ports,
  { credential, source, right, action, info, onRefusal: tell }: TokenChangeContext,
  tokens: TokenSelection,
  each: (serial: string, owner: Owner | undefined, acting: OwnerChange) => Promise<Outcome<boolean>>,
): Promise<Outcome<TokenChangeResult>> {
  const acting = await authorizeOwnerChange(ports, credential, source, right, action, info)
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
    administrator: acting.value.administrator,
  })
}

const isForbidden = ({ reason }: Refusal): boolean => reason === 'right_missing'

/** The tokens, and whose they have to be, if a user is named: looked for only where the caller may do it to that user's. Whoever
 *  asks about their own is told nothing of others', not even that they are others'.
 *  Refuses: as `Acting.over`; `user_not_in_realm`, `storage_unavailable`. */
async function tokensMeant(
  ports: Ports,
  { serials, user, realm }: TokenSelection,
  { snapshot, user: self, authorizeFor: over }: OwnerChange,
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
