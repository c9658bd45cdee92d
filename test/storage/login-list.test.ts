import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import type { LoginListQuery } from '../../src/ports/login-list.ts'
import { outcomeOf } from '../../src/rules/login/login-facts.ts'
import { addSeconds, type Instant, instant, seconds } from '../../src/vocabulary.ts'
import type { AuditRecord, AuditStep } from '../../src/vocabulary/audit.ts'
import { handOver, now, storage, valueOf } from './example.ts'

const later = (by: number): Instant => addSeconds(now, seconds(by))
const opened: AuditStep = { at: now, kind: 'opened', challenges: 1, mode: 'standard' }

const login = (info: string, ...steps: readonly AuditStep[]): AuditRecord => ({
  at: now,
  action: 'POST /validate/check',
  success: info === 'finalized',
  authentication: info === 'finalized' ? 'ACCEPT' : 'REJECT',
  transaction: '01234567890123456789',
  owner: { login: 'ada', realm: 'sales' },
  service: 'vpn',
  info,
  steps: [opened, ...steps],
})
const refused: AuditRecord = {
  at: now,
  action: 'POST /validate/check',
  success: false,
  authentication: 'REJECT',
  info: 'wrong otp pin',
  owner: { login: 'bob', realm: 'sales' },
}

const store = (records: readonly AuditRecord[]) =>
  handOver(
    'weur/0',
    records.map((record, sequence) => ({ sequence: sequence + 1, record })),
  )
const page = async (query: Partial<LoginListQuery> = {}) =>
  valueOf(await storage().loginList.page({ from: instant(0), until: later(86_400), limit: 100, ...query }))
const outcomes = async (query: Partial<LoginListQuery> = {}) => (await page(query)).logins.map(({ outcome }) => outcome)

beforeEach(async () => {
  await env.DB.batch(['audit', 'audit_chain'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)))
})

describe('the list of logins', () => {
  it.each([
    login('finalized', { at: now, kind: 'accepted' }, { at: now, kind: 'finalized' }),
    login('accepted', { at: now, kind: 'accepted' }),
    login('expired', { at: now, kind: 'accepted' }, { at: now, kind: 'expired', accepted: true }),
    login('expired', { at: now, kind: 'delivered' }, { at: now, kind: 'expired', accepted: false }),
    login('declined', { at: now, kind: 'declined' }),
    login('declined', { at: now, kind: 'declined', reason: 'unknown_trigger' }),
    login('cancelled', { at: now, kind: 'declined', reason: 'cancelled' }),
    login('declined', { at: now, kind: 'wrong_number' }),
    login('declined', { at: now, kind: 'withdrawn', cause: 'caller_left' }),
    {
      ...login('finalized'),
      steps: [
        { at: now, kind: 'enrollment_started' },
        { at: now, kind: 'finalized' },
      ],
    },
  ] satisfies readonly AuditRecord[])('knows the outcome that the record tells: %#', async (record) => {
    await store([record])
    const [found] = (await page()).logins
    expect(found?.outcome).toBe(outcomeOf(record))
    expect(found?.record).toEqual(record)
  })

  it('has refused logins and those without a token, and no other request', async () => {
    const tokenless = { ...refused, success: true, authentication: 'ACCEPT', info: 'no token, policy guests' }
    const notice = {
      ...login('declined'),
      authentication: '',
      steps: [{ at: now, kind: 'notice_opened', notice: 'phone_bound' }],
    }
    await store([refused, tokenless, notice as AuditRecord, { ...refused, action: 'POST /auth' }])
    expect(await outcomes()).toEqual(['tokenless', 'refused'])
  })

  it('goes on where the page before ended, also within a moment', async () => {
    await store(Array.from({ length: 5 }, () => refused))
    const seen: number[] = []
    for (let before: LoginListQuery['before'], isFirst = true; isFirst || before !== undefined; isFirst = false) {
      const { logins, next } = await page({ limit: 2, ...(before === undefined ? {} : { before }) })
      seen.push(...logins.map(({ key }) => key.sequence))
      before = next
    }
    expect(seen).toEqual([5, 4, 3, 2, 1])
  })

  it('is of a user, a realm, a service, an outcome or slow logins', async () => {
    await store([
      { ...login('finalized'), duration: 900 },
      refused,
      { ...login('cancelled'), service: 'mail', duration: 1200 },
    ])
    expect(await outcomes({ owners: [{ realm: 'sales', login: 'bob' }] })).toEqual(['refused'])
    expect(await outcomes({ owners: [{ realm: 'sales' }] })).toHaveLength(3)
    expect(await outcomes({ owners: [{ realm: 'other' }] })).toEqual([])
    expect(await outcomes({ service: 'mail' })).toEqual(['cancelled'])
    expect(await outcomes({ outcomes: ['accepted'] })).toEqual(['accepted'])
    expect(await outcomes({ outcomes: ['refused', 'cancelled'] })).toEqual(['cancelled', 'refused'])
    expect(await outcomes({ slowerThan: 1000 })).toEqual(['cancelled'])
    expect(await outcomes({ until: now })).toEqual([])
  })

  it('is of a token, also where a login asked several phones', async () => {
    await store([
      { ...login('finalized'), serial: 'PIPU1' },
      { ...login('cancelled'), serial: 'PIPU2,PIPU1' },
      { ...login('expired'), serial: 'PIPU11' },
    ])
    expect(await outcomes({ serial: 'PIPU1' })).toEqual(['cancelled', 'accepted'])
    expect(await outcomes({ serial: 'PIPU' })).toEqual([])
  })

  it('stops after 20,000 records, says how far back it has looked, and goes on behind them', async () => {
    const older = 1000
    await env.DB.prepare(
      `INSERT INTO audit (at, shard, sequence, action, success, authentication, transaction_id, login, realm, service, info, steps, salt)
       WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?2)
       SELECT ?1 + n, 'weur/0', n, 'POST /validate/check', 1, 'ACCEPT', 'id' || n, iif(n <= 2, 'rare', 'often'), 'sales', 'vpn',
         'finalized', '[]', 'salt' FROM numbers`,
    )
      .bind(now, 20_000 + older)
      .run()
    const read = async (query: Partial<LoginListQuery>) => {
      const found = await page({ until: later(86_400), ...query })
      return { count: found.logins.length, stoppedAt: found.stoppedAt, next: found.next }
    }
    const rare = { owners: [{ realm: 'sales', login: 'rare' }] }
    const first = await read(rare)
    expect(first).toMatchObject({ count: 0, stoppedAt: now + older + 1 })
    expect(await read({ ...rare, before: first.next })).toEqual({ count: 2, stoppedAt: undefined, next: undefined })
    // A page that is full has not stopped, but goes on.
    expect(await read({ limit: 10 })).toMatchObject({ count: 10, stoppedAt: undefined, next: { at: now + 20_991 } })
  })

  it('reads the audit by its key', async () => {
    const explained = await env.DB.prepare(
      'EXPLAIN QUERY PLAN SELECT * FROM audit WHERE at >= 0 AND at < 9 AND at <= 8 AND (at, shard, sequence) < (8, ?, 1) ORDER BY at DESC, shard DESC, sequence DESC LIMIT 20000',
    )
      .bind('weur/0')
      .all<{ detail: string }>()
    expect(explained.results.map(({ detail }) => detail).join('; ')).toMatch(/^SEARCH audit USING PRIMARY KEY/)
  })
})
