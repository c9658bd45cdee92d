import { describe, expect, it } from 'vitest'
import { isExpected, judge } from './run.ts'
import { type Divergence } from './divergences.ts'
import { Findings, type Statement } from './statement.ts'

const statement: Statement = { number: 9, text: 'A sentence.', check: async () => {} }
const known: Divergence = { statement: 9, claim: 'as Bearer', why: 'it is so' }

function found(differs: readonly string[], holds: readonly string[] = []): Findings {
  const see = new Findings()
  for (const claim of holds) see.expect(claim, true)
  for (const claim of differs) see.expect(claim, false, 'this')
  return see
}

describe('a difference', () => {
  it('that is listed is as expected, and keeps its reason', () => {
    const result = judge(statement, found(['as Bearer'], ['bare']), [known])
    expect(result).toMatchObject({
      outcome: 'differs',
      differences: [{ claim: 'as Bearer', came: 'this', why: 'it is so' }],
    })
    expect(isExpected(result)).toBe(true)
  })

  it('that is not listed is not', () => {
    expect(isExpected(judge(statement, found(['bare']), [known]))).toBe(false)
    expect(isExpected(judge({ ...statement, number: 10 }, found(['as Bearer']), [known]))).toBe(false)
  })

  it('that is listed and no longer there is not either', () => {
    const result = judge(statement, found([], ['as Bearer']), [known])
    expect(result.gone).toEqual([known])
    expect(isExpected(result)).toBe(false)
  })

  it('that depends on luck may be missing', () => {
    expect(isExpected(judge(statement, found([], ['as Bearer']), [{ ...known, sometimes: true }]))).toBe(true)
  })

  it('is not missed where nobody could look', () => {
    const see = found([])
    see.skip('as Bearer', 'no header gets through')
    const result = judge(statement, see, [known])
    expect(result).toMatchObject({ outcome: 'not applicable', gone: [] })
    expect(isExpected(result)).toBe(true)
  })

  it('is told once, however often it showed', () => {
    expect(judge(statement, found(['bare', 'bare']), []).differences).toHaveLength(1)
  })
})
