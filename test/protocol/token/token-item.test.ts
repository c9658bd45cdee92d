import { describe, expect, it } from 'vitest'
import { lostTokenItem } from '../../../src/protocol/token/lost-token-item.ts'
import { tokenItem } from '../../../src/protocol/token/token-item.ts'
import type { Revision, Serial, TransactionId } from '../../../src/vocabulary.ts'
import { instant } from '../../../src/vocabulary.ts'
import type { Token } from '../../../src/vocabulary/tokens.ts'

const at = (minute: number) => instant(Date.UTC(2026, 10, 24, 7, minute, 5, 9))
const token: Token = {
  serial: 'PIPU00000001' as Serial,
  type: 'push',
  revision: 1 as Revision,
  description: 'my phone',
  state: 'enrolled',
  active: true,
  revoked: false,
  firebase: 'fcm',
  registrationUrl: 'https://mfa.example.org/url-of-the-phone',
  attempts: 0,
  maxAttempts: 10,
  successes: 0,
  failures: 0,
  createdAt: at(0),
  realms: [],
  info: {},
}
const full: Token = {
  ...token,
  owner: { login: 'ada', realm: 'sales' },
  active: false,
  registrationToken: 'registration-token-of-the-phone',
  quarantinedAt: at(9),
  phoneKey: 'public-key-of-the-phone',
  signingKey: 'signing-key-of-the-token',
  enrolledIn: 'login-of-the-enrollment' as TransactionId,
  pollingAllowed: false,
  attempts: 2,
  successes: 3,
  failures: 4,
  lastUse: at(1),
  maxUses: 20,
  maxSuccesses: 10,
  validFrom: at(2),
  validUntil: at(3),
  assignedAt: at(4),
  realms: ['corp', 'sales'],
  info: { note: 'blue' },
}

describe('a token in a list', () => {
  it('has what is known of a token that nobody owns', () => {
    const keys = ['tokenkind', 'push_firebase_configuration', 'creation_date']
    expect(tokenItem(token)).toEqual({
      id: expect.any(Number),
      serial: 'PIPU00000001',
      tokentype: 'push',
      description: 'my phone',
      active: true,
      revoked: false,
      locked: false,
      rollout_state: 'enrolled',
      failcount: 0,
      maxfail: 10,
      count: 0,
      count_window: 10,
      sync_window: 1000,
      otplen: 6,
      resolver: '',
      user_id: '',
      username: '',
      user_realm: '',
      realms: [],
      tokengroup: [],
      readonly_info_keys: keys,
      undeletable_info_keys: keys,
      settable_info_keys: [],
      container_serial: '',
      info: {
        tokenkind: 'software',
        push_firebase_configuration: 'fcm',
        creation_date: '2026-11-24T07:00:05+00:00',
      },
    })
  })

  it('shows its owner, its counts and its limits', () => {
    const item = tokenItem(full)
    expect(item).toMatchObject({
      active: false,
      failcount: 2,
      resolver: 'nod',
      user_id: 'ada',
      username: 'ada',
      user_realm: 'sales',
      user_editable: true,
      realms: ['sales', 'corp'],
      settable_info_keys: ['count_auth_max', 'count_auth_success_max', 'validity_period_start', 'validity_period_end'],
    })
    expect(item.info).toEqual({
      note: 'blue',
      polling_allowed: 'False',
      tokenkind: 'software',
      push_firebase_configuration: 'fcm',
      creation_date: '2026-11-24T07:00:05+00:00',
      assignment_date: '2026-11-24T07:04:05+00:00',
      public_key_smartphone: 'public-key-of-the-phone',
      count_auth: '7',
      count_auth_success: '3',
      count_auth_max: '20',
      count_auth_success_max: '10',
      last_auth: '2026-11-24 07:01:05.009000+0000',
      validity_period_start: '2026-11-24T07:02+0000',
      validity_period_end: '2026-11-24T07:03+0000',
    })
    expect(tokenItem({ ...full, pollingAllowed: true }).info['polling_allowed']).toBe('True')
  })

  it('shows no secret, and nothing that reaches the phone', () => {
    const text = JSON.stringify(tokenItem(full))
    for (const hidden of ['registration-token', 'signing-key', 'url-of-the-phone', 'login-of-the-enrollment'])
      expect(text).not.toContain(hidden)
  })

  it('reads revoked and locked once it is revoked', () => {
    expect(tokenItem({ ...token, revoked: true })).toMatchObject({ revoked: true, locked: true })
  })

  it('tells since when it is locked, from the last attempt that it allows on', () => {
    const info = (attempts: number) => tokenItem({ ...token, attempts, failedAt: at(5) }).info
    expect(info(9)).not.toHaveProperty('failcounter_exceeded')
    expect(info(10)).toHaveProperty('failcounter_exceeded', '2026-11-24T07:05+0000')
    expect(info(11)).toHaveProperty('failcounter_exceeded', '2026-11-24T07:05+0000')
  })

  it('shows its own entries, whatever a note of the same key says', () => {
    const note = { tokenkind: 'hardware', creation_date: 'x', polling_allowed: 'x' }
    expect(tokenItem({ ...full, info: note }).info).toMatchObject({
      tokenkind: 'software',
      creation_date: '2026-11-24T07:00:05+00:00',
      polling_allowed: 'False',
    })
  })

  it('names the configuration of an eduMFA app by its type', () => {
    expect(tokenItem({ ...token, type: 'edupush' }).info).toHaveProperty('edupush_firebase_configuration', 'fcm')
  })

  it('has a number that is not negative and fits 31 bits', () => {
    for (let index = 0; index < 50; index++) {
      const { id } = tokenItem({ ...token, serial: `PIPU${index}` as Serial })
      expect(Number.isInteger(id) && Number(id) >= 0 && Number(id) < 2 ** 31).toBe(true)
    }
  })
})

describe('the answer about a lost phone', () => {
  it('has the bypass code of the owner and its end', () => {
    expect(lostTokenItem({ disabled: 1, bypass: { code: '0Z0Z-AJMT-V000-0000', expiresAt: at(0) } })).toEqual({
      init: true,
      disable: 1,
      password: '0Z0Z-AJMT-V000-0000',
      valid_to: '2026-11-24T07:00:05.009000',
      end_date: '2026-11-24T07:00:05.009000',
    })
  })

  it('has no code for a token without an owner', () => {
    expect(lostTokenItem({ disabled: 0 })).toEqual({ init: false, disable: 0 })
  })
})
