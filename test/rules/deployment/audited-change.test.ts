import { describe, expect, it } from 'vitest'
import { withChange } from '../../../src/rules/deployment/audited-change.ts'

const changeOf = (before: unknown, after: unknown) => withChange({ action: 'x' }, before, after).change

describe('what the audit records of a change', () => {
  it('is what differs, as it was and as it became', () => {
    expect(changeOf({ a: 1, b: [1], c: 'x' }, { a: 1, b: [1, 2], d: 'y' })).toEqual({
      before: { b: [1], c: 'x' },
      after: { b: [1, 2], d: 'y' },
    })
  })

  it('is everything of what is new or gone', () => {
    expect(changeOf(undefined, { a: 1 })).toEqual({ before: undefined, after: { a: 1 } })
    expect(changeOf({ a: 1 }, undefined)).toEqual({ before: { a: 1 }, after: undefined })
  })

  it('keeps the entry', () => {
    expect(withChange({ action: 'x' }, 1, 2)).toEqual({ action: 'x', change: { before: 1, after: 2 } })
  })

  it('is the beginning of what is long', () => {
    const after = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`name ${index}`, 'x'.repeat(100)]))
    const change = changeOf(undefined, after)
    expect(change.after).toMatch(/^\{"name 0":"x+","name 1":.*…$/)
    expect(JSON.stringify(change).length).toBeLessThan(16_000)
    expect(changeOf(after, { a: 1 })).toMatchObject({ before: expect.stringMatching(/…$/), after: '{"a":1}…' })
  })
})
