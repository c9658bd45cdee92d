/** What one login is billed for: trigger, push, answer, one status poll, finalize, and the work until its row is deleted, or free for
 *  another login. `test/budgets.test.ts` counts the units and fails when they differ. Of the rows written in D1 one is the login's share
 *  of a link of the audit's chain: a whole one for a login alone, a hundredth in a shard that is busy. */
export interface Units {
  /** Calls of objects, and their alarms. */
  readonly objectRequests: number
  readonly objectRowsWritten: number
  readonly d1RowsRead: number
  readonly d1RowsWritten: number
}

/** A login alone: its user logs in once a week at most, and nobody else within twelve hours. The most expensive case. */
export const ALONE: Readonly<Record<'token' | 'PIN', Units>> = {
  token: { objectRequests: 8, objectRowsWritten: 8, d1RowsRead: 16, d1RowsWritten: 3 },
  PIN: { objectRequests: 8, objectRowsWritten: 8, d1RowsRead: 16, d1RowsWritten: 3 },
}

/** How many users log in one after the other on one shard, and how many seconds apart. Two shards see this with a million
 *  logins a month. Such logins share alarms and statements. */
export const OTHERS = 40
export const APART = 5

/** The copy of a Phone's counters in D1 is one row a week. This is a login's share of it, of a user who logs in three times on each of five
 *  days a week. */
export const COPY_SHARE = 1 / 15

/** The units of each of these logins, rounded up. */
export const AMONG_OTHERS: typeof ALONE = {
  token: { objectRequests: 6.05, objectRowsWritten: 5.1, d1RowsRead: 12.2, d1RowsWritten: 1.05 + COPY_SHARE },
  PIN: { objectRequests: 6.05, objectRowsWritten: 5.1, d1RowsRead: 12.2, d1RowsWritten: 1.05 + COPY_SHARE },
}

/** The requests of a login: trigger, answer, status, finalize. */
export const WORKER_REQUESTS = 4
/** One more status poll. */
export const STATUS_POLL = { workerRequests: 1, objectRequests: 1 } as const

/** What a record of the audit is billed for besides: its share of a link of the chain, as above, and what becomes of it after
 *  AUDIT_DAYS. `test/storage/audit-retention.slow.test.ts` counts the rows at a million records. */
export const RETENTION = {
  /** Bytes in D1, with its share of the chain. */
  d1Bytes: 1110,
  deletion: { d1RowsRead: 4.1, d1RowsWritten: 1.01 },
  /** Read for the archive, too. */
  archiving: { d1RowsRead: 8.1, d1RowsWritten: 1.01, r2Puts: 1 / 2000, r2Bytes: 100 },
} as const
