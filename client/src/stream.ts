import { type ParametersOf, requestOf, type Route } from './call.ts'
import type { Nod, NodRequest } from './connection.ts'
import { failureOf } from './envelope.ts'
import type { Operations } from './generated/operations.ts'
import { done, type Failure, failed, type Outcome } from './outcome.ts'
import { type ServerSentEvent, serverSentEvents } from './server-sent-events.ts'
import { sleep } from './sleep.ts'

/** An operation whose answer is a stream of server-sent events. */
export type StreamRoute = {
  [R in Route]: Operations[R] extends { readonly text: infer Types }
    ? 'text/event-stream' extends Types
      ? R
      : never
    : never
}[Route]

export interface StreamOptions {
  /** Ends the stream. */
  readonly signal?: AbortSignal | undefined
  /** How many connections in a row may fail; 5 unless set. */
  readonly retries?: number | undefined
  /** Is told when a connection is open, and when one has failed or broken off. */
  readonly onConnection?: ((isOpen: boolean) => void) | undefined
}

/** Nod sends something every 15 seconds: a connection that is quiet for longer is dead. */
const SILENCE_MS = 40_000
const FIRST_PAUSE_MS = 300
const LONGEST_PAUSE_MS = 10_000

/** Yields the events of an operation as they come. A stream that ends or breaks off is opened again, from the last event on where Nod
 *  knows it, until an event is the last one, or Nod says that no other will follow. If it cannot be opened, the last that it yields is
 *  the failure. Unlike a browser's `EventSource` it sends the credential. */
export async function* stream<R extends StreamRoute>(
  nod: Nod,
  route: R,
  parameters: ParametersOf<R>,
  {
    signal,
    retries = 5,
    onConnection,
    isLast,
  }: StreamOptions & { readonly isLast?: (event: ServerSentEvent) => boolean } = {},
): AsyncGenerator<Outcome<ServerSentEvent>, void, undefined> {
  let lastId: string | undefined
  let failures = 0
  for (let turn = 0; ; turn += 1) {
    const openedAt = performance.now()
    const connection = new Connection(signal)
    let failure: Failure | undefined
    try {
      const headers = { Accept: 'text/event-stream', ...(lastId === undefined ? {} : { 'Last-Event-ID': lastId }) }
      const request = requestOf(route, parameters, { headers, signal: connection.signal })
      const events = request.ok ? await open(nod, request.value) : request
      if (!events.ok) failure = events.failure
      else if (events.value === undefined) return
      else {
        onConnection?.(true)
        for await (const event of serverSentEvents(events.value)) {
          connection.isAlive()
          failures = 0
          if (event === 'comment') continue
          lastId = event.id
          yield done(event)
          if (isLast?.(event) === true) return
        }
      }
    } catch (cause) {
      failure = { kind: 'transport', message: `The events of ${nod.url} have broken off`, cause }
    } finally {
      connection.end()
    }
    if (signal?.aborted) {
      return yield failed({ kind: 'aborted', message: 'The stream was aborted', cause: signal.reason })
    }
    if (failure !== undefined) onConnection?.(false)
    if (failure !== undefined && (isFinal(failure) || failures >= retries)) return yield failed(failure)
    if (failure !== undefined) failures += 1
    // One that had no room ends at once, and is not opened again too soon.
    if (performance.now() - openedAt > LONGEST_PAUSE_MS) turn = 0
    await sleep(pauseBefore(turn, failure), signal)
  }
}

const open = (nod: Nod, request: NodRequest): Promise<Outcome<ReadableStream<Uint8Array> | undefined>> =>
  nod.send({ ...request, isRepeatable: false, isStream: true }, async (response) => {
    if (response.status === 204) return done(undefined)
    const { ok, body, headers } = response
    if (ok && body !== null && headers.get('Content-Type')?.startsWith('text/event-stream')) return done(body)
    return failed(failureOf(response, await response.json().catch(() => undefined)))
  })

/** Trying again changes nothing. */
const isFinal = ({ kind }: Failure): boolean => kind === 'refused' || kind === 'invalid_response'

/** Milliseconds until the next connection. */
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
