import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, it, vi } from 'vitest'
import { disconnect } from '../../src/connect.ts'
import { revision, type Serial } from '../../src/vocabulary.ts'
import { FIRST_EPOCH } from '../../src/vocabulary/catalogue.ts'
import { fields } from '../simulation/reply.ts'
import { Service } from '../simulation/service.ts'
import { inProcess } from '../driver/in-process.ts'
import { equip, openService } from './http-world.ts'
import {
  changeRow,
  enroll,
  eventually,
  finish,
  journalStub,
  openLogin,
  ports,
  ringOf,
  storedRows,
  valueOf,
  verdict,
} from './world.ts'

const journal = journalStub()
const phone = (serial: Serial) => ports.phones.of(serial)

/** Tables whose rows a restore puts back. */
const TABLES = [
  'deployment',
  'tokens',
  'audit',
  'policies',
  'policy_history',
  'bypass_codes',
  'invitations',
  'administrators',
  'api_token_keys',
  'users',
] as const

/** Keeps the catalogue as it is now; the function it returns puts it back, as Time Travel does. */
async function backUp(): Promise<() => Promise<void>> {
  const kept = await Promise.all(TABLES.map(async (table) => ({ table, rows: await storedRows(table) })))
  return async () => {
    const statements = kept.flatMap(({ table, rows }) => [
      env.DB.prepare(`DELETE FROM ${table}`),
      ...rows.map((row) => {
        const columns = Object.keys(row)
        const marks = columns.map(() => '?').join(', ')
        return env.DB.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${marks})`).bind(
          ...columns.map((column) => row[column]),
        )
      }),
    ])
    await env.DB.batch(statements)
  }
}

const version = async () => valueOf(await ports.catalogue.version())
const restores = async () => valueOf(await ports.journal.restores({})).restores
const setPin = async (serial: Serial, pin: string) =>
  changeRow(serial, { kind: 'pin', pin: await ports.pins.seal(serial, pin) })

/** Rings as a login does that reads the catalogue now. */
async function ringNow(serial: Serial, pin: string) {
  const record = valueOf(await ports.tokens.record(serial))
  return phone(serial).ring(await ringOf(serial, pin, { epoch: record?.epoch ?? FIRST_EPOCH }))
}

it('a phone that knows a later state refuses, and believes the catalogue in its new epoch', async () => {
  const { serial } = await enroll('RESTORE1', { pin: 'first' })
  const restore = await backUp()
  for (const pin of ['second', 'third', 'fourth']) await setPin(serial, pin)
  expect(verdict(await ringNow(serial, 'fourth'))).toBe('ok')
  expect(verdict(await ringNow(serial, 'wrong'))).toBe('pin_wrong')
  const before = await version()
  await restore()

  const refused = await ringNow(serial, 'first')
  expect(verdict(refused)).toBe('stale')
  const known = refused.ok || refused.refusal.reason !== 'stale' ? undefined : refused.refusal.known
  const after = valueOf(await ports.journal.check({ known }))
  expect(after.epoch).toBeGreaterThan(before.revision)
  expect(await version()).toEqual(after)
  expect(verdict(await ringNow(serial, 'fourth'))).toBe('pin_wrong')
  expect(verdict(await ringNow(serial, 'first'))).toBe('ok')
  // The guess before the restore still counts.
  expect(valueOf(await phone(serial).counters())).toMatchObject({ failures: 2, attempts: 2 })
  expect((await restores())[0]).toMatchObject({ epoch: after.epoch, known: before })
})

it('a restore that many notice at once begins one epoch', async () => {
  const { serial } = await enroll('RESTORE2', { pin: 'first' })
  const restore = await backUp()
  await setPin(serial, 'second')
  const known = await version()
  const count = (await restores()).length
  await restore()
  const versions = await Promise.all(Array.from({ length: 20 }, () => ports.journal.check({ known })))
  expect(new Set(versions.map((one) => valueOf(one).epoch)).size).toBe(1)
  expect(await restores()).toHaveLength(count + 1)
})

it('an epoch whose beginning D1 has answered too late is not begun again', async () => {
  const restore = await backUp()
  await changeRow((await enroll('RESTORE12')).serial, { kind: 'pin' })
  const count = (await restores()).length
  await restore()
  const database = Object.getPrototypeOf(env.DB) as D1Database
  const batch = Reflect.get(database, 'batch')
  const { epoch } = await version()
  // The batch happens, and its answer is lost.
  vi.spyOn(database, 'batch').mockImplementation(async function (this: D1Database, statements) {
    const results: unknown = await Reflect.apply(batch, this, [statements])
    if ((await version()).epoch > epoch) throw new Error('the answer is lost')
    return results as never
  })
  expect(verdict(await ports.journal.check({}))).toBe('storage_unavailable')
  vi.restoreAllMocks()
  const begun = await version()
  await changeRow((await enroll('RESTORE13')).serial, { kind: 'pin' })
  expect(valueOf(await ports.journal.check({})).epoch).toBe(begun.epoch)
  expect(await restores()).toHaveLength(count + 1)
  expect((await restores())[0]).toMatchObject({ epoch: begun.epoch })
})

it('an answer from before, such as that of a replica, is no restore', async () => {
  const known = await version()
  const count = (await restores()).length
  expect(valueOf(await ports.journal.check({ known: { ...known, revision: revision(known.revision - 1) } }))).toEqual(
    known,
  )
  expect(await restores()).toHaveLength(count)
})

it('is noticed when somebody changes something before anybody has noticed it', async () => {
  const { serial } = await enroll('RESTORE3')
  const restore = await backUp()
  const point = await version()
  await changeRow(serial, { kind: 'active', active: false })
  await restore()
  await changeRow(serial, { kind: 'pin' })
  const [noticed] = await restores()
  expect(noticed).toMatchObject({ found: point })
  const page = valueOf(await ports.journal.restores({}))
  const missing = valueOf(await ports.catalogue.missing(page.changes))
  // What was changed after the restore is there; only what was changed before it is lost.
  expect(missing.filter(({ previous }) => previous === point.revision)).toHaveLength(1)
})

it('is noticed by the hourly round, and by an isolate that has seen more', async () => {
  const { serial } = await enroll('RESTORE4')
  const restore = await backUp()
  await changeRow(serial, { kind: 'active', active: false })
  await restore()
  const before = await version()
  expect(await runDurableObjectAlarm(journal)).toBe(true)
  expect((await version()).epoch).toBeGreaterThan(before.epoch)

  const again = await backUp()
  await changeRow(serial, { kind: 'pin' })
  await again()
  const { epoch } = await version()
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 })
  await ports.settings.version()
  vi.useRealTimers()
  await eventually(async () => expect((await version()).epoch).toBeGreaterThan(epoch))
})

it('voids the logins that were opened for the token as it was, and no others', async () => {
  const changed = await enroll('RESTORE5')
  const unchanged = await enroll('RESTORE6')
  const restore = await backUp()
  await changeRow(changed.serial, { kind: 'set', settings: { description: 'new' } })
  const epochOf = async (serial: Serial) => valueOf(await ports.tokens.record(serial))?.epoch
  const epoch = await epochOf(changed.serial)
  const logins = await Promise.all(
    [changed, unchanged].map((one) => openLogin(0, [one], {}, epoch === undefined ? {} : { epoch })),
  )
  await restore()
  valueOf(await ports.journal.check({}))
  for (const { serial } of [changed, unchanged]) expect(verdict(await ringNow(serial, ''))).toBe('ok')
  const finalized = await Promise.all(
    [changed, unchanged].map(async ({ serial }, index) => {
      const record = valueOf(await ports.tokens.record(serial))
      const opened = { epoch, revision: record?.revision }
      const request = { transaction: logins[index]?.id, phoneKey: record?.phoneKey, opened }
      return verdict(await phone(serial).finalize(request as never))
    }),
  )
  expect(finalized).toEqual(['no_suitable_token', 'ok'])
  expect(verdict(await finish(unchanged.serial))).toBe('ok')
})

it('voids bypass codes and invitations, which may have been used, and all API tokens', async () => {
  const entry = { at: ports.now(), action: 'POST /administrator', administrator: 'grace', address: '192.0.2.7' }
  await ports.administrators.add(
    { login: 'hedy', password: 'sealed', role: 'admin', createdAt: ports.now() } as never,
    entry,
  )
  await env.DB.prepare(
    `INSERT INTO bypass_codes (realm, login, id, hash, issued_at, expires_at, issued_by, reason)
     VALUES ('sales', 'ada', 1, 'hash', 1, 9e15, 'grace', 'lost')`,
  ).run()
  await env.DB.prepare(
    `INSERT INTO invitations (id, hash, realm, login, serial, note, invited_by, created_at, expires_at)
     VALUES ('0', 'hash', 'sales', 'ada', 'INVITED1', '', 'grace', 1, 9e15)`,
  ).run()
  const generation = () =>
    env.DB.prepare(`SELECT generation FROM administrators WHERE login = 'hedy'`).first('generation')
  const restore = await backUp()
  await changeRow((await enroll('RESTORE7')).serial, { kind: 'pin' })
  await restore()
  const before = await generation()
  const keys = 'SELECT count(*) AS count FROM api_token_keys'
  await env.DB.prepare("INSERT INTO api_token_keys (id, secret, created_at) VALUES ('known', 'sealed', 1)").run()
  valueOf(await ports.journal.check({}))
  expect(await env.DB.prepare('SELECT count(*) AS count FROM bypass_codes').first('count')).toBe(0)
  expect(await env.DB.prepare('SELECT count(*) AS count FROM invitations').first('count')).toBe(0)
  expect(await env.DB.prepare(keys).first('count')).toBe(0)
  expect(await generation()).not.toBe(before)
})

it('a bypass code that was used lets nobody in again while nobody has noticed the restore', async () => {
  const service = await openService()
  const ada = await equip('adelaide', 'polled', { pin: '1234' })
  const { value } = await service.call('POST', '/token/bypass', { form: { ...ada.who, reason: 'lost phone' } })
  const pass = String(fields(value)['code'])
  const restore = await backUp()
  // Whatever was changed since tells the journal how far the catalogue has come.
  await changeRow(ada.serial as Serial, { kind: 'set', settings: { description: 'new' } })
  expect((await service.check({ ...ada.who, pass })).authentication).toBe('ACCEPT')
  await restore()
  // An isolate that knows nothing: no other request has told it of the later state.
  disconnect()
  const { epoch } = await version()
  expect((await service.check({ ...ada.who, pass })).authentication).not.toBe('ACCEPT')
  expect((await version()).epoch).toBeGreaterThan(epoch)
})

it('an API token that a compromised key signed opens nothing while nobody has noticed the restore', async () => {
  const service = await openService()
  const stolen = new Service({ baseUrl: inProcess.url, fetch: inProcess.fetch, authorization: service.token ?? '' })
  expect((await stolen.call('GET', '/policy/')).status).toBe(200)
  const restore = await backUp()
  expect((await service.call('POST', '/deployment/keys/api-token/rotate', { form: { compromised: '1' } })).status).toBe(
    200,
  )
  expect((await stolen.call('GET', '/policy/')).status).toBe(401)
  await restore()
  disconnect()
  const { epoch } = await version()
  expect((await stolen.call('GET', '/policy/')).status).toBe(401)
  expect((await version()).epoch).toBeGreaterThan(epoch)
  expect((await (await openService()).call('GET', '/policy/')).status).toBe(200)
})

it('a phone whose storage was put back counts the attempts and successes that the catalogue has a copy of', async () => {
  const { serial } = await enroll('RESTORE8', { pin: 'right' })
  expect(verdict(await ringNow(serial, 'right'))).toBe('ok')
  const stub = env.PHONE.get(env.PHONE.idFromName(serial))
  const copy = { attempts: 4, failures: 4, successes: 0 }
  expect(verdict(await phone(serial).ring({ ...(await ringOf(serial, 'wrong')), copy }))).toBe('pin_wrong')
  expect(valueOf(await phone(serial).counters())).toMatchObject({ attempts: 5, failures: 5 })
  // A copy that is behind, as it always is, changes nothing.
  expect(verdict(await phone(serial).ring({ ...(await ringOf(serial, 'right')), copy }))).toBe('ok')
  expect(valueOf(await phone(serial).counters())).toMatchObject({ attempts: 5, failures: 5 })
  expect(await runInDurableObject(stub, (_, { storage }) => storage.kv.get('phone'))).toBeDefined()
})

it('remembers erased users by hash alone', async () => {
  const owner = { realm: 'Sales', login: 'lovelace' }
  valueOf(await ports.journal.recordErasure({ owner, at: ports.now() }))
  const found = valueOf(
    await ports.journal.findErased({
      owners: [
        { realm: 'sales', login: 'lovelace' },
        { realm: 'sales', login: 'ada' },
      ],
    }),
  )
  expect(found.map((one) => one.owner.login)).toEqual(['lovelace'])
  const stored = await runInDurableObject(journal, (_, { storage }) =>
    storage.sql.exec('SELECT * FROM erasures').toArray(),
  )
  expect(JSON.stringify(stored)).not.toContain('lovelace')
})

it('an epoch that somebody else has written, as a restored backup has, is taken for a restore', async () => {
  await enroll('RESTORE9')
  const count = (await restores()).length
  const point = await version()
  await env.DB.prepare('UPDATE deployment SET epoch = revision + 7').run()
  const foreign = await version()
  await changeRow((await enroll('RESTORE10')).serial, { kind: 'pin' })
  expect(await restores()).toHaveLength(count + 1)
  expect((await restores())[0]).toMatchObject({ found: { ...foreign, revision: point.revision }, known: point })
  expect((await version()).epoch).toBeGreaterThan(foreign.epoch)
})

it('a phone that an earlier version has stored, without an epoch, follows a restore as well', async () => {
  const { serial } = await enroll('RESTORE11', { pin: 'first' })
  const restore = await backUp()
  await setPin(serial, 'second')
  expect(verdict(await ringNow(serial, 'second'))).toBe('ok')
  const stub = env.PHONE.get(env.PHONE.idFromName(serial))
  await runInDurableObject(stub, (_, { storage }) => {
    const { record, ...rest } = storage.kv.get<{ record: Record<string, unknown> }>('phone') ?? { record: {} }
    storage.kv.put('phone', { ...rest, record: { ...record, epoch: undefined } })
  })
  await evictDurableObject(stub)
  await restore()
  valueOf(await ports.journal.check({}))
  expect(verdict(await ringNow(serial, 'first'))).toBe('ok')
})
