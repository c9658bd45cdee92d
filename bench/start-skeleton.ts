/** Serves a login without Nod: the same requests, calls of objects, rows, queries, messages and signatures, and no code
 *  between them. The queries are Nod's own, on its tables, with a token for each user. It costs what the runtime and the local simulators cost for a login of this design, in any implementation.
 *  The same holds for a request that waits for a login. */
import { join } from 'node:path'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { currentBuild } from '../scripts/lib/build-cache.mjs'
import { openDatabase } from '../scripts/lib/database.mjs'
import { seedUsers, queriesOfLogin } from './login-queries.ts'

const WORKER = `
import { DurableObject } from 'cloudflare:workers'
const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
const pair = (modulusLength) => crypto.subtle.generateKey({ ...RSA, modulusLength, publicExponent: new Uint8Array([1, 0, 1]) }, true, ['sign', 'verify'])
const text = new TextEncoder().encode('nonce|https://nod.example/ttype/push|PIPU00000000|Do you want to confirm the login?|privacyIDEA|1')
let keys
async function make(bits) {
  const [server, phone] = await Promise.all([pair(bits), pair(2048)])
  const hmac = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return { server: server.privateKey, phone: phone.publicKey, hmac, signature: await crypto.subtle.sign(RSA, phone.privateKey, text) }
}
const made = (env) => (keys ??= make(env.BITS))
const login = { body: 'x'.repeat(3000), steps: Array.from({ length: 20 }, (_, index) => ({ at: index, what: 'step ' + index })) }

export class Phone extends DurableObject {
  async ring(call) { this.ctx.storage.kv.put('phone', login); return { ok: true, call } }
  async finalize(call) { this.ctx.storage.kv.put('phone', login); return { ok: true, call } }
}
export class Shard extends DurableObject {
  #logins = new Map()
  #waiters = []
  constructor(ctx, env) {
    super(ctx, env)
    ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS opened (place INTEGER PRIMARY KEY, body TEXT NOT NULL)')
  }
  #write(id, body) {
    this.#logins.set(id, body)
    this.ctx.storage.sql.exec('INSERT INTO opened (place, body) VALUES (?, ?) ON CONFLICT (place) DO UPDATE SET body = excluded.body', id, JSON.stringify(body))
  }
  async open(id, body) {
    this.#write(id, body)
    const sent = { method: 'POST', body: JSON.stringify(body), headers: { Authorization: 'Bearer a' } }
    this.ctx.waitUntil(fetch(this.env.FCM_URL + '/token', sent).then((answer) => answer.text()))
    return { ok: true }
  }
  async answer(id) {
    const { phone, signature } = await made(this.env)
    if (!(await crypto.subtle.verify(RSA, phone, signature, text))) throw new Error('not verified')
    this.#write(id, { ...this.#logins.get(id), answered: true })
    return { ok: true }
  }
  async standing(id) { return this.#logins.get(id).answered }
  async wait() { return new Promise((resolve) => this.#waiters.push(resolve)) }
  async finalize(id, name) {
    await phoneOf(this.env, name).finalize(id)
    this.#write(id, { ...this.#logins.get(id), finalized: true })
    return { ok: true }
  }
}
const phoneOf = (env, name) => env.PHONE.get(env.PHONE.idFromName(name))
const shardOf = (env, id) => env.SHARD.get(env.SHARD.idFromName('shard' + (id % 2)))
const lookUp = (env, user) => {
  const read = env.DB.withSession('first-unconstrained')
  return read.batch(env.QUERIES.map(({ sql, isOfUser }) => isOfUser ? read.prepare(sql).bind(JSON.stringify([{ login: user, realm: null }]), null) : read.prepare(sql)))
}
let last = 0
const steps = {
  async trigger(env, { user }) {
    const { server, hmac } = await made(env)
    await lookUp(env, user)
    const id = ++last
    await phoneOf(env, user).ring({ id, user })
    await crypto.subtle.sign('HMAC', hmac, text)
    await crypto.subtle.sign(RSA, server, text)
    await crypto.subtle.sign(RSA, server, text)
    await shardOf(env, id).open(id, login)
    return id
  },
  answer: (env, { id }) => shardOf(env, Number(id)).answer(Number(id)),
  wait: (env, { id }) => shardOf(env, Number(id)).wait(),
  standing: (env, { id }) => shardOf(env, Number(id)).standing(Number(id)),
  finalize: (env, { id, user }) => shardOf(env, Number(id)).finalize(Number(id), user),
}
function events(env, id) {
  let isOpen = false
  const pull = async (controller) => {
    if (isOpen) await shardOf(env, id).wait()
    controller.enqueue(text)
    isOpen = true
  }
  return new Response(new ReadableStream({ pull }), { headers: { 'Content-Type': 'text/event-stream' } })
}
export default {
  async fetch(request, env) {
    const url = new URL(request.url)
    if (url.pathname === '/events') return events(env, Number(url.searchParams.get('id')))
    const sent = request.method === 'GET' ? url.searchParams : new URLSearchParams(new TextDecoder().decode(await request.arrayBuffer()))
    const value = await steps[url.pathname.slice(1)](env, Object.fromEntries(sent))
    return Response.json({ result: { value } })
  },
}`

const { NOD_STATE = '', FCM_URL = '', SIGNING_KEY_BITS = '2048' } = process.env
const build = await currentBuild()
const database = await openDatabase(NOD_STATE, build)
await seedUsers(database)
await database.close()
const runtime = new Miniflare(
  convertV4MiniflareOptions({
    workers: [
      {
        name: 'skeleton',
        modules: true,
        script: WORKER,
        compatibilityDate: '2026-10-20',
        durableObjects: {
          PHONE: { className: 'Phone', useSQLite: true },
          SHARD: { className: 'Shard', useSQLite: true },
        },
        d1Databases: build.worker['d1Databases'],
        bindings: { FCM_URL, BITS: Number(SIGNING_KEY_BITS), QUERIES: await queriesOfLogin() },
        stripCfConnectingIp: false, // as Nod is served
        unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
      },
    ],
    resourcePersistencePath: join(NOD_STATE, 'v3'),
    cf: false,
    logRequests: false,
  }),
)
await runtime.ready
process.on('SIGTERM', () => void runtime.dispose().then(() => process.exit(0)))
console.log(`A skeleton serves at ${(await runtime.unsafeGetDirectURL()).origin}`)
