/** Measures what the local simulator costs without Nod: the CPU of workerd for each operation of a login. */
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from './client.ts'
import type { Google } from './google.ts'
import { cpuOf, STATE, workerdChildOf } from './service.ts'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'

const WORKER = `
import { DurableObject } from 'cloudflare:workers'
const BODY = 'x'.repeat(3000)
const login = { body: BODY, steps: Array.from({ length: 20 }, (_, index) => ({ at: index, what: 'step ' + index })) }
export class Kept extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env)
    ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS kept (place INTEGER PRIMARY KEY, body TEXT NOT NULL)')
  }
  async nothing() {}
  async write() { this.ctx.storage.sql.exec('INSERT INTO kept (body) VALUES (?)', BODY) }
}
const kept = (env) => env.KEPT.get(env.KEPT.idFromName('kept'))
const read = (env) => env.DB.prepare('SELECT 1')
const done = {
  nothing: () => undefined,
  form: async (request) => Object.fromEntries(new URLSearchParams(new TextDecoder().decode(await request.arrayBuffer()))),
  call: (_, env) => kept(env).nothing(),
  large: (_, env) => kept(env).nothing(login),
  write: (_, env) => kept(env).write(),
  fetch: async (_, env) => (await fetch(env.GOOGLE + '/token', { method: 'POST', body: BODY })).text(),
  query: (_, env) => read(env).first(),
  batch: (_, env) => env.DB.batch([read(env), read(env), read(env)]),
}
export default {
  async fetch(request, env) {
    await done[new URL(request.url).pathname.slice(1)](request, env)
    return Response.json({ done: true })
  },
}`

const OPERATIONS = {
  nothing: 'an HTTP request and its answer',
  form: '… with a form that is read',
  call: 'a call of a Durable Object',
  large: '… with the 4 kB of a login',
  write: '… that writes a row of 3 kB',
  fetch: 'a fetch over loopback, as to FCM',
  query: 'a query of D1',
  batch: 'a batch of three',
} as const
const FORM = { user: 'ada', pass: '1234', transaction_id: '20541189264472339457' }
const IN_FLIGHT = 16

const print = (cost: number, what: string): void => console.log(`${cost.toFixed(3).padStart(6)}  ${what}`)

/** Measures and prints what each operation takes beyond the HTTP request that it comes with. */
export async function simulator(google: Google, seconds: number): Promise<void> {
  const state = mkdtempSync(join(STATE, 'nod-bench-'))
  const runtime = new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      script: WORKER,
      compatibilityDate: '2026-10-20',
      durableObjects: { KEPT: { className: 'Kept', useSQLite: true } },
      d1Databases: { DB: 'simulator' },
      bindings: { GOOGLE: google.url },
      unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
      resourcePersistencePath: state,
      cf: false,
      logRequests: false,
    }),
  )
  const ready = await runtime.ready
  const straight = new Client((await runtime.unsafeGetDirectURL()).href)
  const around = new Client(ready.href)
  const pid = workerdChildOf(process.pid)

  async function costOf(client: Client, path: string): Promise<number> {
    const run = async (until: number): Promise<number> => {
      let count = 0
      const caller = async (): Promise<void> => {
        for (; performance.now() < until; count += 1) await client.call(path, 'POST', `/${path}`, FORM)
      }
      await Promise.all(Array.from({ length: IN_FLIGHT }, caller))
      return count
    }
    await run(performance.now() + 500)
    const before = cpuOf(pid)
    const count = await run(performance.now() + seconds * 1000)
    return ((cpuOf(pid) - before) * 1000) / count
  }

  const request = await costOf(straight, 'nothing')
  console.log('CPU ms  of the local simulator')
  print(request, OPERATIONS.nothing)
  print((await costOf(around, 'nothing')) - request, "… by way of Miniflare's own worker")
  for (const [path, what] of Object.entries(OPERATIONS).slice(1)) print((await costOf(straight, path)) - request, what)
  straight.close()
  around.close()
  await runtime.dispose()
  rmSync(state, { recursive: true, force: true })
}
