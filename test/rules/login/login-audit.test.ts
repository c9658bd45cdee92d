import { describe, expect, it } from 'vitest'
import { applyAnswer } from '../../../src/rules/login/answering.ts'
import { withInfo } from '../../../src/protocol/login/step-texts.ts'
import { linesOf } from '../../../src/rules/login/audit.ts'
import { markFinalized } from '../../../src/rules/login/finalizing.ts'
import { loginRecord } from '../../../src/rules/login/login-audit.ts'
import { type Transaction, withdraw } from '../../../src/rules/login/transaction.ts'
import { after, challenge, login, nonce, serial } from './sample-login.ts'

const phone = { action: 'POST /ttype/<ttype>', address: '198.51.100.7', userAgent: 'privacyIDEA-App/4.8.0' }
const vpn = { action: 'POST /validate/check', address: '192.0.2.9', userAgent: 'vpn/1' }

const one = login([challenge('A')])
const two = login([challenge('A'), challenge('B')])
const said = (of: Transaction, who: string, more: object, at: number) =>
  applyAnswer(of, nonce(`nonce of ${who}`), { digest: who, decline: false, origin: phone, ...more }, after(at))
    .transaction

const lines = (of: Transaction, ended: number | undefined, now = ended ?? 0) =>
  linesOf(withInfo(loginRecord(of, after(now), ended === undefined ? undefined : after(ended))), 'weur/0', 1).map(
    ({ at, action, success, authentication, serial: whose, info, address }) =>
      [(at - after(0)) / 1000, action, Number(success), authentication, whose, info, address].join(' | '),
  )

const TRIGGER = '0 | POST /validate/triggerchallenge | 1 | CHALLENGE | A | triggered 1 challenges | 192.0.2.7'

describe('a login in the audit', () => {
  it('that is open has a line for its trigger', () => {
    expect(lines(one, undefined)).toEqual([TRIGGER])
    expect(lines(login([challenge('A')], { openedBy: 'POST /validate/check' }), undefined)).toEqual([
      '0 | POST /validate/check | 0 | CHALLENGE | A | triggered 1 challenges | 192.0.2.7',
    ])
  })

  it('has a line for each request, with the address it came from', () => {
    const used = markFinalized(said(one, 'A', {}, 10), serial('A'), after(20), { origin: vpn })
    expect(lines(used, 20)).toEqual([
      TRIGGER,
      '10 | POST /ttype/<ttype> | 1 |  | A | accepted | 198.51.100.7',
      '20 | POST /validate/check | 1 | ACCEPT | A | Found matching challenge | 192.0.2.9',
    ])
  })

  it.each([
    [{ decline: true }, '1 | DECLINED | A | declined'],
    [{ decline: true, reason: 'cancelled' }, '1 | DECLINED | A | declined: cancelled'],
    [{ decline: true, reason: 'unknown_trigger' }, '1 | DECLINED | A | declined: unknown_trigger'],
  ])('says how the user declined: %o', (how, expected) => {
    expect(lines(said(one, 'A', how, 10), 10)).toEqual([
      TRIGGER,
      `10 | POST /ttype/<ttype> | ${expected} | 198.51.100.7`,
    ])
  })

  it('shows a wrong number as a failure', () => {
    const choosing = login([challenge('A', { mode: 'presence', presence: '7' })])
    expect(lines(said(choosing, 'A', { presence: '8' }, 10), 10)[1]).toBe(
      '10 | POST /ttype/<ttype> | 0 | REJECT | A | wrong number | 198.51.100.7',
    )
  })

  it('says that a code was shown, but not the code', () => {
    const coded = login([challenge('A', { mode: 'code_to_phone', code: '314159' })])
    const record = loginRecord(said(coded, 'A', {}, 10), after(10))
    expect(JSON.stringify(record)).not.toContain('314159')
    expect(lines(said(coded, 'A', {}, 10), undefined, 10)[1]).toBe(
      '10 | POST /ttype/<ttype> | 1 |  | A | confirmed, code shown | 198.51.100.7',
    )
  })

  it('expires when its time is over, however late that is noticed', () => {
    const expired = '120 | login expired | 0 | REJECT | A | not answered in time | '
    expect(lines(one, 120)).toEqual([TRIGGER, expired])
    expect(lines(one, 4000)).toEqual([TRIGGER, expired])
    expect(lines(said(one, 'A', {}, 100), 400).at(-1)).toBe(
      '400 | login expired | 0 | REJECT | A | not finalized in time | ',
    )
  })

  it('has the same record whenever it is composed', () => {
    const declined = said(one, 'A', { decline: true }, 10)
    expect(loginRecord(declined, after(9000), after(10))).toEqual(loginRecord(declined, after(10), after(10)))
    expect(loginRecord(declined, after(9000), after(10))).toMatchObject({ authentication: 'DECLINED', at: after(10) })
  })

  it('is one record: of its owner, its key and its last phone, with its outcome', () => {
    const used = markFinalized(said(one, 'A', {}, 10), serial('A'), after(20), { origin: vpn })
    expect(loginRecord({ ...used, service: 'vpn' }, after(20), after(20))).toMatchObject({
      at: after(20),
      action: 'POST /validate/triggerchallenge',
      success: true,
      authentication: 'ACCEPT',
      serial: 'A',
      owner: { login: 'ada', realm: 'sales' },
      service: 'vpn',
      info: 'finalized',
    })
    expect(loginRecord(one, after(5))).toMatchObject({ at: after(0), success: false, serial: 'A', info: 'pending' })
  })

  it('without steps is of the instant it opened, and of its first phone', () => {
    expect(loginRecord({ ...two, steps: [] }, after(5))).toMatchObject({ at: after(0), serial: 'A' })
  })

  it('that was rejected by its phones has no line for its expiry', () => {
    expect(lines(said(one, 'A', { decline: true }, 10), 400).at(-1)).toContain('| declined |')
  })

  it('keeps the source of a step that is no line of its own', () => {
    const steps = [...one.steps, { at: after(3), kind: 'wrong_code', serial: serial('A'), origin: vpn } as const]
    expect(loginRecord({ ...one, steps }, after(5)).steps?.[1]).toEqual({
      at: after(3),
      kind: 'wrong_code',
      serial: 'A',
      address: '192.0.2.9',
      userAgent: 'vpn/1',
    })
  })

  it('has no step after its end', () => {
    const late = withdraw(said(one, 'A', {}, 119), undefined, { cause: 'service_key_revoked' }, after(300))
    const record = loginRecord(late, after(300), after(300))
    expect(record.at).toBe(after(300))
    expect(lines(late, 300).at(-1)).toBe('300 | login withdrawn | 0 | REJECT | A | service key revoked | ')
  })

  it('that goes on with another phone is not rejected when one is withdrawn', () => {
    const less = withdraw(two, serial('A'), { cause: 'token_changed' }, after(5))
    expect(lines(less, undefined, 5)).toEqual([
      '0 | POST /validate/triggerchallenge | 1 | CHALLENGE | A,B | triggered 2 challenges | 192.0.2.7',
      '5 | login withdrawn | 0 |  | A | token changed | ',
    ])
  })

  it('has its deliveries in the timeline, and failed ones in the line of its opening', () => {
    const steps = [
      { at: after(0), kind: 'opened' },
      { at: after(1), kind: 'delivered', serial: serial('A') },
      { at: after(2), kind: 'delivery_failed', why: 'unregistered', serial: serial('B') },
    ] as const
    const delivered = { ...two, steps }
    expect(lines(delivered, undefined)).toEqual([
      '0 | POST /validate/triggerchallenge | 1 | CHALLENGE | A,B | triggered 2 challenges, delivery failed: unregistered | 192.0.2.7',
    ])
    expect(loginRecord(delivered, after(3)).steps).toHaveLength(3)
  })
})
