import { expect, it } from 'vitest'
import { jurisdictionFault } from '../../../src/rules/deployment/jurisdiction.ts'

it.each([
  ['none', undefined],
  ['eu', 'eu'],
  ['fedramp', 'fedramp'],
] as const)('a deployment that was begun in %s serves with %s', (stored, configured) => {
  expect(jurisdictionFault(stored, configured)).toBeUndefined()
})

it.each([
  ['none', 'eu', 'remove JURISDICTION'],
  ['eu', undefined, 'set JURISDICTION to eu'],
  ['eu', 'us', 'set JURISDICTION to eu'],
  ['us', 'fedramp', 'set JURISDICTION to us'],
] as const)('a deployment that was begun in %s does not serve with %s, and says: %s', (stored, configured, next) => {
  expect(jurisdictionFault(stored, configured)).toContain(next)
})
