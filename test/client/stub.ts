/** A server that answers from a list, in place of `fetch`, and keeps what it was asked. */
import { vi } from 'vitest'
import { connect, type ConnectOptions, type Nod } from '../../client/src/index.ts'

export type Answer = Response | Error | ((request: Request) => Response | Promise<Response>)

export const enveloped = (
  value: unknown,
  more: Readonly<Record<string, unknown>> = {},
  authentication?: string,
): Response => Response.json({ id: 1, jsonrpc: '2.0', result: { status: true, value, authentication }, ...more })

export const refusal = (
  status: number,
  code: number,
  message: string,
  headers: Record<string, string> = {},
): Response =>
  Response.json({ id: 1, jsonrpc: '2.0', result: { status: false, error: { code, message } } }, { status, headers })

/** A stream of server-sent events in these pieces, which ends after the last, or stays open until the signal. */
export const stream = (pieces: readonly string[], until?: AbortSignal): Response => {
  const encoder = new TextEncoder()
  const rest = [...pieces]
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => until?.addEventListener('abort', () => controller.error(until.reason)),
    pull(controller) {
      const piece = rest.shift()
      if (piece !== undefined) controller.enqueue(encoder.encode(piece))
      else if (until !== undefined) return new Promise<void>(() => undefined)
      else controller.close()
      return undefined
    },
  })
  return new Response(body, { headers: { 'Content-Type': 'text/event-stream' } })
}

export interface Stub {
  readonly nod: Nod
  readonly requests: readonly Request[]
}

/** Answers the first request with the first of the answers, and so on. */
export function stub(answers: readonly Answer[], options: Partial<ConnectOptions> = {}): Stub {
  const requests: Request[] = []
  const rest = [...answers]
  const nod = connect({
    url: 'https://nod.example/',
    ...options,
    fetch: async (...input) => {
      const request = new Request(...input)
      requests.push(request)
      const answer = rest.shift()
      if (answer === undefined) throw new Error(`not expected: ${request.method} ${request.url}`)
      request.signal.throwIfAborted()
      if (answer instanceof Error) throw answer
      if (typeof answer !== 'function') return answer
      return Promise.race([answer(request), abortion(request.signal)])
    },
  })
  return { nod, requests }
}

const abortion = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error))
  })

/** Never answers. */
export const silence = (): Promise<Response> => new Promise(() => undefined)

/** What comes of a call under fake timers, however long it pauses. */
export async function settled<T>(outcome: Promise<T>): Promise<T> {
  const state = { isPending: true }
  const settle = (): void => void (state.isPending = false)
  outcome.then(settle, settle)
  while (state.isPending) await vi.advanceTimersByTimeAsync(100)
  return outcome
}
