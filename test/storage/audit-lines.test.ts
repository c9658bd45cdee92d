import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import type { AuditQuery } from '../../src/ports/audit.ts'
import { compareLines, linesOf, matches } from '../../src/rules/login/audit.ts'
import { addSeconds, instant, seconds } from '../../src/vocabulary.ts'
import type { AuditCondition, AuditField, AuditLine, AuditRecord, AuditStep } from '../../src/vocabulary/audit.ts'
import type { StepEvent } from '../../src/vocabulary/login-steps.ts'
import { auditEntry, handOver, newToken, now, storage, tablesOf, valueOf } from './example.ts'

const at = (second: number) => addSeconds(now, seconds(second))

/** What phones answer. */
const ANSWERS: readonly StepEvent[] = [
  { kind: 'accepted' },
  { kind: 'declined' },
  { kind: 'declined', reason: 'unknown_trigger' },
  { kind: 'declined', reason: 'cancelled' },
  { kind: 'confirmed' },
]

/** A login that opened, was answered and ended at these seconds; the index chooses the answer. */
function login(index: number, user: string, times: readonly [number, number, number]): AuditRecord {
  const [opened, answered, ended] = times
  const serial = `PIPULINES${String(index).padStart(3, '0')}`
  const phone = { action: 'POST /ttype/<ttype>', address: '198.51.100.1', userAgent: 'privacyIDEA-App/4.8.0 Android' }
  const answer = ANSWERS[index % ANSWERS.length] ?? { kind: 'accepted' }
  const steps: readonly AuditStep[] = [
    {
      at: at(opened),
      kind: 'opened',
      serial,
      action: 'POST /validate/check',
      success: false,
      authentication: 'CHALLENGE',
      info: 'triggered 1 challenges',
    },
    { at: at(opened), kind: 'delivered', serial },
    { at: at(answered), ...answer, serial, ...phone, success: true, authentication: '', info: 'accepted' },
    {
      at: at(ended),
      kind: 'finalized',
      serial,
      action: 'POST /validate/check',
      success: true,
      authentication: 'ACCEPT',
      info: 'Found matching challenge',
    },
  ]
  return {
    at: at(ended),
    action: 'POST /validate/check',
    success: true,
    authentication: 'ACCEPT',
    transaction: String(index).padStart(20, '0'),
    serial,
    owner: { login: user, realm: 'sales' },
    service: 'vpn',
    address: '192.0.2.7',
    userAgent: 'vpn/1.2 x',
    info: 'finalized',
    steps,
  }
}

const refusal = (second: number, info: string, count?: number): AuditRecord => ({
  at: at(second),
  action: 'POST /auth',
  success: false,
  authentication: 'REJECT',
  owner: { login: 'mallory', realm: '' },
  address: '203.0.113.9',
  userAgent: 'curl',
  info,
  ...(count === undefined ? {} : { count }),
})

/** Logins that overlap in time, in two shards, and requests that opened none. */
const RECORDS: readonly { readonly shard: string; readonly sequence: number; readonly record: AuditRecord }[] = [
  ['weur/0', login(1, 'ada', [0, 10, 100])],
  ['weur/1', login(2, 'bob', [5, 6, 7])],
  ['weur/0', login(3, 'Ada', [8, 99, 101])],
  ['weur/1', login(4, 'bob', [50, 60, 102])],
  ['weur/0', refusal(55, '100% wrong')],
  ['weur/1', refusal(56, '100_ wrong', 17)],
  ['weur/0', refusal(300, String.raw`back\slash`)],
].map(([shard, record], index) => ({ shard: shard as string, sequence: index + 1, record: record as AuditRecord }))

/** The lines that `rules/login/audit.ts` reads from the same records: what SQL has to agree with. */
const ALL = RECORDS.flatMap(({ shard, sequence, record }) => linesOf(record, shard, sequence))

const NEWEST = { field: 'at', ascending: false } as const
const query = (more: Partial<AuditQuery> = {}): AuditQuery => ({
  filter: { conditions: [] },
  order: NEWEST,
  offset: 0,
  limit: 500,
  ...more,
})
const read = async (more: Partial<AuditQuery> = {}) => valueOf(await storage().audit.lines(query(more)))
const expected = ({ filter, order, offset, limit }: AuditQuery): readonly AuditLine[] =>
  ALL.filter((line) => matches(line, filter))
    .toSorted(compareLines(order))
    .slice(offset, offset + limit)

const condition = (field: AuditField, pattern: string, negated = false): AuditCondition => ({ field, pattern, negated })

beforeAll(async () => {
  for (const { shard, ...kept } of RECORDS) await handOver(shard, [kept])
})

describe('the audit, read as lines', () => {
  it('has a line for each step of a record that is a line', async () => {
    expect(ALL).toHaveLength(15)
    expect(await read()).toEqual(expected(query()))
  })

  it('says what the phone answered, in words of privacyIDEA', async () => {
    const answers = (await read()).filter(({ action }) => action === 'POST /ttype/<ttype>')
    expect(answers.map(({ detail }) => detail).toSorted()).toEqual([
      'transaction_id: 00000000000000000001, status: declined, service: vpn',
      'transaction_id: 00000000000000000002, status: declined, reason: unknown_trigger, service: vpn',
      'transaction_id: 00000000000000000003, status: cancelled, reason: cancelled, service: vpn',
      'transaction_id: 00000000000000000004, status: confirmed, service: vpn',
    ])
    expect(answers).toHaveLength(4)
  })

  it.each(['at', 'user', 'action', 'success', 'client', 'serial'] as const)('is sorted by %s', async (by) => {
    for (const ascending of [true, false]) {
      const order = { field: by, ascending }
      expect(await read({ order })).toEqual(expected(query({ order })))
    }
  })

  it('has pages that follow one another without gap or overlap', async () => {
    for (const ascending of [true, false]) {
      const order = { field: 'at', ascending } as const
      const paged: AuditLine[] = []
      for (let offset = 0; offset < ALL.length; offset += 4) paged.push(...(await read({ order, offset, limit: 4 })))
      expect(paged).toEqual(expected(query({ order })))
    }
  })

  it('continues after a given line', async () => {
    for (const ascending of [true, false]) {
      const order = { field: 'at', ascending } as const
      const seen: AuditLine[] = []
      for (;;) {
        const after = seen.at(-1)
        const next = await read({ order, limit: 4, ...(after === undefined ? {} : { after }) })
        if (next.length === 0) break
        seen.push(...next)
      }
      expect(seen).toEqual(expected(query({ order })))
    }
  })

  it.each([
    [condition('user', 'ada')],
    [condition('user', 'a*')],
    [condition('user', '!ada', true)],
    [condition('user', 'ada', true)],
    [condition('action', '*TTYPE*')],
    [condition('authentication', '', true)],
    [condition('authentication', 'ACCEPT')],
    [condition('success', '0')],
    [condition('info', '100%*')],
    [condition('info', '100_*')],
    [condition('info', '*(17 times)')],
    [condition('info', String.raw`*k\s*`)],
    [condition('address', '198.51.*')],
    [condition('client', 'privacyIDEA-App')],
    [condition('client', 'curl')],
    [condition('serial', '*001')],
    [condition('detail', '*service: vpn')],
    [condition('transaction', '00000000000000000004')],
    [condition('service', 'vpn', true)],
    [condition('shard', 'weur/1')],
    [condition('administrator', '*')],
  ])('are found by %o', async (one) => {
    const filter = { conditions: [one] }
    expect(await read({ filter })).toEqual(expected(query({ filter })))
    expect(valueOf(await storage().audit.count({ filter }, 1000))).toBe(expected(query({ filter })).length)
    const limit = { filter, limit: 2 }
    expect(await read(limit)).toEqual(expected(query(limit)))
  })

  it('finds a line by its own time, although its login ended later', async () => {
    const filter = { conditions: [condition('user', 'ada')], since: at(8), until: at(100) }
    expect((await read({ filter })).map((line) => (line.at - now) / 1000)).toEqual([99, 10, 8])
  })

  it('neither reads nor counts records that are excluded', async () => {
    const order = { field: 'at', ascending: false } as const
    const except = [ALL[0]?.record ?? '', ALL.at(-1)?.record ?? '', 'nowhere/1']
    const others = expected(query({ order })).filter(({ record }) => !except.includes(record))
    expect(others.length).toBeLessThan(ALL.length - 1)
    expect(await read({ except })).toEqual(others)
    expect(await read({ except, order: { field: 'user', ascending: true } })).toHaveLength(others.length)
    expect(await read({ except, offset: 2, limit: 3 })).toEqual(others.slice(2, 5))
    expect(valueOf(await storage().audit.count(query({ except }), 1000))).toBe(others.length)
  })

  it('counts no further than the limit', async () => {
    expect(valueOf(await storage().audit.count(query(), 4))).toBe(4)
  })

  it('refuses a pattern that D1 does not take', async () => {
    const filter = { conditions: [condition('info', `*${'x'.repeat(60)}`)] }
    expect(await storage().audit.lines(query({ filter }))).toMatchObject({ refusal: { reason: 'parameter_invalid' } })
    expect(await storage().audit.count({ filter }, 9)).toMatchObject({ refusal: { reason: 'parameter_invalid' } })
  })

  it('says who changed what', async () => {
    const owner = { login: 'grete', realm: 'sales' }
    const token = newToken('PIPULINESADM', owner)
    const done = { serial: token.serial, owner, at: at(400), userAgent: 'console/1' }
    await storage().tokens.add(token, auditEntry('POST /token/init', done))
    await storage().realms.setDefault('sales', auditEntry('POST /defaultrealm/<realm>', { info: 'sales', at: at(401) }))
    const filter = { conditions: [condition('administrator', 'grace')] }
    expect(await read({ filter })).toMatchObject([
      { action: 'POST /defaultrealm/<realm>', detail: 'sales', info: '', success: true, administrator: 'grace' },
      { action: 'POST /token/init', serial: 'PIPULINESADM', user: 'grete', realm: 'sales', userAgent: 'console/1' },
    ])
  })
})

describe('a page of a large table', () => {
  it('is read from about as many records as it has lines', async () => {
    const crowd = Array.from({ length: 3000 }, (_, index) => ({
      sequence: index + 1,
      record: login(index + 100, 'crowd', [1000 + index, 1001 + index, 1003 + index]),
    }))
    for (let first = 0; first < crowd.length; first += 500) await handOver('apac/0', crowd.slice(first, first + 500))
    let looked = 0
    const db = new Proxy(env.DB, {
      get: () => (sql: string) => ({
        bind: (...values: unknown[]) => ({
          all: async () => {
            const result = await env.DB.prepare(sql)
              .bind(...values)
              .all()
            looked += result.meta.rows_read
            return result
          },
        }),
      }),
    })
    const first = await tablesOf(db, () => undefined).audit.lines(query({ limit: 16 }))
    expect(valueOf(first)).toHaveLength(16)
    expect(looked).toBeLessThan(200)
    const deep = await tablesOf(db, () => undefined).audit.lines(query({ limit: 16, offset: 1500 }))
    expect(valueOf(deep)).toHaveLength(16)
  })
})

describe('a flood of strangers’ records', () => {
  it('leaves the search for evidence as far as it was, and is itself searched up to its newest ten thousand', async () => {
    // A hundred thousand, newer than all logins: more than one statement reads.
    await env.DB.prepare(
      `INSERT INTO audit (at, shard, sequence, action, success, authentication, address, user_agent, info, stranger)
       WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 100000)
       SELECT ${at(100_000)} + n, 'oc/0', n, 'POST /auth', 0, 'REJECT', '203.0.113.9', 'curl', 'flood ' || n, 1 FROM counted`,
    ).run()
    const infoOf = async (field: AuditField, pattern: string, ascending = false) =>
      (await read({ filter: { conditions: [condition(field, pattern)] }, order: { field: 'at', ascending } })).length
    // By a field of steps, and by a field of the record.
    expect(await infoOf('client', 'vpn')).toBeGreaterThan(0)
    expect(await infoOf('user', 'Ada')).toBeGreaterThan(0)
    expect(await infoOf('client', 'vpn', true)).toBeGreaterThan(0)
    const flood = async (n: number, ascending = false) => infoOf('info', `flood ${n}`, ascending)
    expect([await flood(100_000), await flood(90_001), await flood(90_000)]).toEqual([1, 1, 0])
    expect([await flood(1, true), await flood(10_000, true), await flood(10_001, true)]).toEqual([1, 1, 0])
    const filter = {
      conditions: [condition('info', 'flood *')],
      since: at(100_000),
      until: instant(at(100_000) + 50_001),
    }
    expect((await read({ filter, limit: 1 }))[0]?.info).toBe('flood 50000')
    expect(valueOf(await storage().audit.count({ filter: { conditions: [] } }, 100_000))).toBeLessThan(30_000)
  })
})
