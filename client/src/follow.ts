import type { Nod } from './connection.ts'
import { failureOf } from './envelope.ts'
import { LOGIN_STATUS, type LoginStatus } from './login.ts'
import { done, type Failure, failed, type Outcome } from './outcome.ts'
import { serverSentEvents } from './server-sent-events.ts'
import { sleep } from './sleep.ts'

export interface FollowOptions {
  /** Ends the stream. */
  readonly signal?: AbortSignal | undefined
  /** How many connections in a row may fail; 5 unless set. */
  readonly retries?: number | undefined
}

/** Nod sends something every 15 seconds: a connection that is quiet for longer is dead. */
const SILENCE_MS = 40_000
const FIRST_PAUSE_MS = 300
const LONGEST_PAUSE_MS = 10_000

/** Yields how a login stands now, and again when it is decided, as soon as Nod tells it; then ends. A stream that breaks off is resumed.
 *  If it cannot be, the last that it yields is the failure. */
export async function* follow(
  nod: Nod,
  transactionId: string,
  { signal, retries = 5 }: FollowOptions = {},
): AsyncGenerator<Outcome<LoginStatus>, void, undefined> {
  let last: LoginStatus | undefined
  let failures = 0
  for (let turn = 0; ; turn += 1) {
    const connection = new Connection(signal)
    let failure: Failure | undefined
    try {
      const events = await open(nod, transactionId, connection.signal, last)
      if (!events.ok) failure = events.failure
      else if (events.value === undefined) return
      else
        for await (const { id } of serverSentEvents(events.value)) {
          connection.isAlive()
          failures = 0
          const status = id === undefined ? undefined : statusOf(id)
          if (status === undefined) continue
          if (status !== last) yield done(status)
          if (status !== 'pending') return
          last = status
        }
    } catch (cause) {
      failure = { kind: 'transport', message: `The events of ${transactionId} have broken off`, cause }
    } finally {
      connection.end()
    }
    if (signal?.aborted) {
      const message = `Following ${transactionId} was aborted`
      return yield failed({ kind: 'aborted', message, cause: signal.reason })
    }
    if (failure !== undefined && (isFinal(failure) || failures >= retries)) return yield failed(failure)
    if (failure !== undefined) failures += 1
    await sleep(pauseBefore(turn, failure), signal)
  }
}

const statusOf = (id: string): LoginStatus | undefined =>
  id === 'over' ? 'over' : (LOGIN_STATUS as Readonly<Record<string, LoginStatus>>)[id]

function open(
  nod: Nod,
  transactionId: string,
  signal: AbortSignal,
  last: LoginStatus | undefined,
): Promise<Outcome<ReadableStream<Uint8Array> | undefined>> {
  return nod.send(
    {
      method: 'GET',
      path: `/transaction/${encodeURIComponent(transactionId)}/events`,
      headers: { Accept: 'text/event-stream', ...(last === undefined ? {} : { 'Last-Event-ID': last }) },
      signal,
      isStream: true,
    },
    async (response) => {
      if (response.status === 204) return done(undefined)
      const { ok, body, headers } = response
      if (ok && body !== null && headers.get('Content-Type')?.startsWith('text/event-stream')) return done(body)
      return failed(failureOf(response, await response.json().catch(() => undefined)))
    },
  )
}

/** Trying again changes nothing. */
const isFinal = ({ kind }: Failure): boolean => kind === 'refused' || kind === 'invalid_response'

/** Milliseconds until the next connection. A stream that ends early had no room: it gets one sooner or later. */
function pauseBefore(turn: number, failure: Failure | undefined): number {
  const asked = failure?.kind === 'unavailable' ? (failure.retryAfter ?? 0) * 1000 : 0
  return Math.max(asked, Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(turn, 10)) * (1 + Math.random()))
}

/** The signal of one connection: ends with the caller's, and when nothing has come for too long. */
class Connection {
  readonly #stop = new AbortController()
  readonly #caller: AbortSignal | undefined
  readonly #abort = (): void => this.#stop.abort()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(caller: AbortSignal | undefined) {
    this.#caller = caller
    caller?.addEventListener('abort', this.#abort)
    if (caller?.aborted) this.#abort()
    this.isAlive()
  }

  get signal(): AbortSignal {
    return this.#stop.signal
  }

  isAlive(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(this.#abort, SILENCE_MS)
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#caller?.removeEventListener('abort', this.#abort)
    this.#abort()
  }
}
