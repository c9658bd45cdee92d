/** Calls of Durable Objects: what becomes of one whose object cannot be reached. */
import type { CounterObject, TransactionsObject } from '../ports/objects.ts'
import type { PhoneObject } from '../ports/phone-object.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome, Refusal } from '../refusal.ts'
import { refuse, RefusalError } from '../refusal.ts'
import { seconds } from '../vocabulary.ts'

/** `once`: made a second time it would count twice. `again`: the second time changes nothing the first has not. `waits`:
 *  the same, its second argument being how long it waits: a restart of the object, as by a deployment, ends every wait. */
type Repeat = 'once' | 'again' | 'waits'

/** A verb that gives an outcome refuses; any other throws the refusal. */
type Rules<Object> = {
  readonly [Verb in keyof Object]: readonly [
    Object[Verb] extends (...asked: never[]) => Promise<Outcome<unknown>> ? 'refuses' : 'throws',
    Repeat,
  ]
}

export const PHONE_VERBS: Rules<PhoneObject> = {
  ring: ['refuses', 'again'], // its attempt is held under the transaction, whose ring is one
  release: ['throws', 'again'],
  move: ['throws', 'again'],
  poll: ['refuses', 'again'],
  offer: ['refuses', 'again'], // the same answer gets the same reply
  verify: ['refuses', 'again'],
  finish: ['refuses', 'again'], // recorded once per transaction
  countFailure: ['throws', 'once'],
  quarantine: ['throws', 'again'],
  reset: ['refuses', 'again'],
  changing: ['throws', 'again'], // of two marks the later counts
  changed: ['throws', 'again'],
  openRings: ['refuses', 'again'],
  counters: ['throws', 'again'],
}

export const TRANSACTIONS_VERBS: Rules<TransactionsObject> = {
  open: ['refuses', 'again'], // the same id and commitments are the same login
  standing: ['throws', 'waits'],
  leave: ['throws', 'again'],
  timeline: ['throws', 'again'],
  told: ['throws', 'again'],
  conclude: ['refuses', 'waits'],
  hangUp: ['throws', 'again'],
  answer: ['refuses', 'again'], // the same answer gets the same reply
  finalize: ['refuses', 'again'], // the same attempt gets the same reply
  registered: ['throws', 'again'],
  mayCancel: ['refuses', 'again'],
  cancelled: ['refuses', 'once'],
  prompts: ['throws', 'again'],
  withdraw: ['throws', 'again'],
  withdrawKey: ['throws', 'again'],
  challenges: ['throws', 'again'],
  discard: ['throws', 'once'], // it says how many there were
  discardExpired: ['throws', 'once'],
  record: ['throws', 'again'], // told twice where its first reply was lost, rather than never
  unsettledPage: ['throws', 'again'],
  unsettled: ['throws', 'again'],
}

export const COUNTER_VERBS: Rules<CounterObject> = {
  count: ['throws', 'once'],
  forget: ['throws', 'again'],
  take: ['throws', 'again'], // the same id counts once
  giveBack: ['throws', 'again'],
  hasRoom: ['throws', 'again'],
}

/** Repetitions at most: of a wait more, since each deployment ends it once. */
const REPETITIONS: Readonly<Record<Repeat, number>> = { once: 0, again: 1, waits: 3 }
const PAUSE_MS = 100
const UNREACHABLE: Refusal = { reason: 'storage_unavailable', retryAfter: seconds(1) }

/**
 * The object behind a stub, every call of it under its rule. One that the platform says may be tried again, and that may
 * be by its rule, is, with a new stub; never one of an object that has too much to do. What cannot be reached refuses
 * `storage_unavailable`: whether the call was heard is unknown then. A fault of our own stays one.
 */
export function objectCalls<Object extends object>(
  kind: string,
  stub: () => Object,
  rules: Rules<Object>,
  { now, log }: Pick<Ports, 'now' | 'log'>,
): Object {
  async function call(verb: string, [fails, repeat]: readonly [string, Repeat], asked: unknown[]): Promise<unknown> {
    const from = now()
    for (let repetitions = REPETITIONS[repeat]; ; repetitions--) {
      try {
        const method = Reflect.get(stub(), verb) as (...asked: unknown[]) => Promise<unknown>
        return await method(...(repeat === 'waits' ? withTimeLeft(asked, (now() - from) / 1000) : asked))
      } catch (error) {
        if (isOurs(error)) throw error
        if (repetitions > 0 && mayRepeat(error)) {
          await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
          continue
        }
        log('object_unreachable', { object: kind, verb, error: String(error) })
        if (fails === 'refuses') return refuse(UNREACHABLE)
        throw new RefusalError(UNREACHABLE)
      }
    }
  }
  const verbs = Object.entries<readonly [string, Repeat]>(rules)
  return Object.fromEntries(
    verbs.map(([verb, rule]) => [verb, (...asked: unknown[]) => call(verb, rule, asked)]),
  ) as Object
}

const withTimeLeft = ([id, wait, ...others]: readonly unknown[], spent: number): readonly unknown[] => [
  id,
  seconds(Math.max(0, Number(wait) - spent)),
  ...others,
]

/** What the platform says of a failed call. Source: docs/architecture.md, "The platform". */
function mayRepeat(error: unknown): boolean {
  const { retryable, overloaded } = error as { readonly retryable?: boolean; readonly overloaded?: boolean }
  return retryable === true && overloaded !== true
}

/** No lost connection and no crowd says so; an object of the version before, which does not know the call yet, does. */
const isOurs = (error: unknown): boolean =>
  (error instanceof TypeError && !error.message.includes('RPC receiver does not implement')) ||
  error instanceof ReferenceError ||
  error instanceof RangeError
