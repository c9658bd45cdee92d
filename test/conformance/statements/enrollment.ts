/** Statements 13 to 21: enrollment. */
import { Phone } from '../../simulation/phone.ts'
import { type Reply, fields, isFields } from '../../simulation/reply.ts'
import type { Statement } from '../statement.ts'
import type { World } from '../world.ts'

const OTHER_CREDENTIAL = '0123456789abcdef0123456789abcdef01234567'

export const enrollment: readonly Statement[] = [
  {
    number: 13,
    text:
      '`/token/init` of type push gives 403/303 to a user without a `push_registration_url` where a policy sets one for ' +
      'others (where none does, Nod has a default).',
    async check(world, see) {
      const owner = await world.newUser()
      await world.call('DELETE', `/policy/${world.enrollmentPolicy}`)
      try {
        const policies = (await world.call('GET', '/policy/', { query: { scope: 'enrollment' } })).value
        const isClear = Array.isArray(policies) && !policies.some((one) => fields(one)['active'] === true)
        const without = 'without any policy it enrolls'
        if (!isClear) see.skip(without, 'the server has enrollment policies of its own')
        else {
          const reply = await world.init({ ...owner })
          see.expect(without, reply.status === 200 && reply.value === true, reply)
        }
        const forAnother = { realm: [world.realm], user: ['another'] }
        await world.withPolicy('enrollment', { push_registration_url: world.phoneUrl() }, forAnother, async () => {
          see.refused('without push_registration_url', await world.init({ ...owner }), 403, 303)
        })
      } finally {
        await world.enrollment()
      }
    },
  },
  {
    number: 14,
    text: '`/token/init` without `genkey` gives 400/905.',
    async check(world, see) {
      const owner = await world.newUser()
      const form = { type: 'push', ...owner }
      see.refused('without genkey', await world.call('POST', '/token/init', { form }), 400, 905)
    },
  },
  {
    number: 15,
    text: 'The enrollment URI contains all parameters of docs/protocol.md 3.2 with `v=1`, and `poll_only=True` exactly for `poll only`.',
    async check(world, see) {
      const owner = await world.newUser()
      const { parameters } = await uri(world, { ...owner })
      const usual = { url: world.phoneUrl(), ttl: '10', v: '1', sslverify: '1', poll_only: 'True' }
      for (const [name, value] of Object.entries(usual)) see.equals(name, parameters.get(name), value)
      see.expect('serial', parameters.get('serial')?.startsWith('PIPU') === true, parameters.get('serial'))
      see.expect('issuer', (parameters.get('issuer') ?? '') !== '', parameters.get('issuer'))
      see.expect('enrollment_credential', /^[0-9a-f]{40}$/.test(parameters.get('enrollment_credential') ?? ''))

      const image = 'https://www.example.org/logo.png'
      await world.policy('enrollment', {
        push_ttl: '7',
        push_ssl_verify: '0',
        push_force_app_pin: true,
        tokenissuer: 'Example Inc.',
        appimageurl: image,
      })
      const { parameters: others } = await uri(world, { ...owner })
      const wanted = { ttl: '7', sslverify: '0', pin: 'True', app_force_unlock: 'pin', issuer: 'Example Inc.', image }
      for (const [name, value] of Object.entries(wanted)) see.equals(`${name} by policy`, others.get(name), value)

      if (world.options.google === undefined) return see.skip('no poll_only with FCM', 'no simulated Google: --google')
      const { parameters: pushed } = await world.withDelivery(() => uri(world, { ...owner }))
      see.expect('no poll_only with FCM', ['False', null].includes(pushed.get('poll_only')), pushed.get('poll_only'))
    },
  },
  {
    number: 16,
    text: 'With `push_use_pia_scheme` the URI starts with `pia://pipush/`.',
    async check(world, see) {
      const owner = await world.newUser()
      const before = await uri(world, { ...owner })
      see.expect('otpauth without it', before.text.startsWith('otpauth://pipush/'), before.text)
      await world.policy('enrollment', { push_use_pia_scheme: true })
      const { text } = await uri(world, { ...owner })
      see.expect('pia with it', text.startsWith('pia://pipush/'), text)
    },
  },
  {
    number: 17,
    text: 'A label with `{user}` is expanded; default label is the serial.',
    async check(world, see) {
      const owner = await world.newUser()
      const plain = await uri(world, { ...owner })
      see.equals('default', plain.label, plain.parameters.get('serial'))
      await world.policy('enrollment', { tokenlabel: 'push for {user}' })
      see.equals('{user}', (await uri(world, { ...owner })).label, `push for ${owner.user}`)
    },
  },
  {
    number: 18,
    text: 'Step 2 with a wrong credential gives 400/905; with an unknown serial 404/601.',
    async check(world, see) {
      const { phone, credential } = await scanned(world)
      const form = await phone.registrationForm(credential)
      const wrong = { ...form, enrollment_credential: OTHER_CREDENTIAL }
      see.refused('wrong credential', await phone.post(credential.url, wrong), 400, 905)
      const unknown = { ...form, serial: world.unique('no') }
      see.refused('unknown serial', await phone.post(credential.url, unknown), 404, 601)
      see.expect('the right one still holds', (await phone.register(credential)).serial === credential.serial)
    },
  },
  {
    number: 19,
    text: 'Step 2 returns a base64 PKCS#1 key that verifies later `signature`s; token becomes active and `enrolled`.',
    async check(world, see) {
      const { phone, credential, owner } = await scanned(world)
      const { serial } = credential
      const before = await world.token(serial)
      see.equals('clientwait before', [before['rollout_state'], before['active']], ['clientwait', false])
      // The simulated phone takes nothing but PKCS#1.
      await phone.register(credential)
      const after = await world.token(serial)
      see.equals('enrolled after', [after['rollout_state'], after['active']], ['enrolled', true])
      await world.service.trigger(owner)
      see.expect('its prompts verify', (await phone.poll()).length === 1, phone.dropped)
    },
  },
  {
    number: 20,
    text: 'Step 2 accepts the phone key with `+`, with spaces instead of `+`, and URL-safe.',
    async check(world, see) {
      const spellings = {
        'with +': (key: string) => encodeURIComponent(key),
        // A form that is not encoded: what reads it makes each `+` a space.
        'with spaces': (key: string) => key.replaceAll('/', '%2F').replaceAll('=', '%3D'),
        'URL-safe': (key: string) => key.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '%3D'),
      }
      for (const [claim, spelled] of Object.entries(spellings)) {
        const { phone, credential } = await scanned(world)
        const { pubkey = '', ...form } = await phone.registrationForm(credential)
        if (!/\+.*\/|\/.*\+/.test(pubkey)) throw new Error('this phone key has no + and / in base64')
        const body = `${new URLSearchParams(form).toString()}&pubkey=${spelled(pubkey)}`
        const headers = { 'content-type': 'application/x-www-form-urlencoded' }
        const reply = await fetch(credential.url, { method: 'POST', headers, body })
        see.expect(`${claim}: taken`, reply.status === 200, `HTTP ${reply.status}`)
        // Only the right key verifies what this phone signs.
        const polled = await phone.get(credential.url, await phone.phonePollQuery(credential.serial))
        see.expect(`${claim}: the same key`, Array.isArray(polled.value), polled)
        await world.tidy()
      }
    },
  },
  {
    number: 21,
    text: 'An empty POST to the registration URL yields an HTTP response with JSON.',
    async check(world, see) {
      const reply = await new Phone({ keys: 0 }).post(world.phoneUrl(), {})
      see.expect('JSON', isFields(reply.body), reply)
    },
  },
]

async function scanned(world: World) {
  const owner = await world.newUser()
  const reply = await world.init({ ...owner })
  const phone = new Phone()
  return { phone, owner, credential: phone.scan(reply.detail.pushurl?.value ?? '') }
}

/** What the QR code of a new token says. */
async function uri(world: World, owner: Readonly<Record<string, string>>) {
  const reply: Reply = await world.init(owner)
  const text = reply.detail.pushurl?.value ?? ''
  const [, label = '', query = ''] = /^[a-z]+:\/\/pipush\/([^?]*)\?(.*)$/.exec(text) ?? []
  return { text, label: decodeURIComponent(label), parameters: new URLSearchParams(query) }
}
