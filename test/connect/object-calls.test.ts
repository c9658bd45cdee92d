import { describe, expect, it } from 'vitest'
import { objectCalls } from '../../src/connect/object-calls.ts'
import { COUNTER_VERBS, type CounterObject } from '../../src/ports/counter-object.ts'
import { PHONE_VERBS, type PhoneObject } from '../../src/ports/phone-object.ts'
import { TRANSACTIONS_VERBS, type TransactionsObject } from '../../src/ports/transactions-object.ts'
import { instant, seconds, type TransactionId } from '../../src/vocabulary.ts'

const lost = (flags: object = {}): Error => Object.assign(new Error('Network connection lost.'), flags)
const RETRYABLE = { retryable: true }
const OVERLOADED = { retryable: true, overloaded: true }
const UNREACHABLE = { ok: false, refusal: { reason: 'storage_unavailable', retryAfter: 1 } }
const id = '0'.repeat(20) as TransactionId

/** An object whose first calls fail with these errors; all others succeed. Keeps the requests. Each call takes four seconds. */
function failing(...errors: readonly Error[]) {
  const left = [...errors]
  const requests: unknown[] = []
  const logged: string[] = []
  let clock = 0
  let stubs = 0
  const answer = (request: unknown): unknown => {
    requests.push(request)
    clock += 4000
    const error = left.shift()
    return error === undefined ? Promise.resolve({ ok: true, value: 'fine' }) : Promise.reject(error)
  }
  const world = { now: () => instant(clock), log: (event: string) => logged.push(event) }
  const stub = (): object => {
    stubs += 1
    return new Proxy({}, { get: () => answer })
  }
  return {
    requests,
    logged,
    stubs: () => stubs,
    phone: objectCalls('Phone', stub as () => PhoneObject, PHONE_VERBS, world),
    transactions: objectCalls('Transactions', stub as () => TransactionsObject, TRANSACTIONS_VERBS, world),
    counter: objectCalls('Counter', stub as () => CounterObject, COUNTER_VERBS, world),
  }
}

describe('a call that does not reach its object', () => {
  it('refuses, whatever its verb, and the log says why', async () => {
    const { phone, logged } = failing(lost(), lost())
    expect(await phone.resetAttempts()).toEqual(UNREACHABLE)
    expect(await phone.counters()).toEqual(UNREACHABLE)
    expect(logged).toEqual(['object_unreachable', 'object_unreachable'])
  })

  it('is made once more, with a new stub, if the platform says that it may be', async () => {
    const { phone, requests, stubs, logged } = failing(lost(RETRYABLE))
    expect(await phone.resetAttempts()).toEqual({ ok: true, value: 'fine' })
    expect([requests.length, stubs(), logged]).toEqual([2, 2, []])
  })

  it('is made no more than twice', async () => {
    const { phone, requests } = failing(lost(RETRYABLE), lost(RETRYABLE))
    expect(await phone.resetAttempts()).toEqual(UNREACHABLE)
    expect(requests).toHaveLength(2)
  })

  it('is not repeated when the object is overloaded, or when the platform says nothing', async () => {
    for (const flags of [OVERLOADED, {}, { remote: true }]) {
      const { phone, requests } = failing(lost(flags))
      expect(await phone.resetAttempts()).toEqual(UNREACHABLE)
      expect(requests).toHaveLength(1)
    }
  })

  it('is not repeated if it would count twice', async () => {
    const { phone, counter, requests } = failing(lost(RETRYABLE), lost(RETRYABLE))
    expect(await phone.countFailure()).toEqual(UNREACHABLE)
    const rule = {
      limit: 1,
      window: seconds(1),
      firstWait: seconds(1),
      longestWait: seconds(1),
      resetAfter: seconds(1),
    }
    expect(await counter.count({ name: 'ada', rule })).toEqual(UNREACHABLE)
    expect(requests).toHaveLength(2)
  })

  it('and that waits is made again for the time that is left, up to three times', async () => {
    const { transactions, requests } = failing(lost(RETRYABLE), lost(RETRYABLE))
    await transactions.status({ id, wait: seconds(30), waiter: 'waiter' })
    expect(requests).toEqual([
      { id, wait: 30, waiter: 'waiter' },
      { id, wait: expect.closeTo(26), waiter: 'waiter' },
      { id, wait: expect.closeTo(22), waiter: 'waiter' },
    ])
  })

  it('and that waits is never made again with less than no time', async () => {
    const { transactions, requests } = failing(lost(RETRYABLE))
    await transactions.finalizeWhenAccepted({ id, wait: seconds(1) })
    expect(requests.at(-1)).toEqual({ id, wait: 0 })
  })
})

it('an object of the version before that does not know a verb yet counts as unreachable', async () => {
  const { phone } = failing(new TypeError('The RPC receiver does not implement "resetAttempts".'))
  expect(await phone.resetAttempts()).toEqual(UNREACHABLE)
})

it('an error of our own code is thrown, and its call not repeated', async () => {
  for (const error of [new TypeError('x is not a function'), new ReferenceError('x')]) {
    const { phone, requests } = failing(Object.assign(error, RETRYABLE))
    await expect(phone.resetAttempts()).rejects.toBe(error)
    expect(requests).toHaveLength(1)
  }
})
