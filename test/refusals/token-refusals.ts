/** Refusals about tokens, enrollment, policies and phones. */
import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { vi } from 'vitest'
import { nextPrompt } from '../driver/driver.ts'
import { connect, now } from '../../src/connect.ts'
import { makeApp } from '../../src/http/app.ts'
import { fields, type Reply, readReply } from '../simulation/reply.ts'
import {
  notFound,
  administrator,
  badRequest,
  enroll,
  forbidden,
  newPhone,
  PUSH_URL,
  beginEnrollment,
  type RefusalCases,
  anonymous,
  withPolicy,
} from './stage.ts'

const ENROLLS = { push_firebase_configuration: 'poll only', push_registration_url: PUSH_URL }
const init = async (form: Record<string, string>) =>
  (await administrator()).call('POST', '/token/init', { form: { type: 'push', genkey: '1', ...form } })
const polled = async (user: string, change: Record<string, string>) => {
  const { phone, serial } = await enroll(user)
  return phone.get(PUSH_URL, { ...(await phone.phonePollQuery(serial)), ...change })
}

/** Inserts this many tokens, and deletes them afterwards. */
async function among(count: number, ask: () => Promise<Reply>): Promise<Reply> {
  await env.DB.prepare(
    `INSERT INTO tokens (serial, type, revision, state, active, firebase, registration_url, max_attempts, created_at)
     WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < ?)
     SELECT 'MANY' || n, 'push', 1, 'clientwait', 0, 'poll only', 'x', 10, 0 FROM counted`,
  )
    .bind(count)
    .run()
  const reply = await ask()
  await env.DB.prepare(`DELETE FROM tokens WHERE serial LIKE 'MANY%'`).run()
  return reply
}

export const tokenRefusals = {
  too_many_to_search: {
    provoke: async () => {
      const service = await administrator()
      return among(50_001, () => service.call('GET', '/token/', { query: { description: '*x*' } }))
    },
    reply: {
      status: 503,
      code: 903,
      message:
        'ERR903: More than 50000 tokens would have to be looked through: name a realm, or how the name or serial begins, as well.',
    },
  },
  realm_in_use: {
    provoke: async () => {
      await enroll('inhabitant')
      return (await administrator()).call('DELETE', '/realm/defrealm')
    },
    reply: badRequest(302, 'The realm defrealm is the default, or users or tokens are in it, or policies name it.'),
  },
  signing_key_in_use: {
    provoke: async () => {
      const service = await administrator()
      await enroll('signed for')
      const { value } = await service.call('GET', '/deployment/keys/signing')
      const { id } = Array.isArray(value) ? fields(value[0]) : {}
      return service.call('DELETE', `/deployment/keys/signing/${String(id)}`)
    },
    reply: badRequest(905, 'New tokens get the signing key k2048-1: rotate it first.'),
  },
  no_directory: {
    provoke: async () => (await administrator()).call('POST', '/resolver/ldap', { form: { type: 'ldapresolver' } }),
    reply: {
      status: 501,
      code: -501,
      message: 'Nod keeps no directory: users are whom tokens and POST /user/ name; the resolver is built in.',
    },
  },
  user_unknown: {
    provoke: () => anonymous.check({ user: 'nobody', pass: '' }),
    reply: badRequest(904, 'User <nobody@defrealm> does not exist.'),
  },
  user_not_in_realm: {
    provoke: async () => (await administrator()).triggerchallenge({ user: 'nobody' }),
    reply: badRequest(904, 'The user can not be found in any resolver in this realm!'),
  },
  token_unknown: {
    provoke: async () => (await administrator()).call('POST', '/token/enable/NOSUCH'),
    reply: notFound('No token found for serials: NOSUCH'),
  },
  serial_of_another_owner: {
    provoke: async () => {
      const { serial } = await enroll('hers')
      await enroll('his')
      return anonymous.check({ user: 'his', serial, pass: '' })
    },
    reply: badRequest(905, 'Given serial does not belong to given user!'),
  },
  token_revoked: {
    provoke: async () => {
      const { serial } = await enroll('revoked')
      await (await administrator()).call('POST', `/token/revoke/${serial}`)
      return anonymous.check({ user: 'revoked', pass: '' })
    },
    reply: badRequest(1007, 'This action is not possible, since the token is locked'),
  },
  entry_unknown: {
    provoke: async () => (await administrator()).call('DELETE', '/apikey/nosuch'),
    reply: notFound('The service key nosuch does not exist.'),
  },
  receipt_unavailable: {
    provoke: async () => {
      await enroll('unheard')
      const service = await administrator()
      return service.call('GET', `/transaction/${(await service.trigger('unheard')).transactionId}/receipt`)
    },
    reply: notFound('This login has no receipt: no phone has decided it.'),
  },
  policy_unknown: {
    provoke: async () => (await administrator()).call('DELETE', '/policy/nosuch'),
    reply: notFound('The requested Policy could not be found.'),
  },
  policy_name_taken: {
    provoke: async () => {
      const service = await administrator()
      const json = { scope: 'authentication', action: 'push_wait=1', active: false }
      for (const name of ['taken', 'other']) await service.call('POST', `/policy/${name}`, { json })
      const refused = await service.call('PATCH', '/policy/other', { json: { name: 'taken' } })
      for (const name of ['taken', 'other']) await service.call('DELETE', `/policy/${name}`)
      return refused
    },
    reply: badRequest(905, 'Policy already exists: taken'),
  },
  name_taken: {
    provoke: async () => {
      const service = await administrator()
      await service.call('POST', '/apikey', { form: { name: 'vpn' } })
      return service.call('POST', '/apikey', { form: { name: 'vpn' } })
    },
    reply: badRequest(905, 'The name vpn is taken.'),
  },
  kept_as_secret: {
    provoke: async () => (await administrator()).call('DELETE', '/administrator/admin'),
    reply: {
      status: 501,
      code: -501,
      message: 'Nod keeps this outside its database: set the secret ADMIN_LOGIN.',
    },
  },
  enrollment_policy_missing: {
    provoke: () =>
      withPolicy('enrollment', { push_registration_url: PUSH_URL }, { user: ['other'] }, () => init({ user: 'ada' })),
    reply: forbidden('Missing enrollment policy for push token: push_registration_url'),
  },
  public_url_missing: {
    provoke: async () => {
      const { token = '' } = await administrator()
      // A Nod that is not behind Cloudflare and was not told its address.
      const exposed = makeApp(() => connect({ ...env, EDGE: 'none' } as Env), now)
      const request = new Request('https://evil.example/token/init?type=push&genkey=1', {
        method: 'POST',
        headers: { Authorization: token },
      })
      return readReply(await exposed(request, env, createExecutionContext()))
    },
    reply: badRequest(
      905,
      'Set PUBLIC_URL to the address at which phones reach Nod: the QR code would name the host that this request has named.',
    ),
  },
  too_many_tokens: {
    provoke: async () => {
      await enroll('collector')
      const service = await administrator()
      return withPolicy('enrollment', { ...ENROLLS, max_token_per_user: '1' }, { user: ['collector'] }, () =>
        service.call('POST', '/token/init', { form: { type: 'push', genkey: '1', user: 'collector' } }),
      )
    },
    reply: forbidden('The number of tokens for this user is limited!'),
  },
  description_missing: {
    provoke: () =>
      withPolicy('enrollment', { ...ENROLLS, require_description: 'push' }, {}, async () =>
        (await administrator()).call('POST', '/token/init', { form: { type: 'push', genkey: '1', user: 'terse' } }),
      ),
    reply: forbidden('Description required for push token.'),
  },
  pin_invalid: {
    provoke: () =>
      withPolicy('admin', { '*': true, otp_pin_minlength: '4' }, {}, async () =>
        (await administrator()).call('POST', '/token/init', { form: { type: 'push', genkey: '1', pin: 'a1' } }),
      ),
    reply: forbidden('The minimum OTP PIN length is 4'),
  },
  firebase_unknown: {
    // Written while the secret was set, and the secret was deleted since.
    provoke: () =>
      withPolicy('enrollment', ENROLLS, {}, async () => {
        await env.DB.prepare(`UPDATE policies SET body = replace(body, 'poll only', 'my-app')`).run()
        return withPolicy('enrollment', { push_ttl: '5' }, {}, () => init({ user: 'ada' }))
      }),
    reply: badRequest(905, 'Unknown or incompatible push gateway configuration! Set the secret FIREBASE_MY_APP.'),
  },
  token_in_clientwait: {
    provoke: async () => init({ serial: (await beginEnrollment('waiting')).serial }),
    reply: badRequest(905, '2stepinit is only to be used in the first initialization step.'),
  },
  token_type_differs: {
    provoke: async () => {
      await beginEnrollment('other', { serial: 'PIPUPUSH' })
      return init({ serial: 'PIPUPUSH', type: 'hotp' })
    },
    reply: badRequest(
      301,
      'init token failed: Token PIPUPUSH already exists with type push. Can not initialize token with new type hotp',
    ),
  },
  not_in_clientwait: {
    provoke: async () => {
      const { phone, credential } = await beginEnrollment('taken')
      await phone.register(credential)
      return anonymous.call('POST', '/ttype/push', {
        form: { ...(await phone.registrationForm(credential)), fbtoken: 'x' },
      })
    },
    reply: notFound("No token with this serial number in the rollout state 'clientwait'."),
  },
  credential_invalid: {
    provoke: async () => {
      const { phone, credential } = await beginEnrollment('late')
      const form = await phone.registrationForm(credential)
      // The code is valid for ten minutes, and one more for the delay of the last try.
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 11 * 60_000 })
      try {
        return await phone.post(PUSH_URL, form)
      } finally {
        vi.useRealTimers()
      }
    },
    reply: badRequest(905, 'Invalid enrollment credential. You are not authorized to finalize this token.'),
  },
  phone_key_invalid: {
    provoke: async () => {
      const { phone, credential } = await beginEnrollment('unfit')
      return phone.post(PUSH_URL, { ...(await phone.registrationForm(credential)), pubkey: 'AAAA' })
    },
    reply: badRequest(905, "The phone's public key is not acceptable: not an RSA key in SubjectPublicKeyInfo form"),
  },
  policy_conflict: {
    provoke: async () => {
      await enroll('torn')
      const one = { push_title_on_mobile: 'One' }
      const other = { push_title_on_mobile: 'Other' }
      const extra = { user: 'torn' }
      return withPolicy('authentication', one, extra, () =>
        withPolicy('authentication', other, extra, () => anonymous.check({ user: 'torn', pass: '' })),
      )
    },
    reply: forbidden('There are policies with conflicting actions: ['),
  },
  condition_unknown: {
    provoke: async () => {
      await enroll('unnamed')
      const conditions = [['userinfo', 'email', 'equals', 'unnamed@nod.example', true]]
      return withPolicy('authentication', { push_title_on_mobile: 'Named' }, { user: 'unnamed', conditions }, () =>
        anonymous.check({ user: 'unnamed', pass: '' }),
      )
    },
    reply: forbidden("The policy '["),
  },
  profile_contradicted: {
    provoke: async () => {
      // The app of eduMFA shows no code.
      await enroll('strict', { type: 'edupush' })
      return withPolicy('authentication', { push_profile: 'nist-63b4' }, { user: 'strict' }, () =>
        anonymous.check({ user: 'strict', pass: '' }),
      )
    },
    reply: forbidden("The policy '["),
  },
  anonymous_enrollment_unconfirmed: {
    provoke: async () => {
      const extra = { user: 'newcomer', confirm: 'anonymous_enrollment' }
      await (await administrator()).call('POST', '/user/', { form: { user: 'newcomer' } })
      const action = { passOnNoToken: true, enroll_via_multichallenge: 'PUSH' } as const
      return withPolicy('authentication', action, extra, async () => {
        // As a backup of an older version holds it.
        await env.DB.prepare("UPDATE policies SET body = json_remove(body, '$.confirm')").run()
        return withPolicy('authentication', { push_title_on_mobile: 'Newer' }, { user: 'nobody' }, () =>
          anonymous.check({ user: 'newcomer', pass: '' }),
        )
      })
    },
    reply: forbidden("The policies '["),
  },
  import_invalid: {
    provoke: async () =>
      (await administrator()).call('POST', '/policy/import/all.cfg', {
        json: {
          policies: [{ name: 'moved', scope: 'enrollment', action: { push_ttl: '5', hotp_force_app_pin: true } }],
        },
      }),
    reply: badRequest(
      905,
      'Nothing was imported. With skip=1 this is left out: moved: Nod does not carry out the action hotp_force_app_pin: ' +
        'it is about a type of token that Nod does not have',
    ),
  },
  policy_changed: {
    provoke: async () => {
      const service = await administrator()
      const json = { scope: 'authentication', action: 'push_wait=1', active: false }
      await service.call('POST', '/policy/raced', { json })
      const refused = await service.call('POST', '/policy/raced', { json: { ...json, revision: 0 } })
      await service.call('DELETE', '/policy/raced')
      return refused
    },
    reply: {
      status: 409,
      code: 905,
      message: 'ERR905: The policy raced has been changed by admin since you read it. Nothing was saved.',
    },
  },
  policy_invalid: {
    provoke: async () =>
      (await administrator()).call('POST', '/policy/long', {
        form: { scope: 'authentication', action: 'push_wait=long' },
      }),
    reply: badRequest(905, "push_wait: 'long' is not a whole number from 0 to 120"),
  },
  token_assigned: {
    provoke: async () => {
      const { serial } = await enroll('owner')
      return (await administrator()).call('POST', '/token/assign', { form: { serial, user: 'another' } })
    },
    reply: badRequest(1103, "Token already assigned to user User(login='owner', realm='defrealm', resolver='nod')"),
  },
  period_unparsable: {
    provoke: async () => {
      const { serial } = await enroll('soon')
      return (await administrator()).call('POST', `/token/set/${serial}`, { form: { validity_period_end: 'soon' } })
    },
    reply: badRequest(301, 'Could not parse validity period end date!'),
  },
  polling_denied: {
    provoke: () => withPolicy('authentication', { push_allow_polling: 'deny' }, {}, () => polled('eager', {})),
    reply: forbidden('Polling not allowed!'),
  },
  signature_invalid: {
    provoke: async () => newPhone().get(PUSH_URL, await newPhone().phonePollQuery('NOSUCH')),
    reply: badRequest(10, 'Could not verify signature!'),
  },
  timestamp_unparsable: {
    provoke: () => polled('timeless', { timestamp: 'now' }),
    reply: badRequest(10, 'Could not parse timestamp now. ISO-Format required.'),
  },
  timestamp_out_of_range: {
    provoke: () => polled('slow', { timestamp: '2020-02-29T12:00:00Z' }),
    reply: badRequest(10, 'Timestamp 2020-02-29T12:00:00Z not in valid range.'),
  },
  answer_unacceptable: {
    provoke: async () => {
      const { phone } = await enroll('both')
      await (await administrator()).trigger('both')
      const { nonce, serial } = await nextPrompt(phone)
      const signature = await phone.sign(`${nonce}|${serial}|decline`)
      return phone.post(PUSH_URL, { nonce, serial, signature, decline: '1', presence_answer: 'decline' })
    },
    reply: badRequest(905, 'A decline cannot carry a presence_answer.'),
  },
} satisfies RefusalCases
