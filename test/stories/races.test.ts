import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Prompt } from '../simulation/phone.ts'
import type { Driver, EnrolledUser } from '../driver/driver.ts'
import { only, sleep } from '../driver/waiting.ts'
import { openNod } from './scene.ts'

type Holder = EnrolledUser

/** Interleavings that are tried; `npm run test:all` tries more. */
const TRIED = process.env['NOD_TEST_ALL'] === '1' ? 1000 : 30

let nod: Driver
let both: readonly [Holder, Holder]
beforeAll(async () => {
  nod = await openNod('races')
  // One token is rung and declined again and again.
  await nod.authenticationPolicy({ push_firewall: 'off' })
  both = [await nod.enroll('ada'), await nod.enroll('ada')]
})
afterAll(() => nod.close())

const times = (count: number) => Array.from({ length: count }, (_, index) => index)

describe('a hundred services', () => {
  it('that finalize one login at once: one of them is let in', async () => {
    const { phone, owner } = await nod.enroll('bob')
    const { transactionId } = await nod.service.trigger(owner)
    await phone.accept(only(await phone.poll()))
    const outcomes = await Promise.all(times(100).map(() => nod.service.finalize(transactionId)))
    expect(outcomes.filter((one) => one === 'ACCEPT')).toHaveLength(1)
    expect(outcomes.filter((one) => one === 'REJECT')).toHaveLength(99)
  })
})

describe('a token that is disabled', { timeout: 60_000 }, () => {
  it('lets no login in from then on, whether one is being triggered, answered or finalized', async () => {
    const { phone, serial, owner } = await nod.enroll('carla')
    const disable = () => nod.service.call('POST', `/token/disable/${serial}`)
    for (const round of times(12)) {
      const login = await nod.service.trigger(owner)
      const [prompt] = await phone.poll()
      const answer = () => (prompt === undefined ? undefined : phone.accept(prompt))
      if (round % 3 > 0) await answer()
      const racing: (() => Promise<unknown> | undefined)[] = [
        () => nod.service.triggerchallenge(owner),
        answer,
        () => nod.service.finalize(login.transactionId),
      ]
      const [raced, disabled] = await Promise.all([
        racing[round % 3]?.(),
        sleep(Math.floor(round / 3) * 2).then(disable),
      ])
      expect(disabled.status).toBe(200)
      const after = await nod.service.finalize(login.transactionId)
      expect([raced, after].filter((one) => one === 'ACCEPT').length).toBeLessThanOrEqual(raced === 'ACCEPT' ? 1 : 0)
      // What was triggered at the same time is taken back as well.
      await phone.poll()
      expect(phone.lastPoll.get(serial)?.value).toEqual([])
      await nod.service.call('POST', `/token/enable/${serial}`)
      await phone.poll()
      expect(phone.lastPoll.get(serial)?.value).toEqual([])
    }
  })
})

const WHO = fc.constantFrom(0, 1)
const happening = fc.record({
  after: fc.integer({ min: 0, max: 12 }),
  what: fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('accept' as const), by: WHO }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('decline' as const),
        by: WHO,
        reason: fc.constantFrom('unknown_trigger', 'cancelled', undefined),
      }),
    },
    { weight: 5, arbitrary: fc.record({ do: fc.constant('finalize' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('disable' as const), by: WHO }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('withdraw' as const) }) },
  ),
})
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never

/** All of it at once, each after so many milliseconds; what was said to whom. */
async function atOnce(happenings: readonly Happening[]) {
  const { service } = nod
  const { transactionId: id } = await service.trigger(both[0].owner)
  const prompts = await Promise.all(both.map(async ({ phone, serial }) => only(await phone.poll(serial))))
  const promptOf = (by: number): Prompt => prompts[by] ?? only([])
  const disabled = new Set<number>()
  const said = await Promise.all(
    happenings.map(async ({ after, what }) => {
      await sleep(after)
      switch (what.do) {
        case 'accept':
          return { what, good: (await (both[what.by] ?? both[0]).phone.accept(promptOf(what.by))).taken }
        case 'decline': {
          const how = what.reason === undefined ? {} : { reason: what.reason }
          return { what, good: (await (both[what.by] ?? both[0]).phone.decline(promptOf(what.by), how)).taken }
        }
        case 'finalize':
          return { what, good: (await service.finalize(id)) === 'ACCEPT' }
        case 'disable':
          disabled.add(what.by)
          return {
            what,
            good: (await service.call('POST', `/token/disable/${(both[what.by] ?? both[0]).serial}`)).status === 200,
          }
        case 'withdraw':
          return { what, good: (await service.call('DELETE', `/token/challenges/transaction/${id}`)).status === 200 }
      }
    }),
  )
  const stood = await service.status(id)
  const late = [await service.finalize(id), await service.finalize(id)]
  await service.call('DELETE', `/token/challenges/transaction/${id}`)
  for (const by of disabled) await service.call('POST', `/token/enable/${(both[by] ?? both[0]).serial}`)
  return { said, stood, late }
}

describe('phones, services and administrators at once', { timeout: 900_000 }, () => {
  it('agree on one outcome, and each caller gets it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 2, maxLength: 9 }), async (happenings) => {
        const { said, stood, late } = await atOnce(happenings)
        const good = (verb: Happening['what']['do']) => said.filter(({ what, good: was }) => what.do === verb && was)
        const [accepts, declines, used] = [good('accept'), good('decline'), good('finalize')]
        const let_in = used.length + late.filter((one) => one === 'ACCEPT').length
        expect(let_in).toBeLessThanOrEqual(1)
        expect(late[1]).toBe('REJECT')
        // Nobody is let in without a phone that was thanked for its yes, and of two phones one yes is enough.
        if (let_in > 0) expect(accepts.length).toBeGreaterThan(0)
        expect(new Set(accepts.map(({ what }) => ('by' in what ? what.by : -1))).size).toBeLessThanOrEqual(1)
        for (const by of [0, 1]) {
          const mine = [...accepts, ...declines].filter(({ what }) => 'by' in what && what.by === by)
          // A phone has one word: said twice it is the same word.
          expect(new Set(mine.map(({ what }) => JSON.stringify(what))).size).toBeLessThanOrEqual(1)
        }
        // A decline on either phone ends the login on both.
        const reasons = declines.map(({ what }) => (what.do === 'decline' ? what.reason : undefined))
        if (declines.length > 0) expect([let_in, accepts]).toEqual([0, []])
        const calm = said.every(({ what }) => what.do !== 'disable' && what.do !== 'withdraw')
        if (calm && accepts.length > 0) expect([let_in, used.length === 0 ? stood : 'accept']).toEqual([1, 'accept'])
        if (declines.length > 0) expect(stood).toBe(reasons.includes('cancelled') ? 'cancelled' : 'declined')
      }),
      { numRuns: TRIED, endOnFailure: true },
    )
  })
})
