/** Which tokens a login may be made with. */
import { done, refuse, type Outcome } from '../../refusal.ts'
import type { Instant, TokenType } from '../../vocabulary.ts'
import { TOKEN_CHOICE_ACTIONS } from '../policy/actions/authorization.ts'
import { isFoundIn } from '../policy/pattern.ts'
import type { PolicySet, Situation } from '../policy/policy-set.ts'
import { readActions } from '../policy/read-actions.ts'

interface Candidate {
  readonly serial: string
  readonly type: TokenType
  readonly firebase: string
  readonly pollingAllowed?: boolean
  readonly lastUse?: Instant
}

/** Keeps the tokens that policies allow. A token that was never used is not unused for too long.
 *  Refuses, if none is left, for the reason of the last one: `token_not_allowed`, in privacyIDEA's words, or
 *  `unused_too_long`; besides `policy_conflict`, `condition_unknown`. Source: docs/protocol.md, "General actions". */
export function allowedTokens<Token extends Candidate>(
  set: PolicySet,
  situationFor: (token: Token) => Situation,
  tokens: readonly Token[],
  now: Instant,
): Outcome<readonly Token[]> {
  const left: Token[] = []
  let out: Outcome<never> | undefined
  for (const token of tokens) {
    const allowed = isAllowed(set, situationFor(token), token, now)
    if (allowed.ok) left.push(token)
    else if (['token_not_allowed', 'unused_too_long'].includes(allowed.refusal.reason)) out = allowed
    else return allowed
  }
  return left.length === 0 && out !== undefined ? out : done(left)
}

/** Returns the tokens that policies do not allow because they were last used too long ago. */
export const tokensUnusedTooLong = <Token extends Candidate>(
  set: PolicySet,
  situationFor: (token: Token) => Situation,
  tokens: readonly Token[],
  now: Instant,
): readonly Token[] =>
  tokens.filter((token) => {
    const allowed = isAllowed(set, situationFor(token), token, now)
    return !allowed.ok && allowed.refusal.reason === 'unused_too_long'
  })

function isAllowed(set: PolicySet, situation: Situation, token: Candidate, now: Instant): Outcome<void> {
  const found = readActions(set, TOKEN_CHOICE_ACTIONS, situation)
  if (!found.ok) return found
  const { tokentype: types, serial: serials, tokeninfo: infos, last_auth: longest } = found.value
  if (types.length > 0 && !types.some((type) => type.toLowerCase() === token.type))
    return notAllowed('Tokentype not allowed for authentication!')
  if (serials.length > 0 && !serials.some((pattern) => isFoundIn(pattern, token.serial)))
    return notAllowed('Serial is not allowed for authentication!')
  const info = infos.find((entry) => !hasInfo(token, entry))
  if (info !== undefined)
    return notAllowed(`Tokeninfo field ${keyOf(info)} with contents does not match regular expression.`)
  const { lastUse } = token
  return longest !== undefined && lastUse !== undefined && now - lastUse > longest * 1000
    ? refuse({ reason: 'unused_too_long', since: lastUse })
    : done(undefined)
}

const notAllowed = (why: string): Outcome<never> => refuse({ reason: 'token_not_allowed', why })

const keyOf = (info: string): string => info.slice(0, info.indexOf('/'))

/** Answers whether the token's info matches `key/pattern/`. A missing entry is empty. */
function hasInfo({ type, firebase, pollingAllowed }: Candidate, info: string): boolean {
  const key = keyOf(info)
  const known: Readonly<Record<string, string | undefined>> = {
    tokenkind: 'software',
    [`${type}_firebase_configuration`]: firebase,
    polling_allowed: pollingAllowed === undefined ? undefined : pollingAllowed ? 'True' : 'False',
  }
  return isFoundIn(info.slice(key.length + 1, -1), Object.hasOwn(known, key) ? (known[key] ?? '') : '')
}
