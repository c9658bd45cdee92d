/** Each stand-in of a client fails on an answer its original fails on: without that, a login that works would prove nothing. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CannedServer } from './canned-server.ts'
import { FreeRadius } from './freeradius.ts'
import { CastFailed } from './java-answer.ts'
import { Keycloak } from './keycloak-java.ts'
import { PamPython } from './pam-python.ts'
import { PhpClient, PhpTypeError } from './php-client.ts'
import { PrivacyideaPam, Terminated } from './privacyidea-pam.ts'

const server = new CannedServer()
let url = ''

beforeAll(async () => {
  url = await server.start()
})
afterAll(() => server.stop())

const ENTRY = { transaction_id: '01', serial: 'PIPU1', type: 'push', client_mode: 'poll', message: 'Please confirm' }

/** A body with this detail and value. */
const answer = (detail: unknown, value: unknown = false): void => {
  server.answer = { id: 2, result: { status: true, value, authentication: 'REJECT' }, detail, time: 1.5 }
}

describe('java-client', () => {
  const serviceAccount = { login: 'a', password: 'b' }
  const jwt = (payload: string): string => `x.${Buffer.from(payload).toString('base64url')}.x`
  const signIn = (token: string, more: object = { time: 1.5 }): Promise<string> => {
    server.answer = { id: 2, result: { status: true, value: { token } }, ...more }
    return new Keycloak({ url, serviceAccount }).authToken()
  }

  it.each(['passkey', 'messages', 'multi_challenge'])('casts %s blindly', async (name) => {
    answer({ [name]: null })
    await expect(new Keycloak({ url }).validateCheck('a', 'b')).rejects.toThrow(CastFailed)
  })

  it('decodes the JWT with the standard alphabet, and needs the time', async () => {
    expect(await signIn(jwt('{"exp":1}'))).toMatch(/^x\./)
    await expect(signIn(jwt('{"exp":1,"a":"???"}'))).rejects.toThrow(CastFailed)
    await expect(signIn(jwt('{"exp":1.5}'))).rejects.toThrow(CastFailed)
    await expect(signIn(jwt('{"exp":1}'), {})).rejects.toThrow(CastFailed)
  })

  it('takes a number for no success', async () => {
    answer({ multi_challenge: [ENTRY] }, 1)
    expect((await new Keycloak({ url }).validateCheck('a', 'b')).value).toBe(false)
  })
})

describe('php-client', () => {
  it.each([
    ['an object as attributes', { ...ENTRY, attributes: { hideResponseInput: true } }],
    ['no serial', { ...ENTRY, serial: undefined }],
    ['no message', { ...ENTRY, message: null }],
  ])('fails on %s', async (_, entry) => {
    answer({ multi_challenge: [entry] })
    await expect(new PhpClient({ url }).validateCheck('a', 'b')).rejects.toThrow(PhpTypeError)
  })

  it('fails on a status poll without a value, and takes the first role there is', async () => {
    answer({}, null)
    await expect(new PhpClient({ url }).pollTransaction('01')).rejects.toThrow(PhpTypeError)
    answer({}, { rights: [{ role: 'user' }], token: 't', role: 'admin' })
    expect(await new PhpClient({ url, serviceAccount: { login: 'a', password: 'b' } }).authToken()).toBe('')
  })
})

describe('FreeRADIUS', () => {
  it('sends a challenge as long as there is a transaction', async () => {
    answer({ transaction_id: '01', message: 'no' })
    const packet = await new FreeRadius({ url }).access({ userName: 'a', userPassword: 'b' })
    expect(packet).toEqual({ code: 'Access-Challenge', replyMessage: 'no', state: '0x3031' })
  })
})

describe('privacyidea-pam', () => {
  it.each([
    ['a number as value', {}, 1],
    ['null as transaction_id', { transaction_id: null }, false],
    ['a list as message', { message: [] }, false],
  ])('ends its process on %s', async (_, detail, value) => {
    answer(detail, value)
    const module = new PrivacyideaPam({ url, first: 'sendPassword' })
    await expect(module.authenticate({ user: 'a', password: 'b' })).rejects.toThrow(Terminated)
  })
})

describe('pam_python', () => {
  it('gives up without a message to show', async () => {
    answer({ transaction_id: '01' })
    const module = new PamPython({ url })
    expect(await module.authenticate({ user: 'a', ask: () => 'b' })).toBe('PAM_AUTH_ERR')
    expect(server.sent).not.toContain('transaction_id')
  })

  it('reads no details of a refusal', async () => {
    answer(null)
    expect(await new PamPython({ url }).authenticate({ user: 'a', ask: () => 'b' })).toBe('PAM_AUTH_ERR')
  })
})
