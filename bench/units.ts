/** What one login is billed for: trigger, push, answer, one status poll, finalize, and all that follows until its last row is
 *  swept. `test/budgets.test.ts` counts it and fails when it is no longer so. */
export interface Units {
  /** Calls of objects, and their alarms. */
  readonly objectRequests: number
  readonly objectRowsWritten: number
  readonly d1RowsRead: number
  readonly d1RowsWritten: number
}

/** Of a login whose user logs in no more than once in ten minutes, when nobody else does: what comes at once shares alarms
 *  and statements. */
export const UNITS: Readonly<Record<'token' | 'PIN', Units>> = {
  token: { objectRequests: 8, objectRowsWritten: 9, d1RowsRead: 11, d1RowsWritten: 2 },
  PIN: { objectRequests: 8, objectRowsWritten: 10, d1RowsRead: 11, d1RowsWritten: 2 },
}

/** The calls of a login: trigger, answer, status, finalize. */
export const WORKER_REQUESTS = 4
/** One more status poll. */
export const STATUS_POLL = { workerRequests: 1, objectRequests: 1 } as const
