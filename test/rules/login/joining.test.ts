import { describe, expect, it } from 'vitest'
import { markFinalized } from '../../../src/rules/login/finalizing.ts'
import { hearSuccess, joinLogin } from '../../../src/rules/login/joining.ts'
import type { LoginReply } from '../../../src/rules/login/login-reply.ts'
import type { Challenge, Transaction } from '../../../src/rules/login/transaction.ts'
import { seconds } from '../../../src/vocabulary.ts'
import { after, challenge, login, serial } from './sample-login.ts'

const reply: LoginReply = { challenges: [], message: '', preferredModes: [], wait: seconds(0), digest: 'digest' }
const opened = (phone: Partial<Challenge> = {}, rest: Partial<Transaction> = {}) =>
  login([challenge('A', phone)], { reply, ...rest })
const join = (to: Transaction, attempt = 'again', digest = 'digest', at = 1) =>
  joinLogin(to, { attempt, digest }, after(at))

describe('a repeated request', () => {
  it('joins the login of the same request, once', () => {
    const joined = join(opened())
    expect(joined?.joinedBy).toEqual(['again'])
    expect(joined?.steps.at(-1)).toMatchObject({ at: after(1), kind: 'joined' })
    expect(joined && join(joined)).toBe(joined)
  })

  it.each<[string, Transaction | undefined]>([
    ['of another request', join(opened(), 'again', 'other')],
    ['whose request may not be repeated', join(login([challenge('A')]))],
    ['with a number', join(opened({ mode: 'presence' }))],
    ['with a code', join(opened({ mode: 'code_to_phone' }))],
    ['that is accepted', join(opened({ state: 'accepted', answeredAt: after(0) }))],
    ['that is declined', join(opened({ state: 'declined', answeredAt: after(0) }))],
    ['that enrolls a phone', join(opened({}, { enrollment: { optional: false } }))],
    ['that is over', join(opened(), 'again', 'digest', 120)],
    ['that seven have joined', join(opened({}, { joinedBy: Array.from({ length: 7 }, (_, index) => String(index)) }))],
  ])('joins no login %s', (_, joined) => {
    expect(joined).toBeUndefined()
  })
})

describe('a success that requests share', () => {
  const finalized = (joinedBy: readonly string[]) =>
    markFinalized(opened({ state: 'accepted', answeredAt: after(1) }, { joinedBy }), serial('A'), after(2))

  it('is heard once by each that has joined, and again by whoever has heard of it', () => {
    const first = hearSuccess(finalized(['again']), 'one', after(3))
    expect(first).toMatchObject({ token: { serial: 'A', type: 'push' }, transaction: { heardBy: ['one'] } })
    const then = first?.transaction ?? finalized([])
    expect(hearSuccess(then, 'one', after(4))?.transaction).toBe(then)
    expect(hearSuccess(then, 'two', after(4))).toBeUndefined()
  })

  it.each<[string, ReturnType<typeof hearSuccess>]>([
    ['nobody where none has joined', hearSuccess(finalized([]), 'one', after(3))],
    ['nobody ten seconds later', hearSuccess(finalized(['again']), 'one', after(12))],
    ['nobody before it is finalized', hearSuccess(opened({}, { joinedBy: ['again'] }), 'one', after(3))],
    ['no request that has no name', hearSuccess(finalized(['again']), undefined, after(3))],
  ])('is heard by %s', (_, heard) => {
    expect(heard).toBeUndefined()
  })
})
