import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  countEvent,
  expiryOf,
  NO_EVENTS,
  remainingWait,
  uncountEvent,
  type WindowRule,
  type WindowState,
} from '../../../src/rules/deployment/window.ts'
import { type Instant, instant, seconds } from '../../../src/vocabulary.ts'

const now = instant(Date.UTC(2026, 9, 20, 9))
const rule: WindowRule = {
  limit: 3,
  window: seconds(60),
  firstWait: seconds(10),
  longestWait: seconds(50),
  resetAfter: seconds(600),
}
const at = (second: number): Instant => instant(now + second * 1000)

/** Tries at these seconds: how long each has to wait, 0 for one that goes through and is counted. */
function tries(...when: readonly number[]): { readonly waits: number[]; readonly state: WindowState } {
  let state = NO_EVENTS
  const waits = when.map((second) => {
    const wait = remainingWait(state, at(second))
    if (wait === 0) state = countEvent(state, rule, at(second))
    return wait
  })
  return { waits, state }
}

it('an event that is taken back leaves room for another, also the one that began a wait', () => {
  const { state } = tries(0, 1)
  expect(uncountEvent(state, rule, at(1)).times).toEqual([at(0)])
  const waiting = tries(0, 1, 2).state
  expect(remainingWait(waiting, at(2))).toBe(10)
  const back = uncountEvent(waiting, rule, at(2))
  expect(remainingWait(back, at(2))).toBe(0)
  expect(remainingWait(countEvent(back, rule, at(3)), at(3))).toBe(10)
  expect(uncountEvent(NO_EVENTS, rule, at(2))).toEqual(NO_EVENTS)
})

describe('so many events in a window', () => {
  it('go through, and the next one has to wait', () => {
    expect(tries(0, 1, 2, 2, 11.9, 12).waits).toEqual([0, 0, 0, 10, 1, 0])
  })

  it('are no more when the first of them is older than the window', () => {
    expect(tries(0, 30, 60, 90, 120).waits).toEqual([0, 0, 0, 0, 0])
    expect(tries(0, 30, 59, 60).waits).toEqual([0, 0, 0, 9])
  })

  it('make each wait twice the one before, up to the longest', () => {
    const when = [0, 0, 0, 10, 10, 10, 30, 30, 30, 70, 70, 70, 70]
    expect(tries(...when).waits).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 50])
    expect(tries(...when, 119).waits.at(-1)).toBe(1)
  })

  it('make a first wait again after a calm', () => {
    expect(tries(0, 0, 0, 10, 10, 10, 629, 629, 629, 629).waits.at(-1)).toBe(40)
    expect(tries(0, 0, 0, 10, 10, 10, 630, 630, 630, 630).waits.at(-1)).toBe(10)
  })
})

describe('whatever the order', () => {
  const moments = fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 60 })

  it('no more go through than the limit in any stretch as short as the first wait', () => {
    fc.assert(
      fc.property(moments, (steps) => {
        let state = NO_EVENTS
        let when = 0
        const through: number[] = []
        for (const step of steps) {
          when += step / 10
          if (remainingWait(state, at(when)) > 0) continue
          state = countEvent(state, rule, at(when))
          through.push(when)
        }
        for (const first of through) {
          const soon = through.filter((one) => one >= first && one < first + rule.firstWait)
          expect(soon.length).toBeLessThanOrEqual(rule.limit)
        }
      }),
    )
  })

  it('what is over is as if nothing had happened', () => {
    fc.assert(
      fc.property(moments, (steps) => {
        let state = NO_EVENTS
        let when = 0
        for (const step of steps) {
          when += step
          if (remainingWait(state, at(when)) === 0) state = countEvent(state, rule, at(when))
        }
        const over = expiryOf(state, rule)
        expect(remainingWait(state, over)).toBe(0)
        expect(countEvent(state, rule, over)).toMatchObject({
          ...countEvent(NO_EVENTS, rule, over),
          until: expect.any(Number),
        })
      }),
    )
  })
})
