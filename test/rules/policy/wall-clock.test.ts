import { expect, it } from 'vitest'
import { timeOfDay } from '../../../src/rules/policy/wall-clock.ts'
import { instant } from '../../../src/vocabulary.ts'

const at = instant(Date.parse('2026-07-01T23:05:12.345Z'))

it('a clock shows the time of its zone to the second, or to the millisecond', () => {
  expect(timeOfDay('UTC', at)).toBe('23:05:12 UTC')
  expect(timeOfDay('UTC', at, true)).toBe('23:05:12.345 UTC')
  expect(timeOfDay('Europe/Berlin', at)).toBe('01:05:12')
  expect(timeOfDay('Asia/Kolkata', at, true)).toBe('04:35:12.345')
})

it('in a zone that does not exist it shows UTC, and says so', () => {
  expect(timeOfDay('Europe/Nowhere', at)).toBe('23:05:12 UTC')
})
