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
  /** `enrolling`: an administrator who may only enroll a phone. */
  readonly role: AdministratorRole | 'user' | 'enrolling'
  readonly rights: readonly Right[]
  readonly logoutTime: SessionPolicy['logoutTime']
}
