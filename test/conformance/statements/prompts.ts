/** Statements 22 to 25: what the phone is shown, and what of it is signed. */
import { canonical, isPlainObject } from '../../simulation/phone/canonical-json.ts'
import { serverKeyFrom, verified } from '../../simulation/phone/signing.ts'
import { fields, isFields } from '../../simulation/reply.ts'
import type { Statement } from '../statement.ts'
import type { EnrolledUser, World } from '../world.ts'

type Data = Readonly<Record<string, unknown>>

const PADDED = /^(?:[A-Z2-7]{8})+[A-Z2-7]{1,7}=+$/
const BASE = ['nonce', 'url', 'serial', 'question', 'title', 'sslverify']

export const prompts: readonly Statement[] = [
  {
    number: 22,
    text: 'The signature covers `nonce|url|serial|question|title|sslverify` and is padded base32.',
    async check(world, see) {
      await world.policy('authentication', { push_title_on_mobile: 'A title', push_text_on_mobile: 'For {serial}?' })
      const holder = await world.enrollPhone()
      const data = await polled(world, holder)
      const signature = String(data['signature'])
      see.expect('padded base32', PADDED.test(signature) && signature.length % 8 === 0, signature)
      see.expect('over these fields', await signs(holder, text(data, BASE), signature), data)
      see.equals('title', data['title'], 'A title')
      see.equals('question', data['question'], `For ${holder.serial}?`)
      see.equals('url', data['url'], world.phoneUrl())
      see.equals('sslverify', data['sslverify'], '1')
    },
  },
  {
    number: 23,
    text: 'With number matching the signed string ends in `|<require_presence>` and `version` is `"2"`.',
    async check(world, see) {
      await world.policy('authentication', { push_require_presence: true })
      const holder = await world.enrollPhone()
      const data = await polled(world, holder)
      const signed = text(data, [...BASE, 'require_presence'])
      see.expect('signed with the options', await signs(holder, signed, String(data['signature'])), data)
      see.equals('version', data['version'], '2')
    },
  },
  {
    number: 24,
    text: '`capabilities_signature` verifies over the JCS object with the nonce.',
    async check(world, see) {
      const holder = await world.enrollPhone()
      const { capabilities: given, capabilities_signature: signature, nonce } = await polled(world, holder)
      const capabilities: unknown = typeof given === 'string' ? JSON.parse(given) : given
      if (!isFields(capabilities) || !isPlainObject(capabilities)) return see.expect('an object', false, given)
      see.expect('decline_reason', 'decline_reason' in capabilities, given)
      const signed = canonical({ capabilities, nonce: String(nonce) })
      see.expect('signed', await signs(holder, signed, String(signature)), signed)
    },
  },
  {
    number: 25,
    text: 'All FCM data values are strings and the body matches docs/protocol.md 6.1.',
    async check(world, see) {
      const holder = await world.enrollPhone({ pushed: true })
      const began = Date.now() / 1000
      await world.service.trigger(holder.owner)
      const [came] = await world.google.messagesTo(holder.phone, 5000)
      if (came === undefined) return see.expect('a message came', false, 'nothing within 5 s')
      const { data, message } = came
      see.expect(
        'strings',
        Object.values(data).every((value) => typeof value === 'string'),
        data,
      )
      for (const name of [...BASE, 'signature']) see.expect(`data.${name}`, typeof data[name] === 'string', data[name])
      see.expect('verifies on the phone', (await holder.phone.receive(data)) !== undefined, holder.phone.dropped)
      const shown = { title: data['title'], body: data['question'] }
      see.expect('notification', same(message['notification'], shown), message['notification'])
      const android = fields(message['android'])
      see.expect('android.priority', android['priority'] === 'HIGH', android)
      see.expect('android.ttl', /^1[12]\ds$/.test(String(android['ttl'])), android)
      see.equals('android label', fields(android['fcm_options'])['analytics_label'], 'AndroidPushToken')
      const apns = fields(message['apns'])
      const { 'apns-expiration': expiration, ...headers } = fields(apns['headers'])
      const usual = { 'apns-priority': '10', 'apns-push-type': 'alert', 'apns-collapse-id': 'privacyidea.pushtoken' }
      see.expect('apns.headers', same(headers, usual), headers)
      const isExpiration = typeof expiration === 'string' && Math.abs(Number(expiration) - began - 120) < 10
      see.expect('apns-expiration', isExpiration, expiration)
      const aps = { alert: shown, sound: 'default', category: 'PUSH_AUTHENTICATION' }
      see.expect('apns.payload', same(fields(apns['payload'])['aps'], aps), apns['payload'])
      see.equals('apns label', fields(apns['fcm_options'])['analytics_label'], 'iOSPushToken')
    },
  },
]

/** The only entry that the phone gets by polling, unparsed. */
async function polled(world: World, { owner, phone, serial }: EnrolledUser): Promise<Data> {
  await world.service.trigger(owner)
  await phone.poll(serial)
  const value = phone.lastPoll.get(serial)?.value
  if (!Array.isArray(value) || value.length !== 1) throw new Error(`expected one entry, got ${JSON.stringify(value)}`)
  return fields(value[0])
}

const text = (data: Data, names: readonly string[]): string => names.map((name) => data[name]).join('|')

/** Whether the server's key of this token made the signature. */
async function signs({ phone, serial }: EnrolledUser, signed: string, signature: string): Promise<boolean> {
  const key = await serverKeyFrom(phone.tokens.get(serial)?.serverKey ?? '')
  return key !== undefined && verified(signed, signature, key)
}

/** Equal whatever the order of members. */
const same = (one: unknown, other: unknown): boolean => sorted(one) === sorted(other)
const sorted = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => a.localeCompare(b)))
      : inner,
  )
