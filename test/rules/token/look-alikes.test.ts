import { expect, it } from 'vitest'
import { distinctionOf } from '../../../src/rules/token/look-alikes.ts'
import type { TransactionId } from '../../../src/vocabulary.ts'
import { after } from '../login/sample-login.ts'

const id = (name: string) => name as TransactionId
const open = (name: string, more: object = {}) => ({
  transaction: id(name),
  at: after(0),
  until: after(120),
  look: 'a',
  service: 'vpn',
  ...more,
})
const next = { transaction: id('next'), look: 'a', service: 'vpn' }

it('a prompt that no open one looks like needs no distinction', () => {
  expect(distinctionOf([], next, after(5))).toBeUndefined()
  expect(distinctionOf([open('other', { look: 'b' })], next, after(5))).toBeUndefined()
  // The firewall was off, or the ring is of the version before.
  expect(distinctionOf([open('old', { look: undefined })], { ...next, look: undefined }, after(5))).toBeUndefined()
  expect(distinctionOf([open('over')], next, after(120))).toBeUndefined()
  // The same ring, again.
  expect(distinctionOf([open('next')], next, after(5))).toBeUndefined()
})

it('a prompt says what differs from any that looks like it', () => {
  const plain = { byService: false, byPlace: false, isClose: false }
  expect(distinctionOf([open('one')], next, after(5))).toEqual(plain)
  expect(distinctionOf([open('one'), open('two', { service: 'web' })], next, after(5))).toEqual({
    ...plain,
    byService: true,
  })
  expect(distinctionOf([open('one', { place: 'p' })], next, after(5))).toEqual({ ...plain, byPlace: true })
  expect(distinctionOf([open('one')], { ...next, place: 'p' }, after(5))).toEqual({ ...plain, byPlace: true })
  expect(distinctionOf([open('one')], next, after(1.9))).toEqual({ ...plain, isClose: true })
})
