import { describe, expect, it } from 'vitest'
import { addRing, moveRing } from '../../../src/rules/token/phone-rings.ts'
import { newPhoneState, type PhoneState, recordSuccess, resetForOwner } from '../../../src/rules/token/phone-state.ts'
import { restrictionOf } from '../../../src/rules/token/ring-restriction.ts'
import { isKnownSource, type RingOrigin, sourceOf } from '../../../src/rules/token/ring-source.ts'
import { seconds, type TransactionId } from '../../../src/vocabulary.ts'
import type { PushFirewall } from '../../../src/vocabulary/push-firewall.ts'
import { after } from '../login/sample-login.ts'

const ON: PushFirewall = { mode: 'on', limit: 5, window: seconds(600) }
const fresh = newPhoneState(0, 0, after(0))
const HOME: RingOrigin = { service: 'vpn', place: 'home' }
const CAFE: RingOrigin = { service: 'vpn', place: 'café' }
const VPN: RingOrigin = { service: 'vpn' }
const MINUTE = 60
const HOUR = 60 * MINUTE
let number = 0
const next = () => `login ${(number += 1)}` as TransactionId

interface Asked extends RingOrigin {
  readonly transaction?: TransactionId
  readonly pinVerified?: boolean
}

/** What becomes of a ring, as the Phone rings. */
function ring(state: PhoneState, asked: Asked, at: number, given: PushFirewall | 'off' = ON) {
  const firewall = given === 'off' ? undefined : given
  const { transaction = next(), pinVerified = true, ...origin } = asked
  const wanted = { transaction, until: after(at + 120), pinVerified, ...origin }
  const decision = restrictionOf(state, wanted, firewall, after(at))
  return { transaction, ...decision, ...addRing(state, { ...wanted, ...decision }, after(at), firewall) }
}
const isRung = (state: PhoneState, asked: Asked, at: number): boolean => ring(state, asked, at).delivers
/** Rings at each of these seconds; answers whether each was delivered, and the state after. */
function rings(state: PhoneState, origin: Asked, at: readonly number[], firewall: PushFirewall | 'off' = ON) {
  let now = state
  const delivered = at.map((second) => {
    const rung = ring(now, origin, second, firewall)
    now = rung.state
    return rung.delivers
  })
  return { state: now, delivered }
}
/** A login that succeeds at once. */
function succeed(state: PhoneState, origin: Asked, at: number): PhoneState {
  const { state: rung, transaction } = ring(state, origin, at)
  return recordSuccess(rung, transaction, after(at))
}
const times = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index)
const [T, F] = [true, false]
const bombed = rings(fresh, CAFE, times(5)).state

describe('the ring budget of one source', () => {
  it('is five rings within ten minutes, then ten minutes of silence', () => {
    expect(rings(fresh, CAFE, times(7)).delivered).toEqual([T, T, T, T, T, F, F])
    expect(isRung(bombed, CAFE, 4 + 599)).toBe(false)
    expect(isRung(bombed, CAFE, 4 + 600)).toBe(true)
  })

  it('goes on for strangers when the one ring between two silences was the owner’s, from a new place', () => {
    // Silences of 10, 20, 40 and 60 minutes: of the hour before, the last ring is the only one.
    const { state, delivered } = rings(
      bombed,
      CAFE,
      [15, 40, 85, 150].map((minute) => minute * MINUTE),
    )
    expect(delivered).toEqual([T, T, T, T])
    const HOTEL = { service: 'vpn', place: 'hotel' }
    const inside = succeed(state, HOTEL, 220 * MINUTE)
    expect(isRung(inside, CAFE, 221 * MINUTE)).toBe(false)
    expect(isRung(inside, HOTEL, 221 * MINUTE)).toBe(true)
  })

  it('leaves one ring between silences of twenty minutes, forty, and an hour', () => {
    const starts = [604, 604 + 1200, 604 + 3600, 604 + 3600 + HOUR, 604 + 3600 + 2 * HOUR]
    const { delivered } = rings(
      bombed,
      CAFE,
      starts.flatMap((at) => [at - 1, at]),
    )
    expect(delivered).toEqual(starts.flatMap(() => [false, true]))
  })

  it('is not used up by rings that were not delivered', () => {
    const pressed = rings(bombed, CAFE, times(500, 5)).state
    expect(pressed.ringCounts).toEqual(bombed.ringCounts)
    expect(isRung(pressed, CAFE, 604)).toBe(true)
  })

  it('is used up by ten rings within an hour, by whoever stays below five in ten minutes', () => {
    const four = (minute: number) => times(4, minute * MINUTE)
    const { delivered } = rings(fresh, CAFE, [...four(0), ...four(11), ...four(22)])
    expect(delivered).toEqual([...four(0), ...four(0), 0, 0].map(() => true).concat(F, F))
  })

  it('starts anew after a day without a ring', () => {
    expect(rings(bombed, CAFE, times(5, 25 * HOUR)).delivered).toEqual([T, T, T, T, T])
    const { delivered } = rings(bombed, CAFE, [20 * HOUR, 20 * HOUR + 1])
    expect(delivered).toEqual([T, F])
  })

  it('is what policy says', () => {
    const strict: PushFirewall = { mode: 'on', limit: 1, window: seconds(60) }
    expect(rings(fresh, CAFE, [0, 1, 59, 60, 61, 179, 180], strict).delivered).toEqual([T, F, F, T, F, F, T])
  })

  it('counts a ring once, however often its call comes, and answers the same', () => {
    const asked = { ...CAFE, transaction: next() }
    const often = rings(fresh, asked, times(9))
    expect([often.delivered.every(Boolean), often.state.ringCounts?.[0]?.rings.length]).toEqual([true, 1])
    const silent = { ...CAFE, transaction: next() }
    const unrung = ring(bombed, silent, 6)
    expect(unrung).toMatchObject({ delivers: false, restricted: 'over_budget' })
    expect(ring(unrung.state, silent, 604)).toMatchObject({ delivers: false, restricted: 'over_budget' })
  })

  it('does not apply where the firewall is off', () => {
    expect(rings(fresh, CAFE, times(40), 'off').delivered.every(Boolean)).toBe(true)
    expect(rings(bombed, CAFE, times(3, 5), 'off').delivered).toEqual([T, T, T])
  })

  it('is decided and not applied in shadow', () => {
    const shadow = { ...ON, mode: 'shadow' as const }
    expect(rings(fresh, CAFE, times(9), shadow).delivered.every(Boolean)).toBe(true)
    expect(ring(bombed, CAFE, 6, shadow)).toMatchObject({ delivers: true, restricted: 'over_budget', isShadow: true })
    expect(rings(fresh, CAFE, times(9), shadow).state.ringCounts).toEqual(bombed.ringCounts)
  })
})

describe('sources', () => {
  it('are known by their place, or by their service where there is no place', () => {
    const known = succeed(succeed(fresh, HOME, 0), VPN, 1)
    const after29Days = after(29 * 24 * HOUR)
    expect(
      [HOME, { service: 'mail', place: 'home' }, VPN].map((one) => isKnownSource(known, one, after29Days)),
    ).toEqual([T, T, T])
    expect([CAFE, { service: 'mail' }, {}].map((one) => isKnownSource(known, one, after29Days))).toEqual([F, F, F])
    expect([HOME, VPN].map((one) => isKnownSource(known, one, after(31 * 24 * HOUR)))).toEqual([F, F])
    expect([HOME, VPN].map((one) => isKnownSource(resetForOwner(known, after(2)), one, after(3)))).toEqual([F, F])
  })

  it('are told apart whatever their names are', () => {
    expect(new Set([HOME, VPN, {}, { place: 'home' }, { service: 'home' }].map(sourceOf)).size).toBe(5)
  })

  it('that are unknown ring five times together, however many they are', () => {
    const crowd = times(1000).reduce(
      ({ state, rung }, index) => {
        const one = ring(state, { service: 'vpn', place: `net ${index}` }, index / 1000)
        return { state: one.state, rung: rung + Number(one.delivers) }
      },
      { state: fresh, rung: 0 },
    )
    expect(crowd.rung).toBe(5)
    expect(crowd.state.ringCounts).toHaveLength(1)
  })

  it('that are known ring whatever strangers do, each by a budget of its own', () => {
    const home = rings(succeed(fresh, HOME, 0), CAFE, times(9, 1)).state
    expect(rings(home, HOME, times(6, 10)).delivered).toEqual([T, T, T, T, T, F])
    expect(isRung(rings(home, HOME, times(6, 10)).state, { service: 'mail', place: 'home' }, 20)).toBe(true)
  })

  it('start anew with a success of their own, and with no other', () => {
    const known = succeed(succeed(fresh, HOME, 0), CAFE, 0)
    const silent = rings(rings(known, HOME, times(5, 1)).state, CAFE, times(5, 6)).state
    const again = succeed(silent, HOME, 20)
    expect([isRung(again, HOME, 21), isRung(again, CAFE, 21)]).toEqual([true, false])
  })

  it('that are unknown give back the ring that led to a success, and are known from then on', () => {
    const three = rings(fresh, CAFE, times(3)).state
    const state = succeed(three, { service: 'vpn', place: 'hotel' }, 3)
    expect(state.ringCounts?.map(({ rings: at }) => at)).toEqual([times(3).map(after)])
    expect(rings(state, { service: 'vpn', place: 'hotel' }, times(5, 4)).delivered.every(Boolean)).toBe(true)
    expect(times(50).reduce((so, at) => succeed(so, { place: `${at}` }, at), fresh).ringCounts).toEqual([])
  })

  it('that are known have counts of their own up to sixteen, so the state stays small', () => {
    const many = times(16).flatMap((place) => times(4).map((service) => ({ service: `${service}`, place: `${place}` })))
    const known = times(16).reduce((so, place) => succeed(so, { place: `${place}` }, place), fresh)
    const state = many.reduce((so, one, index) => rings(so, one, times(6, 100 + index)).state, known)
    expect(state.ringCounts).toHaveLength(17)
    expect(JSON.stringify(state.ringCounts).length).toBeLessThan(2500)
  })

  it('without an address are remembered up to eight', () => {
    const state = times(12).reduce((so, index) => succeed(so, { service: `${index}` }, index), fresh)
    expect(state.services?.map(([name]) => name)).toEqual(times(8, 4).map(String))
  })
})

describe('open logins of one source', () => {
  /** The newest first. */
  const open = (state: PhoneState, at: number) =>
    state.rings
      .filter(({ until }) => after(at) < until)
      .map(({ transaction }) => transaction)
      .toReversed()

  it('are five at most: the oldest ends, and those of other sources stay', () => {
    const other = ring(fresh, HOME, 0)
    const five = times(5, 1).map((at) => ({ at, transaction: next() }))
    const full = five.reduce((so, one) => ring(so, { ...CAFE, ...one }, one.at).state, other.state)
    const sixth = ring(full, CAFE, 7)
    expect(sixth.superseded).toEqual([five[0]?.transaction])
    expect(open(sixth.state, 8)).toEqual([
      sixth.transaction,
      ...five
        .slice(1)
        .map((one) => one.transaction)
        .toReversed(),
      other.transaction,
    ])
    expect(ring(sixth.state, HOME, 8).superseded).toEqual([])
  })

  it('end first where no PIN was verified, and not when their ring comes again', () => {
    const triggered = next()
    const four = rings(fresh, CAFE, times(4)).state
    const full = ring(four, { ...CAFE, transaction: triggered, pinVerified: false }, 5).state
    expect(ring(full, CAFE, 6).superseded).toEqual([triggered])
    expect(ring(full, { ...CAFE, transaction: triggered, pinVerified: false }, 6).superseded).toEqual([])
  })

  it('are as many as come in shadow and where the firewall is off', () => {
    for (const firewall of ['off' as const, { ...ON, mode: 'shadow' as const }])
      expect(open(rings(fresh, CAFE, times(20), firewall).state, 21)).toHaveLength(20)
  })

  it('of unknown sources make room first, so that no crowd ends the login of an owner who has been there before', () => {
    const own = ring(succeed(fresh, HOME, 0), { ...HOME, pinVerified: false }, 1)
    const crowded = times(300).reduce((so, index) => ring(so, { place: `net ${index}` }, 2).state, own.state)
    expect(open(crowded, 3)).toContain(own.transaction)
    expect(crowded.rings).toHaveLength(50)
  })

  it('keep their decision when they move to another shard', () => {
    const unrung = ring(bombed, CAFE, 6)
    const to = next()
    const moved = moveRing(unrung.state, unrung.transaction, to)
    expect(moved.rings.find(({ transaction }) => transaction === to)?.restricted).toBe('over_budget')
  })
})
