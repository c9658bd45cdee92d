import { describe, expect, it } from 'vitest'
import { COUNTER_VERBS, PHONE_VERBS, objectCalls, TRANSACTIONS_VERBS } from '../../src/delivery/reaching.ts'
import type { CounterObject, TransactionsObject } from '../../src/ports/objects.ts'
import type { PhoneObject } from '../../src/ports/phone-object.ts'
import { RefusalError } from '../../src/refusal.ts'
import type { TransactionId } from '../../src/vocabulary.ts'
import { instant, seconds } from '../../src/vocabulary.ts'

const lost = (more: object = {}): Error => Object.assign(new Error('Network connection lost.'), more)
const RETRYABLE = { retryable: true }
const OVERLOADED = { retryable: true, overloaded: true }
const UNREACHABLE = { ok: false, refusal: { reason: 'storage_unavailable', retryAfter: 1 } }
const id = '0'.repeat(20) as TransactionId

/** An object whose calls end one after the other as told, then well; what it was asked is kept. */
function failing(...ends: readonly Error[]) {
  const left = [...ends]
  const asked: unknown[][] = []
  const logged: string[] = []
  let clock = 0
  let stubs = 0
  const answer = (...given: unknown[]): unknown => {
    asked.push(given)
    clock += 4000
    const end = left.shift()
    return end === undefined ? Promise.resolve({ ok: true, value: 'fine' }) : Promise.reject(end)
  }
  const world = { now: () => instant(clock), log: (event: string) => logged.push(event) }
  const stub = (): object => {
    stubs += 1
    return new Proxy({}, { get: () => answer })
  }
  return {
    asked,
    logged,
    stubs: () => stubs,
    phone: objectCalls('Phone', stub as () => PhoneObject, PHONE_VERBS, world),
    transactions: objectCalls('Transactions', stub as () => TransactionsObject, TRANSACTIONS_VERBS, world),
    counter: objectCalls('Counter', stub as () => CounterObject, COUNTER_VERBS, world),
  }
}

describe('an object that cannot be reached', () => {
  it('refuses, where its verb gives an outcome, and the log says why', async () => {
    const { phone, logged } = failing(lost())
    expect(await phone.reset()).toEqual(UNREACHABLE)
    expect(logged).toEqual(['object_unreachable'])
  })

  it('throws the refusal, where its verb gives a plain value', async () => {
    const { phone } = failing(lost())
    await expect(phone.counters()).rejects.toMatchObject({ refusal: UNREACHABLE.refusal })
    await expect(failing(lost()).phone.changing()).rejects.toBeInstanceOf(RefusalError)
  })

  it('is asked once more, by a new stub, where the platform says so', async () => {
    const { phone, asked, stubs, logged } = failing(lost(RETRYABLE))
    expect(await phone.reset()).toEqual({ ok: true, value: 'fine' })
    expect([asked.length, stubs(), logged]).toEqual([2, 2, []])
  })

  it('is asked no more than that', async () => {
    const { phone, asked } = failing(lost(RETRYABLE), lost(RETRYABLE))
    expect(await phone.reset()).toEqual(UNREACHABLE)
    expect(asked).toHaveLength(2)
  })

  it('is not asked again where it has too much to do, or where the platform says nothing', async () => {
    for (const more of [OVERLOADED, {}, { remote: true }]) {
      const { phone, asked } = failing(lost(more))
      expect(await phone.reset()).toEqual(UNREACHABLE)
      expect(asked).toHaveLength(1)
    }
  })

  it('is not asked again what would count twice', async () => {
    const { phone, counter, asked } = failing(lost(RETRYABLE), lost(RETRYABLE))
    await expect(phone.countFailure()).rejects.toBeInstanceOf(RefusalError)
    const rule = { limit: 1, within: seconds(1), wait: seconds(1), longest: seconds(1), calm: seconds(1) }
    await expect(counter.count('ada', rule, true)).rejects.toBeInstanceOf(RefusalError)
    expect(asked).toHaveLength(2)
  })

  it('and cut a wait short is asked for the time that is left, as often as deployments do so', async () => {
    const { transactions, asked } = failing(lost(RETRYABLE), lost(RETRYABLE))
    await transactions.standing(id, seconds(30), 'waiter')
    expect(asked).toEqual([
      [id, 30, 'waiter'],
      [id, expect.closeTo(26), 'waiter'],
      [id, expect.closeTo(22), 'waiter'],
    ])
  })

  it('cuts no wait to less than nothing', async () => {
    const { transactions, asked } = failing(lost(RETRYABLE))
    await transactions.conclude(id, seconds(1))
    expect(asked.at(-1)).toEqual([id, 0])
  })
})

it('an object of the version before, which does not know a call yet, is one that cannot be reached', async () => {
  const { phone } = failing(new TypeError('The RPC receiver does not implement "reset".'))
  expect(await phone.reset()).toEqual(UNREACHABLE)
})

it('a fault of our own is none of the platform’s', async () => {
  for (const fault of [new TypeError('x is not a function'), new ReferenceError('x')]) {
    const { phone, asked } = failing(Object.assign(fault, RETRYABLE))
    await expect(phone.reset()).rejects.toBe(fault)
    expect(asked).toHaveLength(1)
  }
})
