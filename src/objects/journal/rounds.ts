import type { Ports } from '../../ports/ports.ts'
import { present } from '../../present.ts'
import type { RoundState } from '../../vocabulary/doctor.ts'
import { addSeconds, type Instant, seconds } from '../../vocabulary.ts'
import { SWEPT, type Swept } from '../../vocabulary/housekeeping.ts'

/** How long after the end of the last rounds the next ones begin. */
const PAUSE = seconds(3600)
/** How long after the deployment's first change the first rounds begin. */
const FIRST_PAUSE = seconds(60)
/** How soon the alarm goes off again while steps are left. */
const NEXT_STEPS = seconds(1)
/** How many steps one alarm takes at most, and for how long: the object has other callers. */
const MAX_STEPS = 50
const MAX_TIME = seconds(10)

const LEFT = 'rounds:left'
const DUE = 'rounds:due'
const ENDED = 'rounds:ended'
const FAILED = 'rounds:failed'
const cursorKey = (name: string): string => `rounds:cursor:${name}`

/** What a round works with. */
export interface RoundContext {
  readonly ports: Ports
  readonly storage: DurableObjectStorage
  /** What the step before gave to `keep`; undefined at the first step. */
  readonly cursor: unknown
  /** Stores where the next step begins. */
  readonly keep: (cursor: unknown) => void
}

/** One task of the deployment's housekeeping, done once an hour. */
export interface Round {
  /** The round's name in the log and of its stored cursor. Never change it. */
  readonly name: string
  /** Takes one step: at most some hundred rows, and a few seconds. Answers whether the round has more to do. A step that throws
   *  ends the round until the next hour. A step may be taken twice. */
  readonly step: (context: RoundContext) => Promise<'more' | 'done'>
}

/** Runs the rounds one after the other, a bounded number of steps an alarm. What is left stays in storage, so that the next alarm
 *  goes on where this one stopped. */
export class Rounds {
  readonly #ports: Ports
  readonly #storage: DurableObjectStorage
  readonly #rounds: readonly Round[]
  #isArmed = false

  constructor(storage: DurableObjectStorage, ports: Ports, rounds: readonly Round[]) {
    this.#ports = ports
    this.#storage = storage
    this.#rounds = rounds
  }

  /** Sets the alarm, unless it is set. */
  async arm(): Promise<void> {
    if (this.#isArmed) return
    if ((await this.#storage.getAlarm()) === null) await this.#setAlarm(this.#after(FIRST_PAUSE))
    this.#isArmed = true
  }

  /** Takes the steps that are due if it is time; sets the alarm for them if not. */
  async runIfDue(): Promise<void> {
    const due = this.#storage.kv.get<Instant>(DUE)
    if (due !== undefined && this.#ports.now() >= due) await this.run()
    else await this.#setAlarm(due ?? this.#after(FIRST_PAUSE))
  }

  /** Says when the rounds were done, when they are due, and what has failed last. */
  state(): RoundState {
    const { kv } = this.#storage
    return present({
      endedAt: kv.get<Instant>(ENDED),
      dueAt: kv.get<Instant>(DUE),
      failed: kv.get<NonNullable<RoundState['failed']>>(FAILED),
      swept: kv.get<Swept>(SWEPT),
    })
  }

  /** Takes the steps that are due, and sets the next alarm. Never throws. */
  async run(): Promise<void> {
    const end = addSeconds(this.#ports.now(), MAX_TIME)
    let left = this.#storage.kv.get<readonly string[]>(LEFT) ?? this.#rounds.map(({ name }) => name)
    for (let steps = 0; left.length > 0 && steps < MAX_STEPS && this.#ports.now() < end; steps++) {
      const [name = ''] = left
      if ((await this.#step(name)) === 'more') continue
      left = left.slice(1)
      this.#storage.kv.delete(cursorKey(name))
      this.#storage.kv.put(LEFT, left)
    }
    if (left.length === 0) {
      this.#storage.kv.delete(LEFT)
      this.#storage.kv.put(ENDED, this.#ports.now())
    } else this.#storage.kv.put(LEFT, left)
    await this.#setAlarm(this.#after(left.length === 0 ? PAUSE : NEXT_STEPS))
  }

  /** Keeps the time as well: the object's alarm may be set earlier, for something else. */
  async #setAlarm(at: Instant): Promise<void> {
    this.#storage.kv.put(DUE, at)
    await this.#storage.setAlarm(at)
  }

  async #step(name: string): Promise<'more' | 'done'> {
    const { kv } = this.#storage
    try {
      const round = this.#rounds.find((one) => one.name === name)
      return (
        (await round?.step({
          ports: this.#ports,
          storage: this.#storage,
          cursor: kv.get(cursorKey(name)),
          keep: (cursor) => kv.put(cursorKey(name), cursor),
        })) ?? 'done'
      )
    } catch (error) {
      kv.put(FAILED, { round: name, at: this.#ports.now() })
      this.#ports.log('round_failed', { round: name, error: String(error) })
      return 'done'
    }
  }

  #after(span: typeof PAUSE): Instant {
    return addSeconds(this.#ports.now(), span)
  }
}
