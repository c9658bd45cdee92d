import { describe, expect, it } from 'vitest'
import { applyAnswer, type VerifiedAnswer } from '../../../src/rules/login/answering.ts'
import { belongsTo, claim, finalizedToken, markFinalized } from '../../../src/rules/login/finalizing.ts'
import {
  endsAt,
  isSameLogin,
  lastToken,
  loginStatus,
  type Transaction,
  withdraw,
} from '../../../src/rules/login/transaction.ts'
import type { LoginStatus } from '../../../src/vocabulary.ts'
import { after, challenge, login, nonce, serial } from './sample-login.ts'

const yes: VerifiedAnswer = { digest: 'yes', decline: false }
const no: VerifiedAnswer = { digest: 'no', decline: true }
const notMe: VerifiedAnswer = { digest: 'not me', decline: true, reason: 'unknown_trigger' }
const cancel: VerifiedAnswer = { digest: 'cancel', decline: true, reason: 'cancelled' }
const tap = (option: string): VerifiedAnswer => ({ digest: `tap ${option}`, decline: false, presence: option })

/** The login after a phone has said so, so many seconds after it opened. */
const say = (transaction: Transaction, phone: string, said: VerifiedAnswer, at = 10) =>
  applyAnswer(transaction, nonce(`nonce of ${phone}`), said, after(at))
const heard = (transaction: Transaction, phone: string, said: VerifiedAnswer, at = 10) =>
  say(transaction, phone, said, at).transaction

const withCode = { mode: 'code_to_phone', code: '123456', codeMessage: 'Type it' } as const
const withOption = { mode: 'presence', presence: 'B' } as const
const two = login([challenge('A'), challenge('B')])

describe('the status of a login', () => {
  const table: readonly [string, Transaction, number, LoginStatus][] = [
    ['is pending while nobody has answered', two, 119, 'pending'],
    ['is declined once one phone has said no, without a reason', heard(two, 'A', no), 11, 'declined'],
    ['is cancelled once one phone has cancelled', heard(two, 'A', cancel), 11, 'cancelled'],
    ['is still cancelled when the other may not answer any more', heard(two, 'A', cancel), 121, 'cancelled'],
    [
      'is pending while one phone tapped a wrong number and the other may still answer',
      heard(login([challenge('A', withOption), challenge('B', withOption)]), 'A', tap('C')),
      11,
      'pending',
    ],
    [
      'is cancelled when one phone tapped a wrong number and the other cancelled',
      heard(heard(login([challenge('A', withOption), challenge('B', withOption)]), 'A', tap('C')), 'B', cancel),
      11,
      'cancelled',
    ],
    ['is accepted once one phone has said yes', heard(two, 'A', yes), 11, 'accepted'],
    ...[no, cancel, notMe].map((said): [string, Transaction, number, LoginStatus] => [
      `is never accepted when the second phone says yes after the first said ${said.digest}`,
      heard(heard(two, 'A', said), 'B', yes),
      11,
      said === cancel ? 'cancelled' : 'declined',
    ]),
    [
      'is accepted when the second phone taps the number after the first tapped a wrong one',
      heard(heard(login([challenge('A', withOption), challenge('B', withOption)]), 'A', tap('C')), 'B', tap('B')),
      11,
      'accepted',
    ],
    ['is declined by "not me" on any phone, the others withdrawn', heard(two, 'B', notMe), 11, 'declined'],
    [
      'is cancelled by the first phone, whatever the second says',
      heard(heard(two, 'A', cancel), 'B', notMe),
      11,
      'cancelled',
    ],
    [
      'is declined by the first phone, whatever the second says',
      heard(heard(two, 'A', no), 'B', cancel),
      11,
      'declined',
    ],
    [
      'is declined for any other reason, or none',
      heard(login([challenge('A')]), 'A', { ...no, reason: 'bored' }),
      11,
      'declined',
    ],
    ['has expired when nobody answered for two minutes', two, 120, 'expired'],
    ['has expired when one phone cancelled and both times are over', heard(two, 'A', cancel), 310, 'expired'],
    ['is accepted until five minutes after the answer', heard(two, 'A', yes), 309, 'accepted'],
    ['has expired five minutes after the answer', heard(two, 'A', yes), 310, 'expired'],
    ['is pending while the phone shows a code', heard(login([challenge('A', withCode)]), 'A', yes), 200, 'pending'],
    ['is finalized for good', markFinalized(heard(two, 'A', yes), serial('A'), after(20)), 100_000, 'finalized'],
    [
      'is declined when its only phone was taken away',
      withdraw(login([challenge('A')]), serial('A'), { cause: 'token_changed' }, after(5)),
      6,
      'declined',
    ],
    [
      'is declined when the phone that accepted was taken away',
      withdraw(heard(two, 'A', yes), serial('A'), { cause: 'token_changed' }, after(15)),
      16,
      'declined',
    ],
  ]
  it.each(table)('%s', (_, transaction, at, expected) => {
    expect(loginStatus(transaction, after(at))).toBe(expected)
  })

  it('is declined also where the version before left another phone pending, and that phone can no longer accept', () => {
    for (const state of ['declined', 'cancelled'] as const) {
      const stored = login([challenge('A', { state, answeredAt: after(5) }), challenge('B')])
      expect(loginStatus(stored, after(10))).toBe(state)
      expect(say(stored, 'B', yes)).toEqual({ transaction: stored, reply: { accepted: false }, isFailedAttempt: false })
    }
  })

  it('loses one phone when its token is withdrawn, and no other', () => {
    const one = withdraw(two, serial('B'), { cause: 'token_changed' }, after(5))
    expect(one.challenges.map(({ state }) => state)).toEqual(['pending', 'failed'])
    const all = withdraw(two, undefined, { cause: 'service_key_revoked' }, after(5))
    expect(all.challenges.map(({ state }) => state)).toEqual(['failed', 'failed'])
    expect(withdraw(two, serial('C'), { cause: 'token_changed' }, after(5))).toBe(two)
  })

  it('ends when the last of its times is over', () => {
    // The second phone's grace is over later than the first one's.
    const accepted = (at: number) => ({ state: 'accepted', answeredAt: after(at) }) as const
    expect(endsAt(login([challenge('A', accepted(10)), challenge('B', accepted(20))]))).toBe(after(320))
    expect(endsAt(login([challenge('A', accepted(20)), challenge('B', accepted(10))]))).toBe(after(320))
    expect(endsAt(two)).toBe(after(120))
    expect(endsAt(heard(two, 'A', yes, 100))).toBe(after(400))
  })
})

describe('an answer', () => {
  it('that declines, for whatever reason, withdraws the other phone', () => {
    for (const [said, state] of [
      [no, 'declined'],
      [cancel, 'cancelled'],
      [notMe, 'declined'],
      [{ ...no, reason: 'bored' }, 'declined'],
    ] as const) {
      const declined = heard(two, 'A', said)
      expect(declined.challenges.map((one) => one.state)).toEqual([state, 'failed'])
      expect(say(declined, 'B', yes)).toEqual({
        transaction: declined,
        reply: { accepted: false },
        isFailedAttempt: false,
      })
      expect(claim(declined, '', after(11))).toMatchObject({ ok: false })
    }
  })

  it('of the first phone that accepts withdraws the other', () => {
    const accepted = heard(two, 'A', yes)
    expect(accepted.challenges.map(({ state }) => state)).toEqual(['accepted', 'failed'])
    expect(say(accepted, 'B', yes)).toEqual({
      transaction: accepted,
      reply: { accepted: false },
      isFailedAttempt: false,
    })
  })

  it('that accepts gets an accepting reply', () => {
    expect(say(two, 'A', yes).reply).toEqual({ accepted: true })
    expect(say(login([challenge('A', withOption)]), 'A', tap('B'))).toMatchObject({
      reply: { accepted: true },
      isFailedAttempt: false,
      transaction: { challenges: [{ state: 'accepted' }] },
    })
  })

  it('needs no number where none is shown, and a number changes nothing there', () => {
    expect(say(two, 'A', tap('B'))).toMatchObject({ reply: { accepted: true }, isFailedAttempt: false })
  })

  it('does not revive a phone that has declined, nor the others', () => {
    expect(heard(heard(two, 'A', no), 'B', yes).challenges.map(({ state }) => state)).toEqual(['declined', 'failed'])
    expect(heard(heard(two, 'A', no), 'A', yes).challenges.map(({ state }) => state)).toEqual(['declined', 'failed'])
  })

  it('has its reason in the timeline only where the app knows the reason', () => {
    const step = (said: VerifiedAnswer) => heard(two, 'A', said).steps.at(-1)
    expect(step(cancel)).toMatchObject({ kind: 'declined', reason: 'cancelled' })
    expect(step(notMe)).toMatchObject({ kind: 'declined', reason: 'unknown_trigger' })
    expect(step({ ...no, reason: 'bored' })).not.toHaveProperty('reason')
  })

  it('sent again gets the same reply and changes nothing, also after the end', () => {
    for (const [said, rest] of [
      [yes, {}],
      [notMe, {}],
      [yes, withCode],
      [tap('C'), withOption],
    ] as const) {
      const first = say(login([challenge('A', rest)]), 'A', said)
      const again = say(first.transaction, 'A', said, 5000)
      expect(again).toEqual({ transaction: first.transaction, reply: first.reply, isFailedAttempt: false })
      expect(again.transaction).toBe(first.transaction)
    }
  })

  it('that comes too late is refused, and changes nothing', () => {
    expect(say(two, 'A', yes, 120)).toEqual({ transaction: two, reply: { accepted: false }, isFailedAttempt: false })
  })

  it('with a wrong number ends the challenge, is refused, and counts as a failed attempt', () => {
    const { transaction, reply, isFailedAttempt: failed } = say(login([challenge('A', withOption)]), 'A', tap('C'))
    expect([reply, failed, loginStatus(transaction, after(10))]).toEqual([{ accepted: false }, true, 'declined'])
    expect(say(transaction, 'A', tap('B'), 11).reply).toEqual({ accepted: false })
  })

  it('without a number counts as a wrong one where one is asked for', () => {
    expect(say(login([challenge('A', withOption)]), 'A', yes)).toMatchObject({
      reply: { accepted: false },
      isFailedAttempt: true,
    })
  })

  it('that declines needs no number and is no failed attempt', () => {
    const { transaction, isFailedAttempt: failed } = say(login([challenge('A', withOption)]), 'A', no)
    expect([loginStatus(transaction, after(10)), failed]).toEqual(['declined', false])
  })

  it('in code to phone brings the code, the same one when it is asked for again', () => {
    const first = say(login([challenge('A', withCode), challenge('B', withCode)]), 'A', yes)
    expect(first.reply).toEqual({ accepted: true, code: '123456', message: 'Type it' })
    expect(say(first.transaction, 'A', yes, 20).reply).toEqual(first.reply)
    expect(say(first.transaction, 'B', yes, 20).reply).toEqual({ accepted: false })
  })

  it('that closes the code window does not take the confirmation back', () => {
    const confirmed = heard(login([challenge('A', withCode)]), 'A', yes)
    expect(heard(confirmed, 'A', no)).toBe(confirmed)
    expect(claim(confirmed, '123456', after(30))).toEqual({
      ok: true,
      value: { kind: 'granted', token: { serial: 'A', type: 'push' } },
    })
  })
})

describe('finalizing', () => {
  const confirmed = heard(login([challenge('A', withCode)]), 'A', yes)
  const refusedWith = (reason: string) => ({ ok: false, refusal: { reason } })

  it('succeeds for an accepted login, and for no other', () => {
    expect(claim(two, '', after(10))).toMatchObject(refusedWith('not_accepted'))
    expect(claim(heard(two, 'A', no), '', after(11))).toMatchObject(refusedWith('not_accepted'))
    expect(claim(heard(two, 'B', yes), '', after(11))).toEqual({
      ok: true,
      value: { kind: 'granted', token: { serial: 'B', type: 'push' } },
    })
    expect(claim(heard(two, 'B', yes), '', after(310))).toMatchObject(refusedWith('not_accepted'))
  })

  it('of a wrong code writes a step, of the phone and the request it came by', () => {
    const by = { action: 'POST /validate/check', address: '192.0.2.9', userAgent: 'vpn/1' }
    expect(claim(confirmed, '12345', after(11), by)).toMatchObject({
      value: { transaction: { steps: [{}, {}, { at: after(11), kind: 'wrong_code', serial: 'A', origin: by }] } },
    })
  })

  it('is remembered with its attempt', () => {
    const used = markFinalized(heard(two, 'B', yes), serial('B'), after(20), { attempt: 'first' })
    expect(finalizedToken(used, 'first')).toEqual({ serial: 'B', type: 'push' })
    expect(finalizedToken(used, 'second')).toBeUndefined()
    expect(finalizedToken(used, undefined)).toBeUndefined()
    expect(finalizedToken(two, undefined)).toBeUndefined()
    expect(finalizedToken(two, 'first')).toBeUndefined()
  })

  it('happens once', () => {
    const used = markFinalized(heard(two, 'A', yes), serial('A'), after(20))
    expect(claim(used, '', after(21))).toEqual(refusedWith('transaction_unknown'))
  })

  it('needs the code where one was shown; an empty entry is no wrong code', () => {
    expect(claim(confirmed, '', after(11))).toMatchObject(refusedWith('not_accepted'))
    expect(claim(confirmed, '12345', after(11))).toMatchObject({ ok: true, value: { kind: 'wrong_code' } })
  })

  it('ends with the third wrong code; the right one then comes too late', () => {
    let transaction = confirmed
    for (const entry of ['000000', '1234567', ' 123456']) {
      expect(loginStatus(transaction, after(20))).toBe('pending')
      const claimed = claim(transaction, entry, after(20))
      if (!claimed.ok || claimed.value.kind !== 'wrong_code') throw new Error('not taken for a wrong code')
      ;({ transaction } = claimed.value)
    }
    expect(loginStatus(transaction, after(20))).toBe('declined')
    expect(transaction.steps.slice(-2)).toMatchObject([
      { kind: 'wrong_code', serial: 'A' },
      { kind: 'withdrawn', cause: 'wrong_codes' },
    ])
    expect(claim(transaction, '123456', after(20))).toMatchObject(refusedWith('not_accepted'))
  })
})

describe('the token of a login', () => {
  it('is that of its last step, or its first one', () => {
    expect(lastToken(two)).toEqual({ serial: 'A', type: 'push' })
    expect(lastToken(heard(two, 'B', yes))).toEqual({ serial: 'B', type: 'push' })
    expect(
      lastToken(
        login([challenge('A'), challenge('B', { type: 'edupush' })], {
          steps: [{ at: after(0), kind: 'delivered', serial: serial('B') }],
        }),
      ),
    ).toEqual({ serial: 'B', type: 'edupush' })
    expect(lastToken(login([]))).toBeUndefined()
  })
})

describe('the same login, opened twice,', () => {
  it('has the same nonces in the same order', () => {
    expect(isSameLogin(two, login([challenge('A'), challenge('B')]))).toBe(true)
    expect(isSameLogin(two, heard(two, 'A', yes))).toBe(true)
    expect(isSameLogin(two, login([challenge('B'), challenge('A')]))).toBe(false)
    expect(isSameLogin(two, login([challenge('A'), challenge('C')]))).toBe(false)
    expect(isSameLogin(login([challenge('A')]), two)).toBe(false)
    expect(isSameLogin(two, login([challenge('A')]))).toBe(false)
  })
})

describe('a login belongs to', () => {
  const ada = { login: 'ada', realm: 'sales' }
  const table: readonly [string, Parameters<typeof belongsTo>[1], Partial<Transaction>, boolean][] = [
    ['whoever names its owner as it was named when it opened', { userInput: { user: 'ada@sales' } }, {}, true],
    ['whoever means its owner by another name', { userInput: { user: 'ada', realm: 'sales' }, owner: ada }, {}, true],
    ['nobody who names another, though he means nobody known', { userInput: { user: 'bob' } }, {}, false],
    [
      'nobody who means the same login in another realm',
      { userInput: { user: 'ada' }, owner: { login: 'ada', realm: 'it' } },
      {},
      false,
    ],
    ['whoever names one of its tokens', { serial: serial('A') }, {}, true],
    ['nobody who names another token', { serial: serial('C') }, {}, false],
    [
      'nobody who names the owner and another token',
      { userInput: { user: 'ada@sales' }, serial: serial('C') },
      {},
      false,
    ],
    [
      'nobody who names one of its tokens and another owner',
      { userInput: { user: 'bob' }, serial: serial('A') },
      {},
      false,
    ],
    ['nobody who names neither', {}, {}, false],
    ['the key that opened it', { userInput: { user: 'ada@sales' }, keyHash: 'k' }, { keyHash: 'k' }, true],
    ['no other key', { userInput: { user: 'ada@sales' }, keyHash: 'other' }, { keyHash: 'k' }, false],
    ['nobody without that key', { userInput: { user: 'ada@sales' } }, { keyHash: 'k' }, false],
    [
      'nobody who names the user in another realm',
      { userInput: { user: 'ada@sales', realm: 'it' } },
      { userInput: { user: 'ada@sales', realm: 'sales' } },
      false,
    ],
    [
      'nobody who means nobody known, where nobody owned it',
      { userInput: { user: 'bob' } },
      { owner: undefined },
      false,
    ],
    ['no service, where it was opened to sign in to Nod', { serial: serial('A') }, { openedBy: 'POST /auth' }, false],
    [
      'whoever signs in to Nod, where it was opened for that',
      { serial: serial('A'), isSignIn: true },
      { openedBy: 'POST /auth' },
      true,
    ],
    ['nobody who signs in to Nod, where a service opened it', { serial: serial('A'), isSignIn: true }, {}, false],
    ['any key where none opened it', { userInput: { user: 'ada@sales' }, keyHash: 'k' }, {}, true],
  ]
  it.each(table)('%s', (_, by, rest, expected) => {
    expect(belongsTo(login([challenge('A'), challenge('B')], rest), by)).toBe(expected)
  })
})
