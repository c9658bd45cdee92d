import { preferredLanguage } from '../../protocol/accept-language.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import type { SubjectFields } from '../../protocol/login/client-request.ts'
import { readSystemSettings } from '../../rules/deployment/system-settings.ts'
import type { Ports } from '../../ports/ports.ts'
import { allowedTokens, tokensUnusedTooLong } from '../../rules/login/allowed-tokens.ts'
import { authenticationPolicy, policiesForTokens } from '../../rules/login/authentication-policy.ts'
import { codePolicy } from '../../rules/login/restricted-policy.ts'
import { checkTokenForProfile } from '../../rules/login/profile.ts'
import type { Situation } from '../../rules/policy/policy-set.ts'
import { checkUsable } from '../../rules/token/token.ts'
import { type Instant, SIGN_IN } from '../../vocabulary.ts'
import type { Token } from '../../vocabulary/tokens.ts'
import type { AuthorizedLogin } from './authorize-login.ts'
import type { LoginRequest } from './login-request.ts'
import { type LoginSubject, situationOf } from './login-subject.ts'
import { type LoginToken, mostTelling } from './ring.ts'

/** Chooses the tokens that take part, each with what policies make of a login by it.
 *  Refuses, if no token can: `user_unknown`, `user_not_in_realm`, `owner_has_no_tokens`, `token_unknown`,
 *  `serial_of_another_owner`, `token_revoked`, `no_suitable_token`, `attempts_exceeded`, `uses_exceeded`, `outside_validity`,
 *  `storage_unavailable`; and as `allowedTokens` and `authenticationPolicy`. */
export async function chooseTokens(
  ports: Pick<Ports, 'phones'>,
  login: AuthorizedLogin,
  request: LoginRequest,
  now: Instant,
): Promise<Outcome<readonly LoginToken[]>> {
  const { subject, source } = login
  const { policySet, settings } = subject.snapshot
  // Policies are read once for all tokens of a type, unless some of them ask about the token itself.
  const { concernsTokens } = policySet
  const situationFor = (token: Token): Situation => {
    if (!concernsTokens) return login.situation
    const situation = situationOf({ ...subject, token }, source, now)
    login.situations.add(situation)
    return situation
  }
  const groupOf = ({ serial, type }: Token): string => (concernsTokens ? serial : type)

  const usable = usableTokens(login, request, now)
  if (!usable.ok) return usable
  const byCopies = allowedTokens(policySet, situationFor, usable.value, now)
  const isShort = !byCopies.ok || byCopies.value.length < usable.value.length
  const unused = isShort ? tokensUnusedTooLong(policySet, situationFor, usable.value, now) : []
  const current = unused.length === 0 ? usable : await withLastUse(ports, usable.value, unused)
  if (!current.ok) return current
  const allowed = unused.length === 0 ? byCopies : allowedTokens(policySet, situationFor, current.value, now)
  if (!allowed.ok) return allowed
  const system = readSystemSettings(settings)
  const language = preferredLanguage(source.header?.('Accept-Language'))
  const mayWait = request.pin !== undefined && request.action !== SIGN_IN
  const found = policiesForTokens(allowed.value, groupOf, (token) =>
    authenticationPolicy(policySet, token.type, situationFor(token), system, mayWait, language),
  )
  if (!found.ok) return found
  const byCode = request.byCode === true ? onlyByCode(found.value) : found.value
  return byCode.length === 0 ? refuse({ reason: 'no_suitable_token' }) : meetingProfiles(byCode)
}

/** Returns the tokens that can show a code, each with the policy of a login that only the code approves. */
const onlyByCode = (tokens: readonly LoginToken[]): readonly LoginToken[] =>
  tokens.flatMap(({ token, policy }) => {
    const changed = codePolicy(policy, token.type)
    return changed === undefined ? [] : [{ token, policy: changed }]
  })

/** Returns the tokens, with the last use of these as their phones know it: the catalogue's copy may be a week old.
 *  Refuses: `storage_unavailable`. */
async function withLastUse(
  { phones }: Pick<Ports, 'phones'>,
  tokens: readonly Token[],
  unused: readonly Token[],
): Promise<Outcome<readonly Token[]>> {
  const current: Token[] = []
  for (const token of tokens) {
    const counters = unused.includes(token)
      ? await phones.of(token.serial, token.home).counters({ renewsCopy: true })
      : undefined
    if (counters?.ok === false) return counters
    const lastUse = counters?.value?.lastUse
    current.push(lastUse === undefined ? token : { ...token, lastUse })
  }
  return done(current)
}

/** Leaves out tokens that are too weak for their profile, if another one is not. Refuses: `profile_contradicted`. */
function meetingProfiles(tokens: readonly LoginToken[]): Outcome<readonly LoginToken[]> {
  const checked = tokens.map((one) => {
    const { profile, registrationUrl } = one.policy
    return {
      one,
      met: profile === undefined ? done(undefined) : checkTokenForProfile(one.token, profile, registrationUrl),
    }
  })
  const meeting = checked.flatMap(({ one, met }) => (met.ok ? [one] : []))
  const short = checked.find(({ met }) => !met.ok)?.met
  return meeting.length === 0 && short?.ok === false ? short : done(meeting)
}

function usableTokens(
  { subject, policy }: AuthorizedLogin,
  { subject: fields, pin, type }: LoginRequest,
  now: Instant,
): Outcome<readonly Token[]> {
  const isCheck = pin !== undefined
  const named = isCheck ? namedTokens(subject, fields) : tokensToTrigger(subject, fields)
  if (!named.ok) return named
  const tokens = named.value
  const onlyType = policy.honorsTokenType ? type?.toLowerCase() : undefined
  const checked = tokens
    .filter((token) => !policy.disabledTypes.has(token.type) && (onlyType === undefined || token.type === onlyType))
    .map((token) => ({ token, outcome: checkUsable(token, now) }))
  const usable = checked.filter(({ outcome }) => outcome.ok).map(({ token }) => token)
  if (usable.length > 0) return { ok: true, value: usable }
  if (isCheck && tokens.every(({ revoked }) => revoked)) return refuse({ reason: 'token_revoked' })
  return refuse(mostTelling(checked.flatMap(({ outcome }) => (outcome.ok ? [] : [outcome.refusal]))))
}

/** The tokens of the user or serial that a check names, in whatever state; at least one.
 *  Refuses: `user_unknown`, `serial_of_another_owner`, `token_unknown`, `owner_has_no_tokens`. */
export function namedTokens(subject: LoginSubject, fields: SubjectFields): Outcome<readonly Token[]> {
  if (fields.user !== undefined && !subject.isUserKnown)
    return refuse({ reason: 'user_unknown', user: nameOf(subject) })
  if (subject.tokens.length > 0) return done(subject.tokens)
  if (subject.isOfAnotherOwner) return refuse({ reason: 'serial_of_another_owner' })
  return refuse({ reason: fields.serial === undefined ? 'owner_has_no_tokens' : 'token_unknown' })
}

/** The same without a PIN check. Refuses: `user_not_in_realm`, `no_suitable_token`, `owner_has_no_tokens`. */
function tokensToTrigger(subject: LoginSubject, fields: SubjectFields): Outcome<readonly Token[]> {
  if (fields.user !== undefined && !subject.isUserKnown) return refuse({ reason: 'user_not_in_realm' })
  if (subject.tokens.length > 0) return done(subject.tokens)
  const isNamed = subject.isOfAnotherOwner || fields.serial !== undefined
  return refuse({ reason: isNamed ? 'no_suitable_token' : 'owner_has_no_tokens' })
}

const nameOf = ({ owner, userInput }: LoginSubject): string =>
  owner === undefined ? (userInput?.user ?? '') : `${owner.login}@${owner.realm}`
