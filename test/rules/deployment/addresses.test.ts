import { expect, it } from 'vitest'
import { networkOf } from '../../../src/rules/deployment/addresses.ts'

it.each([
  ['2001:db8:1:2::7', '2001:db8:1:2:aaaa:bbbb:cccc:dddd', true],
  ['2001:db8:1:2::7', '2001:db8:1:3::7', false],
  ['2001:DB8:0001:2::7', '2001:db8:1:2::8', true],
  ['192.0.2.7', '192.0.2.7', true],
  ['192.0.2.7', '192.0.2.8', false],
  ['no address', 'no address', true],
])('%s and %s are of one network: %s', (one, other, same) => {
  expect(networkOf(one) === networkOf(other)).toBe(same)
})
