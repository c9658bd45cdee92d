import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import type { HandOver } from '../../src/ports/audit.ts'
import type { CountQuery } from '../../src/ports/login-counts.ts'
import { addSeconds, instant, type Instant, seconds } from '../../src/vocabulary.ts'
import type { AuditRecord } from '../../src/vocabulary/audit.ts'
import type { RecordCounts } from '../../src/vocabulary/login-reports.ts'
import { now, storage, valueOf } from './example.ts'

const NO_LINK = { number: 0, hash: '' }
const DAY = 86_400
const later = (by: number): Instant => addSeconds(now, seconds(by))

const counted = (names: RecordCounts['counts'], service = 'vpn', mode = 'standard'): RecordCounts => ({
  service,
  mode,
  counts: names,
})
const ACCEPTED = counted({ 'outcome/accepted': 1, 'step/trigger/50': 1, 'step/trigger/sum': 40 })
const record = (at: Instant): AuditRecord => ({
  at,
  action: 'POST /validate/check',
  success: true,
  authentication: 'ACCEPT',
  owner: { login: 'ada', realm: 'sales' },
})

const login = (sequence: number, one: RecordCounts = ACCEPTED, at = now) => ({
  sequence,
  record: record(at),
  counted: one,
})

const store = async (shard: string, records: HandOver['records'], head = NO_LINK) =>
  valueOf(await storage().audit.store({ shard, at: now, records, head }))
/** As a shard that knows that the audit has none of these records. */
const storeNew = async (shard: string, records: HandOver['records'], head = NO_LINK) =>
  valueOf(await storage().audit.store({ shard, at: now, records, head, areNew: true }))

const totals = async (query: Partial<CountQuery> = {}) =>
  valueOf(await storage().loginCounts.totals({ from: now, until: later(DAY), byDay: false, ...query }))

const addUp = async (): Promise<void> => {
  while (valueOf(await storage().loginCounts.addUp())) continue
}
const stored = async () => (await env.DB.prepare('SELECT * FROM login_counts').all()).results
const shorten = async (hours: Instant, days = instant(0)): Promise<void> => {
  while (valueOf(await storage().loginCounts.shorten({ hours, days }))) continue
}

/** The counts of all regions, services and modes, as metrics have them. */
const ever = async (): Promise<Readonly<Record<string, number>>> => {
  const sums: Record<string, number> = {}
  for (const { counts } of valueOf(await storage().loginCounts.metrics()).parts)
    for (const [name, number] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + number
  return sums
}
const linksWaiting = async () => valueOf(await storage().loginCounts.metrics()).linksWaiting

const forgetAll = (): Promise<unknown> =>
  env.DB.batch(
    ['audit', 'audit_chain', 'login_counts', 'login_count_cursors', 'metric_totals'].map((table) =>
      env.DB.prepare(`DELETE FROM ${table}`),
    ),
  )

beforeEach(forgetAll)

describe('the counts of logins', () => {
  it('are known as soon as the audit has the records, and stay the same when they are added up', async () => {
    const other = counted({ 'outcome/declined': 1 }, 'mail', 'presence')
    await store('weur/0', [login(1), login(2), login(3, other)])
    const expected = {
      total: { 'outcome/accepted': 2, 'outcome/declined': 1, 'step/trigger/50': 2, 'step/trigger/sum': 80 },
      periods: [{ of: now, counts: { 'outcome/accepted': 2, 'outcome/declined': 1 } }],
    }
    expect(await totals()).toMatchObject(expected)
    expect(await stored()).toEqual([])
    await addUp()
    expect(await stored()).toHaveLength(2)
    expect(await totals()).toMatchObject(expected)
    await addUp()
    expect(await totals()).toMatchObject(expected)
  })

  it('cost no row: they are part of the link', async () => {
    const { results } = await env.DB.prepare('SELECT count(*) AS count FROM audit_chain').all()
    await store('weur/0', [login(1), login(2)])
    expect((await env.DB.prepare('SELECT count(*) AS count FROM audit_chain').all()).results).not.toEqual(results)
    expect(await stored()).toEqual([])
  })

  it('are the same whether the shard knows that the records are new or the database looks', async () => {
    const batch = [
      login(1),
      login(2, ACCEPTED, later(3600)),
      login(3, counted({ 'outcome/declined': 1 }, '"mail"', '')),
    ]
    await storeNew('weur/0', batch)
    const known = await totals()
    await forgetAll()
    await store('weur/0', batch)
    expect(await totals()).toEqual(known)
    expect(await storeNew('weur/0', batch)).toMatchObject({ stored: false })
    expect(await totals()).toEqual(known)
  })

  it('count a batch once that is repeated because its reply was lost', async () => {
    const batch = [login(1), login(2)]
    const first = await store('weur/0', batch)
    expect(await store('weur/0', batch)).toMatchObject({ stored: false, present: [1, 2] })
    await addUp()
    await store('weur/0', batch)
    await addUp()
    expect((await totals()).total['outcome/accepted']).toBe(2)
    expect(first.stored).toBe(true)
  })

  it('count a record once that comes again in another link', async () => {
    const { head } = await store('weur/0', [login(1), login(2)])
    await store('weur/0', [login(2), login(3)], head)
    await addUp()
    expect((await totals()).total['outcome/accepted']).toBe(3)
  })

  it('count a link once when two rounds add it up at once', async () => {
    const { head } = await store('weur/0', [login(1)])
    await store('weur/0', [login(2)], head)
    await store('enam/0', [login(1)])
    await Promise.all(Array.from({ length: 6 }, addUp))
    expect((await totals()).total['outcome/accepted']).toBe(3)
    expect((await totals({ region: 'weur' })).total['outcome/accepted']).toBe(2)
  })

  it('count records that arrive late in the hour in which they ended', async () => {
    const { head } = await store('weur/0', [login(1, ACCEPTED, later(3600))])
    await addUp()
    await store('weur/0', [login(2)], head)
    await addUp()
    expect((await totals()).periods.map(({ of, counts }) => [of, counts['outcome/accepted']])).toEqual([
      [now, 1],
      [later(3600), 1],
    ])
  })

  it('are asked for by day before their hours have become days', async () => {
    await store('weur/0', [login(1), login(2, ACCEPTED, later(3600)), login(3, ACCEPTED, later(DAY))])
    const byDay = async () =>
      (await totals({ until: later(2 * DAY), byDay: true })).periods.map(({ of, counts }) => [
        of,
        counts['outcome/accepted'],
      ])
    const day = instant(Date.UTC(2026, 9, 20))
    const days = [
      [day, 2],
      [addSeconds(day, seconds(DAY)), 1],
    ]
    expect(await byDay()).toEqual(days)
    await addUp()
    expect(await byDay()).toEqual(days)
  })

  it('become those of days, and a late hour is added to its day', async () => {
    const { head } = await store('weur/0', [login(1), login(2, ACCEPTED, later(3600)), login(3, ACCEPTED, later(DAY))])
    await addUp()
    await shorten(later(2 * DAY))
    const day = instant(Date.UTC(2026, 9, 20))
    expect(await stored()).toMatchObject([
      { span: 'day', at: day },
      { span: 'day', at: addSeconds(day, seconds(DAY)) },
    ])
    await store('weur/0', [login(4, ACCEPTED, later(7200))], head)
    await addUp()
    await shorten(later(2 * DAY))
    expect((await totals({ until: later(2 * DAY), byDay: true })).periods.map(({ counts }) => counts)).toEqual([
      { 'outcome/accepted': 3 },
      { 'outcome/accepted': 1 },
    ])
    await shorten(instant(0), addSeconds(day, seconds(DAY)))
    expect(await stored()).toMatchObject([{ at: addSeconds(day, seconds(DAY)) }])
  })

  it('are those of a service, a mode or a region', async () => {
    await store('weur/0', [login(1), login(2, counted({ 'outcome/accepted': 1 }, 'mail', 'presence'))])
    const of = async (query: Partial<CountQuery>) => (await totals(query)).total['outcome/accepted']
    expect([
      await of({}),
      await of({ service: 'mail' }),
      await of({ mode: 'standard' }),
      await of({ region: 'apac' }),
    ]).toEqual([2, 1, 1, undefined])
  })

  it('are told for each region where a report asks for it', async () => {
    const { head } = await store('weur/0', [login(1)])
    await store('weur/0', [login(2)], head)
    await store('apac/0', [login(1)])
    expect((await totals()).regions).toEqual([])
    expect(
      (await totals({ withRegions: true })).regions.map(({ of, counts }) => [of, counts['outcome/accepted']]),
    ).toEqual([
      ['apac', 1],
      ['weur', 2],
    ])
  })

  it('go back with a database that was put back, and come again with the records', async () => {
    const batch = [login(1), login(2)]
    await store('weur/0', batch)
    await addUp()
    await forgetAll()
    await store('weur/0', batch)
    await addUp()
    expect((await totals()).total['outcome/accepted']).toBe(2)
  })

  it('of a chain that was cut go on from its end', async () => {
    const { head } = await store('weur/0', [login(1)])
    await store('weur/0', [login(2)], head)
    await addUp()
    await env.DB.prepare(`DELETE FROM audit_chain WHERE number = 2`).run()
    await env.DB.prepare(`DELETE FROM audit WHERE sequence = 2`).run()
    await addUp()
    await store('weur/0', [login(3)], head)
    await addUp()
    expect((await totals()).total['outcome/accepted']).toBe(3)
  })
})

describe('the counts of metrics', () => {
  it('are the same before links are added up and afterwards, and whichever shard counted', async () => {
    const { head } = await store('weur/0', [login(1), login(2)])
    await store('enam/1', [login(1, counted({ 'outcome/declined': 1 }, 'mail', 'presence'))])
    const expected = {
      'outcome/accepted': 2,
      'outcome/declined': 1,
      'step/trigger/50': 2,
      'step/trigger/sum': 80,
    }
    expect([await ever(), await linksWaiting()]).toEqual([expected, 2])
    await addUp()
    expect([await ever(), await linksWaiting()]).toEqual([expected, 0])
    await store('weur/0', [login(3)], head)
    expect(await ever()).toMatchObject({ 'outcome/accepted': 3 })
    await addUp()
    expect(await ever()).toMatchObject({ 'outcome/accepted': 3 })
    const { parts } = valueOf(await storage().loginCounts.metrics())
    expect(parts.map(({ region, service, mode }) => ({ region, service, mode }))).toEqual([
      { region: 'enam', service: 'mail', mode: 'presence' },
      { region: 'weur', service: 'vpn', mode: 'standard' },
    ])
  })

  it('count a login once when it is added up by several rounds and read at the same time', async () => {
    let { head } = await store('weur/0', [login(1)])
    for (let sequence = 2; sequence <= 20; sequence++) ({ head } = await store('weur/0', [login(sequence)], head))
    const reads = Promise.all(Array.from({ length: 12 }, ever))
    await Promise.all(Array.from({ length: 4 }, addUp))
    expect((await reads).map((counts) => counts['outcome/accepted'])).toEqual(Array.from({ length: 12 }, () => 20))
    expect(await ever()).toMatchObject({ 'outcome/accepted': 20 })
  })

  it('have a login by bypass code before a link has it, and once', async () => {
    await env.DB.prepare(
      `INSERT INTO audit (at, shard, sequence, number, action, success, authentication, service, salt)
       VALUES (?, 'bypass', 1, 1, 'POST /validate/check', 1, 'ACCEPT', 'vpn', 'AAAAAAAAAAAAAAAAAAAAAA==')`,
    )
      .bind(now)
      .run()
    expect(await ever()).toEqual({ 'outcome/bypass': 1 })
    valueOf(await storage().audit.link('bypass', now))
    expect([await ever(), await linksWaiting()]).toEqual([{ 'outcome/bypass': 1 }, 1])
    await addUp()
    expect(await ever()).toEqual({ 'outcome/bypass': 1 })
  })

  it('stay when the rows of the reports are deleted', async () => {
    await store('weur/0', [login(1), login(2, ACCEPTED, later(3 * DAY))])
    await addUp()
    await shorten(later(30 * DAY), later(30 * DAY))
    await shorten(instant(0), later(60 * DAY))
    expect(await stored()).toEqual([])
    expect(await ever()).toMatchObject({ 'outcome/accepted': 2 })
  })

  it('wait for the round where more than three hundred links of a shard are new, and rise with it', async () => {
    const counts = JSON.stringify([[now, 'vpn', 'standard', { 'outcome/accepted': 1 }]])
    await env.DB.prepare(
      `INSERT INTO audit_chain (shard, number, at, first, last, count, oldest, newest, previous, lost, records, hash, counts)
       WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 405)
       SELECT 'weur/0', n, 0, n, n, 1, 0, 0, '', NULL, '[]', 'hash ' || n, ? FROM counted`,
    )
      .bind(counts)
      .run()
    expect([await ever(), await linksWaiting()]).toEqual([{ 'outcome/accepted': 300 }, 405])
    valueOf(await storage().loginCounts.addUp())
    expect([await ever(), await linksWaiting()]).toEqual([{ 'outcome/accepted': 405 }, 205])
    await addUp()
    expect([await ever(), await linksWaiting()]).toEqual([{ 'outcome/accepted': 405 }, 0])
  })
})
