/** The receiver in `examples/`, as its user starts it, and a Nod that pushes to it. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { waitUntil } from '../driver/waiting.ts'
import { fields } from '../simulation/reply.ts'
import { Service } from '../simulation/service.ts'

const { url, admin } = inject('served')
const AUDIENCE = 'the receiver of the example'
let output = ''
let receiver: ChildProcessByStdio<null, Readable, Readable>
let address = ''
const nod = new Service({ baseUrl: url })

beforeAll(async () => {
  const args = ['examples/webhook-receiver.mjs', '--issuer', url, '--audience', AUDIENCE, '--port', '0']
  receiver = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  for (const stream of [receiver.stdout, receiver.stderr]) stream.on('data', (text) => (output += String(text)))
  await waitUntil(() => output.includes('receiving at'))
  address = /http:\/\/127\.0\.0\.1:\d+\//.exec(output)?.[0] ?? ''
  await nod.auth(admin.login, admin.password)
})
afterAll(async () => {
  receiver.kill()
  for (const name of ['example', 'example-other']) await nod.call('DELETE', `/webhook/${name}`)
})

const test = async (name: string) => fields((await nod.call('POST', `/webhook/${name}/test`)).value)
const post = (body: string, type = 'application/secevent+jwt') =>
  fetch(address, { method: 'POST', headers: { 'Content-Type': type }, body })

it('verifies what Nod pushes, and prints it', async () => {
  const form = { name: 'example', url: address, audience: AUDIENCE }
  expect(await nod.call('POST', '/webhook', { form })).toMatchObject({ status: 200 })
  expect(await test('example')).toMatchObject({ accepted: true })
  await nod.call('POST', '/deployment/keys/signing/rotate')
  expect(await waitUntil(() => output.includes('urn:nod:event:key-rotated'))).toBe(true)
  expect(output).toContain('https://schemas.openid.net/secevent/ssf/event-type/verification')
})

it('refuses a token that is not for it, and names the reason to Nod', async () => {
  await nod.call('POST', '/webhook', { form: { name: 'example-other', url: address, audience: 'somebody else' } })
  expect(await test('example-other')).toMatchObject({ accepted: false, status: 400, error: 'invalid_audience' })
})

it('refuses what Nod did not sign', async () => {
  const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = encoded({ iss: url, aud: AUDIENCE, jti: 'x', iat: Math.floor(Date.now() / 1000), events: {} })
  const forged = `${encoded({ alg: 'ES256', typ: 'secevent+jwt', kid: 'x' })}.${claims}.${'A'.repeat(86)}`
  const unsigned = `${encoded({ alg: 'none', typ: 'secevent+jwt' })}.${claims}.`
  for (const [body, err] of [
    [forged, 'invalid_key'],
    [unsigned, 'invalid_request'],
    ['nonsense', 'invalid_request'],
    ['x'.repeat(20_000), 'invalid_request'],
  ] as const) {
    const response = await post(body)
    expect([response.status, fields(await response.json())['err']], body.slice(0, 20)).toEqual([400, err])
  }
  expect((await post('{}', 'application/json')).status).toBe(400)
  // An API token of the same Nod is no event.
  expect((await post(nod.token ?? '')).status).toBe(400)
})
