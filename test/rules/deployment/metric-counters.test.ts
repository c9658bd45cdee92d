import { describe, expect, it } from 'vitest'
import { keepCounters, NOTHING_KEPT, shownCounters, withZeros } from '../../../src/rules/deployment/metric-counters.ts'
import { counterName, OTHER_SERVICES } from '../../../src/vocabulary/metrics.ts'

const part = (counts: Readonly<Record<string, number>>, service = 'vpn', region = 'weur', mode = 'standard') => ({
  region,
  service,
  mode,
  counts,
})
const ACCEPTED = counterName('login', 'accepted', 'vpn', 'standard')

describe('counters of metrics', () => {
  it('have the labels that matter, and add up over the others', () => {
    const kept = keepCounters(NOTHING_KEPT, [
      part({ 'outcome/accepted': 3, 'step/system/100': 3, 'step/system/sum': 250, 'ring/paused/shadow': 1 }),
      part({ 'outcome/accepted': 2, 'step/system/100': 2, 'step/system/sum': 150, 'ring/paused': 1 }, 'vpn', 'enam'),
      part({ 'refused/pin_wrong': 4, 'delivery/a/b/delivered': 1, 'delivery/a/b/timeout': 2, 'later/unknown': 9 }),
    ])
    expect(shownCounters(kept)).toEqual({
      [ACCEPTED]: 5,
      [counterName('step', 'system', 'weur', '100')]: 3,
      [counterName('step', 'system', 'weur', 'sum')]: 250,
      [counterName('step', 'system', 'enam', '100')]: 2,
      [counterName('step', 'system', 'enam', 'sum')]: 150,
      [counterName('ring', 'paused', 'shadow')]: 1,
      [counterName('ring', 'paused', 'on')]: 1,
      [counterName('refusal', 'pin_wrong')]: 4,
      [counterName('delivery', 'a/b', 'delivered')]: 1,
      [counterName('delivery', 'a/b', 'timeout')]: 2,
    })
  })

  it('never fall, and rise by what comes afterwards, when the database is put back to an earlier state', () => {
    let kept = NOTHING_KEPT
    const told = (accepted: number | undefined) => {
      kept = keepCounters(kept, accepted === undefined ? [] : [part({ 'outcome/accepted': accepted })])
      return shownCounters(kept)[ACCEPTED]
    }
    expect([100, 40, 45, 45, undefined, 3, 4].map(told)).toEqual([100, 100, 105, 105, 105, 108, 109])
  })

  it('go on from what the database has when what was kept is lost', () => {
    expect(shownCounters(keepCounters(NOTHING_KEPT, [part({ 'outcome/accepted': 100 })]))[ACCEPTED]).toBe(100)
  })

  it('have at most two hundred services by name, the first that had a login, and none loses its name', () => {
    const parts = Array.from({ length: 205 }, (_, index) => part({ 'outcome/accepted': 1 }, `service${index}`))
    const kept = keepCounters(NOTHING_KEPT, parts)
    const others = counterName('login', 'accepted', OTHER_SERVICES, 'standard')
    expect(shownCounters(kept)[others]).toBe(5)
    const fewer = keepCounters(kept, parts.slice(3))
    const told = shownCounters(fewer)
    expect([told[others], told[counterName('login', 'accepted', 'service0', 'standard')]]).toEqual([5, 1])
  })

  it('are there before the first of their kind, so that it is seen as a rise', () => {
    const told = withZeros({ [ACCEPTED]: 7 }, ['fb1'])
    expect(told).toMatchObject({
      [ACCEPTED]: 7,
      [counterName('login', 'not_me', 'vpn', 'standard')]: 0,
      [counterName('delivery', 'fb1', 'delivered')]: 0,
      [counterName('ring', 'over_budget', 'on')]: 0,
    })
  })
})
