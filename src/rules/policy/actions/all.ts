/** Every action of policies that Nod supports, by scope. Adding one: CONTRIBUTING.md, "A policy action". */
import type { ActionGroup } from './action.ts'
import { type NamedAction, namedActions } from './apps.ts'
import {
  ATTEMPT_ACTIONS,
  AUTHENTICATION_ACTIONS,
  LOGIN_ACTIONS,
  LOGIN_ENROLLMENT_ACTIONS,
  PASS_ACTIONS,
  PROFILE_ACTIONS,
  REPEAT_ACTIONS,
} from './authentication.ts'
import { AUTHORIZATION_ACTIONS, FAILURE_ACTIONS, TOKEN_CHOICE_ACTIONS } from './authorization.ts'
import { HARDENING_ACTIONS, PHONE_ERROR_ACTIONS, SESSION_ACTIONS, SIGN_IN_ACTIONS } from './deployment.ts'
import { ENROLLMENT_ACTIONS, LIMIT_ACTIONS, NEW_TOKEN_ACTIONS, NOTICE_ACTIONS } from './enrollment.ts'
import { FIREWALL_ACTIONS } from './push-firewall.ts'
import { ADMIN_ACTIONS, USER_ACTIONS } from './rights.ts'

const GROUPS: readonly ActionGroup[] = [
  ENROLLMENT_ACTIONS,
  LIMIT_ACTIONS,
  NEW_TOKEN_ACTIONS,
  NOTICE_ACTIONS,
  AUTHENTICATION_ACTIONS,
  FIREWALL_ACTIONS,
  PROFILE_ACTIONS,
  ATTEMPT_ACTIONS,
  REPEAT_ACTIONS,
  LOGIN_ACTIONS,
  PASS_ACTIONS,
  LOGIN_ENROLLMENT_ACTIONS,
  AUTHORIZATION_ACTIONS,
  TOKEN_CHOICE_ACTIONS,
  FAILURE_ACTIONS,
  ADMIN_ACTIONS,
  USER_ACTIONS,
  SESSION_ACTIONS,
  SIGN_IN_ACTIONS,
  PHONE_ERROR_ACTIONS,
  HARDENING_ACTIONS,
]

/** By scope, then by the name policies use. */
export const ACTIONS: Readonly<Record<string, Readonly<Record<string, NamedAction>>>> = Object.fromEntries(
  [...Map.groupBy(GROUPS, ({ scope }) => scope)].map(([scope, groups]) => {
    const named = namedActions(Object.assign({}, ...groups.map(({ actions }) => actions)))
    return [scope, Object.fromEntries(named.map((action) => [action.name, action]))]
  }),
)

export const SCOPES: readonly string[] = Object.keys(ACTIONS)
