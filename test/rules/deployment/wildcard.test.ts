import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { wildcardMatcher } from '../../../src/rules/deployment/wildcard.ts'

it.each([
  ['123', '123', true],
  ['123', '1234', false],
  ['', '', true],
  ['*', '', true],
  ['1*', '123', true],
  ['*3', '123', true],
  ['1*1', '1', false],
  ['1*1', '11', true],
  ['*2*', '123', true],
  ['*22*', '123', false],
  ['1*2*3', '1323', true],
  ['1*2*3', '132', false],
])('%s fits %s: %s', (pattern, text, fits) => expect(wildcardMatcher(pattern)(text)).toBe(fits))

it('says what the expression says', () => {
  const letters = fc.string({ unit: fc.constantFrom('1', '2', '*'), maxLength: 8 })
  fc.assert(
    fc.property(letters, letters, (pattern, other) => {
      const text = other.replaceAll('*', '')
      expect(wildcardMatcher(pattern)(text)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(text))
    }),
  )
})

it('does not go back and forth over what does not fit', () => {
  const began = performance.now()
  expect(wildcardMatcher(`${'*1'.repeat(30)}*2`)('1'.repeat(60))).toBe(false)
  expect(performance.now() - began).toBeLessThan(100)
})
