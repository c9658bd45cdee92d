import { describe, expect, it } from 'vitest'
import { type Breaker, CLOSED, admit, afterSend } from '../../src/delivery/breaker.ts'
import { type Instant, instant, addSeconds, seconds } from '../../src/vocabulary.ts'

const now = instant(1_795_504_057_000)
const at = (count: number): Instant => addSeconds(now, seconds(count))

const failed = (times: number): Breaker =>
  Array.from({ length: times }).reduce<Breaker>((breaker) => afterSend(breaker, false, now), CLOSED)

function admitted(breaker: Breaker, when: Instant): Breaker {
  const entry = admit(breaker, when)
  if (!entry.admitted) throw new Error('shut')
  return entry.next
}

describe('a breaker', () => {
  it('opens at the fifth failure in a row', () => {
    expect(admit(failed(4), now).admitted).toBe(true)
    expect(admit(failed(5), now)).toEqual({ admitted: false, retryAfter: 30 })
  })

  it('forgets failures at the first send that works', () => {
    expect(afterSend(failed(4), true, now)).toEqual(CLOSED)
    expect(afterSend(failed(9), true, now)).toEqual(CLOSED)
  })

  it('tells how long it stays open, in whole seconds, at least one', () => {
    expect(admit(failed(5), at(12.4))).toEqual({ admitted: false, retryAfter: 18 })
    expect(admit(failed(5), at(29.999))).toEqual({ admitted: false, retryAfter: 1 })
  })

  it('lets exactly one through after 30 s', () => {
    const half = admitted(failed(5), at(30))
    expect(admit(half, at(30))).toEqual({ admitted: false, retryAfter: 10 })
    expect(afterSend(half, true, at(31))).toEqual(CLOSED)
  })

  it('opens for 30 s more when that one fails', () => {
    const again = afterSend(admitted(failed(5), at(30)), false, at(31))
    expect(admit(again, at(60)).admitted).toBe(false)
    expect(admit(again, at(61)).admitted).toBe(true)
  })

  it('lets another through when that one never comes back', () => {
    expect(admit(admitted(failed(5), at(30)), at(40)).admitted).toBe(true)
  })
})
