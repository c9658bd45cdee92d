import type { HttpContext } from './context.ts'

/** Server-sent events, each told when it comes, until there are no more or nobody listens; whoever makes them is told of that.
 *  One stream that is pulled: hono's own helper makes three, which is 13 KB more for everybody who listens. */
export function eventStream<T>(
  c: HttpContext,
  events: (hungUp: AbortSignal) => AsyncGenerator<T>,
  written: (event: T) => string,
): Response {
  const left = new AbortController()
  const told = events(left.signal)
  const over = Promise.withResolvers<void>()
  // Else nothing runs any more once the caller has gone, and its place would be kept for it.
  c.executionCtx.waitUntil(over.promise)
  const leave = async (): Promise<void> => {
    left.abort()
    await told.return(undefined)
    over.resolve()
  }
  c.req.raw.signal.addEventListener('abort', () => void leave())
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const next = await told.next()
        if (next.done !== true) return controller.enqueue(encoder.encode(written(next.value)))
        over.resolve()
      } catch (error) {
        over.resolve()
        throw error
      }
      // Of a caller that has gone, the stream is closed already.
      if (!left.signal.aborted) controller.close()
    },
    cancel: leave,
  })
  return c.body(body, 200, { 'Content-Type': 'text/event-stream' })
}

/** One event. `data` has no line of its own within. */
export const eventText = (id: string, data: string): string => `id: ${id}\ndata: ${data}\n\n`
/** What no listener hears of, and what shows whether there still is one. */
export const KEEPALIVE_COMMENT = ': pending\n\n'
