/** The catalogue in D1, put together from its tables. */
import type { Catalogue } from '../ports/catalogue.ts'
import { administrators } from './administrators.ts'
import type { Log } from './run-query.ts'
import { queryRunner } from './run-query.ts'
import { audit } from './audit.ts'
import { auditLines } from './audit-lines.ts'
import { bypassCodes } from './bypass-codes.ts'
import { subjectLookup } from './subject-lookup.ts'
import { userList } from './user-list.ts'
import { phoneChanges } from './phone-changes.ts'
import { phoneReport } from './phone-report.ts'
import { policies } from './policies.ts'
import { realms } from './realms.ts'
import { serviceKeys } from './service-keys.ts'
import { settings } from './settings.ts'
import { tokenEnrollments } from './token-enrollments.ts'
import { tokenChanges } from './token-changes.ts'
import { limitLookup } from './token-limits.ts'
import { tokenList } from './token-list.ts'
import { tokens } from './tokens.ts'
import { users } from './users.ts'

/** Refuses, in every call: `storage_unavailable`, with the driver's words in the log only. */
export function catalogue(db: D1Database, log: Log): Catalogue {
  const ask = queryRunner(db, log)
  return {
    ...subjectLookup(ask),
    ...tokens(ask),
    ...tokenList(ask),
    ...tokenEnrollments(ask),
    ...tokenChanges(ask),
    ...limitLookup(ask),
    ...phoneChanges(ask),
    ...phoneReport(ask),
    ...users(ask),
    ...userList(ask),
    ...realms(ask),
    ...policies(ask),
    ...settings(ask),
    ...serviceKeys(ask),
    ...administrators(ask),
    ...bypassCodes(ask),
    ...audit(ask),
    ...auditLines(ask),
  }
}
