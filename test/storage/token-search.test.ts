/** Searches for tokens, compared with reading all tokens one by one. */
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { searchRanges, textRanges } from '../../src/rules/token/search-ranges.ts'
import { searchStatements } from '../../src/storage/token-search.ts'
import type { Owner, TokenType } from '../../src/vocabulary.ts'
import type { SearchField, SearchPosition, TokenSearch, TokenStatus } from '../../src/vocabulary/tokens.ts'
import { enroll, now, serial, storage, valueOf } from './example.ts'

interface Asked {
  readonly by?: SearchField
  readonly realms?: readonly string[]
  readonly status?: TokenStatus
  readonly type?: TokenType
  readonly limit?: number
}

const searchOf = (beginning: string, { by, realms, limit = 50, ...filter }: Asked = {}): TokenSearch => ({
  ranges: searchRanges(beginning, by, realms),
  texts: beginning === '' ? [] : textRanges(beginning),
  limit,
  ...filter,
})

const page = async (search: TokenSearch, after?: SearchPosition) =>
  valueOf(await storage().tokens.search(after === undefined ? search : { ...search, after }))

/** The serials of all pages. */
async function everyPage(search: TokenSearch): Promise<readonly string[]> {
  const serials: string[] = []
  let after: SearchPosition | undefined
  do {
    const { tokens, next } = await page(search, after)
    serials.push(...tokens.map((token) => token.serial))
    after = next
  } while (after !== undefined)
  return serials
}

const TOKENS = 1100

/** Tokens of every status, in three realms, some of nobody; every seventh has a login that begins like serials do. */
const fill = () =>
  env.DB.prepare(
    `INSERT INTO tokens (serial, type, revision, realm, login, description, state, active, revoked, firebase, registration_url,
       phone_key, attempts, max_attempts, quarantined_at, created_at)
     WITH RECURSIVE counted (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM counted WHERE n + 1 < ?1)
     SELECT iif(n % 2, 'PIPU', 'pipu') || printf('%08X', (n * 2654435761) % 4294967296), iif(n % 10 = 0, 'edupush', 'push'), 1,
       iif(n % 17 = 0, NULL, 'realm' || (n % 3)), iif(n % 17 = 0, NULL, iif(n % 7, 'Ada', 'pip') || n),
       CASE n % 5 WHEN 0 THEN '' WHEN 1 THEN 'Ada''s phone' ELSE 'Pixel' END, iif(n % 13 = 0, 'clientwait', 'enrolled'),
       n % 11 <> 0, n % 22 = 0, 'poll only', 'https://nod.example/ttype/push', 'key', iif(n % 19 = 0, 10, n % 3), 10,
       iif(n % 23 = 0, ?2, NULL), ?2
     FROM counted`,
  )
    .bind(TOKENS, now)
    .run()

beforeAll(async () => {
  await fill()
})

/** The serials that reading one by one finds, by field. */
async function walked(beginning: string, where = 'true', by?: SearchField): Promise<readonly string[]> {
  const { results } = await env.DB.prepare(
    `SELECT serial, login, description FROM tokens WHERE ${where} ORDER BY serial`,
  ).all<{ serial: string; login: string | null; description: string }>()
  const order = (one: string, other: string) => (one < other ? -1 : Number(one > other))
  const found: string[] = []
  for (const [field, textOf] of [
    ['user', (row) => row.login],
    ['serial', (row) => row.serial],
    ['description', (row) => row.description],
  ] as const satisfies readonly (readonly [SearchField, (row: (typeof results)[number]) => string | null])[]) {
    if (by !== undefined && by !== field) continue
    const matching = results.filter(
      (row) => textOf(row)?.toLowerCase().startsWith(beginning) === true && !found.includes(row.serial),
    )
    const key = (row: (typeof results)[number]) => textOf(row)?.toLowerCase() ?? ''
    matching.sort((one, other) => order(key(one), key(other)) || order(one.serial, other.serial))
    found.push(...matching.map((row) => row.serial))
  }
  return found
}

const STATUSES: Readonly<Record<TokenStatus, string>> = {
  revoked: 'revoked',
  waiting: `NOT revoked AND state = 'clientwait'`,
  disabled: `NOT revoked AND state = 'enrolled' AND NOT active`,
  locked: `state = 'enrolled' AND active AND attempts >= max_attempts`,
  unreachable: `state = 'enrolled' AND active AND attempts < max_attempts AND quarantined_at IS NOT NULL`,
  ready: `state = 'enrolled' AND active AND attempts < max_attempts AND quarantined_at IS NULL`,
}

describe('a search for tokens', () => {
  it('finds those whose user, serial or description begins so, each once, whatever the case', async () => {
    for (const beginning of ['ada', 'pip', 'pipu', 'ada1', 'pixel', 'nobody'])
      expect(await everyPage(searchOf(beginning)), beginning).toEqual(await walked(beginning))
  })

  it('finds the same in pages of seven', async () => {
    expect(await everyPage(searchOf('pip1', { limit: 7 }))).toEqual(await walked('pip1'))
  })

  it('finds them by one field, in its order', async () => {
    for (const by of ['user', 'serial', 'description'] as const)
      expect(await everyPage(searchOf('pip', { by })), by).toEqual(await walked('pip', 'true', by))
  })

  it('shows only the tokens of a realm, of a status and of an app', async () => {
    for (const [status, where] of Object.entries(STATUSES)) {
      const filter = { status: status as TokenStatus }
      expect(await everyPage(searchOf('pip', filter)), status).toEqual(await walked('pip', where))
      const narrow = `${where} AND realm = 'realm1' AND type = 'push'`
      const restricted = searchOf('ada', { ...filter, realms: ['realm1'], type: 'push' })
      expect(await everyPage(restricted), status).toEqual(await walked('ada', narrow))
    }
  })

  it('lists all tokens by user, those of nobody last', async () => {
    const all = await everyPage(searchOf(''))
    expect(all).toHaveLength(TOKENS)
    const owned = await walked('', 'login IS NOT NULL', 'user')
    const unowned = await walked('', 'login IS NULL', 'serial')
    expect(all.slice(0, owned.length)).toEqual(owned)
    expect(all.slice(owned.length).toSorted()).toEqual(unowned.toSorted())
  })

  it('says how many there are, as far as it has counted', async () => {
    expect((await page(searchOf(''))).count).toEqual({ number: TOKENS, isExact: true })
    const ada1 = await walked('ada1')
    expect((await page(searchOf('ada1'))).count).toEqual({ number: ada1.length, isExact: true })
    // More than a thousand serials begin so.
    expect((await page(searchOf('pipu'))).count).toMatchObject({ isExact: false })
    const locked = await walked('', `${STATUSES.locked} AND login IS NOT NULL`, 'user')
    const nobodys = await walked('', `${STATUSES.locked} AND login IS NULL`, 'serial')
    const counted = await page(searchOf('', { status: 'locked' }))
    expect(counted.count).toEqual({ number: locked.length + nobodys.length, isExact: true })
  })

  it('goes on after the last token it showed while tokens come and go', async () => {
    const search = searchOf('carol', { limit: 2 })
    const owner = (login: string): Owner => ({ realm: 'stable', login })
    for (const login of ['carol1', 'carol3', 'carol5', 'carol7']) await enroll(`STABLE${login}`, owner(login))
    const first = await page(search)
    expect(first.tokens.map((token) => token.owner?.login)).toEqual(['carol1', 'carol3'])
    await enroll('STABLEcarol2', owner('carol2'))
    await enroll('STABLEcarol6', owner('carol6'))
    await env.DB.prepare('DELETE FROM tokens WHERE serial IN (?, ?)').bind('STABLEcarol3', 'STABLEcarol1').run()
    const second = await page(search, first.next)
    expect(second.tokens.map((token) => token.owner?.login)).toEqual(['carol5', 'carol6'])
  })

  it('finds letters beyond A to Z in both cases', async () => {
    await enroll('OEZ1', { realm: 'letters', login: 'Öztürk' })
    await enroll('OEZ2', { realm: 'letters', login: 'özTÜRK' })
    await enroll('KYR1', { realm: 'letters', login: 'АЛЕКСЕЙ' })
    await enroll('KYR2', { realm: 'letters', login: 'Алексей2' })
    await enroll('KYR3', { realm: 'letters', login: 'Алекса' })
    expect((await everyPage(searchOf('özt'))).toSorted()).toEqual(['OEZ1', 'OEZ2'])
    expect((await everyPage(searchOf('алексе'))).toSorted()).toEqual(['KYR1', 'KYR2'])
    expect(await everyPage(searchOf('Алексей2'))).toEqual(['KYR2'])
  })

  it('follows a token that is locked and unlocked, and writes no index for other counts', async () => {
    await enroll('COUNTED1', { realm: 'counted', login: 'dora' })
    const count = async (attempts: number): Promise<number> => {
      const { meta } = await env.DB.prepare('UPDATE tokens SET attempts = ?, successes = 4 WHERE serial = ?')
        .bind(attempts, 'COUNTED1')
        .run()
      return meta.rows_written
    }
    expect(await count(3)).toBe(1)
    expect(await everyPage(searchOf('dora', { status: 'locked' }))).toEqual([])
    await count(10)
    expect(await everyPage(searchOf('dora', { status: 'locked' }))).toEqual([serial('COUNTED1')])
    await count(0)
    expect(await everyPage(searchOf('dora', { status: 'locked' }))).toEqual([])
  })

  it('refuses a position that is in none of its ranges', async () => {
    const after = { range: 'user 0 elsewhere', key: '', serial: '' }
    expect(await storage().tokens.search({ ...searchOf('ada'), after })).toMatchObject({
      ok: false,
      refusal: { reason: 'parameter_invalid', name: 'cursor' },
    })
  })
})

describe('every statement of a search', () => {
  it('reads a stretch of an index in its order: it scans no table and sorts nothing', async () => {
    const statements = ['', 'Öztürk', 'Алексей'].flatMap((beginning) =>
      [undefined, 'user', 'serial', 'description'].flatMap((by) =>
        [undefined, ['realm1']].flatMap((realms) =>
          [{}, { status: 'locked' }, { status: 'ready', type: 'push' }].flatMap((filter) => {
            const search = searchOf(beginning, { ...filter, ...(by && { by }), ...(realms && { realms }) } as Asked)
            // The ranges of one field have the same plan.
            return searchStatements(
              search,
              search.ranges.filter(({ id }) => !/ [1-9]/.test(id)),
            )
          }),
        ),
      ),
    )
    const plans = await env.DB.batch<{ detail: string }>(
      statements.map(({ sql, values }) => env.DB.prepare(`EXPLAIN QUERY PLAN ${sql}`).bind(...values)),
    )
    for (const [index, { sql, values }] of statements.entries()) {
      const plan = plans[index]?.results.map(({ detail }) => detail) ?? []
      expect(
        plan.some((step) => /SEARCH tokens USING (?:COVERING )?INDEX tokens_/.test(step)),
        sql,
      ).toBe(true)
      expect(
        plan.filter((step) => /SCAN tokens|TEMP B-TREE|AUTOMATIC/.test(step)),
        sql,
      ).toEqual([])
      expect(values.length).toBeLessThanOrEqual(100)
    }
  })
})
