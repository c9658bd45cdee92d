import type { ErasureProgress, JournalObject, ReportedChange, RequestOf } from '../ports/journal-object.ts'
import type { Ports } from '../ports/ports.ts'
import { done, type Outcome } from '../refusal.ts'
import type { CatalogueVersion } from '../vocabulary/catalogue.ts'
import { Changes } from './journal/changes.ts'
import { Erasures } from './journal/erasures.ts'
import { History } from './journal/history.ts'
import { ROUNDS } from './journal/round-list.ts'
import { type Round, Rounds } from './journal/rounds.ts'
import { UserErasure } from './journal/user-erasure.ts'

/** Remembers, outside of D1, what changed in D1; notices when D1 is put back to an earlier state; and does the deployment's
 *  housekeeping once an hour. */
export class JournalKeeper implements JournalObject {
  readonly #changes: Changes
  readonly #history: History
  readonly #erasures: Erasures
  readonly #userErasure: UserErasure
  readonly #rounds: Rounds

  constructor({ storage }: DurableObjectState, ports: Ports) {
    this.#changes = new Changes(storage.sql)
    this.#history = new History(storage, ports, this.#changes)
    this.#erasures = new Erasures(storage, ports.random)
    const noticeRestore: Round = {
      name: 'notice a restore',
      step: async () => {
        await this.#history.check()
        return 'done'
      },
    }
    this.#userErasure = new UserErasure(storage, ports, this.#changes, this.#erasures)
    const { eraseAgain, goOn } = this.#userErasure.rounds()
    this.#rounds = new Rounds(storage, ports, [noticeRestore, eraseAgain, goOn, ...ROUNDS])
  }

  async record(change: ReportedChange): Promise<Outcome<void>> {
    await this.#history.noticeFork(change)
    this.#changes.add(change)
    await this.#rounds.arm()
    return done(undefined)
  }

  async check({ known }: RequestOf<'check'>): Promise<Outcome<CatalogueVersion>> {
    return this.#history.check(known)
  }

  async restores({ after }: RequestOf<'restores'>): ReturnType<JournalObject['restores']> {
    const restores = this.#history.restores()
    const open = restores.filter(({ acknowledged }) => acknowledged === undefined)
    return done({ restores, ...this.#changes.lostSince(open, after) })
  }

  async acknowledge({ epoch, by }: RequestOf<'acknowledge'>): Promise<Outcome<void>> {
    this.#history.acknowledge(epoch, by)
    return done(undefined)
  }

  async recordErasure({ owner, at }: RequestOf<'recordErasure'>): Promise<Outcome<void>> {
    await this.#erasures.add(owner, at)
    return done(undefined)
  }

  async eraseUser({ owner, by }: RequestOf<'eraseUser'>): Promise<Outcome<ErasureProgress>> {
    await this.#rounds.arm()
    return this.#userErasure.erase(owner, by)
  }

  async changesOf({ owner }: RequestOf<'changesOf'>): Promise<Outcome<readonly ReportedChange[]>> {
    return done(this.#changes.of(owner))
  }

  async findErased({ owners }: RequestOf<'findErased'>): ReturnType<JournalObject['findErased']> {
    return done(await this.#erasures.find(owners))
  }

  async keepRound(): Promise<Outcome<void>> {
    await this.#rounds.arm()
    return done(undefined)
  }

  async alarm(): Promise<void> {
    await this.#rounds.run()
  }
}
