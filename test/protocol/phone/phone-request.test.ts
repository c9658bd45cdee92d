import { describe, expect, it } from 'vitest'
import { encodeBase32 } from '../../../src/protocol/encoding/base32.ts'
import { DIALECTS } from '../../../src/protocol/phone/dialect.ts'
import type { Parameters } from '../../../src/protocol/parameters.ts'
import { parsePhonePoll, phonePostParser } from '../../../src/protocol/phone/phone-request.ts'
import { exchange } from '../recordings.ts'

const signature = new Uint8Array(256).fill(7)
const spelled = encodeBase32(signature)
const serial = 'PIPU00000801'
const nonce = 'GAJTOUBMT3BRGBBALDNYH7Z7XXNLVM53'

const posted = (file: string, label: string) => phonePostParser(DIALECTS.push)(exchange(file, label).request.body ?? {})
const polled = (label: string) => parsePhonePoll(exchange('09-poll', label).request.query ?? {})

describe('a registration', () => {
  it('has serial, credential, public key and registration token', () => {
    const { request } = exchange('03-enroll-step2', 'ok')
    expect(posted('03-enroll-step2', 'ok')).toEqual({
      ok: true,
      value: {
        kind: 'register',
        type: 'push',
        serial: 'PIPU00000301',
        credential: request.body?.['enrollment_credential'],
        registrationToken: 'fbtoken-phone1',
        phoneKey: request.body?.['pubkey'],
      },
    })
  })

  it('may list the features that the app knows; an unreadable list counts as none', () => {
    const params = { serial, fbtoken: '', pubkey: 'x', enrollment_credential: 'c', capabilities: '["decline_reason"]' }
    expect(phonePostParser(DIALECTS.push)(params)).toMatchObject({
      ok: true,
      value: { capabilities: ['decline_reason'] },
    })
    const many = JSON.stringify(Array.from({ length: 400 }, (_, index) => `feature ${index}`))
    for (const capabilities of ['{}', '[1]', 'not JSON', '', many]) {
      const request = phonePostParser(DIALECTS.push)({ ...params, capabilities })
      expect(request).toMatchObject({ ok: true, value: { capabilities: undefined } })
    }
  })

  it('ignores other fields, such as a PIN', () => {
    const { request } = exchange('03-enroll-step2', 'ok')
    const registration = phonePostParser(DIALECTS.push)({ ...request.body, pin: 'changed', description: 'mine' })
    expect(JSON.stringify(registration)).not.toMatch(/changed|mine/)
  })

  it.each([
    ['missing credential', { reason: 'parameter_missing', name: 'enrollment_credential' }],
    ['missing pubkey', { reason: 'parameters_missing' }],
    ['missing fbtoken', { reason: 'parameters_missing' }],
    ['missing serial', { reason: 'parameter_missing', name: 'serial' }],
    ['empty serial', { reason: 'parameter_missing', name: 'serial' }],
  ])('is refused as recorded: %s', (label, refusal) => {
    expect(posted('03-enroll-step2', label)).toEqual({ ok: false, refusal })
  })

  it('with a malformed serial is refused like one with an unknown serial', () => {
    const params = { serial: 'no serial', fbtoken: 'f', pubkey: 'x', enrollment_credential: 'c' }
    expect(phonePostParser(DIALECTS.push)(params)).toEqual({ ok: false, refusal: { reason: 'not_in_clientwait' } })
  })
})

const answer = (more: Parameters) => phonePostParser(DIALECTS.push)({ serial, nonce, signature: spelled, ...more })

describe('an answer of an eduMFA phone', () => {
  const say = (more: Parameters) => phonePostParser(DIALECTS.edupush)({ serial, nonce, signature: spelled, ...more })

  it('has a nonce and a yes or no; other fields are ignored', () => {
    const yes = { kind: 'answer', type: 'edupush', serial, nonce, signature, decline: false }
    expect(say({})).toEqual({ ok: true, value: yes })
    expect(say({ presence_answer: 'M', decline_reason: 'cancelled' })).toEqual({ ok: true, value: yes })
    const no = { ok: true, value: { ...yes, decline: true } }
    expect(say({ decline: '1' })).toEqual(no)
    expect(say({ decline: '1', presence_answer: 'decline', decline_reason: 'cancelled' })).toEqual(no)
  })

  it.each([undefined, null, ''])('is refused with the nonce %j', (missing) => {
    const refusal = { reason: 'parameter_missing', name: 'nonce' }
    expect(say({ nonce: missing })).toEqual({ ok: false, refusal })
  })
})

describe('an answer', () => {
  it('accepts', () => {
    expect(answer({})).toEqual({
      ok: true,
      value: { kind: 'answer', type: 'push', serial, nonce, signature, decline: false },
    })
    expect(phonePostParser(DIALECTS.push)({ serial, signature: spelled })).toEqual({
      ok: true,
      value: { kind: 'answer', type: 'push', serial, signature, decline: false },
    })
  })

  it('accepts with the option that the user tapped', () => {
    expect(answer({ presence_answer: 'M' })).toMatchObject({ ok: true, value: { decline: false, presence: 'M' } })
    expect(answer({ presence_answer: 'M', decline: '0' })).toMatchObject({ ok: true, value: { presence: 'M' } })
    // An option that only looks like what a decline signs.
    for (const option of ['declined', 'undecline', 'no|decline'])
      expect(answer({ presence_answer: option })).toMatchObject({ ok: true, value: { presence: option } })
  })

  it('declines with or without a reason', () => {
    expect(answer({ decline: '1' })).toMatchObject({ ok: true, value: { decline: true } })
    expect(answer({ decline: true, decline_reason: 'cancelled' })).toMatchObject({
      ok: true,
      value: { decline: true, reason: 'cancelled' },
    })
  })

  it('has no reason unless it declines', () => {
    const accepting = answer({ decline: 'yes', decline_reason: 'cancelled' })
    expect(accepting).toMatchObject({ ok: true, value: { decline: false, reason: undefined } })
  })

  it('cannot decline and tap an option at once', () => {
    for (const fields of [
      { decline: '1', presence_answer: 'decline' },
      { decline: '1', presence_answer: 'M' },
      // The signature of a decline would be one of these options.
      { presence_answer: 'decline' },
      { presence_answer: 'decline|unknown_trigger' },
    ])
      expect(answer(fields)).toEqual({ ok: false, refusal: { reason: 'answer_unacceptable' } })
  })

  it('with an empty signature is parsed: no key verifies it', () => {
    expect(posted('08-answer-errors', 'empty signature')).toMatchObject({
      ok: true,
      value: { kind: 'answer', signature: new Uint8Array() },
    })
  })

  it.each(['signature not base32', 'signature base64', 'lower-case base32 signature'])('is refused: %s', (label) => {
    expect(posted('08-answer-errors', label)).toEqual({
      ok: false,
      refusal: { reason: 'parameter_invalid', name: 'signature', why: 'expected padded base32' },
    })
  })

  it('with a missing field is refused as in the recording', () => {
    expect(posted('08-answer-errors', 'missing signature')).toEqual({
      ok: false,
      refusal: { reason: 'parameters_missing' },
    })
    expect(posted('08-answer-errors', 'missing serial')).toMatchObject({ ok: false, refusal: { name: 'serial' } })
    expect(phonePostParser(DIALECTS.push)({})).toEqual({
      ok: false,
      refusal: { reason: 'parameter_missing', name: 'serial' },
    })
  })

  it('with an overlong field is refused', () => {
    for (const params of [
      { nonce: 'A'.repeat(129) },
      { presence_answer: 'x'.repeat(2001) },
      { signature: 'A'.repeat(2001) },
    ]) {
      expect(answer(params)).toMatchObject({ ok: false, refusal: { reason: 'parameter_invalid' } })
    }
    expect(answer({ serial: 'no serial' })).toEqual({ ok: false, refusal: { reason: 'token_unknown' } })
  })
})

describe('a registration token update', () => {
  it('has the token and the timestamp that was signed', () => {
    expect(posted('10-fbtoken-update', 'ok')).toMatchObject({
      ok: true,
      value: { kind: 'refresh', registrationToken: 'new-fb-token', timestamp: '2026-11-28T23:51:02.792001+00:00' },
    })
    expect(posted('10-fbtoken-update', 'empty new token')).toMatchObject({ ok: true, value: { registrationToken: '' } })
  })

  it('is refused as in the recording', () => {
    for (const label of ['missing timestamp', 'missing signature']) {
      expect(posted('10-fbtoken-update', label)).toEqual({ ok: false, refusal: { reason: 'parameters_missing' } })
    }
    expect(posted('10-fbtoken-update', 'not base32')).toEqual({ ok: false, refusal: { reason: 'signature_invalid' } })
  })
})

describe('a phone poll', () => {
  it('has the serial and the timestamp that was signed', () => {
    const { query } = exchange('09-poll', 'timestamp with +0000').request
    expect(polled('timestamp with +0000')).toMatchObject({
      ok: true,
      value: { serial: 'PIPU00000901', timestamp: query?.['timestamp'] },
    })
  })

  it.each(['signature', 'timestamp', 'serial'])('without %s is refused with the name of the field', (name) => {
    expect(polled(`missing ${name}`)).toEqual({ ok: false, refusal: { reason: 'parameter_missing', name } })
  })

  it('with a malformed signature or serial is refused like one with a wrong signature', () => {
    const invalid = { ok: false, refusal: { reason: 'signature_invalid' } }
    expect(polled('signature not base32')).toEqual(invalid)
    const { query } = exchange('09-poll', 'timestamp with +0000').request
    expect(parsePhonePoll({ ...query, serial: 'no serial' })).toEqual(invalid)
    expect(parsePhonePoll({ ...query, serial: 'x'.repeat(300) })).toEqual(invalid)
    expect(parsePhonePoll({ ...query, signature: 'A'.repeat(2001) })).toEqual(invalid)
  })
})
