import type { Ports } from '../../ports/ports.ts'
import type { TokenRecord } from '../../ports/tokens.ts'
import type { TokenSelection } from '../../protocol/token/token-change-request.ts'
import { done, type Outcome, type Refusal, refuse } from '../../refusal.ts'
import { checkPin } from '../../rules/token/pin.ts'
import { randomPin } from '../../rules/token/random-pin.ts'
import type { Owner, Serial, Source } from '../../vocabulary.ts'
import type { Token, TokenSettings } from '../../vocabulary/tokens.ts'
import { type OwnerTokensChanger, ownerTokensBatch } from './change-owner-tokens.ts'
import { changeToken, type ChooseChange, findPermittedToken } from './change-token.ts'
import { authorizeOwnerChange, type OwnerChange } from '../access/authorize-owner-change.ts'
import { actorOf, type Credential, type OwnerRight, requestOriginOf } from '../access/identify.ts'
import { ownChangeOf, tellOwnChange } from './tell-own-change.ts'
import type { OwnChange } from '../../vocabulary/notices.ts'
import { requireRealms } from '../access/new-user.ts'
import { findSubject, ownerOf } from '../login/login-subject.ts'

/** The result of a change of tokens. */
export interface TokenChangeResult {
  /** Tokens that changed. */
  readonly serials: readonly string[]
  /** More than one token was selected. */
  readonly isBatch: boolean
  /** Tokens that could not be changed. */
  readonly failed: readonly string[]
  /** Tokens that the caller may not change. */
  readonly unauthorized: readonly string[]
  readonly administrator: string
}

/** Who asks for a change, and by which request. */
export interface TokenChangeContext {
  readonly credential: Credential
  readonly source: Source
  readonly right: OwnerRight
  readonly action: string
  readonly info?: string
  /** Called for each token that is refused; `isWhole`: the request as a whole is refused. */
  readonly onRefusal: (serial: string, refusal: Refusal, isWhole: boolean) => void
}

/**
 * Changes every selected token by itself, each with its own audit entry: one that cannot be changed does not stop the others.
 * Refuses: as `authorizeOwnerChange`; `user_not_in_realm`; `storage_unavailable` for any token, and then others may have changed;
 * the first token's refusal when all refuse.
 */
export const changeTokens = (
  ports: Ports,
  context: TokenChangeContext,
  tokens: TokenSelection,
  choose: (token: TokenRecord, change: OwnerChange) => ReturnType<ChooseChange>,
): Promise<Outcome<TokenChangeResult>> =>
  forEach(ports, context, tokens, async (serial, owner, change, tellOwner) => {
    let own: OwnChange | undefined
    let changedSerial: Serial | undefined
    const chooseAndKeep: ChooseChange = async (token) => {
      const chosen = await choose(token, change)
      own = chosen.ok ? ownChangeOf(chosen.value) : undefined
      changedSerial = token.serial
      return chosen
    }
    const changed = await changeToken(ports, change, serial, chooseAndKeep, owner, tellOwner)
    if (changed.ok && changed.value && own !== undefined && changedSerial !== undefined)
      await tellOwnChange(ports, context.credential, changedSerial, own)
    return changed
  })

/** Lists the selected tokens in these realms, and in their owner's. Refuses: as `changeTokens`; `realm_unknown`. */
export const setTokenRealms = (
  ports: Ports,
  context: TokenChangeContext,
  tokens: TokenSelection,
  realms: readonly string[],
): Promise<Outcome<TokenChangeResult>> =>
  forEach(ports, { ...context, info: realms.join(', ') }, tokens, (serial, owner, change, tellOwner) => {
    const known = requireRealms(realms, change.snapshot)
    return changeToken(
      ports,
      change,
      serial,
      () => (known.ok ? done({ kind: 'realms', realms }) : known),
      owner,
      tellOwner,
    )
  })

/** Sets these fields of the selected tokens. Without fields it only checks that the tokens exist. Refuses: as `changeTokens`. */
export const setTokenSettings = (
  ports: Ports,
  context: TokenChangeContext,
  tokens: TokenSelection,
  settings: TokenSettings,
): Promise<Outcome<TokenChangeResult>> => {
  const names = Object.keys(settings)
  if (names.length === 0) return checkTokens(ports, context, tokens)
  return changeTokens(ports, { ...context, info: names.join(', ') }, tokens, () => done({ kind: 'set', settings }))
}

const checkTokens = (
  ports: Ports,
  context: TokenChangeContext,
  tokens: TokenSelection,
): Promise<Outcome<TokenChangeResult>> =>
  forEach(ports, context, tokens, async (serial, owner, change) => {
    const found = await findPermittedToken(ports, change, serial, owner)
    return found.ok ? done(false) : found
  })

/** Resets the failed attempts of the selected tokens and, unless it is their own user who asks, lifts what follows from fraud reports.
 *  Refuses: as `changeTokens`. */
export const resetTokens = (
  ports: Ports,
  context: TokenChangeContext,
  tokens: TokenSelection,
): Promise<Outcome<TokenChangeResult>> =>
  forEach(ports, context, tokens, async (serial, owner, change) => {
    const found = await findPermittedToken(ports, change, serial, owner)
    if (!found.ok) return found
    if (found.value.revoked) return refuse({ reason: 'token_revoked' })
    const { phoneKey, home } = found.value
    // Only a phone object counts attempts.
    if (phoneKey === undefined) return done(true)
    const reset = await ports.phones
      .of(found.value.serial, home)
      .resetAttempts({ liftsReports: change.user === undefined })
    return reset.ok ? done(true) : reset
  })

/** Sets the PIN of the selected tokens; an empty PIN removes it, undefined leaves it. Refuses: as `changeTokens`. */
export function setPin(
  ports: Ports,
  context: TokenChangeContext,
  tokens: TokenSelection,
  pin: string | undefined,
): Promise<Outcome<TokenChangeResult>> {
  if (pin === undefined) return checkTokens(ports, context, tokens)
  return changeTokens(ports, context, tokens, async (token, change) => {
    const fits = pinFitsFor(change, context, token, pin)
    if (!fits.ok) return fits
    if (pin === '') return done({ kind: 'pin' })
    const isNew = !(await hasPin(ports, token, pin))
    return done({ kind: 'pin', pin: await ports.pins.seal(token.serial, pin), isNew })
  })
}

/** Whether this is the token's PIN already. One that does not open counts as another. */
async function hasPin({ pins }: Pick<Ports, 'pins'>, { serial, pin }: TokenRecord, entry: string): Promise<boolean> {
  const opened = pin === undefined ? undefined : await pins.open(serial, pin, async () => done(undefined))
  return opened?.ok === true && (await pins.matches(opened.value, entry))
}

/** Checks a chosen PIN against the PIN policies; a random PIN needs no check. Refuses: `pin_invalid`. */
function pinFitsFor(
  { snapshot, authorizeFor }: OwnerChange,
  { credential, right }: TokenChangeContext,
  token: Token,
  pin: string,
): Outcome<void> {
  if (right !== 'setpin') return done(undefined)
  const permitted = authorizeFor(token.owner)
  if (!permitted.ok) return permitted
  return checkPin(
    snapshot.policySet,
    actorOf(permitted.value.caller, requestOriginOf(credential)),
    token.owner ?? 'nobody',
    pin,
  )
}

/** Sets a random PIN, and answers it this once. Refuses: as `changeTokens`. */
export async function setRandomPin(
  ports: Ports,
  context: TokenChangeContext,
  tokens: TokenSelection,
): Promise<Outcome<TokenChangeResult & { readonly pin: string }>> {
  const pin = randomPin(ports.random)
  const set = await setPin(ports, context, tokens, pin)
  return set.ok ? done({ ...set.value, pin }) : set
}

async function forEach(
  ports: Ports,
  { credential, source, right, action, info, onRefusal }: TokenChangeContext,
  tokens: TokenSelection,
  each: (
    serial: string,
    owner: Owner | undefined,
    change: OwnerChange,
    tellOwner: OwnerTokensChanger | undefined,
  ) => Promise<Outcome<boolean>>,
): Promise<Outcome<TokenChangeResult>> {
  const change = await authorizeOwnerChange(ports, credential, source, right, action, info)
  if (!change.ok) return change
  const selected = await selectTokens(ports, tokens, change.value)
  if (!selected.ok) return selected
  const { serials, owner } = selected.value
  const batch = ownerTokensBatch(ports)
  const tellOwner = serials.length > 1 ? batch.run : undefined
  const outcomes = await Promise.all(
    serials.map(async (serial) => ({ serial, outcome: await each(serial, owner, change.value, tellOwner) })),
  )
  const told = await batch.end()
  const refused = outcomes.flatMap(({ serial, outcome: { ...one } }) =>
    one.ok ? [] : [{ serial, refusal: one.refusal }],
  )
  const untold = told.ok ? [] : [{ refusal: told.refusal }]
  const failure = [...refused, ...untold].find(({ refusal }) => refusal.reason === 'storage_unavailable')
  const first = refused.length === serials.length ? refused[0] : undefined
  const decisive = failure ?? first
  for (const { serial, refusal } of refused) onRefusal(serial, refusal, decisive !== undefined)
  if (decisive !== undefined) return refuse(decisive.refusal)
  return done({
    serials: outcomes.filter(({ outcome }) => outcome.ok && outcome.value).map(({ serial }) => serial),
    isBatch: serials.length > 1,
    failed: refused.filter(({ refusal }) => !isForbidden(refusal)).map(({ serial }) => serial),
    unauthorized: refused.filter(({ refusal }) => isForbidden(refusal)).map(({ serial }) => serial),
    administrator: change.value.administrator,
  })
}

const isForbidden = ({ reason }: Refusal): boolean => reason === 'right_missing'

/** Answers the selected serials, and the owner they must have if the request names a user. A user who asks about their own tokens
 *  learns nothing of others', so `owner` is then left to the authorization.
 *  Refuses: as `OwnerChange.authorizeFor`; `user_not_in_realm`, `storage_unavailable`. */
async function selectTokens(
  ports: Ports,
  { serials, user, realm }: TokenSelection,
  { snapshot, user: self, authorizeFor }: OwnerChange,
): Promise<Outcome<{ readonly serials: readonly string[]; readonly owner?: Owner }>> {
  if (user === undefined) return done({ serials: serials ?? [] })
  const input = { user, realm }
  const owner = ownerOf(input, snapshot)
  const permitted = authorizeFor(owner)
  if (!permitted.ok) return permitted
  if (serials !== undefined) return done({ serials, ...(self === undefined ? { owner } : {}) })
  const subject = await findSubject(ports, input)
  if (!subject.ok) return subject
  if (!subject.value.isUserKnown) return refuse({ reason: 'user_not_in_realm' })
  return done({ serials: subject.value.tokens.map(({ serial }) => serial), owner })
}
