/** A login in the platform's traces: a streaming tail Worker gets what Cloudflare's tracing gets. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serve } from '../../scripts/serve.mjs'
import { Driver } from '../driver/driver.ts'
import { only, waitUntil } from '../driver/waiting.ts'
import { type Google, startGoogle } from '../simulation/google.ts'
import type { Login } from '../simulation/service.ts'
import { newKey } from './own-nod.ts'

type Attributes = Readonly<Record<string, unknown>>

/** One event of a trace, as the tail Worker below sends it. */
interface TraceEvent {
  readonly invocationId: string
  readonly spanContext: { readonly traceId: string; readonly spanId?: string }
  readonly event: {
    readonly type: string
    readonly name?: string
    readonly spanId?: string
    readonly entrypoint?: string
    readonly info?: readonly { readonly name: string; readonly value: unknown }[]
  }
}

interface Span {
  readonly trace: string
  readonly name: string
  readonly parent: string | undefined
  readonly attributes: Attributes
}

const ADMIN = { login: 'admin', password: 'adminpw-of-tests' }
const PIN = '1234'

const folder = mkdtempSync(join(tmpdir(), 'nod-traces-'))
const events: TraceEvent[] = []
let collector: Server
let google: Google
let nod: Awaited<ReturnType<typeof serve>>
let driver: Driver
let login: Login

beforeAll(async () => {
  collector = createServer((request, response) => {
    void text(request).then((body) => {
      events.push(...(JSON.parse(body) as TraceEvent[]))
      response.end()
    })
  }).listen(0, '127.0.0.1')
  await once(collector, 'listening')
  const { port } = collector.address() as { readonly port: number }
  // An invocation's events at once, when it has ended: what is sent later would be cut short.
  const tail = `
    const plain = (_, value) => (typeof value === 'bigint' ? String(value) : value)
    export default { tailStream(onset) {
      const seen = [onset]
      return async (event) => {
        seen.push(event)
        if (event.event.type !== 'outcome') return
        await fetch('http://127.0.0.1:${port}/', { method: 'POST', body: JSON.stringify(seen, plain) })
      } } }`
  google = await startGoogle()
  nod = await serve(
    {
      PORT: '0',
      NOD_STATE: folder,
      MASTER_KEY: newKey(),
      ADMIN_LOGIN: ADMIN.login,
      ADMIN_PASSWORD: ADMIN.password,
      SIGNING_KEY_BITS: '2048',
      FCM_URL: google.url,
      FIREBASE_FB1: JSON.stringify(google.serviceAccount),
    },
    { tail },
  )
  driver = new Driver({ url: nod.url }, { polled: 'traces', pushed: 'pushed' })
  await driver.signIn(ADMIN)
  await driver.addRealms('fb1')
}, 60_000)
afterAll(async () => {
  await nod?.stop()
  await google?.stop()
  collector?.close()
  rmSync(folder, { recursive: true, force: true })
})

const attributesOf = ({ event: { info } }: TraceEvent): Attributes =>
  Object.fromEntries((Array.isArray(info) ? info : []).map(({ name, value }) => [name, value]))

/** The spans that have arrived, those of invocations included, by their ids. */
function spans(): ReadonlyMap<string, Span> {
  const found = new Map<string, Span>()
  for (const { event, spanContext } of events)
    if ((event.type === 'onset' || event.type === 'spanOpen') && event.spanId !== undefined) {
      const { traceId: trace, spanId: parent } = spanContext
      found.set(event.spanId, { trace, parent, name: event.name ?? event.type, attributes: {} })
    }
  for (const one of events) {
    const span = one.event.type === 'attributes' ? found.get(one.spanContext.spanId ?? '') : undefined
    if (span !== undefined)
      found.set(one.spanContext.spanId ?? '', { ...span, attributes: { ...span.attributes, ...attributesOf(one) } })
  }
  return found
}

const LOGIN = 'nod.transaction_id'
const all = (): readonly Span[] => [...spans().values()]
/** The traces in which something is about this login, by the routes of their requests. */
const routesOf = (transaction: string): readonly unknown[] => {
  const traces = new Set(
    all().flatMap(({ trace, attributes }) => (String(attributes[LOGIN] ?? '').includes(transaction) ? [trace] : [])),
  )
  return all()
    .flatMap(({ trace, attributes }) => (traces.has(trace) ? [attributes['http.route'] ?? []] : []))
    .flat()
}

describe('a login in the traces', () => {
  beforeAll(async () => {
    const { phone, owner, serial } = await driver.enroll('ada', { pushed: true, pin: PIN })
    login = await driver.service.triggerWithPin(owner, PIN)
    await google.waitForMessage()
    const prompt = only(await phone.poll(serial))
    await phone.accept(prompt)
    await driver.service.call('GET', `/validate/polltransaction/${login.transactionId}`)
    expect(await driver.service.finalize(login.transactionId)).toBe('ACCEPT')
  }, 60_000)

  it('is found by its id from the request to the push, the phone and the finalization', async () => {
    const { transactionId, reply } = login
    expect(reply.headers.get('Nod-Transaction-Id')).toBe(transactionId)
    await waitUntil(() => new Set(routesOf(transactionId)).size >= 3)
    expect(new Set(routesOf(transactionId))).toEqual(
      new Set(['/validate/check', '/ttype/push', '/validate/polltransaction/:transaction_id']),
    )
  })

  it('has steps of Nod’s own, among the platform’s spans of the same request', async () => {
    const { transactionId } = login
    // A span tells its attributes when it ends.
    const delivery = () => all().find(({ name }) => name === 'push.deliver')
    await waitUntil(() => delivery()?.attributes[LOGIN] !== undefined)
    const opening = all().find(({ name }) => name === 'login.store')?.trace
    const names = all().flatMap(({ trace, name }) => (trace === opening ? [name] : []))
    expect(names).toEqual(
      expect.arrayContaining(['login.read', 'login.ring', 'pin.compare', 'login.store', 'prompt.sign', 'push.deliver']),
    )
    expect(names.filter((name) => name.startsWith('d1_')).length).toBeGreaterThan(0)
    expect(delivery()?.attributes[LOGIN]).toBe(transactionId)
    // The message to Google is a span of the platform below it.
    const below = all().filter(({ parent }) => spans().get(parent ?? '')?.name === 'push.deliver')
    expect(below.map(({ name }) => name)).toContain('fetch')
  })

  it('tells no secret: no PIN, and to the phone not the id', async () => {
    const { phone, owner, serial } = await driver.enroll('bea', { pin: PIN })
    const opened = await driver.service.triggerWithPin(owner, PIN)
    await phone.poll(serial)
    const polled = phone.lastPoll.get(serial)
    expect(polled?.headers.get('Nod-Transaction-Id')).toBeNull()
    expect(JSON.stringify(polled?.body)).not.toContain(opened.transactionId)
    // What Nod adds: the platform’s own attributes have addresses, of which `redact_query_string` takes the query at Cloudflare.
    const own = all().flatMap(({ attributes }) =>
      Object.entries(attributes).flatMap(([name, value]) => (name.startsWith('nod.') ? [String(value)] : [])),
    )
    expect(own.length).toBeGreaterThan(0)
    expect(own.filter((value) => !/^[a-z_]+$|^\d{20}(?: \d{20})*$/.test(value))).toEqual([])
  })

  it('names the reason of a refusal', async () => {
    const { owner } = await driver.enroll('cyd', { pin: PIN })
    await driver.service.call('POST', '/validate/check', { form: { ...owner, pass: 'wrong' } })
    await waitUntil(() => all().some(({ attributes }) => attributes['nod.refusal'] === 'pin_wrong'))
    const refused = all().filter(({ attributes }) => attributes['nod.refusal'] === 'pin_wrong')
    expect(refused.map(({ name }) => name)).toContain('login.ring')
  })
})
