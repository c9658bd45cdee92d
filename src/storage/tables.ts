/** The D1 tables, one file each. */
import type { Tables } from '../ports/tables.ts'
import { administrators } from './administrators.ts'
import { apiTokenKeys } from './api-token-keys.ts'
import { catalogue } from './catalogue.ts'
import { changeRunner } from './run-query.ts'
import { audit } from './audit.ts'
import { auditErasure } from './audit-erasure.ts'
import { auditLinks } from './audit-links.ts'
import { auditRetention } from './audit-retention.ts'
import { auditShortening } from './audit-shortening.ts'
import { auditLines } from './audit-lines.ts'
import { auditRaw } from './audit-raw.ts'
import { auditTraces } from './audit-traces.ts'
import { bypassCodes } from './bypass-codes.ts'
import { housekeeping } from './housekeeping.ts'
import { exportTable } from './exports.ts'
import { imports } from './imports.ts'
import { invitations } from './invitations.ts'
import type { KeyRing } from './key-ring.ts'
import { loginCounts } from './login-counts.ts'
import { loginList } from './login-list.ts'
import { masterKeyChanges } from './master-key-changes.ts'
import { phoneChanges } from './phone-changes.ts'
import { firewallReport } from './firewall-report.ts'
import { phoneReport } from './phone-report.ts'
import { policies } from './policies.ts'
import { realms } from './realms.ts'
import { resealing } from './reseal.ts'
import { serviceKeys } from './service-keys.ts'
import { settings } from './settings.ts'
import { signingKeys } from './signing-key-table.ts'
import { subjectLookup } from './subject-lookup.ts'
import { tokenChanges } from './token-changes.ts'
import { tokenEnrollments } from './token-enrollments.ts'
import { limitLookup } from './token-limits.ts'
import { tokenDetails } from './token-details.ts'
import { tokenList } from './token-list.ts'
import { tokenSearch } from './token-search.ts'
import { tokens } from './tokens.ts'
import { userData } from './user-data.ts'
import { users } from './users.ts'
import { webhooks } from './webhooks.ts'
import { voidSessions } from './void-sessions.ts'

/** Connects the tables to D1; takes the master keys, and what `changeRunner` takes. What the driver says of a failure goes to the log only. */
export function tables(ring: KeyRing, ...world: Parameters<typeof changeRunner>): Tables {
  const runQuery = changeRunner(...world)
  return {
    catalogue: catalogue(runQuery),
    subjects: subjectLookup(runQuery),
    tokens: {
      ...tokens(runQuery),
      ...tokenDetails(runQuery),
      ...tokenList(runQuery),
      ...tokenSearch(runQuery),
      ...tokenEnrollments(runQuery),
      ...tokenChanges(runQuery),
      ...limitLookup(runQuery),
      ...phoneChanges(runQuery),
    },
    phoneReports: phoneReport(runQuery),
    firewallReports: firewallReport(runQuery),
    loginCounts: loginCounts(runQuery),
    loginList: loginList(runQuery),
    users: users(runQuery),
    userData: userData(runQuery),
    realms: realms(runQuery),
    policies: policies(runQuery),
    settings: settings(runQuery),
    serviceKeys: serviceKeys(runQuery),
    administrators: administrators(runQuery),
    apiTokenKeys: apiTokenKeys(runQuery),
    voidSessions: voidSessions(runQuery),
    signingKeys: signingKeys(runQuery),
    bypassCodes: bypassCodes(runQuery),
    invitations: invitations(runQuery),
    imports: imports(runQuery),
    exports: exportTable(runQuery),
    webhooks: webhooks(runQuery),
    masterKeyTable: { ...masterKeyChanges(runQuery), ...resealing(runQuery, ring, world[0]) },
    audit: {
      ...audit(runQuery),
      ...auditLinks(runQuery),
      ...auditRaw(runQuery),
      ...auditErasure(runQuery),
      ...auditTraces(runQuery),
      ...auditLines(runQuery),
    },
    housekeeping: housekeeping(runQuery),
    auditRetention: { ...auditRetention(runQuery), ...auditShortening(runQuery) },
  }
}
