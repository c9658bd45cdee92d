/** What a test asks the simulated Google to do instead of its job. */
import { fields } from '../reply.ts'

export type Behavior =
  /** Do the job. */
  | { readonly do: 'answer' }
  /** Answer with this status and Google's body for it. */
  | { readonly do: 'refuse'; readonly status: number; readonly errorCode?: string; readonly retryAfter?: number }
  /** Take the request and never answer. */
  | { readonly do: 'hang' }
  /** Cut the connection. */
  | { readonly do: 'reset' }
  /** Say 200, and never deliver. */
  | { readonly do: 'drop' }
  /** Do the job, this many milliseconds late. */
  | { readonly do: 'delay'; readonly milliseconds: number }

export interface Order {
  readonly at: 'messages' | 'token'
  readonly behavior: Behavior
  /** How often; forever if undefined. */
  readonly times?: number
  /** Only messages to this registration token. */
  readonly registrationToken?: string
}

/** The orders in force: those for a number of times in the order they came, then the newest standing one. */
export class Orders {
  #counted: { order: Order; left: number }[] = []
  #standing: { order: Order; left: number }[] = []

  add(order: Order): void {
    const entry = { order, left: order.times ?? Number.POSITIVE_INFINITY }
    if (order.times === undefined) this.#standing.unshift(entry)
    else this.#counted.push(entry)
  }

  clear(): void {
    this.#counted = []
    this.#standing = []
  }

  next(at: Order['at'], registrationToken?: string): Behavior {
    const found = [...this.#counted, ...this.#standing].find(
      ({ order }) =>
        order.at === at && (order.registrationToken === undefined || order.registrationToken === registrationToken),
    )
    if (found === undefined) return { do: 'answer' }
    found.left--
    if (found.left <= 0) this.#counted = this.#counted.filter((counted) => counted !== found)
    return found.order.behavior
  }
}

/** `failNext(503)` and `behave({ do: 'hang' })` in one: a number is a refusal with that status. */
export const asBehavior = (given: Behavior | number): Behavior =>
  typeof given === 'number' ? { do: 'refuse', status: given } : given

/** An order from the control API, or undefined if it is none. */
export function readOrder(body: unknown): Order | undefined {
  const { at = 'messages', behavior, times, registrationToken } = fields(body)
  const asked = typeof behavior === 'number' ? asBehavior(behavior) : readBehavior(fields(behavior))
  if ((at !== 'messages' && at !== 'token') || asked === undefined) return undefined
  return {
    at,
    behavior: asked,
    ...(typeof times === 'number' ? { times } : {}),
    ...(typeof registrationToken === 'string' ? { registrationToken } : {}),
  }
}

function readBehavior(given: Readonly<Record<string, unknown>>): Behavior | undefined {
  const { status, errorCode, retryAfter, milliseconds } = given
  switch (given['do']) {
    case 'answer':
    case 'hang':
    case 'reset':
    case 'drop':
      return { do: given['do'] }
    case 'delay':
      return typeof milliseconds === 'number' ? { do: 'delay', milliseconds } : undefined
    case 'refuse':
      if (typeof status !== 'number') return undefined
      return {
        do: 'refuse',
        status,
        ...(typeof errorCode === 'string' ? { errorCode } : {}),
        ...(typeof retryAfter === 'number' ? { retryAfter } : {}),
      }
    default:
      return undefined
  }
}
