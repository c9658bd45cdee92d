/** HTTP as bytes: a request is sent exactly as the client writes it, which `fetch` does not do. */
import { connect } from 'node:net'
import { gunzipSync } from 'node:zlib'

export interface Answer {
  readonly status: number
  readonly reason: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Thrown if the server cannot be reached, or not in time. */
export class Unreachable extends Error {}

/** Sends head lines, given without line ends, and a body. Returns the answer. `timeout` in milliseconds; 0 waits forever. */
export async function exchange(url: string, head: readonly string[], body = '', timeout = 0): Promise<Answer> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  const received = new Promise<Answer>((resolve, reject) => {
    const chunks: Buffer[] = []
    socket.on('connect', () => socket.write(`${head.join('\r\n')}\r\n\r\n${body}`))
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      const answer = parsed(Buffer.concat(chunks), false)
      if (answer !== undefined) resolve(answer)
    })
    socket.on('end', () => {
      const answer = parsed(Buffer.concat(chunks), true)
      if (answer === undefined) reject(new Unreachable('the connection was closed without an answer'))
      else resolve(answer)
    })
    socket.on('error', (error) => reject(new Unreachable(error.message)))
    if (timeout > 0) socket.setTimeout(timeout, () => reject(new Unreachable(`no answer within ${timeout} ms`)))
  })
  return received.finally(() => socket.destroy())
}

/** Path and query as a client appends them to its base address. */
export const target = (base: string): string => new URL(base).pathname.replace(/\/$/, '')

export const host = (url: string): string => new URL(url).host

export const byteLength = (text: string): number => Buffer.byteLength(text)

/** The answer, or undefined while it is incomplete. */
function parsed(bytes: Buffer, isEnd: boolean): Answer | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n')
  const [, status = '', reason = ''] = /^HTTP\/1\.[01] (\d{3}) ?(.*)$/.exec(first) ?? []
  if (status === '100') return parsed(bytes.subarray(end + 4), isEnd)
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  const rest = bytes.subarray(end + 4)
  const body = complete(rest, headers, status, isEnd)
  if (body === undefined) return undefined
  const text = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
  return { status: Number(status), reason, headers, body: text.toString('utf8') }
}

function complete(
  rest: Buffer,
  headers: Readonly<Record<string, string>>,
  status: string,
  isEnd: boolean,
): Buffer | undefined {
  if (status === '204' || status === '304') return Buffer.alloc(0)
  if (headers['transfer-encoding']?.toLowerCase() === 'chunked') return unchunked(rest)
  const length = headers['content-length']
  if (length === undefined) return isEnd ? rest : undefined
  return rest.length < Number(length) ? undefined : rest.subarray(0, Number(length))
}

function unchunked(bytes: Buffer): Buffer | undefined {
  const parts: Buffer[] = []
  let at = 0
  for (;;) {
    const line = bytes.indexOf('\r\n', at)
    if (line < 0) return undefined
    const size = Number.parseInt(bytes.subarray(at, line).toString('latin1'), 16)
    const from = line + 2
    if (bytes.length < from + size + 2) return undefined
    if (size === 0) return Buffer.concat(parts)
    parts.push(bytes.subarray(from, from + size))
    at = from + size + 2
  }
}
