/** A Nod for the fuzzer, with data that only administrators may change and secrets that nobody may read. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serve } from '../../scripts/serve.mjs'
import { Driver, nextPrompt } from '../driver/driver.ts'
import { startGoogle } from '../simulation/google.ts'
import { fields } from '../simulation/reply.ts'

const PASSWORD = 'password-of-the-canary-admin'
const PIN = 'pin-of-the-canary'

export interface FuzzTarget {
  readonly url: string
  /** Credentials of callers who may change nothing, by kind. */
  readonly strangers: Readonly<Record<string, string>>
  readonly administrators: Readonly<Record<string, string>>
  /** Names of what exists, by the field that takes them. */
  readonly names: Readonly<Record<string, readonly string[]>>
  readonly secrets: ReadonlyMap<string, string>
  /** The present state of what only administrators may change. */
  protectedState(): Promise<string>
  stop(): Promise<void>
}

export async function openTarget(): Promise<FuzzTarget> {
  const state = await mkdtemp(join(tmpdir(), 'nod-fuzz-'))
  const google = await startGoogle({ port: 0 })
  const nod = await serve({
    PORT: '0',
    NOD_STATE: state,
    ADMIN_LOGIN: 'canary-admin',
    ADMIN_PASSWORD: PASSWORD,
    SIGNING_KEY_BITS: '2048',
    AUDIT_STRANGER_RECORDS_PER_HOUR: '100000',
    // With a bucket: without one its endpoints answer 503, which is no fault.
    AUDIT_ARCHIVE_MODE: 'required',
    FCM_URL: google.url,
    FIREBASE_FB1: JSON.stringify(google.serviceAccount),
  })
  const driver = new Driver({ url: nod.url }, { polled: 'defrealm', prefix: 'canary' })
  const { service } = driver
  const token = await service.auth('canary-admin', PASSWORD)
  const keys = {
    validate: await driver.serviceKey('validate', 'validate'),
    helpdesk: await driver.serviceKey('helpdesk', 'helpdesk'),
    admin: await driver.serviceKey('all', 'admin'),
  }
  await service.setPolicy('canary', 'authentication', { push_text_on_mobile: 'canary?' }, { user: ['canary'] })
  const { owner, phone, serial } = await driver.enroll('canary', { pin: PIN })
  const { detail: waiting } = await driver.beginEnrollment('canary-waiting')
  const login = await service.trigger(owner)
  const prompt = await nextPrompt(phone)
  const bypass = fields((await service.call('POST', '/token/bypass', { form: { ...owner, reason: 'fuzz' } })).value)[
    'code'
  ]
  const forged = `${token.slice(0, -2)}${token.endsWith('AA') ? 'BB' : 'AA'}`
  const canaries = [serial, String(waiting.serial)]

  const standing = async (): Promise<string> => {
    // What administrators were asked to write meanwhile may keep this one from looking; signing in may have to wait.
    for (const name of ['fuzz', 'fuzz2']) await service.call('DELETE', `/policy/${name}`)
    const tokens = await Promise.all(canaries.map((one) => service.call('GET', '/token/', { query: { serial: one } })))
    const kept = tokens.map(({ value }) => {
      const [item] = fields(value)['tokens'] as readonly Record<string, unknown>[]
      const { active, revoked, description, username, user_realm, realms, rollout_state, maxfail } = item ?? {}
      return { active, revoked, description, username, user_realm, realms, rollout_state, maxfail }
    })
    const lists = await Promise.all(
      ['/policy/canary', '/apikey', '/administrator'].map(async (path) => (await service.call('GET', path)).value),
    )
    return JSON.stringify([kept, lists.map((list) => JSON.stringify(list).match(/canary[\w-]*/g))])
  }

  return {
    url: nod.url,
    strangers: { nobody: '', validate: keys.validate, forged, 'made up': `nod_${'A'.repeat(43)}`, odd: 'Bearer x.y.z' },
    administrators: { helpdesk: keys.helpdesk, admin: keys.admin },
    names: {
      serial: [...canaries, 'PIPU00000000', '*'],
      serials: [canaries.join(',')],
      user: ['canary', 'canary@defrealm', 'canary-waiting', 'nobody'],
      username: ['canary', 'canary-admin'],
      realm: ['defrealm', 'DEFREALM', 'none'],
      name: ['canary', 'canary-validate'],
      login: ['canary-admin'],
      transaction_id: [login.transactionId],
      state: [login.transactionId],
      nonce: [prompt.nonce],
      type: ['push', 'edupush', 'hotp'],
      pass: ['1234', ''],
      scope: ['authentication', 'enrollment', 'admin', 'user', 'webui'],
      genkey: ['1'],
      page: ['1', '2'],
      wait: ['0', '0.05'],
      fbtoken: ['x', 'no_firebase_token'],
      timestamp: [new Date().toISOString()],
    },
    secrets: new Map([
      ['the administrator’s password', PASSWORD],
      ['a PIN', PIN],
      ['an API token', token],
      ['a service key', keys.validate],
      ['the helpdesk’s service key', keys.helpdesk],
      ['an administrator’s service key', keys.admin],
      ['an enrollment credential', String(waiting.enrollment_credential)],
      ['a nonce', prompt.nonce],
      ['a bypass code', String(bypass)],
      ['a private key', 'PRIVATE KEY'],
      ['a line of source', '    at '],
    ]),
    protectedState: standing,
    stop: async () => {
      await nod.stop()
      await google.stop()
      await rm(state, { recursive: true, force: true })
    },
  }
}
