/** Refusals of requests and credentials. */
import { vi } from 'vitest'
import { fields } from '../simulation/reply.ts'
import {
  notFound,
  administrator,
  badRequest,
  caller,
  enroll,
  forbidden,
  beginEnrollment,
  type RefusalCases,
  serviceKey,
  anonymous,
  unauthorized,
  withPolicy,
} from './stage.ts'

const HOUR = 3_600_000

export const requestRefusals = {
  parameter_missing: {
    provoke: () => anonymous.call('GET', '/validate/polltransaction'),
    reply: badRequest(905, 'Missing parameter: transaction_id'),
  },
  parameters_missing: {
    provoke: () => anonymous.call('POST', '/ttype/push', { form: { serial: 'PIPU1' } }),
    reply: badRequest(905, 'Missing parameters!'),
  },
  parameter_invalid: {
    provoke: () => anonymous.check({ user: 'ad%', pass: '' }),
    reply: badRequest(905, 'Invalid parameter user: no wildcard here'),
  },
  parameter_not_integer: {
    provoke: async () => (await administrator()).call('GET', '/token/', { query: { page: 'two' } }),
    reply: badRequest(905, 'Invalid value for parameter page: expected an integer.'),
  },
  parameter_unknown: {
    provoke: async () => (await administrator()).call('GET', '/audit/', { query: { users: 'ada' } }),
    reply: badRequest(905, "Unknown parameter 'users'. Did you mean 'user'?"),
  },
  realm_unknown: {
    provoke: async () =>
      (await administrator()).call('POST', '/token/init', {
        form: { type: 'push', genkey: '1', user: 'ada', realm: 'defraelm' },
      }),
    reply: badRequest(904, "Unknown realm 'defraelm'. Did you mean 'defrealm'? POST /realm/defraelm creates it."),
  },
  body_unreadable: {
    provoke: () => anonymous.call('POST', '/validate/check', { json: ['user', 'ada'] }),
    reply: badRequest(905, 'The body cannot be read.'),
  },
  body_too_large: {
    provoke: () => anonymous.check({ user: 'ada', pass: 'x'.repeat(66_000) }),
    reply: { status: 413, code: 905, message: 'ERR905: The body is too large.' },
  },
  owner_or_serial_missing: {
    provoke: () => anonymous.check({ pass: '1234' }),
    reply: badRequest(905, 'You need to specify a serial, user or credential_id.'),
  },
  genkey_missing: {
    provoke: async () => (await administrator()).call('POST', '/token/init', { form: { type: 'push', user: 'ada' } }),
    reply: badRequest(905, 'Invalid Parameters. Either provide (genkey) or (serial, fbtoken, pubkey).'),
  },
  serial_malformed: {
    provoke: async () =>
      (await administrator()).call('POST', '/token/init', { form: { type: 'push', genkey: '1', serial: 'a b' } }),
    reply: badRequest(905, String.raw`Invalid serial number. Must comply to ^[0-9a-zA-Z\-_]+$.`),
  },
  path_unknown: { provoke: () => anonymous.call('GET', '/no/such/path'), reply: notFound('Not found') },
  method_not_allowed: {
    provoke: () => anonymous.call('PUT', '/validate/check', { form: { user: 'ada' } }),
    reply: {
      status: 405,
      code: 10,
      message: 'ERR10: This method is not allowed here; allowed: GET, POST',
      headers: { allow: 'GET, POST' },
    },
  },
  token_type_unknown: {
    provoke: async () => (await administrator()).call('POST', '/token/init', { form: { type: 'totp', genkey: '1' } }),
    reply: badRequest(1610, 'Unknown token type: totp'),
  },
  endpoint_type_unknown: {
    provoke: () => anonymous.call('POST', '/ttype/hotp', { form: { serial: 'PIPU1' } }),
    reply: badRequest(905, 'Invalid tokentype provided. ttype: hotp'),
  },
  credentials_wrong: {
    provoke: () => anonymous.call('POST', '/auth', { form: { username: 'admin', password: 'guess' } }),
    reply: { status: 401, code: 4031, message: 'Authentication failed.' },
  },
  sign_in_paused: {
    provoke: async () => {
      const signIn = (password: string) => anonymous.call('POST', '/auth', { form: { username: 'somebody', password } })
      for (let guess = 0; guess < 5; guess++) await signIn(`guess ${guess}`)
      return signIn('guess 5')
    },
    reply: { status: 401, code: 4031, message: 'Authentication failed.', headers: { 'retry-after': '60' } },
  },
  too_many_requests: {
    provoke: async () => {
      const headers = { 'CF-Connecting-IP': '198.51.100.240' }
      const poll = () => anonymous.call('GET', `/validate/polltransaction/${'0'.repeat(20)}`, { headers })
      for (let sent = 0; sent < 600; sent++) await poll()
      return poll()
    },
    reply: {
      status: 429,
      code: 903,
      message: 'ERR903: Too many requests came from your network. Try again later.',
    },
  },
  username_missing: {
    provoke: () => anonymous.call('POST', '/auth', { form: { password: 'adminpw-of-tests' } }),
    reply: unauthorized(4032, 'Missing Username'),
  },
  sign_in_realm_unknown: {
    provoke: () =>
      anonymous.call('POST', '/auth', { form: { username: 'admin', password: 'adminpw-of-tests', realm: 'nowhere' } }),
    reply: unauthorized(4031, 'Unknown realm: nowhere.'),
  },
  authorization_missing: {
    provoke: () => anonymous.triggerchallenge({ user: 'ada' }),
    reply: unauthorized(4033, 'Missing Authorization header.'),
  },
  authorization_undecodable: {
    provoke: async () => caller(`nod_${'x'.repeat(43)}`).triggerchallenge({ user: 'ada' }),
    reply: unauthorized(4304, 'Error decoding the Authorization token: Unknown service key'),
  },
  authorization_expired: {
    provoke: async () => {
      const token = (await administrator()).token ?? ''
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + HOUR })
      try {
        return await caller(token).triggerchallenge({ user: 'ada' })
      } finally {
        vi.useRealTimers()
      }
    },
    reply: unauthorized(4305, 'Your token has expired: Signature has expired'),
  },
  service_key_expired: {
    provoke: async () => {
      const form = { name: 'expired', expires_in: '60' }
      const { value } = await (await administrator()).call('POST', '/apikey', { form })
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + HOUR })
      try {
        return await caller(String(fields(value)['key'])).triggerchallenge({ user: 'ada' })
      } finally {
        vi.useRealTimers()
      }
    },
    reply: unauthorized(4304, 'Error decoding the Authorization token: Unknown service key'),
  },
  role_insufficient: {
    provoke: async () => caller(await serviceKey('helpdesk')).call('GET', '/policy/'),
    reply: unauthorized(4306, "You do not have the necessary role (['admin']) to access this resource!"),
  },
  right_missing: {
    provoke: () =>
      withPolicy('admin', { policywrite: true, policydelete: true }, {}, async () =>
        (await administrator()).call('POST', '/token/disable/PIPU1'),
      ),
    reply: forbidden('Admin actions are defined, but the action disable is not allowed!'),
  },
  sign_in_disabled: {
    provoke: async () => {
      await beginEnrollment('locked-out')
      return withPolicy('webui', { login_mode: 'disable' }, { user: 'locked-out' }, () =>
        anonymous.call('POST', '/auth', { form: { username: 'locked-out', password: '' } }),
      )
    },
    reply: unauthorized(4307, 'The login for this user is disabled.'),
  },
  service_key_required: {
    provoke: async () => {
      await enroll('keyless')
      return caller('nod_wrong').check({ user: 'keyless', pass: '' })
    },
    reply: forbidden('No valid API key was passed.'),
  },
} satisfies RefusalCases
