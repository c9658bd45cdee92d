/** Requests that no HTTP client sends: too large, or too slow. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

const CHUNK_BYTES = 16 * 1024

async function openConnection(base: string): Promise<Socket> {
  const { hostname, port } = new URL(base)
  const socket = connect(Number(port), hostname).on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

const head = (method: string, path: string, ...headers: readonly string[]): string =>
  [`${method} ${path} HTTP/1.1`, 'Host: nod', ...headers, '', ''].join('\r\n')

const FORM = 'Content-Type: application/x-www-form-urlencoded'

export interface RequestResult {
  /** Status of the answer; `closed` if the service closed the connection and the answer was lost. */
  readonly status: string
  /** Bytes of a large body sent by then. The system's buffers take more than the service reads. */
  readonly sent: number
}

/** Sends a body of so many bytes as fast as the connection takes it, until there is an answer. */
export async function sendLarge(base: string, path: string, bytes: number, isChunked: boolean): Promise<RequestResult> {
  const socket = await openConnection(base)
  const status = statusOf(socket)
  const over = new AbortController()
  void status.then(() => over.abort())
  const piece = `pass=${'x'.repeat(CHUNK_BYTES - 5)}`
  socket.write(head('POST', path, FORM, isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${bytes}`))
  let sent = 0
  for (; sent < bytes && !over.signal.aborted; sent += CHUNK_BYTES) {
    const isTaken = socket.write(isChunked ? `${CHUNK_BYTES.toString(16)}\r\n${piece}\r\n` : piece)
    if (isTaken) await new Promise((resolve) => setImmediate(resolve))
    else await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), status])
  }
  if (isChunked && !over.signal.aborted) socket.write('0\r\n\r\n')
  const result = { status: await status, sent }
  socket.destroy()
  return result
}

function statusOf(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve('closed')).once('data', (chunk) => resolve(String(chunk).slice(9, 12)))
  })
}

interface SlowCaller {
  /** Whether the service has answered or closed the connection. */
  readonly isOver: () => boolean
  readonly end: () => void
}

/** Sends a body at one byte a second. */
export async function sendSlowly(base: string, path: string): Promise<SlowCaller> {
  const socket = await openConnection(base)
  let isOver = false
  void statusOf(socket).then(() => (isOver = true))
  socket.write(head('POST', path, FORM, 'Content-Length: 60000'))
  const beat = setInterval(() => socket.write('x'), 1000)
  socket.once('close', () => clearInterval(beat))
  return { isOver: () => isOver, end: () => socket.destroy() }
}

/** Sends the same request several times on one connection and never reads an answer. */
export async function readNothing(base: string, path: string, times = 1): Promise<SlowCaller> {
  const socket = await openConnection(base)
  socket.pause().write(head('GET', path).repeat(times))
  return { isOver: () => socket.closed, end: () => socket.destroy() }
}
