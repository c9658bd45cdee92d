import { expect, test } from 'vitest'
import { criticalPath, crossings, type Leg } from '../../bench/regions/crossings.ts'

const leg = (what: string, at: Leg['at'], from: string, to: string, start: number, end: number): Leg => ({
  what,
  at,
  from,
  to,
  start,
  end,
})
const begun = leg('edge', 'before', 'oc', 'oc', 0, 3)

test('a request that reads the database of another continent crosses once', () => {
  const legs = [
    begun,
    leg('D1', 'before', 'oc', 'weur', 4, 124),
    leg('D1', 'after', 'oc', 'weur', 126, 246),
    leg('edge', 'after', 'oc', 'oc', 250, 253),
  ]
  expect(criticalPath(legs)).toEqual(legs)
  expect(crossings(criticalPath(legs))).toBe(1)
})

test('a call that the answer did not wait for is not counted', () => {
  const waited = [
    begun,
    leg('Phone.ring', 'before', 'oc', 'oc', 4, 7),
    leg('Phone.ring', 'after', 'oc', 'oc', 9, 12),
    leg('edge', 'after', 'oc', 'oc', 15, 18),
  ]
  const background = leg('D1', 'before', 'oc', 'weur', 12, 132)
  expect(crossings(criticalPath([...waited, background]))).toBe(0)
})

test('of two calls at once the slower one is counted', () => {
  const legs = [
    begun,
    leg('D1', 'before', 'oc', 'weur', 4, 124),
    leg('D1', 'before', 'oc', 'oc', 4, 7),
    leg('D1', 'after', 'oc', 'oc', 8, 11),
    leg('D1', 'after', 'oc', 'weur', 126, 246),
    leg('edge', 'after', 'oc', 'oc', 250, 253),
  ]
  expect(crossings(criticalPath(legs))).toBe(1)
})

test('coasts of one continent have no ocean between them', () => {
  const legs = [
    leg('D1', 'before', 'weur', 'eeur', 4, 11),
    leg('D1', 'after', 'weur', 'eeur', 12, 19),
    leg('edge', 'after', 'weur', 'weur', 20, 23),
  ]
  expect(crossings(criticalPath(legs))).toBe(0)
})
