/** The simulated phone against recordings of the real server and a phone it accepted: RSA PKCS#1 v1.5 is deterministic,
 *  so what the recorded phone signed, ours must sign to the letter, and what the real server signed, ours must believe. */
import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { BadUri, Phone, type FormFields, type PhoneToken, type Prompt } from './phone.ts'
import { canonicalUrl } from './phone/canonical-url.ts'
import { acceptForm, declineForm } from './phone/forms.ts'
import { readPrompt } from './phone/prompt.ts'
import { fields } from './reply.ts'

interface Recording {
  readonly name: string
  readonly tokens: readonly { readonly serial: string; readonly phone: string; readonly server_public_key?: string }[]
  readonly keys: Readonly<Record<string, string>>
  readonly exchanges: readonly {
    readonly label: string
    readonly request: {
      readonly method: string
      readonly path: string
      readonly body?: unknown
      readonly query?: FormFields
    }
    readonly response: { readonly status: number; readonly json?: unknown }
  }[]
  readonly fcm: readonly { readonly body: { readonly message: { readonly data: FormFields } } }[]
}

const golden = new URL('../golden/', import.meta.url)
const recordings = readdirSync(golden)
  .filter((file) => /^\d\d-.*\.json$/.test(file))
  .map((file): Recording => JSON.parse(readFileSync(new URL(file, golden), 'utf8')))

const phonePosts = recordings.flatMap((recording) =>
  recording.exchanges
    .filter(({ request }) => request.method === 'POST' && request.path === '/ttype/push')
    .map(({ label, request, response }) => ({
      recording,
      label,
      form: fields(request.body),
      taken: fields(fields(response.json)['result'])['value'] === true,
    })),
)

/** A phone with the key and the tokens of the one in the recording. */
function recordedPhone(recording: Recording, serial: unknown): Phone {
  const name = recording.tokens.find((token) => token.serial === serial)?.phone ?? 'phone1'
  const phone = new Phone({ keys: recording.keys[name] ?? '', fetch: () => Promise.reject(new Error('offline')) })
  for (const token of recording.tokens) {
    const serverKey = token.server_public_key
    if (serverKey !== undefined) phone.tokens.set(token.serial, phoneToken(token.serial, serverKey))
  }
  return phone
}

function phoneToken(serial: string, serverKey: string): PhoneToken {
  const url = 'http://127.0.0.1:5000/ttype/push'
  return { serial, url, issuer: 'privacyIDEA', label: serial, sslVerify: true, pollOnly: false, serverKey }
}

/** Everything the recorded server asked a phone to show, pushed or polled. */
function recordedPrompts(recording: Recording): unknown[] {
  const polled = recording.exchanges.map(({ response }) => fields(fields(response.json)['result'])['value'])
  return [...recording.fcm.map(({ body }) => body.message.data), ...polled.filter(Array.isArray).flat()].filter(
    (data) => fields(data)['nonce'] !== undefined,
  )
}

describe('the simulated phone signs as the recorded phone did', () => {
  it('when it polls', async () => {
    let compared = 0
    for (const recording of recordings) {
      for (const { label, request, response } of recording.exchanges) {
        if (request.method !== 'GET' || request.path !== '/ttype/push' || response.status !== 200) continue
        const { serial = '', timestamp = '', signature } = request.query ?? {}
        const query = await recordedPhone(recording, serial).phonePollQuery(serial, timestamp)
        expect(query['signature'], `${recording.name}: ${label}`).toBe(signature)
        compared++
      }
    }
    expect(compared).toBeGreaterThan(15)
  })

  it('when it accepts or declines', async () => {
    let compared = 0
    for (const { recording, label, form, taken } of phonePosts) {
      if (!taken || form['signature'] === undefined || form['new_fb_token'] !== undefined) continue
      if (!recording.tokens.some((token) => token.serial === form['serial'])) continue
      const phone = recordedPhone(recording, form['serial'])
      const signatures = await Promise.all(
        recordedPrompts(recording).map(async (data) => {
          const prompt = readPrompt(fields(data), 0)
          if (prompt === undefined || prompt.serial !== form['serial']) return undefined
          return (await sameAnswer(phone, prompt, form))['signature']
        }),
      )
      expect(signatures, `${recording.name}: ${label}`).toContain(form['signature'])
      compared++
    }
    expect(compared).toBeGreaterThan(8)
  })

  it('when its registration token changes', async () => {
    let compared = 0
    for (const { recording, label, form, taken } of phonePosts) {
      const [serial, token, timestamp] = [form['serial'], form['new_fb_token'], form['timestamp']]
      if (!taken || typeof serial !== 'string' || typeof token !== 'string' || typeof timestamp !== 'string') continue
      const made = await recordedPhone(recording, serial).refreshForm(serial, token, timestamp)
      expect(made['signature'], `${recording.name}: ${label}`).toBe(form['signature'])
      compared++
    }
    expect(compared).toBeGreaterThan(2)
  })

  it('and gives the public key the recorded phone gave, in standard base64', async () => {
    const registered = phonePosts.find(({ form, taken }) => taken && form['pubkey'] !== undefined)
    const uri = 'otpauth://pipush/x?url=http%3A//127.0.0.1/&enrollment_credential=00&v=1&serial=x&poll_only=True'
    const phone = recordedPhone(
      registered?.recording ?? { name: '', tokens: [], keys: {}, exchanges: [], fcm: [] },
      'x',
    )
    const form = await phone.registrationForm(phone.scan(uri))
    const recorded = String(registered?.form['pubkey']).replaceAll('-', '+').replaceAll('_', '/')
    expect(form['pubkey']?.replace(/=+$/, '')).toBe(recorded.replace(/=+$/, ''))
    expect(form['fbtoken']).toBe('no_firebase_token')
  })
})

describe('the simulated phone believes the recorded server', () => {
  const believed = recordings.flatMap((recording) =>
    recordedPrompts(recording)
      .map((data) => ({ recording, data, serial: fields(data)['serial'] }))
      .filter(({ serial }) => recording.tokens.some((token) => token.serial === serial && token.server_public_key)),
  )

  it('and shows every prompt of it, once', async () => {
    for (const { recording, data, serial } of believed) {
      const phone = recordedPhone(recording, serial)
      expect(await phone.receive(data), `${recording.name}: ${JSON.stringify(phone.dropped)}`).toBeDefined()
      expect(await phone.receive(data)).toBeUndefined()
      expect(phone.openPrompts()).toHaveLength(1)
    }
    expect(believed.length).toBeGreaterThan(20)
  })

  it.each(['nonce', 'url', 'serial', 'question', 'title', 'sslverify', 'signature', 'capabilities'])(
    'and shows nothing if %s was changed on the way',
    async (name) => {
      const { recording, data, serial } = believed[0] ?? { recording: undefined, data: undefined, serial: undefined }
      if (recording === undefined) throw new Error('no recorded prompt')
      const phone = recordedPhone(recording, serial)
      const changed: Readonly<Record<string, unknown>> = { ...fields(data), [name]: CHANGED[name] }
      expect(await phone.receive(changed)).toBeUndefined()
      expect(phone.dropped).toHaveLength(1)
    },
  )
})

const CHANGED: Readonly<Record<string, string>> = {
  nonce: 'A'.repeat(32),
  url: 'https://mfa.example.org/ttype/push',
  serial: 'PIPU99999999',
  question: 'Do you want to confirm the transfer?',
  title: 'privacyIdea',
  sslverify: '0',
  signature: 'A'.repeat(824),
  capabilities: '{"decline_reason": false}',
}

describe('the simulated phone writes a URL back as the app does', () => {
  it.each([
    ['https://mfa.example.org/ttype/push', 'https://mfa.example.org/ttype/push'],
    ['HTTPS://MFA.Example.org/ttype/push', 'https://mfa.example.org/ttype/push'],
    ['https://mfa.example.org:443/ttype/push', 'https://mfa.example.org/ttype/push'],
    ['http://127.0.0.1:8787/ttype/push', 'http://127.0.0.1:8787/ttype/push'],
    ['https://mfa.example.org/%7eada/a/../ttype/./push', 'https://mfa.example.org/~ada/ttype/push'],
    ['https://mfa.example.org/a%2fb', 'https://mfa.example.org/a%2Fb'],
    ['https://mfa.example.org/ttype/push ', 'https://mfa.example.org/ttype/push%20'],
    ['https://mfa.example.org', 'https://mfa.example.org'],
    ['https://mfa.example.org/?A=%c3%a4', 'https://mfa.example.org/?A=%C3%A4'],
    ['ftp://mfa.example.org/', undefined],
    ['/ttype/push', undefined],
  ])('%s', (url, written) => {
    expect(canonicalUrl(url)).toBe(written)
  })
})

describe('the simulated phone reads enrollment URIs', () => {
  it('of every kind the recorded server made', () => {
    const uris = recordings.flatMap(({ exchanges }) =>
      exchanges.map(({ response }) => fields(fields(fields(response.json)['detail'])['pushurl'])['value']),
    )
    const credentials = uris.filter((uri) => typeof uri === 'string').map((uri) => new Phone().scan(uri))
    expect(credentials.length).toBeGreaterThan(15)
    for (const credential of credentials) {
      expect(credential.enrollmentCredential).toMatch(/^[0-9a-f]{40}$/)
      expect(credential.url).toMatch(/^https?:\/\/[^/]+\/.*ttype\/push/)
    }
  })

  it.each([
    ['nothing', /no enrollment URI/],
    ['otpauth://totp/Ada?secret=JBSWY3DP', /type totp/],
    ['https://pipush/Ada?v=1', /begins with https:/],
    ['otpauth://pipush/Ada?v=2&url=http://a/&serial=b&enrollment_credential=c', /version 2/],
    ['otpauth://pipush/Ada?v=1&url=ftp://a/&serial=b&enrollment_credential=c', /http or https/],
    ['otpauth://pipush/Ada?v=1&url=http://a/&enrollment_credential=c', /no serial/],
    ['otpauth://pipush/Ada?v=1&url=http://a/&serial=b', /no enrollment_credential/],
    ['otpauth://pipush/Ada?v=1&url=http://a/&serial=b&enrollment_credential=c&ttl=0', /ttl of 0/],
  ])('and refuses %s', (uri, why) => {
    const scan = (): unknown => new Phone().scan(uri)
    expect(scan).toThrow(BadUri)
    expect(scan).toThrow(why)
  })
})

/** The answer our phone makes to the prompt with the same intent as the recorded one. */
async function sameAnswer(phone: Phone, prompt: Prompt, form: Readonly<Record<string, unknown>>): Promise<FormFields> {
  const { decline, decline_reason: reason, presence_answer: presence } = form
  const sign = (text: string): Promise<string> => phone.sign(text)
  if (decline === undefined) return acceptForm(prompt, typeof presence === 'string' ? presence : undefined, sign)
  return declineForm(prompt, typeof reason === 'string' ? reason : undefined, sign)
}
