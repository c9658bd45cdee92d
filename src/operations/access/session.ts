import type { SessionPolicy } from '../../rules/deployment/session-policy.ts'
import type { Right } from '../../rules/policy/actions/rights.ts'
import type { AdministratorRole } from '../../vocabulary.ts'

/** An administrator, or a user, who has signed in. */
export interface Session {
  /** The API token. */
  readonly token: string
  readonly name: string
  /** Empty for an administrator. */
  readonly realm: string
  readonly role: AdministratorRole | 'user'
  readonly rights: readonly Right[]
  readonly logoutTime: SessionPolicy['logoutTime']
}
