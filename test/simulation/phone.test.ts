/** Habits of the app that a server must live with (docs/protocol.md, "Enrollment", "Life on the phone", "Phone answer" and "Phone poll"), shown on the simulated phone alone. */
import { describe, expect, it } from 'vitest'
import { fromBase64, toBase64 } from './bytes.ts'
import { Phone, RegistrationRefused, type Prompt } from './phone.ts'
import { PHONE_KEYS } from './keys.ts'
import { keysFromPem, publicKeyText, signed } from './phone/signing.ts'

const PUSH = 'https://mfa.example.org/ttype/push'
const URI = `otpauth://pipush/Nod:Ada?url=${encodeURIComponent(PUSH)}&ttl=10&enrollment_credential=00&v=1&serial=P1`
const START = Date.UTC(2026, 10, 24, 8)

/** A server that says what it is told to say, in that order, and keeps what it was sent. */
class Script {
  readonly seen: { method: string; url: string; body: string; agent: string | null }[] = []
  now = START
  readonly #answers: (() => Promise<Response>)[] = []
  readonly phone = new Phone({
    keys: 0,
    now: () => this.now,
    timeout: 50,
    registrationToken: 'r1',
    fetch: async (request) => {
      const agent = request.headers.get('user-agent')
      this.seen.push({ method: request.method, url: request.url, body: await request.text(), agent })
      return this.#answers.shift()?.() ?? Promise.reject(new Error('the script has ended'))
    },
  })

  answers(...answers: unknown[]): this {
    for (const answer of answers) {
      this.#answers.push(async () => {
        if (answer instanceof Error) throw answer
        if (answer === 'nothing') return new Promise<never>(() => undefined)
        return new Response(typeof answer === 'string' ? answer : JSON.stringify(answer))
      })
    }
    return this
  }
}

const ok = (value: unknown, detail?: unknown): unknown => ({ jsonrpc: '2.0', result: { status: true, value }, detail })
const server = await keysFromPem(PHONE_KEYS[3] ?? '')
// The PKCS#1 key inside a 2048-bit SubjectPublicKeyInfo begins after 24 bytes.
const serverKey = toBase64(fromBase64(await publicKeyText(server))?.slice(24) ?? new Uint8Array())

async function enrolled(): Promise<Script> {
  const script = new Script().answers(ok(true, { public_key: serverKey.replace(/(.{64})/g, '$1\n') }))
  await script.phone.register(script.phone.scan(URI))
  return script
}

async function promptData(nonce: string, extra: Record<string, string> = {}): Promise<Record<string, string>> {
  const base = { nonce, url: PUSH, serial: 'P1', question: 'Let you in?', title: 'Nod', sslverify: '1', ...extra }
  return { ...base, signature: await signed(Object.values(base).join('|'), server) }
}

async function shownPrompt(script: Script): Promise<Prompt> {
  const prompt = await script.phone.receive(await promptData('N1'))
  if (prompt === undefined) throw new Error(script.phone.dropped[0]?.why)
  return prompt
}

describe('a phone that registers', () => {
  it('shows the message of a refusal and may try again', async () => {
    const script = new Script().answers({ result: { status: false, error: { code: 905, message: 'ERR905: no' } } })
    const credential = script.phone.scan(URI)
    await expect(script.phone.register(credential)).rejects.toThrow(RegistrationRefused)
    script.answers(ok(true, { public_key: serverKey }))
    expect(await script.phone.register(credential)).toMatchObject({ serial: 'P1', issuer: 'Nod', label: 'Ada' })
    expect(new URLSearchParams(script.seen[1]?.body).get('fbtoken')).toBe('r1')
    expect(script.seen[1]?.agent).toBe('privacyIDEA-App/4.8.0 Android/14')
  })

  it('takes no SubjectPublicKeyInfo for a server key', async () => {
    const script = new Script().answers(ok(true, { public_key: await publicKeyText(server) }))
    await expect(script.phone.register(script.phone.scan(URI))).rejects.toThrow('PKCS#1')
  })

  it('has deleted the token once its ttl has passed', async () => {
    const script = new Script()
    const credential = script.phone.scan(URI)
    script.now = START + 10 * 60_000
    await expect(script.phone.register(credential)).rejects.toThrow('older than 10 minutes')
    expect(script.seen).toHaveLength(0)
  })
})

describe('a phone that polls', () => {
  it('never shows a nonce twice, pushed or polled', async () => {
    const script = await enrolled()
    const data = await promptData('N1')
    script.answers(ok([data]), ok([data]))
    expect(await script.phone.poll()).toHaveLength(1)
    expect(await script.phone.poll()).toHaveLength(0)
    expect(await script.phone.receive(data)).toBeUndefined()
    expect(script.phone.dropped).toHaveLength(0)
  })

  it('signs another timestamp each time', async () => {
    const script = (await enrolled()).answers(ok([]), ok([]))
    await script.phone.poll()
    await script.phone.poll()
    const times = script.seen.slice(1).map(({ url }) => new URL(url).searchParams.get('timestamp'))
    expect(times).toEqual(['2026-11-24T08:00:00.000000Z', '2026-11-24T08:00:00.000001Z'])
  })

  it('discards the whole answer for one entry it cannot read', async () => {
    const script = await enrolled()
    script.answers(ok([await promptData('N1'), { nonce: 'N2' }]))
    expect(await script.phone.poll()).toHaveLength(0)
  })

  it('shows a prompt for two minutes', async () => {
    const script = await enrolled()
    await shownPrompt(script)
    script.now = START + 119_999
    expect(script.phone.openPrompts()).toHaveLength(1)
    script.now = START + 120_000
    expect(script.phone.openPrompts()).toHaveLength(0)
  })
})

describe('a phone that answers', () => {
  it.each([new Error('connection reset'), 'nothing'])('sends the same body once more after %s', async (failure) => {
    const script = await enrolled()
    script.answers(failure, ok(true))
    expect(await script.phone.accept(await shownPrompt(script))).toMatchObject({ handled: true, taken: true })
    expect(script.seen[2]).toEqual(script.seen[1])
    expect(script.phone.openPrompts()).toHaveLength(0)
  })

  it.each([
    [[new Error('reset'), new Error('reset')], 'reset'],
    [['<html>'], 'is not JSON'],
    [[{ result: { status: 'yes' } }], 'result.status'],
    [[ok('yes')], 'result.value'],
  ])('keeps the prompt on the screen after %j', async (replies, error) => {
    const script = await enrolled()
    script.answers(...replies)
    const shown = await script.phone.accept(await shownPrompt(script))
    expect(shown.handled).toBe(false)
    expect(shown.error).toContain(error)
    expect(script.phone.openPrompts()).toHaveLength(1)
  })

  it('shows nothing of an error in JSON, and forgets the prompt', async () => {
    const script = (await enrolled()).answers({ result: { status: false, error: { code: 601, message: 'gone' } } })
    expect(await script.phone.accept(await shownPrompt(script))).toMatchObject({
      handled: true,
      taken: false,
      error: undefined,
    })
    expect(script.phone.openPrompts()).toHaveLength(0)
  })

  it('shows a code, and declines when its window is closed', async () => {
    const script = (await enrolled()).answers(ok(true, { display_code: '012345' }), ok(false))
    const prompt = await shownPrompt(script)
    expect(await script.phone.accept(prompt)).toMatchObject({ displayCode: '012345', message: 'Let you in?' })
    await script.phone.closeCodeWindow(prompt)
    const form = Object.fromEntries(new URLSearchParams(script.seen[2]?.body))
    expect(form).toEqual({
      serial: 'P1',
      nonce: 'N1',
      decline: '1',
      signature: await script.phone.sign('N1|P1|decline'),
    })
  })

  it('gives no reason to a server that did not ask for any', async () => {
    const script = (await enrolled()).answers(ok(true))
    await script.phone.decline(await shownPrompt(script), { reason: 'cancelled' })
    expect(script.seen[1]?.body).not.toContain('decline_reason')
  })
})
