import type { RequestOf, TransactionsObject } from '../ports/transactions-object.ts'
import { done } from '../refusal.ts'
import { outcomeOf } from '../rules/login/login-facts.ts'
import type { AuditRecord } from '../vocabulary/audit.ts'
import type { LoginChanges } from './login-changes.ts'
import type { LoginStore } from './login-store.ts'

/** So many logins are shown to whoever begins to watch, and answered at once at most. */
const SHOWN = 50

type LiveVerbs = Pick<TransactionsObject, 'liveLogins' | 'timeline' | 'watchTimeline'>

/** Shows a shard's logins to administrators while they happen. It writes nothing. */
export class LiveLogins implements LiveVerbs {
  readonly #store: LoginStore
  readonly #changes: LoginChanges

  constructor(store: LoginStore, changes: LoginChanges) {
    this.#store = store
    this.#changes = changes
  }

  async liveLogins({ after, wait }: RequestOf<'liveLogins'>): ReturnType<TransactionsObject['liveLogins']> {
    if (after !== undefined && this.#changes.since(after)?.length === 0) await this.#changes.untilChange(wait)
    const changed = after === undefined ? undefined : this.#changes.since(after)
    const last = this.#changes.last
    const records =
      changed === undefined
        ? this.#store.newest(SHOWN).map(({ transaction }) => this.#store.auditRecord(transaction.id))
        : changed.slice(-SHOWN).map((id) => this.#store.auditRecord(id))
    const logins = records.filter((record): record is AuditRecord => record !== undefined && isLogin(record))
    return done({ last, logins })
  }

  async timeline({ id }: RequestOf<'timeline'>): ReturnType<TransactionsObject['timeline']> {
    return done(this.#store.auditRecord(id))
  }

  async watchTimeline({ id, seen, wait }: RequestOf<'watchTimeline'>): ReturnType<TransactionsObject['watchTimeline']> {
    const until = this.#changes.after(wait)
    for (;;) {
      const record = this.#store.auditRecord(id)
      const left = this.#changes.left(until)
      const isNew = record === undefined || (record.steps?.length ?? 0) > seen
      if (isNew || left <= 0 || isOver(record)) return done(record)
      const before = this.#changes.last
      await this.#changes.untilChange(left, id)
      // Nothing has changed and no time has passed: too many watch.
      if (this.#changes.last === before && this.#changes.left(until) >= left) return done(record)
    }
  }
}

const isLogin = (record: AuditRecord): boolean => outcomeOf(record) !== undefined

/** Whether no further step follows. */
const isOver = ({ info }: AuditRecord): boolean => info !== 'pending' && info !== 'accepted'
