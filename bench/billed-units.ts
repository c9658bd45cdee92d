/** What one login is billed for: trigger, push, answer, one status poll, finalize, and the work until its last row is
 *  deleted. `test/budgets.test.ts` counts the units and fails when they differ. Of the rows written in D1 one is the login's share
 *  of a link of the audit's chain: a whole one for a login alone, a hundredth in a shard that is busy. */
export interface Units {
  /** Calls of objects, and their alarms. */
  readonly objectRequests: number
  readonly objectRowsWritten: number
  readonly d1RowsRead: number
  readonly d1RowsWritten: number
}

/** A login alone: its user logs in at most once in ten minutes, and nobody else does. The most expensive case. */
export const ALONE: Readonly<Record<'token' | 'PIN', Units>> = {
  token: { objectRequests: 8, objectRowsWritten: 8, d1RowsRead: 16, d1RowsWritten: 3 },
  PIN: { objectRequests: 8, objectRowsWritten: 9, d1RowsRead: 16, d1RowsWritten: 3 },
}

/** How many users log in one after the other on one shard, and how many seconds apart. Two shards see this with a million
 *  logins a month. Such logins share alarms and statements. */
export const OTHERS = 40
export const APART = 5

/** The units of each of these logins, rounded up. */
export const AMONG_OTHERS: typeof ALONE = {
  token: { objectRequests: 6.2, objectRowsWritten: 6.2, d1RowsRead: 12.2, d1RowsWritten: 2.1 },
  PIN: { objectRequests: 6.2, objectRowsWritten: 7.2, d1RowsRead: 12.2, d1RowsWritten: 2.1 },
}

/** The requests of a login: trigger, answer, status, finalize. */
export const WORKER_REQUESTS = 4
/** One more status poll. */
export const STATUS_POLL = { workerRequests: 1, objectRequests: 1 } as const
