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
])('%s matches %s: %s', (pattern, text, fits) => expect(wildcardMatcher(pattern)(text)).toBe(fits))

it('a wildcard matches what the equivalent regular expression matches', () => {
  const letters = fc.string({ unit: fc.constantFrom('1', '2', '*'), maxLength: 8 })
  fc.assert(
    fc.property(letters, letters, (pattern, other) => {
      const text = other.replaceAll('*', '')
      expect(wildcardMatcher(pattern)(text)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(text))
    }),
  )
})

it('a wildcard takes no longer on a text it does not match', () => {
  const began = performance.now()
  expect(wildcardMatcher(`${'*1'.repeat(30)}*2`)('1'.repeat(60))).toBe(false)
  expect(performance.now() - began).toBeLessThan(100)
})
