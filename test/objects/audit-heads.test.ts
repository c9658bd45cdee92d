/** Signed heads of the audit: made each day, by a key that is for that alone, and taken out of the deployment. */
import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { compactVerify, decodeProtectedHeader, importJWK } from 'jose'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { connect, disconnect } from '../../src/connect.ts'
import { signAuditHeads } from '../../src/objects/journal/audit-heads.ts'
import type { Ports } from '../../src/ports/ports.ts'
import { done } from '../../src/refusal.ts'
import { addSeconds, seconds } from '../../src/vocabulary.ts'
import { fields } from '../simulation/reply.ts'
import type { Service } from '../simulation/service.ts'
import { openService } from './http-world.ts'
import { FAR, journalStub, ports, reconnect } from './world.ts'

let service: Service
beforeAll(async () => {
  service = await openService()
  await runRound()
})
afterEach(() => {
  vi.useRealTimers()
})

const journal = journalStub()
/** The round, in a deployment that has these ports besides. */
const runRound = (more: Partial<Ports> = {}) =>
  runInDurableObject(journal, async (_, { storage }) => {
    const ours = { ...ports, ...more }
    await ours.audit.link('catalogue', ours.now())
    await signAuditHeads.step({ ports: ours, storage, cursor: undefined, keep: () => undefined })
  })
const stored = async () =>
  (
    await env.DB.prepare('SELECT * FROM audit_heads ORDER BY at').all<{
      at: number
      jws: string
      sent_at: number | null
    }>()
  ).results

async function signedNow() {
  const { value } = await service.call('GET', '/deployment/audit/head')
  const { head, keys } = value as { head: string; keys: { kid: string; jwk: Record<string, string> }[] }
  const { kid } = decodeProtectedHeader(head)
  const key = keys.find((one) => one.kid === kid)
  if (key === undefined) throw new Error('the key is not published')
  const { payload, protectedHeader } = await compactVerify(head, await importJWK(key.jwk, 'ES256'))
  return { kid, keys, header: protectedHeader, claims: JSON.parse(new TextDecoder().decode(payload)) as unknown }
}

it('a head is signed on request, and says where each chain ends', async () => {
  const last = await env.DB.prepare(
    "SELECT number, hash FROM audit_chain WHERE shard = 'catalogue' ORDER BY number DESC LIMIT 1",
  ).first()
  const { header, claims, kid } = await signedNow()
  expect(header).toEqual({ alg: 'ES256', typ: 'nod-audit-head+jwt', kid })
  expect(claims).toMatchObject({ at: expect.any(Number), chains: { catalogue: last } })
})

it('the key is one, although five isolates need the first at once, and its private half is sealed', async () => {
  await env.DB.prepare('DELETE FROM audit_keys').run()
  const signed = await Promise.all(
    [1, 2, 3, 4, 5].map(async () => {
      disconnect()
      return (await connect(env)).auditHeads.sign()
    }),
  )
  const kids = signed.map((head) => (head.ok ? decodeProtectedHeader(head.value.jws).kid : undefined))
  expect(new Set(kids).size).toBe(1)
  const keys = await env.DB.prepare('SELECT * FROM audit_keys').all<{ private_key: string; public_key: string }>()
  expect(keys.results).toHaveLength(1)
  expect(keys.results[0]?.private_key).toMatch(/^2\.[0-9a-f]+\./)
  expect(Object.keys(JSON.parse(keys.results[0]?.public_key ?? '') as object)).toEqual(['kty', 'crv', 'x', 'y'])
  await reconnect()
})

it('one head is stored each day', async () => {
  await env.DB.prepare('DELETE FROM audit_heads').run()
  vi.useFakeTimers({ toFake: ['Date'], now: FAR })
  await runRound()
  vi.setSystemTime(addSeconds(FAR, seconds(60)))
  await runRound()
  expect(await stored()).toHaveLength(1)
  vi.setSystemTime(addSeconds(FAR, seconds(86_400)))
  await runRound()
  expect((await stored()).map(({ at }) => at)).toEqual([FAR, addSeconds(FAR, seconds(86_400))])
})

it('a head that did not arrive is sent again in the next round, before later ones', async () => {
  await env.DB.prepare('DELETE FROM audit_heads').run()
  const sent: string[] = []
  let isDown = true
  const headWebhook = {
    send: async (jws: string) => {
      sent.push(jws)
      return isDown ? 'HTTP 503' : undefined
    },
  }
  const log = vi.fn<Ports['log']>()
  vi.useFakeTimers({ toFake: ['Date'], now: FAR })
  await runRound({ headWebhook, log })
  vi.setSystemTime(addSeconds(FAR, seconds(86_400)))
  await runRound({ headWebhook, log })
  const [first, second] = (await stored()).map(({ jws }) => jws)
  expect(sent).toEqual([first, first])
  expect(log).toHaveBeenCalledWith('audit_head_undelivered', { destination: 'webhook', at: FAR, why: 'HTTP 503' })
  isDown = false
  await runRound({ headWebhook, log })
  await runRound({ headWebhook, log })
  expect(sent).toEqual([first, first, first, second])
  expect((await stored()).map(({ sent_at }) => sent_at)).not.toContain(null)
})

it('heads go to the archive as well, where there is one', async () => {
  await env.DB.prepare('DELETE FROM audit_heads').run()
  const objects = new Map<string, string>()
  const auditArchive = {
    put: async (key: string, bytes: Uint8Array) => {
      objects.set(key, new TextDecoder().decode(bytes))
      return done(undefined)
    },
  } as unknown as NonNullable<Ports['auditArchive']>
  vi.useFakeTimers({ toFake: ['Date'], now: FAR })
  await runRound({ auditArchive })
  const [head] = await stored()
  expect([...objects]).toEqual([[`heads/2036/01/01/${FAR}.jws`, head?.jws]])
  expect(head).toMatchObject({ sent_at: null, archived_at: FAR })
})

it('records that wait in a shard are stored when an administrator asks for it', async () => {
  const stranger = `nobody-${Date.now()}`
  const count = async () =>
    (await env.DB.prepare('SELECT count(*) AS n FROM audit WHERE login = ?').bind(stranger).first<{ n: number }>())?.n
  await service.call('POST', '/validate/check', { form: { user: stranger, pass: '1' } })
  expect(await count()).toBe(0)
  const { value } = await service.call('POST', '/deployment/audit/flush')
  expect(value).toEqual({ left: 0, incomplete: [] })
  expect(await count()).toBe(1)
})

it('rows are listed as they are stored, page by page', async () => {
  const list = async (path: string) => {
    const rows: Record<string, unknown>[] = []
    for (let after: string | null = ''; after !== null;) {
      const { value, error } = await service.call('GET', path, { query: after === '' ? {} : { after } })
      expect(error).toBeUndefined()
      const page = fields(value) as { rows: Record<string, unknown>[]; next: string | null }
      rows.push(...page.rows)
      after = page.next
    }
    return rows
  }
  const at = Date.now()
  const planted = Array.from({ length: 1001 }, (_, index) => index)
  await env.DB.prepare(
    `INSERT INTO audit (at, shard, sequence, action, success, authentication) SELECT ?, 'a,b', value, 'x', 0, '' FROM json_each(?)`,
  )
    .bind(at, JSON.stringify(planted))
    .run()
  await env.DB.prepare(
    `INSERT INTO audit_chain (shard, number, at, first, last, count, oldest, newest, records, previous, hash)
     SELECT 'a,b', value + 1, 0, 0, 0, 0, 0, 0, '[]', '', '' FROM json_each(?)`,
  )
    .bind(JSON.stringify(planted))
    .run()
  expect(await list('/deployment/audit/records')).toEqual(
    (await env.DB.prepare('SELECT * FROM audit ORDER BY at, shard, sequence').all()).results,
  )
  const links = (await env.DB.prepare('SELECT * FROM audit_chain ORDER BY shard, number').all()).results
  // What a link counts is no part of what it proves.
  for (const link of links) delete link['counts']
  expect(await list('/deployment/audit/links')).toEqual(links)
  expect((await service.call('GET', '/deployment/audit/records', { query: { after: 'x' } })).status).toBe(400)
})
