import type { MiddlewareHandler } from 'hono'
import { withTimeLimit } from '../deadline.ts'
import type { Outcome } from '../refusal.ts'
import { done, refuse } from '../refusal.ts'
import { seconds } from '../vocabulary.ts'
import type { HttpEnv } from './context.ts'
import { sendRefusal } from './respond.ts'

/** How long a body may take. At a byte a second it would hold its connection for most of a day. */
const PATIENCE = seconds(30)

/** What was read. Refuses: `body_unreadable`, where it breaks off or takes too long. */
export async function readInTime<T>(reading: Promise<T>): Promise<Outcome<T>> {
  const read = await withTimeLimit(
    reading.then((value) => ({ value })),
    PATIENCE,
  ).catch(() => 'late' as const)
  return read === 'late' ? refuse({ reason: 'body_unreadable' }) : done(read.value)
}

/** A body has no more than so many bytes. One that does not say how many is read here, and let go of once there are more.
 *  Nobody reads what comes with a GET. */
export function limitBody(most: number): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const { body, headers } = c.req.raw
    if (body === null || c.req.method === 'GET') return next()
    const length = headers.get('Content-Length')
    if (length !== null && !headers.has('Transfer-Encoding'))
      return Number(length) > most ? sendRefusal(c, { reason: 'body_too_large' }) : next()
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
