import { describe, expect, it } from 'vitest'
import { startTimes } from '../../scripts/load/plan.ts'

const starts = (rate: number, ramp: number, seconds: number) => [...startTimes({ rate, atOnce: 0, ramp, seconds })]

describe('an open loop', () => {
  it('starts logins evenly, at the rate that was asked for', () => {
    expect(starts(4, 0, 1)).toEqual([0, 250, 500, 750].map((at) => ({ stage: 'steady', at })))
  })

  it('starts half as many in the ramp as at the full rate, fewer at first', () => {
    const ramp = starts(10, 4, 1).filter(({ stage }) => stage === 'ramp')
    expect(ramp).toHaveLength(20)
    expect(ramp.filter(({ at }) => at < 2000)).toHaveLength(5)
    expect(ramp.every(({ at }) => at < 4000)).toBe(true)
  })

  it('goes on at the full rate after the ramp', () => {
    const steady = starts(10, 4, 3).filter(({ stage }) => stage === 'steady')
    expect(steady).toHaveLength(30)
    expect(steady[0]?.at).toBe(4000)
    expect(steady.at(-1)?.at).toBe(6900)
  })

  it('takes less than one login a second', () => {
    expect(starts(0.5, 0, 4).map(({ at }) => at)).toEqual([0, 2000])
  })
})
