/** Rows that a page of the token list reads, with a thousand tokens and with a million. Rows are what D1 bills, and they do not
 *  depend on the machine. */
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { FILTERS, PLACES } from '../../bench/token-list-queries.ts'
import { countingRows } from '../../bench/row-count.ts'
import { seedStatements } from '../../scripts/lib/seed-statements.ts'
import { searchRanges, textRanges } from '../../src/rules/token/search-ranges.ts'
import type { TokenFilter, TokenSearch } from '../../src/vocabulary/tokens.ts'
import { now, valueOf, tablesOf } from './example.ts'

const MILLION = 1_000_000
const AT_ONCE = 50_000
const SIZE = 15
const PATIENCE = 900_000

async function seed(from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += AT_ONCE) {
    const statements = seedStatements(at, Math.min(at + AT_ONCE, to), ['a short key'], now)
    await env.DB.batch(statements.map(({ sql, values }) => env.DB.prepare(sql).bind(...values)))
  }
}

/** Rows read for the first, the middle and the last page. */
async function rowsOf(filter: TokenFilter): Promise<readonly number[]> {
  const counted = countingRows(env.DB)
  const tokens = tablesOf(counted.db)
  const page = async (number: number) => {
    counted.rows = 0
    const order = { field: 'serial', ascending: true } as const
    const { count } = valueOf(await tokens.tokens.list({ filter, order, offset: (number - 1) * SIZE, limit: SIZE }))
    return { count, rows: counted.rows }
  }
  const { count } = await page(1)
  const rows: number[] = []
  for (const place of PLACES) rows.push((await page(place.page(count, SIZE))).rows)
  return rows
}

/** Rows read, and time in ms, for each letter of what somebody types. */
async function typed(text: string, filter: Partial<TokenSearch>): Promise<readonly string[]> {
  const counted = countingRows(env.DB)
  const tables = tablesOf(counted.db)
  const lines: string[] = []
  for (let length = 0; length <= text.length; length += 1) {
    const beginning = text.slice(0, length)
    const texts = beginning === '' ? [] : textRanges(beginning)
    const ranges = searchRanges(beginning, undefined, undefined)
    counted.rows = 0
    const began = performance.now()
    const { tokens, count } = valueOf(await tables.tokens.search({ ranges, texts, limit: 50, ...filter }))
    const ms = (performance.now() - began).toFixed(0)
    lines.push(
      `${beginning || '(nothing)'}: ${count?.number} ${count?.isExact ? '' : 'or more '}found, ${tokens.length} shown, ${counted.rows} rows, ${ms} ms`,
    )
    // A page of three ranges and their counts, of which each looks at a thousand tokens at most.
    expect(counted.rows, beginning).toBeLessThan(10_000)
  }
  return lines
}

describe('a page of a million tokens', () => {
  it(
    'reads no more at the end than at the beginning, and little more than one of a thousand',
    { timeout: PATIENCE },
    async () => {
      await seed(0, 1000)
      const few = new Map<string, readonly number[]>()
      for (const { query, filter } of FILTERS) few.set(query, await rowsOf(filter))
      await seed(1000, MILLION)
      for (const { query, filter } of FILTERS) {
        const many = await rowsOf(filter)
        console.log(
          `${query || '(all)'}: ${few.get(query)?.join(', ')} rows of 1,000; ${many.join(', ')} rows of 1,000,000`,
        )
        expect(Math.max(...many), query).toBeLessThan(2 * Math.min(...many))
        // A thousand times the tokens.
        expect(Math.max(...many), query).toBeLessThan(20 * Math.max(...(few.get(query) ?? [])))
      }
      // Run in the same database: filling it takes most of the time.
      for (const [text, filter] of [
        ['ada.lovelace0', {}],
        ['pipu7ab', {}],
        ['pixel', { type: 'edupush' }],
        ['ada', { status: 'disabled' }],
        ['grace', { status: 'ready' }],
      ] as const)
        console.log([`search ${JSON.stringify(filter)}`, ...(await typed(text, filter))].join('\n'))
    },
  )
})
