/** A user is erased: every store is searched for the name, then the chain is verified. */
import { listDurableObjectIds, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { gunzip, gzip } from '../../src/bytes.ts'
import { connect } from '../../src/connect.ts'
import { AUDIT_COLUMNS, type AuditRow, recordHash } from '../../src/storage/audit-commitments.ts'
import { addSeconds, instant, type Serial, seconds } from '../../src/vocabulary.ts'
import { fields } from '../simulation/reply.ts'
import type { Form, Service } from '../simulation/service.ts'
import { equip, type Holder, openService } from './http-world.ts'
import { emptyObject, journalStub, storedRows } from './world.ts'

/** In no other text. */
const LOGIN = 'zwetschgenmus'
const REALM = 'polled'
const WHO = { user: LOGIN, realm: REALM }

const { AUDIT_ARCHIVE: bucket } = env as unknown as { readonly AUDIT_ARCHIVE: R2Bucket }
const journal = journalStub()
let service: Service

beforeAll(async () => {
  await deleteLeftObjects()
  service = await openService()
  remember(env.JOURNAL, 'journal')
  const { transactions } = await connect(env)
  for (const { region, number } of transactions.shards()) remember(env.TRANSACTIONS, `${region}/${number}`)
})
afterEach(() => {
  vi.useRealTimers()
})

/** Every table of D1, as text. */
async function catalogue(): Promise<Readonly<Record<string, string>>> {
  const { results } = await env.DB.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all<{
    name: string
  }>()
  const names = results.map(({ name }) => name).filter((name) => !/^(?:_cf|sqlite_|d1_)/.test(name))
  const tables = await Promise.all(names.map((name) => env.DB.prepare(`SELECT * FROM ${name}`).all()))
  return Object.fromEntries(names.map((name, index) => [name, JSON.stringify(tables[index]?.results)]))
}

/** Everything that an object stores, as text. */
const contentOf = (stub: DurableObjectStub): Promise<string> =>
  runInDurableObject(stub, (_, { storage }) => {
    const tables = storage.sql
      .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'")
      .toArray()
      .map(({ name }) => name)
      .filter((name) => !/^(?:_cf|sqlite_)/.test(name))
    const rows = tables.map((name) => storage.sql.exec(`SELECT * FROM "${name}"`).toArray())
    return JSON.stringify([rows, [...storage.kv.list()]])
  })

/** Objects by their ids. One that is reached by an id that was listed does not know its name, and would store under none. */
const named = new Map<string, DurableObjectId>()
const remember = (namespace: DurableObjectNamespace, name: string): void => {
  const id = namespace.idFromName(name)
  named.set(String(id), id)
}
const stubOf = (namespace: DurableObjectNamespace, id: DurableObjectId): DurableObjectStub =>
  namespace.get(named.get(String(id)) ?? id)

async function enrollHolder(...[user, realm, parameters]: Parameters<typeof equip>): Promise<Holder> {
  const holder = await equip(user, realm, parameters)
  remember(env.PHONE, holder.serial)
  return holder
}

const NAMESPACES: Readonly<Record<string, DurableObjectNamespace>> = {
  JOURNAL: env.JOURNAL,
  PHONE: env.PHONE,
  TRANSACTIONS: env.TRANSACTIONS,
  COUNTER: env.COUNTER,
}

/** Objects of files before may be left, and have records to hand over. */
async function deleteLeftObjects(): Promise<void> {
  for (const namespace of Object.values(NAMESPACES)) {
    for (const id of await listDurableObjectIds(namespace)) await emptyObject(namespace.get(id))
  }
}

async function archive(): Promise<Readonly<Record<string, string>>> {
  const { objects } = await bucket.list()
  const texts = objects.map(async ({ key }) => {
    const object = await bucket.get(key)
    return [
      key,
      key.endsWith('.gz') && object !== null ? await gunzip(object.body, 1e8) : ((await object?.text()) ?? ''),
    ]
  })
  return Object.fromEntries(await Promise.all(texts))
}

/** Where one of these texts stands. */
async function storesWith(...texts: readonly string[]): Promise<readonly string[]> {
  const found: string[] = []
  const look = (store: string, content: string): void => {
    if (texts.some((text) => content.includes(text))) found.push(store)
  }
  for (const [name, content] of Object.entries(await catalogue())) look(name, content)
  for (const [name, namespace] of Object.entries(NAMESPACES))
    for (const id of await listDurableObjectIds(namespace)) look(name, await contentOf(stubOf(namespace, id)))
  for (const [key, content] of Object.entries(await archive())) look(key, content)
  return [...new Set(found)]
}

const drain = async (): Promise<void> => {
  for (const id of await listDurableObjectIds(env.TRANSACTIONS))
    await runDurableObjectAlarm(stubOf(env.TRANSACTIONS, id))
}

/** Asks until it is done. */
async function erase(whom: Form = WHO) {
  for (let tries = 0; tries < 20; tries++) {
    const { value } = await service.call('POST', '/deployment/user-data/erase', { form: whom })
    if (fields(value)['done'] === true) return fields(value)
  }
  throw new Error('not done after 20 calls')
}

/** The records whose hash is not the one that their link has. */
async function unproven(): Promise<readonly AuditRow[]> {
  const columns = AUDIT_COLUMNS.map((column) => `"${column}"`).join(', ')
  const { results: rows } = await env.DB.prepare(`SELECT ${columns} FROM audit`).all<AuditRow>()
  const links = await env.DB.prepare('SELECT shard, records FROM audit_chain').all<{ shard: string; records: string }>()
  const hashes = new Map(
    links.results.flatMap(({ shard, records }) =>
      (JSON.parse(records) as readonly [number, string][]).map(([place, hash]) => [`${shard} ${place}`, hash]),
    ),
  )
  expect(hashes.size).toBeGreaterThan(5)
  const wrong: AuditRow[] = []
  for (const row of rows) {
    const hash = hashes.get(`${row.shard} ${row.number ?? row.sequence}`)
    if (hash !== undefined && hash !== (await recordHash(row))) wrong.push(row)
  }
  return wrong
}

const runRounds = async (): Promise<void> => {
  await runDurableObjectAlarm(journal)
}

/** Ada logs in, declines, mistypes the PIN, gets a bypass code, and an administrator changes things about her. */
async function live(): Promise<readonly string[]> {
  const { phone, serial } = await enrollHolder(LOGIN, 'polled', { pin: '1234', description: `phone of ${LOGIN}` })
  const { serial: second } = await enrollHolder(LOGIN, 'polled')
  await service.call('POST', `/token/info/${second}/note`, { form: { value: `for ${LOGIN}` } })
  await service.call('POST', '/user/', { form: { ...WHO, surname: LOGIN, email: `${LOGIN}@x.example` } })
  const names = { realm: [REALM], user: [LOGIN] }
  await service.setPolicy('about', 'authorization', { auth_max_fail: '9/1h', auth_max_success: '9/1h' }, names)
  await service.setPolicy(
    'about',
    'authorization',
    { auth_max_fail: '9/1h', auth_max_success: '9/1h' },
    { realm: [REALM], user: [] },
  )
  const login = await service.triggerWithPin(WHO, '1234')
  const [prompt] = await phone.poll()
  if (prompt === undefined) throw new Error('no prompt')
  await phone.accept(prompt)
  expect(await service.finalize(login.transactionId, WHO)).toBe('ACCEPT')
  await service.check({ ...WHO, pass: 'wrong' })
  await service.triggerWithPin(WHO, '1234')
  await service.call('POST', '/token/bypass', { form: { ...WHO, reason: `${LOGIN} lost it` } })
  await service.call('POST', '/token/init', { form: { type: 'nosuch', genkey: '1', ...WHO } })
  await service.call('GET', '/user/', { query: { realm: REALM } })
  return [serial, second]
}

describe('a user who is erased', () => {
  it('was in every store, is in none afterwards, and the chain still proves the rest', async () => {
    const serials = await live()
    await drain()
    await runRounds()
    // A part of the archive, as an earlier day has it.
    const { results } = await env.DB.prepare('SELECT * FROM audit WHERE login = ?').bind(LOGIN).all<AuditRow>()
    const [row] = results
    const lines = [
      { part: { day: '2020-01-31', part: 1 } },
      { record: row },
      { record: { ...row, login: 'other', serial: null, steps: null } },
    ]
    const bytes = await gzip(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    await bucket.put('audit/2020/01/31/0001.ndjson.gz', bytes)
    await env.DB.prepare(
      "INSERT INTO audit_parts (day, part, records, first, last, bytes, sha256, archived_at) VALUES ('2020-01-31', 1, 2, 0, 0, 1, 'old', 0)",
    ).run()
    // A security event that its receiver has not got yet: the address is none that is asked.
    await env.DB.prepare(
      `INSERT INTO webhooks (name, id, url, audience, issuer, created_at) VALUES ('down', 'd0', 'https://10.0.0.1/', 'x', 'x', 0)`,
    ).run()
    const reported = { type: 'lockout', id: `lockout of ${serials[0]}`, at: instant(Date.now()) } as const
    const { journal: object } = await connect(env)
    await object.reportEvent({ ...reported, owner: { login: LOGIN, realm: REALM }, serial: serials[0] as Serial })
    const before = await storesWith(LOGIN)
    for (const store of ['users', 'tokens', 'token_info', 'bypass_codes', 'audit', 'JOURNAL', 'PHONE', 'TRANSACTIONS'])
      expect(before).toContain(store)
    expect(before).toContain('audit/2020/01/31/0001.ndjson.gz')
    const exported = fields((await service.call('GET', '/deployment/user-data', { query: WHO })).value)
    expect(exported).toMatchObject({
      user: LOGIN,
      realm: REALM,
      person: { surname: LOGIN },
      bypass_code: { reason: `${LOGIN} lost it` },
      security_events: expect.arrayContaining([expect.objectContaining({ type: 'lockout', serial: serials[0] })]),
      counters: { logins: [{ outcome: 'failed' }, { outcome: 'successful' }] },
    })
    const tokens = exported['tokens'] as readonly Readonly<Record<string, unknown>>[]
    expect(tokens.filter((token) => token['has_pin'])).toHaveLength(1)
    expect(tokens).toHaveLength(2)
    expect(tokens.find((token) => token['has_pin'])).toMatchObject({ serial: serials[0], phone: { successes: 1 } })
    expect((exported['audit'] as unknown[]).length).toBeGreaterThan(5)
    expect((exported['changes'] as unknown[]).length).toBeGreaterThan(3)
    expect(JSON.stringify(exported)).not.toMatch(/"salt"|"pin":|"hash"|credential/)
    const archived = fields(
      (await service.call('GET', '/deployment/user-data', { query: { ...WHO, after: String(exported['next']) } }))
        .value,
    )
    expect(archived['audit']).toMatchObject([{ login: LOGIN }])

    const ports = await connect(env)
    const count = async () => (await env.DB.prepare('SELECT count(*) AS n FROM audit').first<{ n: number }>())?.n ?? 0
    const records = await count()
    expect(await erase()).toMatchObject({ tokens: 2, parts: 1, missed: 0, policies: [] })

    expect(await storesWith(LOGIN)).toEqual(['JOURNAL'])
    expect(await storesWith(...serials)).toEqual(['JOURNAL'])
    expect(await count()).toBeGreaterThan(records)
    expect(await ports.auditRetention.parts({ day: '', part: 0 }, 9)).toMatchObject({
      ok: true,
      value: [{ sha256: expect.not.stringMatching('old') }],
    })
    expect(await unproven()).toEqual([])
    const { results: own } = await env.DB.prepare(
      "SELECT * FROM audit WHERE action LIKE '%user-data/erase'",
    ).all<AuditRow>()
    expect(own).toMatchObject([{ administrator: 'admin', login: null }, {}, {}])

    // Half an hour later nothing names the user any more: the journal has a hash.
    vi.useFakeTimers({ toFake: ['Date'], now: addSeconds(instant(Date.now()), seconds(7200)) })
    await runRounds()
    expect(await storesWith(LOGIN, ...serials)).toEqual([])
    expect(await object.eventsOf({ owner: { login: LOGIN, realm: REALM } })).toMatchObject({ ok: true, value: [] })
    await env.DB.prepare("DELETE FROM webhooks WHERE name = 'down'").run()
    await drain()
    await runRounds()
    expect(await unproven()).toEqual([])
    const known = await ports.journal.findErased({ owners: [{ login: LOGIN, realm: REALM }] })
    expect(known).toMatchObject({ ok: true, value: [{}] })
  })

  it('is erased everywhere else where parts of the archive are damaged, or a bomb, and those are counted', async () => {
    const record = {
      login: LOGIN,
      realm: REALM,
      at: 1,
      shard: 'oc/9',
      sequence: 1,
      salt: null,
      info: null,
      change: null,
    }
    const good = await gzip(`${JSON.stringify({ record })}\n`)
    const zeros = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start(controller) {
        for (let count = 0; count < 40; count++) controller.enqueue(new Uint8Array(1024 * 1024))
        controller.close()
      },
    }).pipeThrough(new CompressionStream('gzip'))
    const bomb = await new Response(zeros).arrayBuffer()
    expect(bomb.byteLength).toBeLessThan(100_000)
    const part = (number: number) => `audit/2020/01/01/000${number}.ndjson.gz`
    await bucket.put(part(1), 'no gzip')
    await bucket.put(part(2), bomb)
    await bucket.put(part(3), await gzip('{"record":no JSON}\n'.replace('no', LOGIN)))
    await bucket.put(part(4), good)
    await enrollHolder(LOGIN, 'polled')
    const { value } = await service.call('POST', '/deployment/user-data/erase', { form: WHO })
    expect(fields(value)).toMatchObject({ done: true, missed: 3 })
    const object = await bucket.get(part(4))
    const text = object && (await gunzip(object.body, 1e6))
    for (const number of [1, 2, 3, 4]) await bucket.delete(part(number))
    expect(text).not.toContain(LOGIN)
  })

  it('is erased from what arrives later, too', async () => {
    const who = { user: `${LOGIN}2`, realm: REALM }
    await service.call('POST', '/user/', { form: who })
    await erase(who)
    // A shard that could not reach D1 hands this over now.
    await env.DB.prepare(
      `INSERT INTO audit (at, shard, sequence, action, success, authentication, login, realm, info)
       VALUES (?, 'weur/0', ?, 'POST /validate/check', 0, 'REJECT', ?, ?, 'wrong otp pin')`,
    )
      .bind(Date.now(), Date.now() * 1000, who.user, REALM)
      .run()
    vi.useFakeTimers({ toFake: ['Date'], now: addSeconds(instant(Date.now()), seconds(7200)) })
    await runRounds()
    expect(await storesWith(who.user)).toEqual([])
  })

  it('stays in policies, which are named, and as an administrator who acted', async () => {
    const who = { user: `${LOGIN}3`, realm: REALM }
    await service.call('POST', '/user/', { form: who })
    await service.setPolicy('names-them', 'authentication', { push_wait: '5' }, { realm: [REALM], user: [who.user] })
    await env.DB.prepare(
      `INSERT INTO audit (at, shard, sequence, action, success, authentication, administrator, login, realm)
       VALUES (?, 'weur/0', ?, 'POST /token/disable/<serial>', 1, '', ?, 'other', ?)`,
    )
      .bind(Date.now(), Date.now() * 1000 + 1, who.user, REALM)
      .run()
    expect(await erase(who)).toMatchObject({ policies: ['names-them'] })
    const { results } = await env.DB.prepare('SELECT login FROM audit WHERE administrator = ?').bind(who.user).all()
    expect(results).toEqual([{ login: 'other' }])
    await service.call('DELETE', '/policy/names-them')
  })

  it('is erased again when a restore has brought them back', async () => {
    const who = { user: `${LOGIN}4`, realm: REALM }
    const { serial } = await enrollHolder(who.user, 'polled')
    const tables = ['users', 'tokens', 'audit', 'deployment'] as const
    const saved = await Promise.all(tables.map(storedRows))
    await erase(who)
    vi.useFakeTimers({ toFake: ['Date'], now: addSeconds(instant(Date.now()), seconds(7200)) })
    await runRounds()
    expect(await storesWith(who.user)).toEqual([])
    for (const [index, table] of tables.entries()) {
      await env.DB.prepare(`DELETE FROM ${table}`).run()
      for (const row of saved[index] ?? []) {
        const names = Object.keys(row)
        const values = Object.values(row)
        await env.DB.prepare(
          `INSERT INTO ${table} (${names.map((name) => `"${name}"`).join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
        )
          .bind(...values)
          .run()
      }
    }
    expect(await storesWith(who.user)).toContain('users')
    for (let alarms = 0; alarms < 4; alarms++) await runRounds()
    vi.setSystemTime(addSeconds(instant(Date.now()), seconds(7200)))
    for (let alarms = 0; alarms < 3; alarms++) await runRounds()
    expect(await storesWith(who.user, serial)).toEqual([])
  })
})
