/** The Worker and its four Durable Objects, joined. */
import { connect, now } from './connect.ts'
import { durableObject } from './connect/durable-object.ts'
import { makeApp } from './http/app.ts'
import { CounterKeeper } from './objects/counter.ts'
import { JournalKeeper } from './objects/journal.ts'
import { openPhone } from './objects/open-phone.ts'
import { openShard } from './objects/transactions.ts'
import { COUNTER_VERBS } from './ports/counter-object.ts'
import { JOURNAL_VERBS } from './ports/journal-object.ts'
import { PHONE_VERBS } from './ports/phone-object.ts'
import { TRANSACTIONS_VERBS } from './ports/transactions-object.ts'

/** One phone, by its token's serial, and `/<number>` once it has moved. */
export class Phone extends durableObject(PHONE_VERBS, openPhone) {}

/** One shard of a region's open logins, by `region/number`. */
export class Transactions extends durableObject(TRANSACTIONS_VERBS, openShard) {}

/** Events counted by name. */
export class Counter extends durableObject(COUNTER_VERBS, (ctx, ports) => new CounterKeeper(ctx, ports)) {}

/** What D1 may forget, and the deployment's housekeeping: one object. */
export class Journal extends durableObject(JOURNAL_VERBS, (ctx, ports) => new JournalKeeper(ctx, ports)) {}

export default { fetch: makeApp(connect, now) } satisfies ExportedHandler<Env>
