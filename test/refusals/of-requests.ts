/** What the caller sent, and who the caller is. */
import { vi } from 'vitest'
import {
  absent,
  administrator,
  bad,
  caller,
  enrolled,
  forbidden,
  scanned,
  type Scenes,
  serviceKey,
  stranger,
  unauthorized,
  under,
} from './stage.ts'

const HOUR = 3_600_000

export const ofRequests = {
  parameter_missing: {
    meet: () => stranger.call('GET', '/validate/polltransaction'),
    hears: bad(905, 'Missing parameter: transaction_id'),
  },
  parameters_missing: {
    meet: () => stranger.call('POST', '/ttype/push', { form: { serial: 'PIPU1' } }),
    hears: bad(905, 'Missing parameters!'),
  },
  parameter_invalid: {
    meet: () => stranger.check({ user: 'ad%', pass: '' }),
    hears: bad(905, 'Invalid parameter user: no wildcard here'),
  },
  body_unreadable: {
    meet: () => stranger.call('POST', '/validate/check', { json: ['user', 'ada'] }),
    hears: bad(905, 'The body cannot be read.'),
  },
  body_too_large: {
    meet: () => stranger.check({ user: 'ada', pass: 'x'.repeat(66_000) }),
    hears: { status: 413, code: 905, message: 'ERR905: The body is too large.' },
  },
  owner_or_serial_missing: {
    meet: () => stranger.check({ pass: '1234' }),
    hears: bad(905, 'You need to specify a serial, user or credential_id.'),
  },
  genkey_missing: {
    meet: async () => (await administrator()).call('POST', '/token/init', { form: { type: 'push', user: 'ada' } }),
    hears: bad(905, 'Invalid Parameters. Either provide (genkey) or (serial, fbtoken, pubkey).'),
  },
  serial_malformed: {
    meet: async () =>
      (await administrator()).call('POST', '/token/init', { form: { type: 'push', genkey: '1', serial: 'a b' } }),
    hears: bad(905, String.raw`Invalid serial number. Must comply to ^[0-9a-zA-Z\-_]+$.`),
  },
  path_unknown: { meet: () => stranger.call('GET', '/no/such/path'), hears: absent('Not found') },
  method_not_allowed: {
    meet: () => stranger.call('PUT', '/validate/check', { form: { user: 'ada' } }),
    hears: {
      status: 405,
      code: 10,
      message: 'ERR10: This method is not allowed here; allowed: GET, POST',
      headers: { allow: 'GET, POST' },
    },
  },
  token_type_unknown: {
    meet: async () => (await administrator()).call('POST', '/token/init', { form: { type: 'totp', genkey: '1' } }),
    hears: bad(1610, 'Unknown token type: totp'),
  },
  endpoint_type_unknown: {
    meet: () => stranger.call('POST', '/ttype/hotp', { form: { serial: 'PIPU1' } }),
    hears: bad(905, 'Invalid tokentype provided. ttype: hotp'),
  },
  credentials_wrong: {
    meet: () => stranger.call('POST', '/auth', { form: { username: 'admin', password: 'guess' } }),
    hears: unauthorized(4031, 'Wrong credentials'),
  },
  sign_in_paused: {
    meet: async () => {
      const signIn = (password: string) => stranger.call('POST', '/auth', { form: { username: 'somebody', password } })
      for (let guess = 0; guess < 5; guess++) await signIn(`guess ${guess}`)
      return signIn('guess 5')
    },
    hears: { ...unauthorized(4031, 'Wrong credentials'), headers: { 'retry-after': '60' } },
  },
  username_missing: {
    meet: () => stranger.call('POST', '/auth', { form: { password: 'adminpw' } }),
    hears: unauthorized(4032, 'Missing Username'),
  },
  realm_unknown: {
    meet: () => stranger.call('POST', '/auth', { form: { username: 'admin', password: 'adminpw', realm: 'nowhere' } }),
    hears: unauthorized(4031, 'Unknown realm: nowhere.'),
  },
  authorization_missing: {
    meet: () => stranger.triggerchallenge({ user: 'ada' }),
    hears: unauthorized(4033, 'Missing Authorization header.'),
  },
  authorization_undecodable: {
    meet: async () => caller(`nod_${'x'.repeat(43)}`).triggerchallenge({ user: 'ada' }),
    hears: unauthorized(4304, 'Error decoding the Authorization token: Unknown service key'),
  },
  authorization_expired: {
    meet: async () => {
      const token = (await administrator()).token ?? ''
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + HOUR })
      try {
        return await caller(token).triggerchallenge({ user: 'ada' })
      } finally {
        vi.useRealTimers()
      }
    },
    hears: unauthorized(4305, 'Your token has expired: Signature has expired'),
  },
  role_insufficient: {
    meet: async () => caller(await serviceKey('helpdesk')).call('GET', '/policy/'),
    hears: unauthorized(4306, "You do not have the necessary role (['admin']) to access this resource!"),
  },
  right_missing: {
    meet: () =>
      under('admin', { policywrite: true, policydelete: true }, {}, async () =>
        (await administrator()).call('POST', '/token/disable/PIPU1'),
      ),
    hears: forbidden('Admin actions are defined, but the action disable is not allowed!'),
  },
  sign_in_disabled: {
    meet: async () => {
      await scanned('locked-out')
      return under('webui', { login_mode: 'disable' }, { user: 'locked-out' }, () =>
        stranger.call('POST', '/auth', { form: { username: 'locked-out', password: '' } }),
      )
    },
    hears: unauthorized(4307, 'The login for this user is disabled.'),
  },
  service_key_required: {
    meet: async () => {
      await enrolled('keyless')
      return caller('nod_wrong').check({ user: 'keyless', pass: '' })
    },
    hears: forbidden('No valid API key was passed.'),
  },
} satisfies Scenes
