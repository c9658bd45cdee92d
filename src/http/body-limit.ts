import type { MiddlewareHandler } from 'hono'
import { withTimeLimit } from '../time-limit.ts'
import { done, type Outcome, refuse } from '../refusal.ts'
import { seconds } from '../vocabulary.ts'
import type { HttpEnv } from './context.ts'
import { sendRefusal } from './send.ts'

/** Time limit for reading a body. Without one, a caller that sends a byte per second keeps a connection for hours. */
const READ_LIMIT = seconds(30)

/** Waits for a body to be read. Refuses: `body_unreadable` if reading fails or exceeds the time limit. */
export async function readInTime<T>(reading: Promise<T>): Promise<Outcome<T>> {
  const read = await withTimeLimit(
    reading.then((value) => ({ value })),
    READ_LIMIT,
  ).catch(() => 'late' as const)
  return read === 'late' ? refuse({ reason: 'body_unreadable' }) : done(read.value)
}

/** Makes a middleware that refuses bodies above `most` bytes. A body without a length is read up to that many bytes and
 *  then cancelled. The body of a GET is ignored.
 *  Refuses: `body_too_large`, `body_unreadable`. */
export function limitBody(most: number): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    if (c.req.method === 'GET') return next()
    const { headers } = c.req.raw
    const length = headers.get('Content-Length')
    if (length !== null && !headers.has('Transfer-Encoding'))
      return Number(length) > most ? sendRefusal(c, { reason: 'body_too_large' }) : next()
    const { body } = c.req.raw
    if (body === null) return next()
    const read = await readInTime(upTo(body, most))
    if (!read.ok) return sendRefusal(c, read.refusal)
    if (read.value === undefined) return sendRefusal(c, { reason: 'body_too_large' })
    c.req.raw = new Request(c.req.raw, { method: c.req.method, body: read.value })
    return next()
  }
}

async function upTo(body: ReadableStream<Uint8Array<ArrayBuffer>>, most: number): Promise<Blob | undefined> {
  const pieces: Uint8Array<ArrayBuffer>[] = []
  let size = 0
  for await (const piece of body) {
    size += piece.length
    if (size > most) return undefined
    pieces.push(piece)
  }
  return new Blob(pieces)
}
