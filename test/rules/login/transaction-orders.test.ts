import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyAnswer, type VerifiedAnswer } from '../../../src/rules/login/answering.ts'
import { claim, markFinalized } from '../../../src/rules/login/finalizing.ts'
import {
  type Challenge,
  endsAt,
  loginStatus,
  type PhoneReply,
  type Transaction,
  withdraw,
} from '../../../src/rules/login/transaction.ts'
import { instant, type Mode } from '../../../src/vocabulary.ts'
import { after, challenge, login, nonce, serial } from './sample-login.ts'

const PHONES = ['A', 'B', 'C'] as const
const RIGHT = { option: 'B', code: '123456' }

type Happening =
  | { readonly kind: 'answer'; readonly phone: string; readonly said: VerifiedAnswer }
  | { readonly kind: 'withdraw'; readonly phone: string | undefined }
  | { readonly kind: 'finalize'; readonly entry: string }
  | { readonly kind: 'wait'; readonly count: number }

const somePhone = fc.constantFrom(...PHONES)
const someSaid = fc
  .record({
    decline: fc.boolean(),
    reason: fc.constantFrom('unknown_trigger', 'cancelled', 'bored', undefined),
    presence: fc.constantFrom('A', RIGHT.option, undefined),
  })
  .map(({ decline, reason, presence }): VerifiedAnswer => ({
    digest: JSON.stringify([decline, reason, presence]),
    decline,
    ...(reason === undefined ? {} : { reason }),
    ...(presence === undefined ? {} : { presence }),
  }))
const happening = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('answer' as const), phone: somePhone, said: someSaid }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('withdraw' as const), phone: fc.option(somePhone, { nil: undefined }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('finalize' as const), entry: fc.constantFrom('', '000000', RIGHT.code) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), count: fc.constantFrom(1, 30, 119, 120, 299, 300) }),
  },
)
const history = fc.array(happening, { maxLength: 30 })
const someModes = fc.array(fc.constantFrom<Mode>('standard', 'presence', 'code_to_phone'), {
  minLength: 1,
  maxLength: 3,
})

const opening = (modes: readonly Mode[]): Transaction =>
  login(
    modes.map((mode, index) =>
      challenge(PHONES[index] ?? '', {
        mode,
        ...(mode === 'presence' ? { presence: RIGHT.option } : {}),
        ...(mode === 'code_to_phone' ? { code: RIGHT.code } : {}),
      }),
    ),
  )

interface Moment {
  readonly at: number
  readonly transaction: Transaction
  readonly reply?: PhoneReply
  /** The phone by whose word the login was finalized just now. */
  readonly granted?: string
}

/** One event, taken as an object would: save what the rules return, finalize what they grant. */
function next({ at, transaction }: Moment, event: Happening): Moment {
  const now = after(at)
  switch (event.kind) {
    case 'wait':
      return { at: at + event.count, transaction }
    case 'withdraw':
      return {
        at,
        transaction: withdraw(
          transaction,
          event.phone === undefined ? undefined : serial(event.phone),
          { cause: 'token_changed' },
          now,
        ),
      }
    case 'answer':
      return { at, ...applyAnswer(transaction, nonce(`nonce of ${event.phone}`), event.said, now) }
    case 'finalize': {
      const claimed = claim(transaction, event.entry, now)
      if (!claimed.ok) return { at, transaction }
      if (claimed.value.kind === 'wrong_code') return { at, transaction: claimed.value.transaction }
      return {
        at,
        transaction: markFinalized(transaction, claimed.value.token.serial, now),
        granted: claimed.value.token.serial,
      }
    }
  }
}

/** Every step of a history, the event that made it beside the moment before and after. */
function* steps(modes: readonly Mode[], events: readonly Happening[]) {
  let before: Moment = { at: 0, transaction: opening(modes) }
  for (const event of events) {
    const then = next(before, event)
    yield [event, before, then] as const
    before = then
  }
}

const stands = ({ at, transaction }: Moment) => loginStatus(transaction, after(at))
const hasEnded = (moment: Moment): boolean => !['pending', 'accepted'].includes(stands(moment))
const approves = (said: VerifiedAnswer, mode: Mode | undefined): boolean =>
  !said.decline && (mode !== 'presence' || said.presence === RIGHT.option)
const stateOf = (challenges: readonly Challenge[], index: number) => challenges[index]?.state ?? 'none'

/** `npm run test:all` tries more of them. */
const TRIED = process.env['NOD_TEST_ALL'] === '1' ? 100_000 : 6000

const everyHistory = (holds: (modes: readonly Mode[], events: readonly Happening[]) => void): void =>
  fc.assert(fc.property(someModes, history, holds), { numRuns: TRIED })

describe('in whatever order phones, services, administrators and the clock come', { timeout: 600_000 }, () => {
  it('a login is finalized only by a phone whose first word was its approval, at most once', () => {
    everyHistory((modes, events) => {
      const firstWords = new Map<string, VerifiedAnswer>()
      let finalizations = 0
      for (const [event, , then] of steps(modes, events)) {
        if (event.kind === 'answer' && !firstWords.has(event.phone)) firstWords.set(event.phone, event.said)
        if (then.granted === undefined) continue
        finalizations += 1
        const first = firstWords.get(then.granted)
        expect(first && approves(first, modes[PHONES.findIndex((phone) => phone === then.granted)])).toBe(true)
      }
      expect(finalizations).toBeLessThanOrEqual(1)
    })
  })

  it('a login of code to phone is finalized with the right code, never without', () => {
    everyHistory((modes, events) => {
      for (const [event, before, then] of steps(modes, events)) {
        if (then.granted === undefined || event.kind !== 'finalize') continue
        const by = before.transaction.challenges.find((one) => one.serial === then.granted)
        expect(by?.mode === 'code_to_phone' ? event.entry : RIGHT.code).toBe(RIGHT.code)
      }
    })
  })

  it('nothing changes a login after its end', () => {
    everyHistory((modes, events) => {
      for (const [, before, then] of steps(modes, events)) {
        if (!hasEnded(before)) continue
        expect(then.transaction).toBe(before.transaction)
        expect(hasEnded(then)).toBe(true)
      }
    })
  })

  it('a login that nobody touches keeps its status until it expires', () => {
    everyHistory((modes, events) => {
      for (const [, , { at, transaction }] of steps(modes, events)) {
        if (hasEnded({ at, transaction })) continue
        const end = endsAt(transaction)
        expect(end).toBeGreaterThan(after(at))
        expect(loginStatus(transaction, instant(end - 1))).toBe(loginStatus(transaction, after(at)))
        expect(['declined', 'cancelled', 'expired']).toContain(loginStatus(transaction, end))
      }
    })
  })

  it('a challenge never returns to an earlier state, and a refused one stays refused', () => {
    const may: Readonly<Record<string, readonly string[]>> = {
      pending: ['pending', 'confirmed', 'accepted', 'declined', 'cancelled', 'failed'],
      confirmed: ['confirmed', 'failed'],
      accepted: ['accepted', 'failed'],
    }
    everyHistory((modes, events) => {
      for (const [, before, then] of steps(modes, events)) {
        before.transaction.challenges.forEach(({ state }, index) => {
          expect(may[state] ?? [state]).toContain(stateOf(then.transaction.challenges, index))
        })
      }
    })
  })

  it('a decline on a phone that is asked ends the login for all, and no phone accepts it any more', () => {
    everyHistory((modes, events) => {
      let declined: string | undefined
      for (const [event, before, then] of steps(modes, events)) {
        if (declined !== undefined) {
          expect(then.granted).toBeUndefined()
          expect(then.transaction.challenges.every(({ state }) => state !== 'accepted')).toBe(true)
        }
        if (event.kind !== 'answer' || !event.said.decline || then.transaction === before.transaction) continue
        declined = event.said.reason === 'cancelled' ? 'cancelled' : 'declined'
        expect(stands(then)).toBe(declined)
        expect(then.transaction.challenges.some(({ state }) => state === 'pending' || state === 'confirmed')).toBe(
          false,
        )
      }
    })
  })

  it('an answer that was accepted gets the same reply as often as it is sent', () => {
    everyHistory((modes, events) => {
      const taken = new Map<string, PhoneReply | undefined>()
      for (const [event, before, then] of steps(modes, events)) {
        if (event.kind !== 'answer') continue
        const sent = `${event.phone} ${event.said.digest}`
        if (taken.has(sent)) expect(then.reply).toEqual(taken.get(sent))
        else if (then.transaction !== before.transaction) taken.set(sent, then.reply)
      }
    })
  })

  it('the timeline holds everything that happened, in order', () => {
    everyHistory((modes, events) => {
      for (const [, before, then] of steps(modes, events)) {
        const [earlier, now] = [before.transaction.steps, then.transaction.steps]
        expect(now.slice(0, earlier.length)).toEqual(earlier)
        if (then.transaction !== before.transaction) expect(now.length).toBeGreaterThan(earlier.length)
      }
    })
  })
})
