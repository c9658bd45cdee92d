/** The jurisdiction that a deployment was begun in, as D1 has it. */
import type { JurisdictionCheck } from '../ports/jurisdiction.ts'
import type { Deployment } from '../ports/ports.ts'
import type { Jurisdiction } from '../vocabulary/jurisdictions.ts'
import { type Log, queryRunner } from './run-query.ts'
import { singleFlight } from './single-flight.ts'

export interface JurisdictionCheckOptions {
  readonly db: D1Database
  readonly log: Log
  readonly deployment: Pick<Deployment, 'cached' | 'reload'>
  readonly configured: Jurisdiction | undefined
  /** Says what is wrong with the configured one; a rule, so it is passed in. */
  readonly faultOf: (stored: Jurisdiction | 'none', configured: Jurisdiction | undefined) => string | undefined
}

/** Returns the check that compares the configured jurisdiction with the one in D1. Call it once per isolate. A database that has none yet
 *  gets the configured one, and of two isolates that start at once the first decides. While D1 cannot store it, a deployment without one
 *  serves. */
export function jurisdictionCheck(options: JurisdictionCheckOptions): JurisdictionCheck {
  const { log, deployment, configured, faultOf } = options
  const runQuery = queryRunner(options.db, log)
  let logged: string | undefined
  const choosing = singleFlight(async () => {
    const stored = await runQuery('choose jurisdiction', (db) =>
      db
        .prepare('UPDATE deployment SET jurisdiction = ? WHERE jurisdiction IS NULL')
        .bind(configured ?? 'none')
        .run(),
    )
    return stored.ok ? deployment.reload() : stored
  })
  return {
    async fault() {
      const known = deployment.cached()
      if (known === undefined) return undefined
      let { jurisdiction } = known
      if (jurisdiction === undefined) {
        const chosen = await choosing.join()
        jurisdiction = chosen.ok ? chosen.value.jurisdiction : undefined
      }
      if (jurisdiction === undefined && configured === undefined) return undefined
      // An object that is made before this is stored could be in another jurisdiction than all others.
      if (jurisdiction === undefined) return 'JURISDICTION: cannot be stored, because D1 does not answer; try again'
      const fault = faultOf(jurisdiction, configured)
      if (fault !== undefined && fault !== logged) log('jurisdiction_mismatch', { why: fault })
      logged = fault
      return fault
    },
  }
}
