/** Calls of Durable Objects: what becomes of a call that does not reach its object. */
import type { LostReply, ObjectOf, Verbs } from '../ports/object-verbs.ts'
import type { Ports } from '../ports/ports.ts'
import { type Outcome, type Refusal, refuse } from '../refusal.ts'
import { seconds } from '../vocabulary.ts'
import { transactionsIn } from './transactions-in.ts'

const REPETITIONS: Readonly<Record<LostReply, number>> = { refuse: 0, repeat: 1, resume: 3 }
const PAUSE = seconds(0.1)
const UNREACHABLE: Refusal = { reason: 'storage_unavailable', retryAfter: seconds(1) }

/**
 * Makes the object that `stub` reaches callable by the verbs of its table. A call that the platform says may be made again is
 * repeated with a new stub, if its verb allows that; never when the object is overloaded. A call that does not reach its object
 * refuses `storage_unavailable`: whether the object has carried it out is then unknown. Throws what is a fault of our own code.
 */
export function objectCalls<Table extends Verbs>(
  kind: string,
  stub: () => ObjectOf<Table>,
  verbs: Table,
  world: Pick<Ports, 'now' | 'log'>,
): ObjectOf<Table> {
  return callable(verbs, (verb, request) =>
    callObject(kind, stub, verb, verbs[verb]?.onLostReply ?? 'refuse', request, world),
  )
}

/** Makes an object with these verbs, each of which is handed to `call`. */
export function callable<Table extends Verbs>(
  verbs: Table,
  call: (verb: string, request: unknown) => Promise<Outcome<unknown>>,
): ObjectOf<Table> {
  const calls = Object.keys(verbs).map((verb) => [verb, (request: unknown) => call(verb, request)])
  return Object.fromEntries(calls) as ObjectOf<Table>
}

/** Calls one verb, as `objectCalls` says. */
export async function callObject(
  kind: string,
  stub: () => object,
  verb: string,
  onLostReply: LostReply,
  request: unknown,
  { now, log }: Pick<Ports, 'now' | 'log'>,
): Promise<Outcome<unknown>> {
  const start = now()
  for (let repetitions = REPETITIONS[onLostReply]; ; repetitions--) {
    try {
      const method = Reflect.get(stub(), verb) as (request: unknown) => Promise<Outcome<unknown>>
      return await method(onLostReply === 'resume' ? withTimeLeft(request, (now() - start) / 1000) : request)
    } catch (error) {
      if (isOwnFault(error)) throw error
      if (repetitions > 0 && isRetryable(error)) {
        await new Promise((resolve) => setTimeout(resolve, PAUSE * 1000))
        continue
      }
      const transaction = transactionsIn(request).join(' ')
      log('object_unreachable', { object: kind, verb, ...(transaction && { transaction }), error: String(error) })
      return refuse(UNREACHABLE)
    }
  }
}

/** The request with its `wait` made shorter by the time that has passed (seconds). */
function withTimeLeft(request: unknown, passed: number): unknown {
  const { wait } = request as { readonly wait: number }
  return { ...(request as object), wait: seconds(Math.max(0, wait - passed)) }
}

/** What the platform says of a call that failed. Source: docs/architecture.md, "The platform". */
function isRetryable(error: unknown): boolean {
  const { retryable, overloaded } = error as { readonly retryable?: boolean; readonly overloaded?: boolean }
  return retryable === true && overloaded !== true
}

/** Whether our own code threw this: no lost connection and no overloaded object is a TypeError, except that of an object which
 *  still runs the version before and does not know the verb. */
const isOwnFault = (error: unknown): boolean =>
  (error instanceof TypeError && !error.message.includes('RPC receiver does not implement')) ||
  error instanceof ReferenceError ||
  error instanceof RangeError
