/** The daily sweep with a million tokens and a million rows in each table that may have as many: what D1 reads and writes, how long a step
 *  takes, and that it goes on where it was cut short. */
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { seedStatements } from '../../scripts/lib/seed-statements.ts'
import { sweepCatalogue } from '../../src/objects/journal/catalogue-sweep.ts'
import type { RoundContext } from '../../src/objects/journal/rounds.ts'
import { addSeconds, instant, type Instant, seconds } from '../../src/vocabulary.ts'
import { SWEPT, type Swept } from '../../src/vocabulary/housekeeping.ts'
import { failOnLog, now, tablesOf } from './example.ts'
import { meter, metered } from './metered.ts'

const MILLION = 1_000_000
const AT_ONCE = 50_000
const DAY = 86_400
/** Thirty days after the codes of the tokens that wait for their phone. */
const FIRST_NIGHT = addSeconds(now, seconds(31 * DAY))

const numbers = (from: number): string =>
  `WITH RECURSIVE numbers (n) AS (SELECT ${from} UNION ALL SELECT n + 1 FROM numbers WHERE n < ${from + AT_ONCE - 1})`

/** A million rows of each table, of which every tenth has expired, or belongs to no token. */
const OLD = `iif(n % 10 = 0, ${addSeconds(FIRST_NIGHT, seconds(-90 * DAY))}, ${addSeconds(FIRST_NIGHT, seconds(90 * DAY))})`
const ROWS: Readonly<Record<string, string>> = {
  invitations: `INSERT INTO invitations (id, hash, realm, login, serial, note, invited_by, created_at, expires_at)
    SELECT printf('%016x', n), 'hash', 'sales', 'user' || n, 'PIPU' || n, '', 'grace', 1, ${OLD}`,
  bypass_codes: `INSERT INTO bypass_codes (realm, login, id, hash, issued_at, expires_at, issued_by, reason)
    SELECT 'sales', 'user' || n, n, 'hash', 1, ${OLD}, 'grace', 'lost'`,
  void_sessions: `INSERT INTO void_sessions (id, valid_until) SELECT 'session' || n, ${OLD}`,
  token_info: `INSERT INTO token_info (serial, key, value)
    SELECT iif(n % 10 = 0, 'GONE' || n, (SELECT serial FROM tokens WHERE serial >= printf('PIPU%08X', (n * 4294) % 4294967296) ORDER BY serial LIMIT 1)),
      'room ' || n, '7'`,
}

const count = async (table: string, where = 'true'): Promise<number> =>
  Number(await env.DB.prepare(`SELECT count(*) AS count FROM ${table} WHERE ${where}`).first('count'))
const WAITING = "state = 'clientwait'"

interface Step {
  readonly part: string
  readonly read: number
  readonly written: number
  readonly ms: number
}

/** The journal's round in its own storage, as far as it uses that; cut short after `most` steps. */
class Night {
  #cursor: unknown
  readonly #kv = new Map<string, unknown>()
  readonly steps: Step[] = []

  get swept(): Swept | undefined {
    return this.#kv.get(SWEPT) as Swept | undefined
  }

  async run(at: Instant, most = Number.POSITIVE_INFINITY): Promise<void> {
    for (let steps = 0; steps < most; steps += 1) {
      // The clock goes on while the sweep does.
      const clock = instant(at + Math.round(performance.now() - BEGAN))
      const { housekeeping } = tablesOf(metered(), failOnLog, clock)
      const context = {
        ports: { now: () => clock, housekeeping },
        storage: {
          kv: {
            get: (key: string) => this.#kv.get(key),
            put: (key: string, value: unknown) => this.#kv.set(key, value),
          },
        },
        cursor: structuredClone(this.#cursor),
        keep: (cursor: unknown) => {
          this.#cursor = structuredClone(cursor)
        },
      } as unknown as RoundContext
      Object.assign(meter, { read: 0, written: 0 })
      const part = String((this.#cursor as { readonly part?: number } | undefined)?.part ?? 0)
      const began = performance.now()
      const result = await sweepCatalogue.step(context)
      this.steps.push({ part, ...meter, ms: performance.now() - began })
      if (result === 'done') {
        this.#cursor = undefined
        return
      }
    }
  }
}

const BEGAN = performance.now()
const sum = (steps: readonly Step[], what: 'read' | 'written' | 'ms'): number =>
  steps.reduce((total, step) => total + step[what], 0)
function report(name: string, { steps }: Night): void {
  const of = (what: 'read' | 'written' | 'ms') => steps.map((step) => step[what])
  console.log(
    `${name}: ${steps.length} steps, ${sum(steps, 'read')} rows read, ${sum(steps, 'written')} written, ${(sum(steps, 'ms') / 1000).toFixed(1)} s; ` +
      `the most of a step: ${Math.max(...of('read'))} read, ${Math.max(...of('written'))} written, ${Math.max(...of('ms')).toFixed(0)} ms`,
  )
}

describe('the sweep of a million rows', () => {
  beforeAll(async () => {
    for (let at = 0; at < MILLION; at += AT_ONCE) {
      const statements = seedStatements(at, at + AT_ONCE, ['a short key'], now)
      await env.DB.batch(statements.map(({ sql, values }) => env.DB.prepare(sql).bind(...values)))
    }
    for (const insert of Object.values(ROWS))
      for (let at = 0; at < MILLION; at += AT_ONCE)
        await env.DB.prepare(
          `${insert} FROM (${numbers(at)} SELECT n FROM numbers) WHERE true ON CONFLICT DO NOTHING`,
        ).run()
    await env.DB.prepare('UPDATE deployment SET revision = ?').bind(now).run()
  }, 1_200_000)

  it(
    'deletes what has expired, in small steps, and goes on where it was cut short',
    { timeout: 1_200_000 },
    async () => {
      const before = {
        tokens: await count('tokens'),
        waiting: await count('tokens', WAITING),
        info: await count('token_info'),
        waitingInfo: await count('token_info', `serial IN (SELECT serial FROM tokens WHERE ${WAITING})`),
      }
      expect(before.tokens).toBeGreaterThan(0.99 * MILLION)
      const night = new Night()
      for (const most of [1, 100, 700]) await night.run(FIRST_NIGHT, most)
      expect(night.swept).toBeUndefined()
      await night.run(FIRST_NIGHT)
      report('the first night', night)
      const expected = { invitations: MILLION / 10, bypass_codes: MILLION / 10, void_sessions: MILLION / 10 }
      expect(night.swept?.deleted).toMatchObject({ ...expected, token_info: MILLION / 10, tokens: before.waiting })
      expect(await count('tokens')).toBe(before.tokens - before.waiting)
      expect(await count('tokens', WAITING)).toBe(0)
      expect(await count('invitations')).toBe(0.9 * MILLION)
      // Those of no token, and those of the tokens that were deleted.
      expect(await count('token_info')).toBe(before.info - MILLION / 10 - before.waitingInfo)
      expect(await count('audit', "action = 'expired enrollment'")).toBe(before.waiting)
      // The page, the rows below it, and for each token the rows of its indexes, counts and entry.
      for (const { read, written } of night.steps) {
        expect(read).toBeLessThan(60_000)
        expect(written).toBeLessThan(20_000)
      }
    },
  )

  it('costs a read of each row, twice, on a night when nothing has expired', { timeout: 600_000 }, async () => {
    const night = new Night()
    await night.run(addSeconds(FIRST_NIGHT, seconds(DAY)))
    report('the next night', night)
    expect(night.swept?.deleted).toEqual({})
    expect(sum(night.steps, 'written')).toBe(0)
    const rows = 3 * 0.9 * MILLION + (await count('token_info'))
    // Of `token_info` the token is looked up as well.
    expect(sum(night.steps, 'read')).toBeLessThan(2.2 * rows + 1.2 * (await count('token_info')))
  })
})
