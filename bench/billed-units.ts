/** What one login is billed for: trigger, push, answer, one status poll, finalize, and all that follows until its last row is
 *  swept. `test/budgets.test.ts` counts it and fails when it is no longer so. */
export interface Units {
  /** Calls of objects, and their alarms. */
  readonly objectRequests: number
  readonly objectRowsWritten: number
  readonly d1RowsRead: number
  readonly d1RowsWritten: number
}

/** Of a login whose user logs in no more than once in ten minutes, when nobody else does: the dearest. */
export const ALONE: Readonly<Record<'token' | 'PIN', Units>> = {
  token: { objectRequests: 8, objectRowsWritten: 8, d1RowsRead: 11, d1RowsWritten: 2 },
  PIN: { objectRequests: 8, objectRowsWritten: 9, d1RowsRead: 11, d1RowsWritten: 2 },
}

/** How many users log in one after the other, and how many seconds apart, on one shard: what two shards see of a million
 *  logins a month. They share alarms and statements. */
export const OTHERS = 40
export const APART = 5

/** Of each of these logins, rounded up. */
export const AMONG_OTHERS: typeof ALONE = {
  token: { objectRequests: 6.2, objectRowsWritten: 6.2, d1RowsRead: 11, d1RowsWritten: 2 },
  PIN: { objectRequests: 6.2, objectRowsWritten: 7.2, d1RowsRead: 11, d1RowsWritten: 2 },
}

/** The calls of a login: trigger, answer, status, finalize. */
export const WORKER_REQUESTS = 4
/** One more status poll. */
export const STATUS_POLL = { workerRequests: 1, objectRequests: 1 } as const
