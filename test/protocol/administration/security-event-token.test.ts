import { decodeProtectedHeader } from 'jose'
import { describe, expect, it } from 'vitest'
import {
  eventClaims,
  type PushedEvent,
  signEventToken,
} from '../../../src/protocol/administration/security-event-token.ts'
import { instant, type Serial, type TransactionId } from '../../../src/vocabulary.ts'
import { SECURITY_EVENT_TYPES, type SecurityEvent } from '../../../src/vocabulary/security-events.ts'

const AT = instant(1_795_948_512_345)
const parties = { issuer: 'https://nod.example', audience: 'siem', webhook: 'w1', keptAt: instant(AT + 60_000) }
const claims = (event: PushedEvent) => eventClaims(event, parties)
const OWN = 'urn:nod:event:'
const CAEP = 'https://schemas.openid.net/secevent/caep/event-type/credential-change'

const ada = { id: 'e1', at: AT, owner: { login: 'ada', realm: 'Sales' }, serial: 'PIPU1' as Serial }

it('a token says who sent it to whom, what happened when, and to whom', () => {
  const login = { transaction: '20541189264472339457' as TransactionId, service: 'vpn', address: '192.0.2.7' }
  expect(claims({ type: 'lockout', ...ada, ...login })).toEqual({
    iss: 'https://nod.example',
    aud: 'siem',
    iat: 1_795_948_572,
    jti: 'e1.w1',
    toe: 1_795_948_512,
    txn: '20541189264472339457',
    sub_id: {
      format: 'complex',
      user: { format: 'iss_sub', iss: 'https://nod.example', sub: 'ada' },
      tenant: { format: 'opaque', id: 'sales' },
      device: { format: 'opaque', id: 'PIPU1' },
      application: { format: 'opaque', id: 'vpn' },
    },
    events: { [`${OWN}lockout`]: { event_timestamp: 1_795_948_512, address: '192.0.2.7' } },
  })
})

describe('the statements of an event', () => {
  const statements = (event: SecurityEvent) => Object.keys(claims(event)['events'] as object)

  it('say that the PIN is known, as RISC does, if the login was opened with it', () => {
    const report = { type: 'not_me', ...ada, consequence: 'pin_suspended' } as const
    const risc = 'https://schemas.openid.net/secevent/risc/event-type/credential-compromise'
    expect(statements({ ...report, pinKnown: true })).toEqual([`${OWN}not-me`, risc])
    expect(statements({ ...report, pinKnown: false })).toEqual([`${OWN}not-me`])
    expect(claims({ ...report, pinKnown: true })['events']).toMatchObject({
      [`${OWN}not-me`]: { pin_known: true, consequence: 'pin_suspended' },
      [risc]: { credential_type: 'pin' },
    })
  })

  it('say of a phone what CAEP says of a credential', () => {
    for (const [change, type] of [
      ['enrolled', 'create'],
      ['re_enrolled', 'update'],
      ['enabled', 'update'],
      ['assigned', 'update'],
    ] as const)
      expect(claims({ type: 'new_phone', ...ada, change })['events']).toMatchObject({
        [CAEP]: { credential_type: 'app', change_type: type },
      })
    expect(statements({ type: 'new_phone', ...ada, change: 'undone' })).toEqual([`${OWN}new-phone-denied`, CAEP])
    expect(statements({ type: 'new_phone', ...ada, change: 'not_undone' })).toEqual([`${OWN}new-phone-denied`])
  })

  it('say of a bypass code that it was issued, or denied', () => {
    const { serial: _, ...owned } = ada
    expect(statements({ type: 'new_phone', ...owned, change: 'bypass_code_issued' })).toEqual([
      `${OWN}bypass-code-issued`,
    ])
    expect(statements({ type: 'new_phone', ...owned, change: 'undone' })).toEqual([`${OWN}new-phone-denied`])
  })

  it('are about an administrator where there is no user, and about the deployment where a key is rotated', () => {
    const signIn = { type: 'administrator_new_place', id: 'e2', at: AT, administrator: 'grace' } as const
    expect(claims(signIn)).toMatchObject({
      sub_id: { format: 'complex', user: { format: 'iss_sub', iss: 'https://nod.example', sub: 'grace' } },
    })
    expect(claims(signIn)['sub_id']).not.toHaveProperty('tenant')
    const rotated = {
      type: 'key_rotated',
      id: 'e3',
      at: AT,
      key: 'signing',
      keyId: 'k2',
      administrator: 'grace',
    } as const
    expect(claims(rotated)).toMatchObject({
      sub_id: { format: 'uri', uri: 'https://nod.example' },
      events: { [`${OWN}key-rotated`]: { key: 'signing', key_id: 'k2', administrator: 'grace' } },
    })
  })

  it('have a type in docs/webhooks.md, each of them', async () => {
    const { read } = await import('../../docs/repository.ts')
    const page = read('docs/webhooks.md')
    for (const type of SECURITY_EVENT_TYPES) expect(page).toContain(`| \`${type}\``)
    for (const name of ['lockout', 'bypass-code-used', 'break-glass-used', 'new-phone-denied', 'key-rotated'])
      expect(page).toContain(`\`${OWN}${name}\``)
  })
})

it('a token is a JWS of the type that no other token of Nod has', async () => {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  const token = await signEventToken(pair.privateKey, 'k1', claims({ type: 'verification', id: 'v', at: AT }))
  expect(decodeProtectedHeader(token)).toEqual({ alg: 'ES256', typ: 'secevent+jwt', kid: 'k1' })
})
