import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fairOrder } from '../../../src/rules/token/fair-rings.ts'
import { type KnownSources, sourceOf } from '../../../src/rules/token/ring-source.ts'
import { after } from '../login/sample-login.ts'

interface Asked {
  readonly name: string
  readonly at: ReturnType<typeof after>
  readonly pinVerified: boolean
  readonly service?: string
  readonly place?: string
}
const MINE = 'home'
const known: KnownSources = { places: [[MINE, after(1000)]], services: [['vpn', after(1000)]] }

const ring = (name: string, at: number, from: Partial<Asked> = {}): Asked => ({
  name,
  at: after(at),
  pinVerified: true,
  ...from,
})
const shown = (rings: readonly Asked[]) =>
  fairOrder(rings, known, after(100))
    .slice(0, 5)
    .map(({ name }) => name)
/** A PIN that is known to somebody with many addresses, each tried several times. */
const crowd = (count: number, at: number, of: Partial<Asked> = {}, each = 1) =>
  Array.from({ length: count * each }, (_, index) =>
    ring(`stranger ${index}`, at + index / 10_000, { service: 'web', place: `p${index % count}`, ...of }),
  )

describe('of the rings of one source', () => {
  it('the newest come first, those with a verified PIN before all others', () => {
    const rings = [true, false, true, false].map((pinVerified, at) => ring(String(at), at, { pinVerified }))
    expect(shown(rings)).toEqual(['2', '0', '3', '1'])
  })

  it('the later of two in the same millisecond is the newer', () => {
    expect(shown([ring('first', 1), ring('second', 1)])).toEqual(['second', 'first'])
  })
})

describe('of several sources', () => {
  it('each has one before any has a second', () => {
    const many = Array.from({ length: 20 }, (_, at) => ring(`bomb ${at}`, 10 + at, { service: 'bomber' }))
    expect(shown([ring('hers', 1, { service: 'mail' }), ...many])).toEqual([
      'bomb 19',
      'hers',
      'bomb 18',
      'bomb 17',
      'bomb 16',
    ])
  })

  it('a thousand do not hide a login from where its user has logged in before', () => {
    const hers = ring('hers', 1, { service: 'web', place: MINE, pinVerified: false })
    expect(shown([hers, ...crowd(1000, 2, {}, 3)])[0]).toBe('hers')
  })

  it('a thousand do not hide a login of a service that tells no place', () => {
    for (const service of ['vpn', 'mail', undefined]) {
      const hers = ring('hers', 1, service === undefined ? {} : { service })
      expect(shown([hers, ...crowd(1000, 2)])[0], service).toBe('hers')
    }
  })

  it('neither do ten services without a place hide a login from a new place', () => {
    const services = Array.from({ length: 10 }, (_, at) => ring(`service ${at}`, 2, { service: `s${at}` }))
    const hers = ring('hers', 1, { service: 'web', place: 'hotel' })
    expect(shown([hers, ...services])[1]).toBe('hers')
  })

  it('those without a verified PIN do not hide one that has it', () => {
    const hers = ring('hers', 1, { service: 'web', place: 'hotel' })
    const services = Array.from({ length: 10 }, (_, at) =>
      ring(`service ${at}`, 2, { service: `s${at}`, pinVerified: false }),
    )
    expect(shown([hers, ...services, ...crowd(1000, 3, { pinVerified: false })])[0]).toBe('hers')
  })

  it('a service that the user has used before needs no PIN to stay before strangers who have it', () => {
    const hers = ring('hers', 1, { service: 'vpn', pinVerified: false })
    expect(shown([hers, ...crowd(1000, 3)])[0]).toBe('hers')
  })

  it('a place is forgotten, and then as new as any other', () => {
    const rings = [ring('hers', 1, { service: 'web', place: MINE }), ...crowd(10, 2)]
    expect(fairOrder(rings, known, after(1000))[0]?.name).toBe('stranger 9')
  })
})

it('every ring is in the order once, and no source has a second before another has its first', () => {
  const anyRing = fc.record({
    at: fc.integer({ min: 0, max: 20 }).map((at) => after(at)),
    pinVerified: fc.boolean(),
    service: fc.constantFrom('vpn', 'web', 'mail', undefined),
    place: fc.constantFrom(MINE, 'a', 'b', undefined),
  })
  fc.assert(
    fc.property(fc.array(anyRing, { maxLength: 40 }), (rings) => {
      const order = fairOrder(rings, known, after(100))
      expect(new Set(order)).toEqual(new Set(rings))
      expect(order).toHaveLength(rings.length)
      const seen = new Map<string, number>()
      const rounds = order.map((one) => {
        const round = seen.get(sourceOf(one)) ?? 0
        seen.set(sourceOf(one), round + 1)
        return round
      })
      expect(rounds).toEqual(rounds.toSorted((a, b) => a - b))
    }),
  )
})
