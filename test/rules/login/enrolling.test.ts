import { describe, expect, it } from 'vitest'
import { applyAnswer } from '../../../src/rules/login/answering.ts'
import { authorizeCancellation, cancelEnrollment, applyRegistration } from '../../../src/rules/login/enrolling.ts'
import { claim } from '../../../src/rules/login/finalizing.ts'
import { isAnswerable, loginStatus, type Transaction, withdraw } from '../../../src/rules/login/transaction.ts'
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
    expect(loginStatus(enrollment(), after(1))).toBe('pending')
    expect(one !== undefined && isAnswerable(enrollment(), one, after(1))).toBe(false)
    for (const decline of [false, true]) {
      const said = applyAnswer(enrollment(), nonce('nonce of A'), { digest: 'x', decline }, after(1))
      expect(said).toEqual({ transaction: enrollment(), reply: { accepted: false }, isFailedAttempt: false })
    }
  })

  it('is accepted once the phone has registered, and may be finalized as long as any other', () => {
    const done = applyRegistration(enrollment(), A, { phoneKey: 'key' }, after(100))
    expect(loginStatus(done, after(100))).toBe('accepted')
    expect(loginStatus(done, after(399))).toBe('accepted')
    expect(loginStatus(done, after(400))).toBe('expired')
    expect(claim(done, '', after(101))).toEqual({
      ok: true,
      value: { kind: 'granted', token: { serial: A, type: 'push' } },
    })
    expect(done.steps.at(-1)).toEqual({ at: after(100), kind: 'registered', serial: A })
  })

  it('is not accepted by another phone, too late, after its end, or where no phone was to register', () => {
    expect(applyRegistration(enrollment(), serial('B'), { phoneKey: 'key' }, after(1))).toEqual(enrollment())
    expect(applyRegistration(enrollment(), A, { phoneKey: 'key' }, after(120))).toEqual(enrollment())
    const gone = withdraw(enrollment(), undefined, { cause: 'token_changed' }, after(1))
    expect(applyRegistration(gone, A, { phoneKey: 'key' }, after(2))).toBe(gone)
    const over = cancelEnrollment(enrollment(), after(1))
    expect(over.ok && applyRegistration(over.value, A, { phoneKey: 'key' }, after(2)) === over.value).toBe(true)
    const ordinary = login([challenge('A')])
    expect(applyRegistration(ordinary, A, { phoneKey: 'key' }, after(1))).toBe(ordinary)
  })
})

describe('cancelling an enrollment', () => {
  it('finalizes the login', () => {
    expect(authorizeCancellation(enrollment(), admitted, after(1))).toEqual({
      ok: true,
      value: { serial: A, owner: { login: 'ada', realm: 'sales' } },
    })
    const over = cancelEnrollment(enrollment(), after(1))
    if (!over.ok) throw new Error(over.refusal.reason)
    expect(loginStatus(over.value, after(2))).toBe('finalized')
    expect(over.value.steps.map(({ kind }) => kind)).toEqual(['opened', 'enrollment_cancelled', 'finalized'])
    expect(cancelEnrollment(over.value, after(2))).toEqual(no)
    expect(claim(over.value, '', after(2)).ok).toBe(false)
  })

  it.each<[string, Transaction | undefined, number]>([
    ['there is none', undefined, 1],
    ['enrolling is required', required, 1],
    ['it is an ordinary login', login([challenge('A')]), 1],
    ['its time is over', enrollment(), 120],
    ['its phone has registered', applyRegistration(enrollment(), A, { phoneKey: 'key' }, after(1)), 2],
    ['it was withdrawn', withdraw(enrollment(), undefined, { cause: 'token_changed' }, after(1)), 2],
  ])('is refused when %s', (_, transaction, at) => {
    expect(authorizeCancellation(transaction, admitted, after(at))).toEqual(no)
    if (transaction !== undefined) expect(cancelEnrollment(transaction, after(at))).toEqual(no)
  })

  it('is open to the user or token of the login', () => {
    const ada = { userInput: { user: 'ada@sales' } }
    const eve = { userInput: { user: 'eve' }, owner: { login: 'eve', realm: 'sales' } }
    expect(authorizeCancellation(enrollment(), { ...admitted, ...ada }, after(1)).ok).toBe(true)
    expect(authorizeCancellation(enrollment(), { ...admitted, serial: A }, after(1)).ok).toBe(true)
    expect(authorizeCancellation(enrollment(), { ...admitted, ...eve }, after(1))).toEqual(no)
    expect(authorizeCancellation(enrollment(), { ...admitted, serial: serial('B') }, after(1))).toEqual(no)
  })

  it('needs the key that opened the login, or a caller that the endpoint admits', () => {
    const keyed = enrollment({ keyHash: 'k' })
    expect(authorizeCancellation(keyed, { admitted: false, keyHash: 'k' }, after(1)).ok).toBe(true)
    expect(authorizeCancellation(keyed, { admitted: true, keyHash: 'other' }, after(1))).toEqual(no)
    expect(authorizeCancellation(keyed, admitted, after(1))).toEqual(no)
    const stranger = authorizeCancellation(enrollment(), { admitted: false }, after(1))
    expect(stranger).toEqual({ ok: false, refusal: { reason: 'service_key_required' } })
  })
})
