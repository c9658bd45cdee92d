/** The actions about logins that are about no prompt. */
import { type ValueCheck, type ActionDefinition, tokenTypeList } from './values.ts'

const counting = { group: 'Failed attempts' } as const

const realmName: ValueCheck = (value) => (/^[\w.-]+$/.test(value) ? undefined : `'${value}' is not the name of a realm`)

export const LOGINS: Readonly<Record<string, ActionDefinition>> = {
  set_realm: { type: 'str', description: 'Users are looked for in this realm instead of their own.', check: realmName },
  disabled_token_types: {
    type: 'str',
    isUnion: true,
    description: 'Tokens of these types take part in no login, separated by blanks.',
    check: tokenTypeList,
  },
  force_challenge_response: { type: 'bool', description: 'No login waits for the phone, whatever push_wait says.' },
  challenge_response: {
    type: 'str',
    isUnion: true,
    description: 'Without effect: a login by push is a challenge and its response, whatever is listed here.',
    check: tokenTypeList,
  },
  reset_all_user_tokens: {
    type: 'bool',
    ...counting,
    description: 'A login that succeeds lets the failed attempts of all tokens of its user begin anew.',
  },
  increase_failcounter_on_challenge: {
    type: 'bool',
    ...counting,
    description: 'A phone that is rung counts a failed attempt, which a login that succeeds takes back.',
  },
  hide_specific_error_message: { type: 'bool', description: 'A login that fails does not say why.' },
}
