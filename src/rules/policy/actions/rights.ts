/** The rights of administrators and users: the actions of the scopes admin and user. A new right is one line here; the operation
 *  behind a route names the right it needs when it calls `authorize`. */
import type { Role } from '../../../vocabulary.ts'
import { type Action, actionGroup, flag, integer, text } from './action.ts'

export interface RightDefinition {
  /** The roles that can have it, besides `admin`. No policy grants it to another role. */
  readonly roles: readonly Role[]
  /** `owner`: it is about users or their tokens, and policies can restrict it to realms and users. */
  readonly target: 'owner' | 'deployment'
  /** Users can have it for their own tokens. */
  readonly selfService?: true
  /** Users whom a policy grants this right have it as well. privacyIDEA does not know it, and its policies for users cannot name it. */
  readonly impliedBy?: string
  readonly description: string
}

const own = { roles: ['helpdesk'], target: 'owner', selfService: true } as const
const tokens = { roles: ['helpdesk'], target: 'owner' } as const
const people = { roles: [], target: 'owner' } as const
const deployment = { roles: [], target: 'deployment' } as const

/** Names as in privacyIDEA; those of service keys and administrators are Nod's own. Source: docs/protocol.md, "General actions". */
export const RIGHTS = {
  enrollPUSH: { ...own, description: 'Enroll push tokens.' },
  enrollEDUPUSH: { ...own, description: "Enroll push tokens of eduMFA's app." },
  assign: { ...own, description: 'Give tokens to users.' },
  unassign: { ...own, description: 'Take tokens from their users.' },
  enable: { ...own, description: 'Enable tokens.' },
  disable: { ...own, description: 'Disable tokens.' },
  revoke: { ...own, description: 'Revoke tokens.' },
  reset: { ...own, description: 'Reset the failed attempts of tokens.' },
  delete: { ...own, description: 'Delete tokens.' },
  pause_rings: {
    ...own,
    impliedBy: 'disable',
    description: 'Pause and resume the rings of phones. Users who may disable their tokens may do this as well.',
  },
  setpin: { ...own, description: 'Set the PIN of tokens.' },
  enrollpin: { ...own, description: 'Set a PIN while enrolling.' },
  setrandompin: { ...own, description: 'Have a random PIN set.' },
  setdescription: { ...own, description: 'Describe tokens.' },
  auditlog: { ...own, description: 'Read the audit.' },
  set: { ...tokens, description: 'Set attributes of tokens.' },
  settokeninfo: { ...tokens, description: 'Set the info of tokens.' },
  tokenrealms: { ...tokens, description: 'Set the realms of tokens.' },
  copytokenpin: { ...tokens, description: 'Copy the PIN of a token to another.' },
  copytokenuser: { ...tokens, description: 'Copy the user of a token to another.' },
  phones_read: { ...tokens, description: 'Read the report of phones.' },
  tokenlist: { ...tokens, description: 'List tokens.' },
  losttoken: { ...tokens, description: 'Report phones lost: their owners get a bypass code.' },
  userlist: { ...tokens, description: 'List users.' },
  getchallenges: { ...tokens, description: 'List open challenges.' },
  cancelchallenge: { ...tokens, description: 'Withdraw logins.' },
  auditlog_download: { ...tokens, description: 'Download the audit.' },
  triggerchallenge: { roles: ['validate'], target: 'owner', description: 'Ring the phones of users.' },
  bypass_read: { ...tokens, description: 'List open bypass codes.' },
  bypass_write: { ...tokens, description: 'Issue and withdraw bypass codes.' },
  timeline: {
    roles: ['helpdesk', 'validate'],
    target: 'owner',
    description: 'Read the steps of a login, and its receipt.',
  },
  logins_read: {
    ...own,
    impliedBy: 'auditlog',
    description:
      'List logins, and watch them while they happen; users read and report their own, also those who may read the audit.',
  },
  adduser: { ...people, description: 'Add users.' },
  updateuser: { ...people, description: 'Change users.' },
  deleteuser: { ...people, description: 'Delete users.' },
  userdata_read: { ...people, description: 'Export what Nod has of users.' },
  userdata_erase: { ...people, description: 'Erase users from every store.' },
  policyread: { ...deployment, description: 'Read policies.' },
  policywrite: { ...deployment, description: 'Write, enable and disable policies.' },
  policydelete: { ...deployment, description: 'Delete policies.' },
  resolverread: { ...deployment, roles: ['helpdesk'], description: 'Read realms and resolvers.' },
  resolverwrite: { ...deployment, description: 'Write realms and resolvers.' },
  resolverdelete: { ...deployment, description: 'Delete realms and resolvers.' },
  configread: { ...deployment, description: 'Read system settings.' },
  configwrite: { ...deployment, description: 'Write system settings.' },
  configdelete: { ...deployment, description: 'Delete system settings.' },
  report_read: { ...deployment, roles: ['helpdesk'], description: 'Read the counts of logins.' },
  metrics_read: { ...deployment, roles: ['metrics'], description: 'Read metrics.' },
  firewall_read: { ...deployment, description: 'Read the report of the push firewall.' },
  smsgateway_read: { ...deployment, description: 'List the Firebase configurations.' },
  smsgateway_write: { ...deployment, description: 'Be told how Firebase configurations are changed.' },
  apikey_read: { ...deployment, description: 'List service keys.' },
  apikey_write: { ...deployment, description: 'Add and revoke service keys.' },
  keys_read: { ...deployment, description: "List the deployment's keys." },
  keys_write: { ...deployment, description: "Rotate and delete the deployment's keys." },
  secrets_export: {
    ...deployment,
    description: 'Export tokens with PIN hashes and signing keys, for the server that others came from.',
  },
  webhook_read: { ...deployment, description: 'List webhooks.' },
  webhook_write: { ...deployment, description: 'Add, test and delete webhooks.' },
  audit_archive: { ...deployment, description: "Read the audit's archive." },
  audit_proof: {
    ...deployment,
    description: 'Read what proves the audit: its raw records, their chains, signed heads.',
  },
  administrator_read: { ...deployment, description: 'List administrators.' },
  administrator_write: { ...deployment, description: 'Add, disable and delete administrators.' },
} as const satisfies Readonly<Record<string, RightDefinition>>

export type Right = keyof typeof RIGHTS
/** A right about users or their tokens. */
export type OwnerRight = { [Name in Right]: (typeof RIGHTS)[Name]['target'] extends 'owner' ? Name : never }[Right]
export type DeploymentRight = Exclude<Right, OwnerRight>

/** Grants every right. */
export const ALL_RIGHTS = '*'

const rightFlags = (isIncluded: (right: RightDefinition) => boolean): Readonly<Record<string, Action<boolean>>> =>
  Object.fromEntries([
    [ALL_RIGHTS, flag({ apps: 'all', description: 'Everything below.' })],
    ...Object.entries(RIGHTS).flatMap(([name, right]) =>
      isIncluded(right) ? [[name, flag({ apps: 'all', description: right.description })] as const] : [],
    ),
  ])

/** Which PINs administrators and users may choose, read by `checkPin`. The same in both scopes. */
export const PIN_ACTIONS = {
  otp_pin_minlength: integer({
    apps: 'all',
    group: 'PIN',
    description: 'Characters a PIN has at least.',
    least: 1,
    most: 64,
  }),
  otp_pin_maxlength: integer({
    apps: 'all',
    group: 'PIN',
    description: 'Characters a PIN has at most.',
    least: 1,
    most: 64,
  }),
  otp_pin_contents: text({
    apps: 'all',
    group: 'PIN',
    description: 'What a PIN must contain: c letters, n digits, s others; `+cn` one of both.',
    check: (value) =>
      /^\+?(?:c|n|s){1,3}$/.test(value)
        ? undefined
        : `'${value}' is not made of c, n and s, each of which has to occur, or, with + in front, one of which has to`,
  }),
}

export const ADMIN_ACTIONS = actionGroup('admin', { ...rightFlags(() => true), ...PIN_ACTIONS })
export const USER_ACTIONS = actionGroup('user', {
  ...rightFlags(({ selfService }) => selfService === true),
  ...PIN_ACTIONS,
})
