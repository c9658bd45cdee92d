import { describe, expect, it } from 'vitest'
import { countRegion, isFar, mostSeen, type SeenRegions } from '../../../src/rules/token/phone-home.ts'
import { addSeconds, instant, REGIONS, type Region, seconds } from '../../../src/vocabulary.ts'

const START = instant(1_800_000_000_000)

/** The state after requests from these regions, `apart` seconds from each other. */
const after = (regions: readonly Region[], apart = 3600): SeenRegions =>
  regions.reduce<SeenRegions>(
    (state, region, index) => countRegion(state, region, addSeconds(START, seconds(index * apart))),
    {},
  )
const times = (count: number, region: Region): readonly Region[] => Array.from({ length: count }, () => region)

describe('the region that a phone is seen in', () => {
  it('is unknown until eight requests were counted', () => {
    expect(mostSeen(after(times(7, 'oc')))).toBeUndefined()
    expect(mostSeen(after(times(8, 'oc')))).toBe('oc')
  })

  it('is one that more than half of the requests came from', () => {
    expect(mostSeen(after([...times(5, 'oc'), ...times(5, 'weur')]))).toBeUndefined()
    expect(mostSeen(after([...times(5, 'oc'), ...times(6, 'weur')]))).toBe('weur')
  })

  it('is not changed by a day in which the phone polls every three seconds elsewhere', () => {
    const away = after([...times(60, 'weur'), ...times(24, 'oc')])
    expect(mostSeen(away)).toBe('weur')
    expect(after(times(1000, 'oc'), 3).seen?.counts).toEqual([['oc', 1]])
  })

  it('follows a user who has moved, within sixty-four counted requests, however long they lived elsewhere', () => {
    expect(mostSeen(after([...times(5000, 'weur'), ...times(64, 'oc')]))).toBe('oc')
  })

  it('takes no more room in years than nine counts', () => {
    const all = after(Array.from({ length: 9000 }, (_, index) => REGIONS[index % 9] ?? 'oc'))
    expect(all.seen?.counts.length).toBeLessThanOrEqual(9)
    expect(Math.max(...(all.seen?.counts ?? []).map(([, count]) => count))).toBeLessThan(64)
  })

  it('counts again after a clock was set back', () => {
    const ahead = countRegion<SeenRegions>({}, 'oc', addSeconds(START, seconds(86_400)))
    expect(countRegion(ahead, 'oc', START).seen?.counts).toEqual([['oc', 2]])
  })
})

describe('a phone is far from its object', () => {
  it.each([
    ['weur', 'oc', true],
    ['wnam', 'sam', true],
    ['wnam', 'enam', false],
    ['weur', 'eeur', false],
    ['apac', 'me', false],
    ['weur', undefined, false],
    [undefined, 'oc', false],
  ] as const)('that lives in %s if it is seen in %s: %s', (home, seen, far) => {
    expect(isFar(home, seen)).toBe(far)
  })
})
