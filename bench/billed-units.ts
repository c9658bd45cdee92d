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
/** What is billed besides logins. `test/objects/billed-besides.test.ts` counts the rows written and the calls. CPU in milliseconds. */
interface BilledBesides extends Units {
  readonly name: string
  readonly workerRequests: number
  readonly cpu: number
}

/** A sign-in by password: its counter is called twice, a shard takes its record, and an alarm hands it over. D1 is read twice: the
 *  deployment with the administrator, then again with their phones. CPU is the hash of the password. */
export const SIGN_IN: BilledBesides = {
  name: 'a sign-in by password',
  workerRequests: 1,
  objectRequests: 4,
  objectRowsWritten: 5,
  d1RowsRead: 32,
  d1RowsWritten: 2,
  cpu: 15,
}
/** A security event that one webhook receives at once: kept by the journal, queued, sent, taken out of the queue, and its id forgotten after
 *  a week; with the journal's alarm. D1 is read twice, for the webhooks. */
export const EVENT: BilledBesides = {
  name: 'an event that a webhook receives',
  workerRequests: 0,
  objectRequests: 2,
  objectRowsWritten: 9,
  d1RowsRead: 4,
  d1RowsWritten: 0,
  cpu: 1,
}
/** Each webhook more that receives it, in the same call of the journal. */
export const ANOTHER_WEBHOOK: BilledBesides = {
  name: 'each webhook more',
  workerRequests: 0,
  objectRequests: 0,
  objectRowsWritten: 4,
  d1RowsRead: 2,
  d1RowsWritten: 0,
  cpu: 1,
}
