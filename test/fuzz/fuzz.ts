/** Sends Nod drawn requests, from its own description and in raw bytes. Three things must never happen: an answer of 500 or more that
 *  is not described, a secret in an answer, an unauthorized change. */
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { fetchDescription } from '../openapi.ts'
import { SeededRandom } from './seeded-random.ts'
import { type FuzzRequest, Grammar } from './grammar.ts'
import type { FuzzTarget } from './target.ts'

export interface FuzzReport {
  readonly requests: number
  readonly raw: number
  readonly byStatus: ReadonlyMap<string, number>
  readonly faults: readonly string[]
}

const IN_FLIGHT = 48
const FAULTS_KEPT = 20
/** Longer than any request here waits. */
const PATIENCE_MS = 40_000
const LISTENS_MS = 200

/** Sends `most` requests, or for `seconds`, whichever ends first. */
export async function fuzz(target: FuzzTarget, seed: number, seconds: number, most: number): Promise<FuzzReport> {
  const grammar = new Grammar(await fetchDescription(target.url))
  const before = await target.protectedState()
  const agent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT })
  const byStatus = new Map<string, number>()
  const faults: string[] = []
  const until = performance.now() + seconds * 1000
  let requests = 0
  let raw = 0

  const fault = (what: string): void => {
    if (faults.length < FAULTS_KEPT) faults.push(what)
  }
  const worker = async (number: number): Promise<void> => {
    const chance = new SeededRandom(seed * 1000 + number)
    while (performance.now() < until && requests < most && faults.length < FAULTS_KEPT) {
      requests += 1
      if (chance.is(0.01)) {
        raw += 1
        const said = await rawly(target.url, chance)
        if (said.startsWith('HTTP/1.1 5')) fault(`raw bytes: ${said.slice(0, 200)}`)
        continue
      }
      const [kind, authorization, sent] = draw(chance, grammar, target)
      const { status, text } = await send(target.url, agent, sent, authorization).catch((error: unknown) => {
        fault(`${kind}: ${sent.name}: no answer: ${String(error)}`)
        return { status: 0, text: '' }
      })
      byStatus.set(String(status), (byStatus.get(String(status)) ?? 0) + 1)
      if (status >= 500 && !isDescribed(status, text, sent))
        fault(
          `${kind}: ${sent.name} ${status}: ${sent.path.slice(0, 200)} ${sent.body?.toString('latin1').slice(0, 300) ?? ''} → ${text.slice(0, 200)}`,
        )
      for (const [what, secret] of target.secrets)
        if (text.includes(secret) && !asked(sent, secret))
          fault(`${kind}: ${sent.name} tells ${what}: ${text.slice(0, 300)}`)
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, (_, number) => worker(number)))
  agent.destroy()
  const after = await target.protectedState()
  if (after !== before) fault(`something has changed that nobody was allowed to change:\n  ${before}\n  ${after}`)
  return { requests, raw, byStatus, faults }
}

/** Draws a request. An administrator's is never about what is watched, which administrators may change. */
function draw(chance: SeededRandom, grammar: Grammar, target: FuzzTarget): readonly [string, string, FuzzRequest] {
  const administers = chance.is(0.3)
  const kinds = Object.entries(administers ? target.administrators : target.strangers)
  const [kind, authorization] = chance.of(kinds)
  if (!administers) return [kind, authorization, grammar.request(chance, target.names)]
  const spared = {
    ...target.names,
    serial: ['FUZZ1', 'FUZZ2'],
    serials: ['FUZZ1,FUZZ2'],
    name: ['fuzz', 'fuzz2'],
    login: ['fuzz'],
    user: ['fuzz', 'fuzz@defrealm'],
  }
  const sent = grammar.request(chance, spared)
  // A wildcard would reach what is watched as well.
  return /\*|canary/.test(decodeURIComponent(sent.path.replaceAll(/%(?![0-9a-f]{2})/gi, ''))) && sent.method !== 'GET'
    ? draw(chance, grammar, target)
    : [kind, authorization, sent]
}

/** Whether the operation describes the status: 501 for what Nod does not have, or 503 while it is full. */
const isDescribed = (status: number, text: string, { statuses }: FuzzRequest): boolean =>
  statuses.includes(String(status)) && (status === 501 || text.includes('Too many callers wait for a login'))

/** Whether the request itself contains the secret, and so may be answered with it. */
const asked = (sent: FuzzRequest, secret: string): boolean =>
  sent.path.includes(encodeURIComponent(secret)) || (sent.body?.includes(secret) ?? false)

function send(
  url: string,
  agent: Agent,
  { method, path, headers, body }: FuzzRequest,
  authorization: string,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const all = {
      ...headers,
      ...(authorization === '' ? {} : { Authorization: authorization }),
      ...(body === undefined ? {} : { 'Content-Length': body.length }),
    }
    const outgoing = request({ hostname, port, agent, method, path, headers: all }, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      const heard = () => resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString() })
      incoming.on('end', heard)
      incoming.on('error', reject)
      if (incoming.headers['content-type'] !== 'text/event-stream') return
      // The stream ends with the login, which may take minutes.
      const leaves = setTimeout(() => {
        heard()
        incoming.socket.resetAndDestroy()
      }, LISTENS_MS)
      incoming.on('close', () => clearTimeout(leaves))
    })
    outgoing.setTimeout(PATIENCE_MS, () => outgoing.destroy(new Error('it takes too long')))
    outgoing.on('error', (error: NodeJS.ErrnoException) =>
      // Too large a body is refused before it has all been sent.
      ['EPIPE', 'ECONNRESET'].includes(error.code ?? '') && (body?.length ?? 0) > 60_000
        ? resolve({ status: 413, text: '' })
        : reject(error),
    )
    outgoing.end(body)
  })
}

const LINES = [
  'GET / HTTP/1.1',
  'POST /ttype/push HTTP/1.1',
  'GET /validate/check?user=%ff&pass HTTP/1.1',
  'POST /auth HTTP/9',
  'x',
  'GET  HTTP/1.1',
  'POST /token/init HTTP/1.1',
]
const HEADERS = [
  'Host: nod',
  'Content-Length: 5',
  'Content-Length: -1',
  'Transfer-Encoding: chunked',
  'Authorization: \u00ff',
  'Cookie: a',
  'Expect: 100-continue',
]

/** Sends raw bytes over a connection of its own. Returns the answer, or an empty text. */
function rawly(url: string, chance: SeededRandom): Promise<string> {
  const lines = [chance.of(LINES), ...HEADERS.filter(() => chance.is(0.4)), '', '']
  const bytes = chance.is(0.3)
    ? chance.bytes(300)
    : Buffer.concat([Buffer.from(lines.join('\r\n'), 'latin1'), chance.bytes(50)])
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    let said = ''
    const over = (): void => {
      socket.destroy()
      resolve(said)
    }
    socket.setEncoding('latin1').on('data', (text: string) => (said += text))
    socket.on('error', over).on('close', over)
    socket.setTimeout(300, over)
    socket.end(bytes)
  })
}
