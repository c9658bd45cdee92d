import { describe, expect, it } from 'vitest'
import {
  parseAuth,
  parseCheck,
  parsePollTransaction,
  parseTriggerChallenge,
  splitUser,
} from '../../../src/protocol/login/client-request.ts'
import { exchange } from '../recordings.ts'

const id = '02659936574063359702'
const isKnown = (realm: string) => realm === 'realm1' || realm === 'corp'
const login = (label: string) => parseAuth(exchange('01-auth', label).request.body ?? {})

describe('the first leg of a check', () => {
  it('brings a PIN for a user', () => {
    expect(parseCheck({ user: ' ada ', realm: 'r', pass: 'pin', client: '192.0.2.1', exception: '1' })).toEqual({
      ok: true,
      value: { kind: 'trigger', user: 'ada', realm: 'r', pin: 'pin', client: '192.0.2.1', exception: true },
    })
  })

  it('tells an empty PIN from none', () => {
    expect(parseCheck({ serial: 'A', pass: '' })).toMatchObject({ ok: true, value: { serial: 'A', pin: '' } })
    const none = parseCheck({ serial: 'A' })
    expect(none.ok && 'pin' in none.value).toBe(false)
  })

  it('takes an empty transaction id for none', () => {
    expect(parseCheck({ user: 'ada', transaction_id: '', state: '' })).toMatchObject({
      ok: true,
      value: { kind: 'trigger' },
    })
  })

  it('ignores the parameter that would switch presence off', () => {
    expect(JSON.stringify(parseCheck({ user: 'ada', push_wait: '10' }))).not.toContain('push_wait')
  })
})

describe('the second leg of a check', () => {
  it('names its transaction, under either name', () => {
    const value = { kind: 'finalize', transactionId: id, user: 'ada', entry: '123456' }
    expect(parseCheck({ user: 'ada', pass: '123456', transaction_id: id })).toEqual({ ok: true, value })
    expect(parseCheck({ user: 'ada', pass: '123456', state: id })).toEqual({ ok: true, value })
  })

  it('needs no entry', () => {
    const value = { kind: 'finalize', transactionId: id, serial: 'A', entry: '' }
    expect(parseCheck({ serial: 'A', transaction_id: id })).toEqual({ ok: true, value })
  })
})

describe('a check that cancels an enrollment', () => {
  it('names its transaction, and may name a user or token', () => {
    const asked = { cancel_enrollment: 'true', transaction_id: id }
    expect(parseCheck(asked)).toEqual({ ok: true, value: { kind: 'cancel', transactionId: id } })
    expect(parseCheck({ ...asked, user: 'ada', pass: 'x' })).toEqual({
      ok: true,
      value: { kind: 'cancel', transactionId: id, user: 'ada' },
    })
    expect(parseCheck({ ...asked, serial: '*' })).toMatchObject({ ok: false, refusal: { name: 'serial' } })
  })

  it('may say from which address the user came', () => {
    expect(parseCheck({ cancel_enrollment: 'true', transaction_id: id, client: '192.0.2.1' })).toEqual({
      ok: true,
      value: { kind: 'cancel', transactionId: id, client: '192.0.2.1' },
    })
  })

  it('needs a transaction, and the flag', () => {
    const missing = { ok: false, refusal: { reason: 'parameter_missing', name: 'transaction_id' } }
    expect(parseCheck({ cancel_enrollment: '1', user: 'ada' })).toEqual(missing)
    const no = parseCheck({ cancel_enrollment: 'false', user: 'ada', transaction_id: id })
    expect(no).toMatchObject({ ok: true, value: { kind: 'finalize' } })
  })
})

describe('the user or token of a call', () => {
  it('is required', () => {
    for (const params of [{}, { pass: 'x' }, { user: '  ' }, { realm: 'r' }, { transaction_id: id }]) {
      expect(parseCheck(params)).toEqual({ ok: false, refusal: { reason: 'owner_or_serial_missing' } })
      expect(parseTriggerChallenge(params)).toEqual({ ok: false, refusal: { reason: 'owner_or_serial_missing' } })
    }
  })

  it('cannot be a wildcard', () => {
    for (const parse of [parseCheck, parseTriggerChallenge]) {
      expect(parse({ serial: 'PIPU*' })).toMatchObject({
        ok: false,
        refusal: { reason: 'parameter_invalid', name: 'serial' },
      })
      expect(parse({ user: 'a%' })).toMatchObject({ ok: false, refusal: { reason: 'parameter_invalid', name: 'user' } })
    }
  })

  it('is refused for a text that is no serial', () => {
    expect(parseCheck({ serial: 'no serial' })).toEqual({ ok: false, refusal: { reason: 'token_unknown' } })
    expect(parseTriggerChallenge({ serial: 'no serial' })).toMatchObject({
      refusal: { reason: 'parameter_invalid', name: 'serial' },
    })
  })

  it('is split at the realm, if there is such a realm', () => {
    expect(splitUser('ada@Realm1', undefined, isKnown)).toEqual({ login: 'ada', realm: 'realm1' })
    expect(splitUser('Corp\\ada', undefined, isKnown)).toEqual({ login: 'ada', realm: 'corp' })
    expect(splitUser('ada@x.org@realm1', undefined, isKnown)).toEqual({ login: 'ada@x.org', realm: 'realm1' })
    expect(splitUser('corp\\ada@x.org', undefined, isKnown)).toEqual({ login: 'ada@x.org', realm: 'corp' })
    expect(splitUser('ada@x.org', undefined, isKnown)).toEqual({ login: 'ada@x.org', realm: undefined })
    expect(splitUser('ada@x.org', 'Realm1', isKnown)).toEqual({ login: 'ada@x.org', realm: 'realm1' })
    expect(splitUser('ada@corp', 'realm1', isKnown)).toEqual({ login: 'ada', realm: 'realm1' })
    for (const odd of ['@realm1', 'corp\\', '@', '\\', 'ada@']) {
      expect(splitUser(odd, '', () => true)).toEqual({ login: odd, realm: undefined })
    }
  })
})

describe('a trigger', () => {
  it('has no PIN', () => {
    expect(parseTriggerChallenge({ user: 'ada', serial: 'A', type: 'push', pass: 'x' })).toEqual({
      ok: true,
      value: { user: 'ada', serial: 'A', type: 'push', exception: false },
    })
  })
})

describe('a login for an API token', () => {
  it('has a name and a password', () => {
    expect(login('admin ok (form)')).toEqual({ ok: true, value: { username: 'admin', password: 'adminpw' } })
    expect(login('realm user, explicit realm')).toMatchObject({ ok: true, value: { realm: 'realm1' } })
    expect(login('missing password')).toEqual({ ok: true, value: { username: 'admin', password: '' } })
  })

  it('has the name without the blanks around it, and the transaction of a second leg', () => {
    expect(parseAuth({ username: ' ada ', password: ' pw ', transaction_id: id })).toEqual({
      ok: true,
      value: { username: 'ada', password: ' pw ', transactionId: id },
    })
    expect(parseAuth({ username: '  ', password: 'pw' })).toEqual({
      ok: false,
      refusal: { reason: 'username_missing' },
    })
  })

  it.each(['missing username', 'empty body'])('is refused: %s', (label) => {
    expect(login(label)).toEqual({ ok: false, refusal: { reason: 'username_missing' } })
  })
})

describe('a transaction poll', () => {
  it('names its transaction, and may wait for at most half a minute', () => {
    expect(parsePollTransaction({ transaction_id: id })).toEqual({ ok: true, value: { transactionId: id, wait: 0 } })
    expect(parsePollTransaction({ transaction_id: id, wait: '2.5' })).toMatchObject({ ok: true, value: { wait: 2.5 } })
    expect(parsePollTransaction({ transaction_id: id, wait: '0.25' })).toMatchObject({
      ok: true,
      value: { wait: 0.25 },
    })
    expect(parsePollTransaction({ transaction_id: id, wait: '300' })).toMatchObject({ ok: true, value: { wait: 30 } })
  })

  it('is refused without an id, or with a wait that is no number', () => {
    const refusal = { reason: 'parameter_missing', name: 'transaction_id' }
    expect(parsePollTransaction({})).toEqual({ ok: false, refusal })
    for (const wait of ['-1', 'long', '1e3', 'NaN']) {
      expect(parsePollTransaction({ transaction_id: id, wait })).toMatchObject({
        ok: false,
        refusal: { reason: 'parameter_invalid', name: 'wait' },
      })
    }
  })
})
