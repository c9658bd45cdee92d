/** The D1 tables as the operations and objects see them: one port for each. */
import type { AdministratorTable } from './administrators.ts'
import type { ApiTokenKeyTable } from './api-token-keys.ts'
import type { AuditTable } from './audit.ts'
import type { AuditRetention } from './audit-retention.ts'
import type { BypassCodeTable } from './bypass-codes.ts'
import type { Catalogue } from './catalogue.ts'
import type { MasterKeyTable } from './master-keys.ts'
import type { ExportTable } from './exports.ts'
import type { ImportTable } from './imports.ts'
import type { InvitationTable } from './invitations.ts'
import type { FirewallReports } from './firewall-reports.ts'
import type { Housekeeping } from './housekeeping.ts'
import type { LoginCounts } from './login-counts.ts'
import type { LoginList } from './login-list.ts'
import type { PhoneReports } from './phone-reports.ts'
import type { PolicyTable } from './policies.ts'
import type { RealmTable } from './realms.ts'
import type { ServiceKeyTable } from './service-keys.ts'
import type { SettingTable } from './settings.ts'
import type { SigningKeyTable } from './signing-keys.ts'
import type { SubjectLookup } from './subjects.ts'
import type { TokenTable } from './tokens.ts'
import type { UserData } from './user-data.ts'
import type { UserTable } from './users.ts'
import type { WebhookTable } from './webhooks.ts'
import type { VoidSessionTable } from './void-sessions.ts'

/** Every call answers within two seconds unless its port says otherwise, or refuses with `storage_unavailable`. A change that
 *  was refused so may still happen. */
export interface Tables {
  readonly catalogue: Catalogue
  /** What a login reads: the tables `tokens`, `users` and `deployment` in one round trip. */
  readonly subjects: SubjectLookup
  readonly tokens: TokenTable
  readonly phoneReports: PhoneReports
  readonly firewallReports: FirewallReports
  readonly loginCounts: LoginCounts
  readonly loginList: LoginList
  readonly users: UserTable
  readonly userData: UserData
  readonly realms: RealmTable
  readonly policies: PolicyTable
  readonly settings: SettingTable
  readonly serviceKeys: ServiceKeyTable
  readonly administrators: AdministratorTable
  readonly apiTokenKeys: ApiTokenKeyTable
  readonly voidSessions: VoidSessionTable
  readonly signingKeys: SigningKeyTable
  readonly bypassCodes: BypassCodeTable
  readonly invitations: InvitationTable
  readonly imports: ImportTable
  readonly exports: ExportTable
  readonly masterKeyTable: MasterKeyTable
  readonly webhooks: WebhookTable
  readonly audit: AuditTable
  readonly auditRetention: AuditRetention
  readonly housekeeping: Housekeeping
}
