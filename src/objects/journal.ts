import type { JournalObject, ReportedChange } from '../ports/journal-object.ts'
import type { Ports } from '../ports/ports.ts'
import { done, type Outcome } from '../refusal.ts'
import { Changes } from './journal/changes.ts'
import { ROUNDS } from './journal/round-list.ts'
import { Rounds } from './journal/rounds.ts'

/** Remembers, outside of D1, what changed in D1; and does the deployment's housekeeping once an hour. */
export class JournalKeeper implements JournalObject {
  readonly #changes: Changes
  readonly #rounds: Rounds

  constructor({ storage }: DurableObjectState, ports: Ports) {
    this.#changes = new Changes(storage.sql)
    this.#rounds = new Rounds(storage, ports, ROUNDS)
  }

  async record(change: ReportedChange): Promise<Outcome<void>> {
    this.#changes.add(change)
    await this.#rounds.arm()
    return done(undefined)
  }

  async keepRound(): Promise<Outcome<void>> {
    await this.#rounds.arm()
    return done(undefined)
  }

  async alarm(): Promise<void> {
    await this.#rounds.run()
  }
}
