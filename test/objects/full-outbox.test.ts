/** An outbox while the catalogue takes nothing for days: what is in memory, what waits in storage, and when no more is taken. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, expect, it, vi } from 'vitest'
import { MAX_WAITING } from '../../src/objects/outbox.ts'
import type { PendingAuditQuery } from '../../src/ports/transactions-object.ts'
import { enroll, finalizing, openLogin, ports, shard, shardStub, valueOf } from './world.ts'

const ALL: PendingAuditQuery = { filter: { conditions: [] }, order: { field: 'at', ascending: true }, most: 10 }
/** Before every place that the clock assigns. */
const PAST = 1_700_000_000_000_000

afterEach(() => {
  vi.restoreAllMocks()
})

/** D1 from now on says that it is full. */
function fillCatalogue(): void {
  const full = new Error('D1_ERROR: Exceeded maximum DB size')
  const database = Object.getPrototypeOf(env.DB) as D1Database
  const statement = Object.getPrototypeOf(env.DB.prepare('SELECT 1')) as D1PreparedStatement
  vi.spyOn(database, 'batch').mockRejectedValue(full)
  vi.spyOn(statement, 'run').mockRejectedValue(full)
}

/** Puts records of requests into a shard's storage, as if they had come long ago, and restarts it. */
async function addRecords(at: number, count: number): Promise<void> {
  await shard(at).pendingAudit(ALL)
  await runInDurableObject(shardStub(at), (_, { storage }) => {
    const body = JSON.stringify({ at: 1, action: 'x', success: false, authentication: '', address: '', userAgent: '' })
    storage.sql.exec(
      `WITH RECURSIVE counted (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM counted WHERE n < ? - 1)
       INSERT INTO refusals (sequence, body) SELECT ? + n, json_set(?, '$.info', 'record ' || n) FROM counted`,
      count,
      PAST,
      body,
    )
  })
  await evictDurableObject(shardStub(at))
}

const auditedIn = async (at: number): Promise<readonly string[]> => {
  const rows = await env.DB.prepare('SELECT transaction_id AS id, info FROM audit WHERE shard = ? ORDER BY sequence')
    .bind(`weur/${at}`)
    .all<{ id: string | null; info: string }>()
  return rows.results.map(({ id, info }) => id ?? info)
}

async function endLogin(at: number, phone: Awaited<ReturnType<typeof enroll>>): Promise<string> {
  const login = await openLogin(at, [phone])
  valueOf(await shard(at).answer({ id: login.id, answer: await login.say(phone.serial) }))
  valueOf(await shard(at).finalize(finalizing(login.id)))
  return login.id
}

it(
  'more records than fit into memory wait in storage, and reach the catalogue in order, once',
  { timeout: 60_000 },
  async () => {
    const phone = await enroll('PIPUOUTBOX01')
    await addRecords(161, 12_000)
    fillCatalogue()
    const first = await endLogin(161, phone)
    await runDurableObjectAlarm(shardStub(161))
    const pending = valueOf(await shard(161).pendingAudit(ALL))
    // The list says that the shard could not show everything.
    expect([pending.whole, pending.lines[0]?.info]).toEqual([false, 'record 0'])
    await evictDurableObject(shardStub(161))
    const second = await endLogin(161, phone)
    vi.restoreAllMocks()
    await runDurableObjectAlarm(shardStub(161))
    const expected = [...Array.from({ length: 12_000 }, (_, at) => `record ${at}`), first, second]
    expect(await auditedIn(161)).toEqual(expected)
    expect(valueOf(await shard(161).pendingAudit(ALL))).toMatchObject({ whole: true, count: 0 })
  },
)

it('ended logins that have not arrived are kept, and their rows are free or deleted once they have', async () => {
  const phone = await enroll('PIPUOUTBOX02')
  const count = () =>
    runInDurableObject(shardStub(162), (_, { storage }) =>
      Number(storage.sql.exec('SELECT count(*) AS count FROM opened').one()['count']),
    )
  fillCatalogue()
  const id = await endLogin(162, phone)
  const now = vi.spyOn(Date, 'now').mockReturnValue(ports.now() + 13 * 3_600_000)
  await runDurableObjectAlarm(shardStub(162))
  expect(await count()).toBe(1)
  // The next try is due in seconds, not at once: an alarm that spins costs a row each time.
  const alarm = await runInDurableObject(shardStub(162), (_, { storage }) => storage.getAlarm())
  expect(Number(alarm) - Date.now()).toBe(5000)
  const later = Date.now() + 60_000
  vi.restoreAllMocks()
  now.mockRestore()
  vi.spyOn(Date, 'now').mockReturnValue(later)
  await runDurableObjectAlarm(shardStub(162))
  expect([await auditedIn(162), await count()]).toEqual([[id], 0])
})

it(
  'a shard that could not record a login opens none, and does so again when there is room',
  { timeout: 60_000 },
  async () => {
    const phone = await enroll('PIPUOUTBOX03')
    await addRecords(163, MAX_WAITING)
    fillCatalogue()
    await expect(openLogin(163, [phone])).rejects.toThrow('shard_full')
    // Refused requests are counted in place of being kept.
    const record = {
      at: ports.now(),
      action: 'y',
      success: false,
      authentication: '',
      address: '',
      userAgent: '',
    } as const
    for (let count = 0; count < 3; count++) valueOf(await shard(163).recordAudit({ record, kind: 'y' }))
    const kept = await runInDurableObject(shardStub(163), (_, { storage }) =>
      Number(storage.sql.exec('SELECT count(*) AS count FROM refusals').one()['count']),
    )
    expect(kept).toBe(MAX_WAITING)
    vi.restoreAllMocks()
    await runInDurableObject(shardStub(163), (_, { storage }) => {
      storage.sql.exec('DELETE FROM refusals WHERE sequence > ?', PAST + 10)
    })
    await evictDurableObject(shardStub(163))
    await endLogin(163, phone)
  },
)

it('a login whose end could not be stored has no record of it, and one when the answer comes again', async () => {
  const phone = await enroll('PIPUOUTBOX04')
  const login = await openLogin(164, [phone])
  const decline = { id: login.id, answer: await login.say(phone.serial, { decline: true }) }
  const exec = await runInDurableObject(shardStub(164), (_, { storage }) => {
    const prototype = Object.getPrototypeOf(storage.sql) as SqlStorage
    const { exec: real } = prototype
    return vi.spyOn(prototype, 'exec').mockImplementation(function (this: SqlStorage, text, ...values) {
      if (/^\s*INSERT INTO opened/.test(text)) throw new Error('database or disk is full: SQLITE_FULL')
      return Reflect.apply(real, this, [text, ...values])
    })
  })
  expect(await shard(164).answer(decline)).toMatchObject({ ok: false, refusal: { reason: 'storage_unavailable' } })
  exec.mockRestore()
  await runDurableObjectAlarm(shardStub(164))
  expect(await auditedIn(164)).toEqual([])
  valueOf(await shard(164).answer(decline))
  await runDurableObjectAlarm(shardStub(164))
  expect(await auditedIn(164)).toEqual([login.id])
})
