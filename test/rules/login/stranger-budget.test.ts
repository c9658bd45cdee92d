import { describe, expect, it } from 'vitest'
import {
  admitRecord,
  fullBudget,
  hourlyBudget,
  nextCountAt,
  type StrangerBudget,
  takeCounts,
} from '../../../src/rules/login/stranger-budget.ts'
import { addSeconds, instant, type Instant, seconds } from '../../../src/vocabulary.ts'
import type { AuditRecord } from '../../../src/vocabulary/audit.ts'

const now = instant(Date.UTC(2026, 10, 29, 9))
const later = (count: number): Instant => addSeconds(now, seconds(count))
const HOURLY = 50

const refused = (fields: Partial<AuditRecord> = {}): AuditRecord => ({
  at: now,
  action: 'POST /auth',
  success: false,
  authentication: 'REJECT',
  info: 'Authentication failed.',
  owner: { login: 'mallory', realm: 'sales' },
  address: '203.0.113.9',
  userAgent: 'curl',
  stranger: true,
  ...fields,
})

/** Sends requests and writes what is due after each; returns what is written. */
function send(
  before: StrangerBudget,
  requests: readonly { readonly kind: string; readonly at: Instant; readonly record?: AuditRecord }[],
): { budget: StrangerBudget; listed: number; counts: readonly AuditRecord[] } {
  let budget = before
  let listed = 0
  const counts: AuditRecord[] = []
  for (const { kind, at, record = refused() } of requests) {
    const admitted = admitRecord(budget, record, kind, HOURLY, at)
    if (admitted.isListed) listed += 1
    const taken = takeCounts(admitted.budget, HOURLY, at)
    counts.push(...taken.records)
    budget = taken.budget
  }
  return { budget, listed, counts }
}
const many = (count: number, kind: (index: number) => string, at: (index: number) => Instant = () => now) =>
  Array.from({ length: count }, (_, index) => ({ kind: kind(index), at: at(index) }))

describe('strangers’ records of a shard', () => {
  it('are an hour’s budget at once, whatever the routes and reasons, and then counted', () => {
    const { budget, listed } = send(
      fullBudget(HOURLY, now),
      many(800, (index) => `kind ${index % 4}`),
    )
    expect(listed).toBe(50)
    const { records } = takeCounts(budget, HOURLY, later(900))
    expect(records).toHaveLength(4)
    expect(records.reduce((sum, { count = 0 }) => sum + count, 0)).toBe(750)
  })

  it('of a hundred thousand requests in a day are no more than the budget of a day and an hour', () => {
    const requests = many(
      100_000,
      (index) => `kind ${index % 200}`,
      (index) => later(index * 0.864),
    )
    const { listed, counts } = send(fullBudget(HOURLY, now), requests)
    const written = listed + counts.length
    expect(written).toBeLessThanOrEqual(50 + 24 * 50)
    expect(written).toBeGreaterThan(24 * 45)
    expect(listed).toBeGreaterThan(200)
  })

  it('none of which is lost: each is listed or counted', () => {
    const { budget, listed, counts } = send(
      fullBudget(HOURLY, now),
      many(
        20_000,
        (index) => `kind ${index % 30}`,
        (index) => later(index),
      ),
    )
    const rest = Object.values(budget.counted).reduce((sum, { record }) => sum + (record.count ?? 0), 0)
    expect(listed + rest + counts.reduce((sum, { count = 0 }) => sum + count, 0)).toBe(20_000)
  })

  it('keep the service in their count as long as all came from it', () => {
    const by = (service: string) => ({ kind: 'check', at: now, record: refused({ service }) })
    const spent = { ...fullBudget(HOURLY, now), tokens: 0 }
    const serviceOf = (...services: string[]) => send(spent, services.map(by)).budget.counted['check']?.record.service
    expect(serviceOf('vpn', 'vpn', 'vpn')).toBe('vpn')
    expect(serviceOf('vpn', 'vpn', 'wiki')).toBeUndefined()
  })

  it('are listed again once the budget has refilled, and the counts are written first', () => {
    const empty = send(
      fullBudget(HOURLY, now),
      many(51, () => 'kind'),
    ).budget
    expect(nextCountAt(empty, HOURLY)).toBe(later(900))
    expect(takeCounts(empty, HOURLY, later(899)).records).toEqual([])
    expect(admitRecord(empty, refused(), 'kind', HOURLY, later(901)).isListed).toBe(false)
    const { budget, records } = takeCounts(empty, HOURLY, later(900))
    expect(records).toMatchObject([{ at: later(900), count: 1, info: 'Authentication failed.', stranger: true }])
    expect(nextCountAt(budget, HOURLY)).toBeUndefined()
    expect(admitRecord(budget, refused(), 'kind', HOURLY, later(901)).isListed).toBe(true)
  })

  it('keep their counts until the budget has room for them', () => {
    const kinds = (count: number) => many(count, (index) => `kind ${index}`)
    const tiny = send({ ...fullBudget(HOURLY, now), tokens: 0 }, kinds(9)).budget
    const slow = takeCounts(tiny, 4, later(900))
    expect(slow.records).toHaveLength(1)
    expect(nextCountAt(slow.budget, 4)).toBe(later(1800))
    expect(takeCounts(slow.budget, 4, later(1799)).records).toEqual([])
    expect(takeCounts(slow.budget, 4, later(1800)).records).toHaveLength(1)
  })

  it('gain nothing from a clock that goes back', () => {
    const empty = send(
      fullBudget(HOURLY, now),
      many(50, () => 'kind'),
    ).budget
    const back = admitRecord(empty, refused(), 'kind', HOURLY, later(-7200))
    expect(back.isListed).toBe(false)
    expect(admitRecord(back.budget, refused(), 'kind', HOURLY, later(-7199)).isListed).toBe(false)
  })
})

describe('a count', () => {
  const empty = { ...fullBudget(HOURLY, now), tokens: 0 }
  const countOf = (records: readonly AuditRecord[], kind: (index: number) => string = () => 'kind') => {
    const requests = records.map((record, index) => ({ kind: kind(index), at: now, record }))
    return takeCounts(send(empty, requests).budget, HOURLY, later(900)).records
  }

  it('says only what is true of all its requests', () => {
    const [same] = countOf([refused(), refused()])
    expect(same).toMatchObject({ count: 2, owner: { login: 'mallory' }, address: '203.0.113.9', userAgent: 'curl' })
    const [mixed] = countOf([
      refused(),
      refused({ address: '203.0.113.10', owner: { login: 'ada', realm: 'sales' }, serial: 'PIPU1', userAgent: 'x' }),
    ])
    expect(mixed).toEqual({
      at: later(900),
      action: 'POST /auth',
      success: false,
      authentication: 'REJECT',
      info: 'Authentication failed.',
      stranger: true,
      count: 2,
    })
  })

  it('of kinds beyond the ninth stands for all of them', () => {
    const actions = Array.from({ length: 12 }, (_, index) => refused({ action: `GET /${index}`, info: `why ${index}` }))
    const records = countOf(actions, String)
    expect(records).toHaveLength(10)
    expect(records.at(-1)).toMatchObject({ action: 'several', info: 'several', count: 3 })
  })
})

describe('the budget of a region', () => {
  it('is divided among its shards, and each has ten an hour at least', () => {
    expect([1, 2, 3, 10, 256].map((shards) => hourlyBudget(100, shards))).toEqual([100, 50, 34, 10, 10])
  })
})
