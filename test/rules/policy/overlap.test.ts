import { describe, expect, it } from 'vitest'
import { canOverlap, coversBoth } from '../../../src/rules/policy/overlap.ts'
import { prepareSituation, readRestrictions } from '../../../src/rules/policy/restrictions.ts'
import { utcClock } from '../../../src/rules/policy/wall-clock.ts'
import { instant, type Policy } from '../../../src/vocabulary.ts'
import { policy } from './sample-policy.ts'

/** Random numbers that are the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return Math.floor((state / 0x80000000) * below)
  }
}

const HOUR = 3_600_000
const FIELDS: readonly (readonly [keyof Policy, readonly (readonly string[])[]])[] = [
  ['realm', [[], ['sales'], ['Sales', 'lab'], ['*'], ['*', '!lab'], ['s.*'], ['!sales']]],
  ['user', [[], ['ada'], ['Ada'], ['bob', 'ada'], ['*', '!ada'], ['*', '!Ada'], ['a.*'], ['-ada']]],
  ['client', [[], ['10.0.0.0/8'], ['10.1.0.0/16', '!10.1.2.3'], ['10.1.2.3'], ['::1'], ['0.0.0.0/0', '!10.0.0.0/8']]],
  ['userAgents', [[], ['PAM'], ['pam', 'curl'], ['FreeRADIUS']]],
  ['resolver', [[], ['nod'], ['!nod'], ['*']]],
]
const TIMES = ['', 'Thu: 0-12', 'Thu-Fri: 12-13', 'Fri: 14-15']

/** A policy with a few random restrictions. */
function anyPolicy(name: string, draw: (below: number) => number): Policy {
  const lists = FIELDS.map(([field, values]) => [field, draw(2) === 0 ? [] : (values[draw(values.length)] ?? [])])
  const time = draw(3) === 0 ? (TIMES[draw(TIMES.length)] ?? '') : ''
  return policy(name, {}, { ...Object.fromEntries(lists), time, userCaseInsensitive: draw(2) === 0 })
}

const SITUATIONS = ['ada', 'Ada', 'bob', 'eve'].flatMap((login) =>
  ['sales', 'lab', 'hr'].flatMap((realm) =>
    ['10.1.2.3', '10.1.9.9', '10.7.0.1', '203.0.113.1', '::1'].flatMap((address) =>
      ['PAM/1', 'curl/8', ''].flatMap((userAgent) =>
        // 1 January 1970 was a Thursday.
        [3, 12, 36, 38].map((hour) =>
          prepareSituation({ owner: { login, realm }, address, userAgent, now: instant(hour * HOUR) }, utcClock),
        ),
      ),
    ),
  ),
)

/** The situations that a policy matches. */
function matched(one: Policy): ReadonlySet<number> {
  const restrictions = readRestrictions(one)
  const found = SITUATIONS.flatMap((situation, at) =>
    restrictions.every(({ isMet }) => isMet(situation) === true) ? [at] : [],
  )
  return new Set(found)
}

describe('of any two policies', () => {
  const draw = numbers(43)
  const sample = Array.from({ length: 90 }, (_, at) => {
    const one = anyPolicy(`p${at}`, draw)
    return { one, matches: matched(one) }
  })

  it('those that match the same login are never told apart', () => {
    let apart = 0
    for (const a of sample)
      for (const b of sample) {
        const isShared = [...a.matches].some((at) => b.matches.has(at))
        const may = canOverlap(a.one, b.one)
        if (isShared) expect(may, JSON.stringify([a.one, b.one])).toBe(true)
        if (!may) apart += 1
      }
    // The rule tells something.
    expect(apart).toBeGreaterThan(500)
  })

  it('a third one that is said to cover them matches wherever both do', () => {
    let covered = 0
    for (const [at, { one: third, matches }] of sample.entries())
      for (const a of sample.slice(0, 40)) {
        const b = sample[(at * 7) % sample.length] ?? a
        if (!coversBoth(third, a.one, b.one)) continue
        const both = [...a.matches].filter((index) => b.matches.has(index))
        if (both.length > 0) covered += 1
        for (const index of both) expect(matches.has(index), JSON.stringify([third, a.one, b.one])).toBe(true)
      }
    expect(covered).toBeGreaterThan(20)
  })
})

describe('a policy with a condition', () => {
  it('covers nothing for certain, unless the condition is off', () => {
    const condition = ['userinfo', 'email', 'equals', 'a@b.example']
    const all = policy('all', {})
    expect(coversBoth({ ...all, conditions: [[...condition, true]] }, all, all)).toBe(false)
    expect(coversBoth({ ...all, conditions: [[...condition, false]] }, all, all)).toBe(true)
    expect(coversBoth({ ...all, conditions: ['unreadable'] }, all, all)).toBe(false)
  })
})
