/** The catalogue in D1, put together from its tables. */
import type { Catalogue } from '../ports/catalogue.ts'
import { administrators } from './administrators.ts'
import type { Log } from './ask.ts'
import { asking } from './ask.ts'
import { audit } from './audit.ts'
import { auditLines } from './audit-lines.ts'
import { bypassCodes } from './bypass-codes.ts'
import { finding } from './find.ts'
import { people } from './people.ts'
import { phoneChanges } from './phone-changes.ts'
import { phoneReport } from './phone-report.ts'
import { policies } from './policies.ts'
import { realms } from './realms.ts'
import { serviceKeys } from './service-keys.ts'
import { settings } from './settings.ts'
import { tokenChanges } from './token-changes.ts'
import { tokenEdits } from './token-edits.ts'
import { tokenLimits } from './token-limits.ts'
import { tokenList } from './token-list.ts'
import { tokens } from './tokens.ts'
import { users } from './users.ts'

/** Refuses, in every call: `storage_unavailable`, with the driver's words in the log only. */
export function catalogue(db: D1Database, log: Log): Catalogue {
  const ask = asking(db, log)
  return {
    ...finding(ask),
    ...tokens(ask),
    ...tokenList(ask),
    ...tokenChanges(ask),
    ...tokenEdits(ask),
    ...tokenLimits(ask),
    ...phoneChanges(ask),
    ...phoneReport(ask),
    ...users(ask),
    ...people(ask),
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
