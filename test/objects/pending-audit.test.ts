import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { PendingAuditQuery } from '../../src/ports/transactions-object.ts'
import { refuse } from '../../src/refusal.ts'
import { seconds } from '../../src/vocabulary.ts'
import { enroll, FAR, finalizing, openLogin, ports, shard, shardStub, valueOf } from './world.ts'

const ALL: PendingAuditQuery = { filter: { conditions: [] }, order: { field: 'at', ascending: false }, most: 100 }
const infos = async (number: number, query: Partial<PendingAuditQuery> = {}) =>
  valueOf(await shard(number).pendingAudit({ ...ALL, ...query })).lines.map(({ info }) => info)

afterEach(() => {
  vi.restoreAllMocks()
})

describe('the pending audit of a shard', () => {
  it('has each open login, and each ended login until the catalogue has it', async () => {
    const phone = await enroll('PIPUUNSETTL1')
    const login = await openLogin(40, [phone])
    expect(await infos(40)).toEqual(['triggered 1 challenges'])
    valueOf(await shard(40).answer({ id: login.id, answer: await login.say(phone.serial) }))
    expect(await infos(40)).toEqual(['accepted', 'triggered 1 challenges'])
    valueOf(await shard(40).finalize(finalizing(login.id)))
    const ended = ['Found matching challenge', 'accepted', 'triggered 1 challenges']
    expect(await infos(40)).toEqual(ended)
    await evictDurableObject(shardStub(40))
    expect(await infos(40)).toEqual(ended)
    await runDurableObjectAlarm(shardStub(40))
    expect(await infos(40)).toEqual([])

    const lines = await ports.audit.lines({
      ...ALL,
      filter: { conditions: [{ field: 'transaction', pattern: login.id, negated: false }] },
      offset: 0,
      limit: 100,
    })
    expect(valueOf(lines).map(({ info }) => info)).toEqual(ended)
  })

  it('shows that a login has expired before any alarm', async () => {
    const phone = await enroll('PIPUUNSETTL4')
    const { id } = await openLogin(44, [phone])
    const now = vi.spyOn(Date, 'now').mockReturnValue(ports.now() + 120_000)
    const { lines } = valueOf(await shard(44).pendingAudit(ALL))
    expect(lines.map(({ action, info }) => [action, info])).toEqual([
      ['login expired', 'not answered in time'],
      ['POST /validate/check', 'triggered 1 challenges'],
    ])
    expect(valueOf(await shard(44).timeline({ id }))).toMatchObject({
      info: 'expired',
      steps: [{}, { kind: 'expired' }],
    })
    now.mockReturnValue(ports.now() + 60_000)
    await runDurableObjectAlarm(shardStub(44))
    const filter = { conditions: [{ field: 'transaction', pattern: id, negated: false }] } as const
    expect(valueOf(await ports.audit.lines({ ...ALL, filter, offset: 0, limit: 9 }))).toEqual(lines)
  })

  it('has the same lines in the shard before and in the catalogue after', async () => {
    const phone = await enroll('PIPUUNSETTL2')
    const login = await openLogin(41, [phone])
    valueOf(
      await shard(41).answer({
        id: login.id,
        answer: await login.say(phone.serial, { decline: true, reason: 'cancelled' }),
      }),
    )
    const { lines: before } = valueOf(await shard(41).pendingAudit(ALL))
    expect(before).toHaveLength(2)
    await runDurableObjectAlarm(shardStub(41))
    const filter = { conditions: [{ field: 'transaction', pattern: login.id, negated: false }] } as const
    expect(valueOf(await ports.audit.lines({ ...ALL, filter, offset: 0, limit: 9 }))).toEqual(before)
  })

  it('is filtered in the shard, and answers no more lines than wanted', async () => {
    const phone = await enroll('PIPUUNSETTL3')
    const login = await openLogin(42, [phone])
    valueOf(await shard(42).answer({ id: login.id, answer: await login.say(phone.serial) }))
    const field = 'authentication' as const
    const filter = { conditions: [{ field, pattern: 'CHALLENGE', negated: false }] }
    expect(await infos(42, { filter })).toEqual(['triggered 1 challenges'])
    expect(await infos(42, { most: 1 })).toEqual(['accepted'])
    expect(await infos(42, { most: 1, order: { field: 'at', ascending: true } })).toEqual(['triggered 1 challenges'])
    // All of it counts, and the catalogue is not to tell of any of it.
    expect(valueOf(await shard(42).pendingAudit({ ...ALL, most: 1 }))).toMatchObject({
      count: 2,
      records: [login.id],
      whole: true,
    })
  })

  it('finds old records under a flood of new ones', async () => {
    const away = refuse({ reason: 'storage_unavailable', retryAfter: seconds(1) })
    vi.spyOn(ports.audit, 'store').mockResolvedValue(away)
    const record = { at: ports.now(), action: 'x', success: false, authentication: '' }
    await runInDurableObject(shardStub(45), async (object) => {
      await object.recordAudit({ record: { ...record, info: 'needle' } })
      for (let count = 0; count < 5000; count++) await object.recordAudit({ record: { ...record, info: 'hay' } })
    })
    const conditions = [{ field: 'info' as const, pattern: 'needle', negated: false }]
    expect(valueOf(await shard(45).pendingAudit({ ...ALL, filter: { conditions } }))).toMatchObject({
      count: 1,
      whole: true,
    })
    const all = valueOf(await shard(45).pendingAudit({ ...ALL, most: 100_000 }))
    expect([all.lines.length, all.count, all.records.length, all.whole]).toEqual([5001, 5001, 5001, true])
  })

  it('says that it is incomplete when it has more open logins than it reads', async () => {
    const login = { deliveries: [], release: [], due: 9e15 }
    const transaction = { grace: 0, answerBy: 9e15, openedAt: 0, challenges: [], steps: [] }
    const body = JSON.stringify({ ...login, transaction })
    await runInDurableObject(shardStub(46), async (object, { storage }) => {
      await object.recordAudit({
        record: { at: ports.now(), action: 'x', success: false, authentication: '', info: 'told' },
      })
      storage.sql.exec(
        `WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 5000)
         INSERT INTO opened (id, due, body) SELECT 'open' || n, 9e15, ? FROM counted`,
        body,
      )
    })
    await evictDurableObject(shardStub(46))
    expect(valueOf(await shard(46).pendingAudit(ALL)).whole).toBe(true)
    await runInDurableObject(shardStub(46), (_, { storage }) => {
      storage.sql.exec("INSERT INTO opened (id, due, body) VALUES ('one more', 9e15, ?)", body)
    })
    await evictDurableObject(shardStub(46))
    expect(valueOf(await shard(46).pendingAudit(ALL))).toMatchObject({ lines: [{ info: 'told' }], whole: false })
  })

  it('has requests that opened no login: twenty a second of one kind, all without a kind', async () => {
    // So far ahead that no alarm goes off by itself and hands the records over.
    const at = FAR
    const record = { at, action: 'POST /auth', success: false, authentication: 'REJECT', info: 'wrong' }
    vi.spyOn(Date, 'now').mockReturnValue(at)
    for (let count = 0; count < 30; count++)
      await shard(43).recordAudit({ record, kind: 'POST /auth credentials_wrong' })
    expect((await infos(43)).length).toBe(20)
    for (let count = 0; count < 30; count++) await shard(43).recordAudit({ record: { ...record, info: 'signed in' } })
    expect((await infos(43)).filter((info) => info === 'signed in')).toHaveLength(30)
    vi.restoreAllMocks()
    vi.spyOn(Date, 'now').mockReturnValue(at + 2000)
    await runDurableObjectAlarm(shardStub(43))
    const { results } = await env.DB.prepare("SELECT count FROM audit WHERE shard = 'weur/43' AND info = 'wrong'").all()
    expect(results.map(({ count }) => count).filter((count) => count !== null)).toEqual([10])
  })
})
