import {
  admitRecord,
  fullBudget,
  nextCountAt,
  type StrangerBudget,
  takeCounts,
  withoutUserInCounts,
} from '../rules/login/stranger-budget.ts'
import type { Instant, Owner } from '../vocabulary.ts'
import type { AuditRecord } from '../vocabulary/audit.ts'

const BUDGET = 'strangers'

/** Keeps the budget for the records that strangers cause in one shard. Within the budget each is written to the audit, beyond it
 *  they are counted. What is left of the budget is stored with each listed record, so that no restart refills it. Counts are
 *  stored by the alarm: a restart loses those of one round at most. */
export class StrangerRecords {
  readonly #kv: SyncKvStorage
  readonly #hourly: number
  #budget: StrangerBudget | undefined
  #isStored = true

  /** `hourly`: the budget, in records an hour; as many may come at once. */
  constructor(kv: SyncKvStorage, hourly: number) {
    this.#kv = kv
    this.#hourly = hourly
    this.#budget = kv.get<StrangerBudget>(BUDGET)
  }

  /** Answers whether the record is to be listed, and otherwise counts it. */
  admit(record: AuditRecord, kind: string, now: Instant): boolean {
    const before = this.#budget ?? fullBudget(this.#hourly, now)
    const { budget, isListed } = admitRecord(before, record, kind, this.#hourly, now)
    this.#budget = budget
    this.#isStored = false
    if (isListed) this.#store()
    return isListed
  }

  /** Returns the counts that are due, and stores the others. */
  take(now: Instant): readonly AuditRecord[] {
    if (this.#budget === undefined) return []
    const { budget, records } = takeCounts(this.#budget, this.#hourly, now)
    if (records.length > 0) this.#isStored = false
    this.#budget = budget
    if (!this.#isStored) this.#store()
    return records
  }

  /** Takes the user out of the counts. */
  forgetUser(owner: Owner): void {
    if (this.#budget === undefined) return
    this.#budget = withoutUserInCounts(this.#budget, owner)
    this.#store()
  }

  /** When `take` has something to do next, apart from counts that are not stored yet; undefined: never. */
  get nextAt(): Instant | undefined {
    return this.#budget && nextCountAt(this.#budget, this.#hourly)
  }

  #store(): void {
    this.#kv.put(BUDGET, this.#budget)
    this.#isStored = true
  }
}
