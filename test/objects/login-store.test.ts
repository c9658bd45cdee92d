import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Phone } from '../../src/index.ts'
import type { AuditRecord } from '../../src/vocabulary/audit.ts'
import { addSeconds, seconds, type Serial, type TransactionId } from '../../src/vocabulary.ts'
import { countRows } from './counting.ts'
import {
  drawLogin,
  enroll,
  eventually,
  FAR,
  finalizing,
  openLogin,
  ports,
  ringOf,
  shard,
  shardStub,
  valueOf,
  verdict,
} from './world.ts'

let shardsUsed = 50
/** A shard of its own for each test. */
let at = shardsUsed

const stub = () => shardStub(at)
const stands = async (id: TransactionId) => valueOf(await shard(at).status({ id, wait: seconds(0) }))
const alarm = () => runDurableObjectAlarm(stub())
const alarmAt = () => runInDurableObject(stub(), (_, { storage }) => storage.getAlarm())
const pass = (count: number) => vi.setSystemTime(addSeconds(ports.now(), seconds(count)))
const audit = async () =>
  (await env.DB.prepare('SELECT * FROM audit WHERE shard = ? ORDER BY sequence').bind(`weur/${at}`).all()).results
const infos = async () => (await audit()).map(({ info }) => info)
const takeAuditAway = () => env.DB.prepare('ALTER TABLE audit RENAME TO away').run()
const bringAuditBack = () => env.DB.prepare('ALTER TABLE away RENAME TO audit').run()
/** Every alarm that the shard sets from now on. */
const spyOnAlarm = () =>
  runInDurableObject(stub(), (_, { storage }) =>
    vi.spyOn(Object.getPrototypeOf(storage) as DurableObjectStorage, 'setAlarm'),
  )
/** The logins whose rows are stored. */
const rows = () =>
  runInDurableObject(stub(), (_, { storage }) =>
    storage.sql
      .exec('SELECT id FROM opened ORDER BY place')
      .toArray()
      .map(({ id }) => id),
  )
/** Milliseconds after which a row is deleted that no other login has taken. */
const UNUSED = 12 * 3_600_000
const times = (count: number) => Array.from({ length: count }, (_, index) => index)

let mine: { serial: Serial; key: number }
beforeEach(async () => {
  at = shardsUsed++
  vi.useFakeTimers({ toFake: ['Date'], now: FAR })
  mine = await enroll(`PIPULEDGER${at}`)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const open = () => openLogin(at, [mine])
/** A login that the phone ended. */
async function decline(): Promise<TransactionId> {
  const login = await open()
  valueOf(await shard(at).answer({ id: login.id, answer: await login.say(mine.serial, { decline: true }) }))
  return login.id
}
async function finish(): Promise<TransactionId> {
  const login = await open()
  valueOf(await shard(at).answer({ id: login.id, answer: await login.say(mine.serial) }))
  valueOf(await shard(at).finalize(finalizing(login.id)))
  return login.id
}

describe('a login that an earlier version stored', () => {
  it('goes on unchanged', async () => {
    const login = await open()
    await runInDurableObject(stub(), (_, { storage }) => {
      storage.sql.exec(
        'CREATE TABLE logins (id TEXT PRIMARY KEY, due INTEGER NOT NULL, sequence INTEGER, body TEXT NOT NULL) WITHOUT ROWID',
      )
      storage.sql.exec('INSERT INTO logins SELECT id, due, sequence, body FROM opened')
      storage.sql.exec('DELETE FROM opened')
    })
    for (const _ of times(2)) {
      await evictDurableObject(stub())
      expect(await stands(login.id)).toBe('pending')
    }
    valueOf(await shard(at).answer({ id: login.id, answer: await login.say(mine.serial) }))
    valueOf(await shard(at).finalize(finalizing(login.id)))
  })
})

describe('a login that nobody answered', () => {
  it('is ended by the alarm, with one audit record, and swept ten minutes later', async () => {
    const { id } = await open()
    expect(await alarmAt()).toBe(FAR + 120_000)
    await evictDurableObject(stub())
    pass(120)
    expect(await stands(id)).toBe('expired')
    await alarm()
    expect(await audit()).toMatchObject([
      { transaction_id: id, info: 'expired', authentication: 'REJECT', success: 0, at: FAR + 120_000 },
    ])
    pass(599)
    await alarm()
    expect(await stands(id)).toBe('expired')
    pass(1)
    await alarm()
    expect([await stands(id), await audit()]).toMatchObject(['unknown', { length: 1 }])
    // Nothing but to delete its row, if no other login takes it.
    expect(await alarmAt()).toBe(FAR + 720_000 + UNUSED)
  })

  it('but accepted, ends when the service can no longer finalize it', async () => {
    const login = await open()
    await shard(at).answer({ id: login.id, answer: await login.say(mine.serial) })
    pass(120)
    await alarm()
    expect([await stands(login.id), await audit()]).toEqual(['accepted', []])
    pass(180)
    await alarm()
    expect([await stands(login.id), await infos()]).toEqual(['expired', ['expired']])
  })
})

describe('a login that one phone declined and another did not answer', () => {
  it('has ended as declined, and the audit has it two minutes later', async () => {
    const other = await enroll(`PIPUSILENT${at}`, { key: 1 })
    const login = await openLogin(at, [mine, other])
    await shard(at).answer({ id: login.id, answer: await login.say(mine.serial, { decline: true }) })
    pass(119)
    expect([await stands(login.id), await alarmAt()]).toEqual(['declined', FAR + 120_000])
    pass(1)
    await alarm()
    expect([await stands(login.id), await infos()]).toEqual(['declined', ['declined']])
  })
})

describe('the audit', () => {
  it('has a login with all its steps within two minutes of its end', async () => {
    const id = await finish()
    expect(await alarmAt()).toBe(FAR + 120_000)
    pass(120)
    await alarm()
    const [record] = await audit()
    expect(record).toMatchObject({
      transaction_id: id,
      serial: mine.serial,
      action: 'POST /validate/check',
      authentication: 'ACCEPT',
      success: 1,
    })
    expect(JSON.parse(String(record?.['steps'])).map(({ kind }: { kind: string }) => kind)).toEqual([
      'opened',
      'accepted',
      'finalized',
    ])
  })

  it('has each login once, in the order in which they ended, even if the object restarted again and again', async () => {
    const ended = [await decline(), await finish()]
    await evictDurableObject(stub())
    ended.push(await decline())
    await alarm()
    await evictDurableObject(stub())
    ended.push(await finish())
    await alarm()
    await evictDurableObject(stub())
    await alarm()
    expect((await audit()).map((record) => record['transaction_id'])).toEqual(ended)
  })

  it('gets unchanged later what it could not store', async () => {
    const [declined, used] = [await decline(), await finish()]
    await takeAuditAway()
    for (const _ of times(3)) {
      await alarm()
      expect(await alarmAt()).toBeLessThanOrEqual(ports.now() + 5000)
      await evictDurableObject(stub())
    }
    pass(400)
    await bringAuditBack()
    await alarm()
    expect(await audit()).toMatchObject([
      { transaction_id: declined, info: 'declined', authentication: 'DECLINED' },
      { transaction_id: used, info: 'finalized', authentication: 'ACCEPT' },
    ])
  })

  it('has a login before it is swept', async () => {
    const id = await finish()
    await takeAuditAway()
    pass(3600)
    await alarm()
    expect([await stands(id), await alarmAt()]).toEqual(['finalized', ports.now() + 5000])
    await bringAuditBack()
    await alarm()
    pass(6)
    await alarm()
    expect([await stands(id), await infos()]).toEqual(['unknown', ['finalized']])
  })

  it('stores a thousand records that piled up while it was down, in order', async () => {
    await runInDurableObject(stub(), async (object) => {
      for (const count of times(1000))
        await object.recordAudit({ record: { ...refused(`reason ${count}`), at: ports.now() } })
    })
    await alarm()
    expect(await infos()).toEqual(times(1000).map((count) => `reason ${count}`))
    await evictDurableObject(stub())
    await shard(at).recordAudit({ record: refused('one more') })
    await alarm()
    expect((await infos()).at(-1)).toBe('one more')
    expect(await audit()).toHaveLength(1001)
  })
})

describe('housekeeping', () => {
  it('is done in rounds: logins and refusals in between set no alarm', async () => {
    await open()
    const setAlarm = await spyOnAlarm()
    pass(30)
    await finish()
    await decline()
    await shard(at).recordAudit({ record: refused('pin_wrong'), kind: 'pin_wrong' })
    expect(setAlarm).not.toHaveBeenCalled()
    pass(90)
    await alarm()
    expect((await infos()).toSorted()).toEqual(['declined', 'expired', 'finalized', 'pin_wrong'])
    // Nothing but to delete their rows, if no other login takes them.
    expect([setAlarm.mock.calls.length, await alarmAt()]).toEqual([1, FAR + 720_000 + UNUSED])
    await open()
    expect(await alarmAt()).toBe(FAR + 240_000)
  })

  it('is done by any alarm that goes off', async () => {
    const [used, unanswered] = [await finish(), await open()]
    await runInDurableObject(stub(), (_, { storage }) => storage.setAlarm(FAR + 1000))
    pass(1)
    await alarm()
    expect(await infos()).toEqual(['finalized'])
    pass(1000)
    await alarm()
    expect([await stands(used), await stands(unanswered.id), await infos()]).toEqual([
      'unknown',
      'expired',
      ['finalized', 'expired'],
    ])
  })

  it('needs no memory: alarm and due times are in storage', async () => {
    const [used, unanswered] = [await finish(), await open()]
    const rounds: number[] = []
    for (;;) {
      await evictDurableObject(stub())
      const next = await alarmAt()
      if (next === null) break
      rounds.push((next - ports.now()) / 1000)
      vi.setSystemTime(next)
      await alarm()
    }
    expect(await infos()).toEqual(['finalized', 'expired'])
    expect([await stands(used), await stands(unanswered.id)]).toEqual(['unknown', 'unknown'])
    expect(rounds).toEqual([120, 600 + UNUSED / 1000, 180])
    expect(await rows()).toEqual([])
  })

  it('goes on after an alarm that never went off', async () => {
    await open()
    await runInDurableObject(stub(), (_, { storage }) => storage.deleteAlarm())
    pass(240)
    await finish()
    expect(await alarmAt()).toBeNull()
    pass(1)
    await finish()
    expect(await alarmAt()).toBe(ports.now())
  })

  it('that is overdue is not put off by new logins', async () => {
    await decline()
    await evictDurableObject(stub())
    pass(241)
    await open()
    expect(await alarmAt()).toBe(ports.now())
  })

  it('sets its alarm once, whatever is next', async () => {
    await decline()
    await takeAuditAway()
    const setAlarm = await spyOnAlarm()
    pass(120)
    await alarm()
    await bringAuditBack()
    expect([setAlarm.mock.calls.length, await alarmAt()]).toEqual([1, ports.now() + 5000])
  })

  it('does not wait when a hundred records do', async () => {
    await runInDurableObject(stub(), async (object) => {
      for (const count of times(99)) await object.recordAudit({ record: refused(`reason ${count}`) })
    })
    expect(await alarmAt()).toBe(FAR + 120_000)
    await finish()
    expect(await alarmAt()).toBe(FAR + 1500)
    await alarm()
    expect([(await audit()).length, await alarmAt()]).toEqual([100, FAR + 900_000 + UNUSED])
  })

  it('waits five seconds after the catalogue failed, however many records wait', async () => {
    await runInDurableObject(stub(), async (object) => {
      for (const count of times(200)) await object.recordAudit({ record: refused(`reason ${count}`) })
    })
    await takeAuditAway()
    await alarm()
    expect(await alarmAt()).toBe(FAR + 5000)
    await shard(at).recordAudit({ record: refused('one more') })
    expect(await alarmAt()).toBe(FAR + 5000)
    await bringAuditBack()
    await alarm()
    expect([(await audit()).length, await alarmAt()]).toEqual([201, null])
  })

  it('comes sooner when many logins are due, so that no round is long', async () => {
    for (const _ of times(250)) {
      const { id } = await open()
      await shard(at).withdraw({ id, withdrawal: { cause: 'token_changed' } })
      vi.setSystemTime(ports.now() + 200)
    }
    const last = ports.now()
    await alarm()
    vi.setSystemTime(FAR + 720_000 + UNUSED)
    await alarm()
    expect(await alarmAt()).toBeGreaterThan(ports.now() + 40_000)
    expect(await alarmAt()).toBeLessThan(ports.now() + 60_000)
    vi.setSystemTime(last + 720_000 + UNUSED)
    await alarm()
    expect([await alarmAt(), await rows()]).toEqual([null, []])
  })
})

describe('the row of a login that is over', () => {
  it('is taken by the next login, with one written row', async () => {
    const first = await finish()
    pass(120)
    await alarm()
    pass(780)
    expect([await stands(first), await rows()]).toEqual(['unknown', [first]])
    const written = await countRows()
    const second = await open()
    expect(written.filter((row) => row.startsWith('sql'))).toEqual(['sql INSERT INTO opened (place, id,'])
    const third = await open()
    expect(await rows()).toEqual([second.id, third.id])
    await evictDurableObject(stub())
    expect(await Promise.all([first, second.id, third.id].map(stands))).toEqual(['unknown', 'pending', 'pending'])
  })

  it('may be taken by a login of the same id, which is kept and recorded as any other', async () => {
    const first = await open()
    valueOf(await shard(at).answer({ id: first.id, answer: await first.say(mine.serial, { decline: true }) }))
    pass(120)
    await alarm()
    pass(780)
    expect([await stands(first.id), await rows()]).toEqual(['unknown', [first.id]])
    // The same request under the same Idempotency-Key.
    const openedAt = ports.now()
    const transaction = { ...first.opening.transaction, openedAt, answerBy: addSeconds(openedAt, seconds(120)) }
    valueOf(await shard(at).open({ ...first.opening, transaction }))
    expect([await stands(first.id), await rows()]).toEqual(['pending', [first.id]])
    pass(120)
    expect(await stands(first.id)).toBe('expired')
    const { id } = await open()
    expect(await rows()).toEqual([first.id, id])
    await alarm()
    expect(await infos()).toEqual(['declined', 'expired'])
  })

  it('may be taken by a login of the same id, which counts against the quota of its user', async () => {
    const quota = { counter: `quotas/${at}`, name: 'ada', most: 1, within: seconds(3600) }
    const first = await openLogin(at, [mine], { successEffects: { quota } })
    const finalize = async () => {
      valueOf(await shard(at).answer({ id: first.id, answer: await first.say(mine.serial) }))
      return verdict(await shard(at).finalize(finalizing(first.id)))
    }
    expect(await finalize()).toBe('ok')
    pass(120)
    await alarm()
    pass(780)
    const openedAt = ports.now()
    const transaction = { ...first.opening.transaction, openedAt, answerBy: addSeconds(openedAt, seconds(120)) }
    valueOf(await shard(at).open({ ...first.opening, transaction }))
    expect(await finalize()).toBe('logins_limited')
  })

  it('is not taken before the audit has the login', async () => {
    await takeAuditAway()
    const first = await finish()
    pass(3600)
    await alarm()
    const { id } = await open()
    expect(await rows()).toEqual([first, id])
    await bringAuditBack()
    await evictDurableObject(stub())
    await alarm()
    expect(await infos()).toEqual(['finalized'])
    const next = await open()
    expect(await rows()).toEqual([next.id, id])
  })

  it('is deleted by the alarm after twelve hours', async () => {
    await finish()
    pass(120)
    await alarm()
    pass(780 + UNUSED / 1000 - 1)
    await alarm()
    expect((await rows()).length).toBe(1)
    pass(1)
    await alarm()
    expect([await rows(), await alarmAt()]).toEqual([[], null])
  })

  it('leaves the order of logins as they were opened, after a restart as well', async () => {
    for (const _ of times(3)) await finish()
    pass(120)
    await alarm()
    pass(780)
    const before = await rows()
    const opened: TransactionId[] = []
    for (const _ of times(5)) {
      opened.push((await open()).id)
      pass(1)
    }
    const listed = async () => valueOf(await shard(at).listChallenges({})).map(({ transaction }) => transaction)
    expect(before.length).toBe(3)
    expect(await rows()).toEqual([2, 1, 0, 3, 4].map((index) => opened[index]))
    const remembered = await listed()
    await evictDurableObject(stub())
    expect([remembered, await listed()]).toEqual([opened.toReversed(), opened.toReversed()])
  })

  it('is deleted with the data of its user', async () => {
    const owner = { login: 'ada', realm: 'rows' }
    const login = await openLogin(at, [mine], { owner })
    valueOf(await shard(at).answer({ id: login.id, answer: await login.say(mine.serial, { decline: true }) }))
    const other = await decline()
    pass(120)
    await alarm()
    pass(1000)
    await alarm()
    expect(await rows()).toEqual([login.id, other])
    valueOf(await shard(at).eraseUser({ owner }))
    expect(await rows()).toEqual([other])
    const [next, last] = [await open(), await open()]
    expect((await rows()).toSorted()).toEqual([next.id, last.id].toSorted())
  })
})

describe('a full shard', () => {
  it('ends expired logins before it refuses another, a thousand a second', async () => {
    await open()
    const over = JSON.stringify({ deliveries: [], release: [], due: FAR })
    const transaction = JSON.stringify({ grace: 0, answerBy: FAR, openedAt: FAR, challenges: [], steps: [] })
    await runInDurableObject(stub(), (_, { storage }) => {
      storage.sql.exec(
        `WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 49999)
         INSERT INTO opened (id, due, body)
         SELECT 'over' || n, iif(n > 1001, 9e15, ${FAR}), json_set('${over}', '$.transaction', json_set('${transaction}', '$.id', 'over' || n))
         FROM counted`,
      )
    })
    await evictDurableObject(stub())
    const turnedAway = async () => !(await shard(at).open((await drawLogin(at, [mine])).opening)).ok
    const opened: boolean[] = []
    for (const _ of times(1001)) opened.push(!(await turnedAway()))
    expect(opened).toEqual([...Array(1000).fill(true), false])
    pass(1)
    expect([await turnedAway(), await turnedAway()]).toEqual([false, true])
  })

  it('puts off no work by ending expired logins', async () => {
    const other = await enroll(`PIPUERRAND${at}`)
    const login = await drawLogin(at, [mine])
    const release = vi.spyOn(Phone.prototype, 'releaseHold').mockRejectedValueOnce(new Error('reset'))
    valueOf(await shard(at).open({ ...login.opening, release: [other.serial] }))
    await eventually(() => expect(release).toHaveBeenCalledTimes(1))
    await runInDurableObject(stub(), (_, { storage }) => {
      storage.sql.exec(
        `WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 49999)
         INSERT INTO opened (id, due, body) SELECT 'open' || n, 9e15, '{}' FROM counted`,
      )
    })
    await evictDurableObject(stub())
    pass(5)
    expect((await shard(at).open((await drawLogin(at, [mine])).opening)).ok).toBe(false)
    await alarm()
    expect(release).toHaveBeenCalledTimes(2)
  })
})

const refused = (info: string): AuditRecord => ({
  at: ports.now(),
  action: 'POST /validate/check',
  success: false,
  authentication: 'REJECT',
  address: '192.0.2.7',
  userAgent: 'test',
  info,
})

describe('refused requests', () => {
  it('of one kind are recorded twenty a second, then counted in one record; none is lost', async () => {
    for (const _ of times(50)) await shard(at).recordAudit({ record: refused('pin_wrong'), kind: 'pin_wrong' })
    await shard(at).recordAudit({ record: refused('user_unknown'), kind: 'user_unknown' })
    await alarm()
    expect((await infos()).filter((info) => info === 'pin_wrong')).toHaveLength(20)
    expect(await alarmAt()).toBeLessThanOrEqual(ports.now() + 5000)
    pass(1)
    await shard(at).recordAudit({ record: refused('pin_wrong'), kind: 'pin_wrong' })
    await alarm()
    const records = (await audit()).filter(({ info }) => info === 'pin_wrong')
    expect(records.map(({ count }) => count).filter((count) => count !== null)).toEqual([30])
    expect(records).toHaveLength(22)
    expect(await infos()).toContain('user_unknown')
  })

  it('are recorded by the alarm even if no other request follows', async () => {
    for (const _ of times(21)) await shard(at).recordAudit({ record: refused('pin_wrong'), kind: 'pin_wrong' })
    pass(2)
    await alarm()
    expect((await audit()).map(({ count }) => count)).toEqual([...Array(20).fill(null), 1])
    expect(await alarmAt()).toBeNull()
  })

  it('wait while the catalogue is down, even if the object restarts', async () => {
    await shard(at).recordAudit({ record: refused('pin_wrong') })
    await takeAuditAway()
    await alarm()
    await evictDurableObject(stub())
    await bringAuditBack()
    await alarm()
    expect(await infos()).toEqual(['pin_wrong'])
    expect(await alarmAt()).toBeNull()
  })
})

describe('holds of phones at which another phone’s PIN was typed', () => {
  it('are released, by the alarm if they could not be reached at once', async () => {
    const other = await enroll(`PIPURELEASE${at}`, { pin: '1234' })
    const login = await drawLogin(at, [mine])
    const wrong = await ringOf(other.serial, 'wrong', { transaction: login.id })
    await ports.phones.of(other.serial).ring(wrong)
    const release = vi.spyOn(Phone.prototype, 'releaseHold').mockRejectedValueOnce(new Error('reset'))
    valueOf(await shard(at).open({ ...login.opening, release: [other.serial] }))
    await eventually(() => expect(release).toHaveBeenCalledTimes(1))
    expect(valueOf(await ports.phones.of(other.serial).counters())).toMatchObject({ attempts: 1 })
    pass(5)
    await alarm()
    expect(valueOf(await ports.phones.of(other.serial).counters())).toMatchObject({ attempts: 0 })
    pass(5)
    await alarm()
    expect(release).toHaveBeenCalledTimes(2)
  })
})
