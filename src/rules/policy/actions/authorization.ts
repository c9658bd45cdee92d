/** The actions of the scope authorization: who may log in, by which tokens and how often, and what the answer holds. */
import { parseDuration } from '../../../timestamps.ts'
import { parseQuota } from '../../deployment/quota.ts'
import { actionGroup, choice, everyText, flag, parsedText, words } from './action.ts'
import { regularExpression, tokenTypeList, type ValueCheck, withHint } from './values.ts'

const quota: ValueCheck = withHint('such as `5/1h`, in s, m or h', (value) =>
  parseQuota(value) === undefined
    ? `'${value}' is not a number, a slash and a span of time, as in 5/1h (s, m or h; at most 999)`
    : undefined,
)

const duration: ValueCheck = withHint('such as `30h`, `7d` or `1y`', (value) =>
  (parseDuration(value) ?? 0) > 0 ? undefined : `'${value}' is not a span of time, as in 30h, 7d or 1y`,
)

/** Entries `key/pattern/`, separated by spaces. */
const tokenInfo: ValueCheck = withHint('`key/pattern/`, separated by blanks', (value) => {
  for (const entry of value.trim().split(/\s+/)) {
    const [, key, pattern = ''] = /^(\w+)\/(.+)\/$/.exec(entry) ?? []
    if (key === undefined)
      return `'${entry}' is not a key of the info of a token and a pattern, as in tokenkind/^software$/`
    const fault = regularExpression(pattern)
    if (fault !== undefined) return fault
  }
  return undefined
})

/** Read into `AuthorizationPolicy` when a login opens. */
export const AUTHORIZATION_ACTIONS = actionGroup('authorization', {
  auth_max_fail: parsedText({
    apps: 'all',
    description:
      'Wrong PINs of a user in a span of time, as in 5/1h. After that no PIN is accepted until the oldest of them has left the span.',
    check: quota,
    parse: parseQuota,
  }),
  auth_max_success: parsedText({
    apps: 'all',
    description: 'Successful logins of a user in a span of time, as in 3/1h.',
    check: quota,
    parse: parseQuota,
  }),
  authorized: choice({
    apps: 'all',
    description: 'Whether users may log in at all.',
    values: ['grant_access', 'deny_access'],
    default: 'grant_access',
  }),
  api_key_required: flag({
    apps: 'all',
    description: '/validate/check and polltransaction need a service key, whatever ANONYMOUS_CHECK says.',
  }),
  application_tokentype: flag({
    apps: 'all',
    group: 'Tokens',
    description: 'The parameter type restricts a login to tokens of that type.',
  }),
  add_user_in_response: flag({
    apps: 'all',
    group: 'Answer',
    description: 'The answer to a successful login names the user.',
  }),
  add_resolver_in_response: flag({
    apps: 'all',
    group: 'Answer',
    description: "The answer to a successful login names the user's realm and resolver.",
  }),
  no_detail_on_success: flag({
    apps: 'all',
    group: 'Answer',
    description: 'The answer to a successful login has no detail.',
  }),
})

/** Asked of each token that could be rung. */
export const TOKEN_CHOICE_ACTIONS = actionGroup('authorization', {
  tokentype: words({
    apps: 'all',
    group: 'Tokens',
    description: 'Only tokens of these types are rung. Separated by spaces.',
    check: tokenTypeList,
  }),
  serial: everyText({
    apps: 'all',
    group: 'Tokens',
    description: 'Only tokens whose serial matches this pattern are rung.',
    check: regularExpression,
  }),
  tokeninfo: words({
    apps: 'all',
    group: 'Tokens',
    description: 'Only tokens whose info matches are rung, as in tokenkind/^software$/.',
    check: tokenInfo,
  }),
  last_auth: parsedText({
    apps: 'all',
    description: 'A token that was last used longer ago than this is not rung: 30h, 7d, 1y.',
    check: duration,
    parse: (value) => parseDuration(value),
  }),
})

/** Read after a login failed. */
export const FAILURE_ACTIONS = actionGroup('authorization', {
  no_detail_on_fail: flag({
    apps: 'all',
    group: 'Answer',
    description: 'The answer to a failed login has no detail. Challenges keep theirs.',
  }),
})
