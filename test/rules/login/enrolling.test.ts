import { describe, expect, it } from 'vitest'
import { answered } from '../../../src/rules/login/answering.ts'
import { cancellable, cancelled, registered } from '../../../src/rules/login/enrolling.ts'
import { claim } from '../../../src/rules/login/finalizing.ts'
import { isAnswerable, standing, withdrawn } from '../../../src/rules/login/transaction.ts'
import type { Transaction } from '../../../src/rules/login/transaction.ts'
import { after, challenge, login, nonce, serial } from './sample-login.ts'

const A = serial('A')
const enrollment = (rest: Partial<Transaction> = {}) =>
  login([challenge('A')], { enrollment: { optional: true }, ...rest })
const required = enrollment({ enrollment: { optional: false } })
const admitted = { admitted: true } as const
const no = { ok: false, refusal: { reason: 'enrollment_not_cancelled' } }

describe('a login that waits for a phone to register', () => {
  it('is pending, and no answer of any phone changes that', () => {
    const [one] = enrollment().challenges
    expect(standing(enrollment(), after(1))).toBe('pending')
    expect(one !== undefined && isAnswerable(enrollment(), one, after(1))).toBe(false)
    for (const decline of [false, true]) {
      const said = answered(enrollment(), nonce('nonce of A'), { digest: 'x', decline }, after(1))
      expect(said).toEqual({ transaction: enrollment(), reply: { accepted: false }, failed: false })
    }
  })

  it('is accepted once the phone has registered, and may be used for as long as any other', () => {
    const done = registered(enrollment(), A, { phoneKey: 'key' }, after(100))
    expect(standing(done, after(100))).toBe('accepted')
    expect(standing(done, after(399))).toBe('accepted')
    expect(standing(done, after(400))).toBe('expired')
    expect(claim(done, '', after(101))).toEqual({
      ok: true,
      value: { kind: 'granted', by: { serial: A, type: 'push' } },
    })
    expect(done.steps.at(-1)).toEqual({ at: after(100), what: 'registered', serial: A })
  })

  it('is not accepted by another phone, too late, after its end, or where no phone was to register', () => {
    expect(registered(enrollment(), serial('B'), { phoneKey: 'key' }, after(1))).toEqual(enrollment())
    expect(registered(enrollment(), A, { phoneKey: 'key' }, after(120))).toEqual(enrollment())
    const gone = withdrawn(enrollment(), undefined, 'x', after(1))
    expect(registered(gone, A, { phoneKey: 'key' }, after(2))).toBe(gone)
    const over = cancelled(enrollment(), after(1))
    expect(over.ok && registered(over.value, A, { phoneKey: 'key' }, after(2)) === over.value).toBe(true)
    const ordinary = login([challenge('A')])
    expect(registered(ordinary, A, { phoneKey: 'key' }, after(1))).toBe(ordinary)
  })
})

describe('calling an enrollment off', () => {
  it('uses the login up', () => {
    expect(cancellable(enrollment(), admitted, after(1))).toEqual({
      ok: true,
      value: { serial: A, owner: { login: 'ada', realm: 'sales' } },
    })
    const over = cancelled(enrollment(), after(1))
    if (!over.ok) throw new Error(over.refusal.reason)
    expect(standing(over.value, after(2))).toBe('finalized')
    expect(over.value.steps.map(({ what }) => what)).toEqual(['opened', 'enrollment cancelled', 'finalized'])
    expect(cancelled(over.value, after(2))).toEqual(no)
    expect(claim(over.value, '', after(2)).ok).toBe(false)
  })

  it.each<[string, Transaction | undefined, number]>([
    ['there is none', undefined, 1],
    ['enrolling is required', required, 1],
    ['it is an ordinary login', login([challenge('A')]), 1],
    ['its time is over', enrollment(), 120],
    ['its phone has registered', registered(enrollment(), A, { phoneKey: 'key' }, after(1)), 2],
    ['it was withdrawn', withdrawn(enrollment(), undefined, 'x', after(1)), 2],
  ])('is refused when %s', (_, transaction, at) => {
    expect(cancellable(transaction, admitted, after(at))).toEqual(no)
    if (transaction !== undefined) expect(cancelled(transaction, after(at))).toEqual(no)
  })

  it('is for whoever the login is for', () => {
    const ada = { given: { user: 'ada@sales' } }
    const eve = { given: { user: 'eve' }, owner: { login: 'eve', realm: 'sales' } }
    expect(cancellable(enrollment(), { ...admitted, ...ada }, after(1)).ok).toBe(true)
    expect(cancellable(enrollment(), { ...admitted, serial: A }, after(1)).ok).toBe(true)
    expect(cancellable(enrollment(), { ...admitted, ...eve }, after(1))).toEqual(no)
    expect(cancellable(enrollment(), { ...admitted, serial: serial('B') }, after(1))).toEqual(no)
  })

  it('takes the key that opened the login, or else a caller whom the endpoint admits', () => {
    const keyed = enrollment({ keyHash: 'k' })
    expect(cancellable(keyed, { admitted: false, keyHash: 'k' }, after(1)).ok).toBe(true)
    expect(cancellable(keyed, { admitted: true, keyHash: 'other' }, after(1))).toEqual(no)
    expect(cancellable(keyed, admitted, after(1))).toEqual(no)
    const stranger = cancellable(enrollment(), { admitted: false }, after(1))
    expect(stranger).toEqual({ ok: false, refusal: { reason: 'service_key_required' } })
  })
})
