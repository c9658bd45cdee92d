/** The actions about who may log in, by which tokens and how often, and what the answer holds. */
import { type ValueCheck, type ActionDefinition, regularExpression, oneOf, withHint, tokenTypeList } from './values.ts'
import { parseDuration } from '../../../timestamps.ts'
import { parseQuota } from '../../deployment/quota.ts'

const group = { group: 'Answer' } as const
const tokens = { group: 'Tokens', type: 'str' } as const

const quota: ValueCheck = withHint('such as `5/1h`, in s, m or h', (value) =>
  parseQuota(value) === undefined
    ? `'${value}' is not a number, a slash and a span of time, as in 5/1h (s, m or h; at most 999)`
    : undefined,
)

const span: ValueCheck = withHint('such as `30h`, `7d` or `1y`', (value) =>
  (parseDuration(value) ?? 0) > 0 ? undefined : `'${value}' is not a span of time, as in 30h, 7d or 1y`,
)

/** `key/pattern/`, as many as there are, separated by blanks. */
const tokenInfo: ValueCheck = withHint('`key/pattern/`, separated by blanks', (value) => {
  for (const one of value.trim().split(/\s+/)) {
    const [, key, pattern = ''] = /^(\w+)\/(.+)\/$/.exec(one) ?? []
    if (key === undefined)
      return `'${one}' is not a key of the info of a token and a pattern, as in tokenkind/^software$/`
    const fault = regularExpression(pattern)
    if (fault !== undefined) return fault
  }
  return undefined
})

export const AUTHORIZATION: Readonly<Record<string, ActionDefinition>> = {
  auth_max_fail: {
    type: 'str',
    description:
      'Wrong PINs of a user in a span of time, after which no PIN is taken until one of them is older: 5/1h.',
    check: quota,
  },
  auth_max_success: {
    type: 'str',
    description: 'Logins of a user that may be used in a span of time: 3/1h.',
    check: quota,
  },
  last_auth: {
    type: 'str',
    description: 'A token that was last used longer ago than this is not rung: 30h, 7d, 1y.',
    check: span,
  },
  authorized: {
    type: 'str',
    description: 'Whether users may log in at all.',
    check: oneOf('grant_access', 'deny_access'),
    default: 'grant_access',
  },
  api_key_required: {
    type: 'bool',
    description: '/validate/check and polltransaction are for services with a key, whatever ANONYMOUS_CHECK says.',
  },
  tokentype: {
    ...tokens,
    isUnion: true,
    description: 'Only tokens of these types are rung, separated by blanks.',
    check: tokenTypeList,
  },
  serial: {
    ...tokens,
    isUnion: true,
    description: 'Only tokens whose serial has this pattern in it are rung.',
    check: regularExpression,
  },
  tokeninfo: {
    ...tokens,
    isUnion: true,
    description: 'Only tokens whose info is so are rung: tokenkind/^software$/.',
    check: tokenInfo,
  },
  application_tokentype: {
    type: 'bool',
    group: 'Tokens',
    description: 'The parameter type restricts a login to tokens of that type.',
  },
  add_user_in_response: { type: 'bool', ...group, description: 'A login that succeeds tells of its user.' },
  add_resolver_in_response: {
    type: 'bool',
    ...group,
    description: "A login that succeeds tells its user's realm and resolver.",
  },
  no_detail_on_success: { type: 'bool', ...group, description: 'A login that succeeds has no detail.' },
  no_detail_on_fail: {
    type: 'bool',
    ...group,
    description: 'A login that fails has no detail. Challenges keep theirs.',
  },
}
