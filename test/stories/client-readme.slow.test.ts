/** The samples of the client's README, as a reader would run them, one after the other against a real Nod. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { root } from '../../scripts/lib/tools.mjs'
import type { Driver, EnrolledUser } from '../driver/driver.ts'
import { sleep, waitUntil } from '../driver/waiting.ts'
import type { Phone } from '../simulation/phone.ts'
import { Receiver } from '../simulation/receiver.ts'
import { fields } from '../simulation/reply.ts'
import { openNod, url } from './scene.ts'

const folder = mkdtempSync(join(tmpdir(), 'nod-client-readme-'))
const page = readFileSync(join(root, 'client/README.md'), 'utf8')
const samples = [...page.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code = '']) => code)
const GRACE = { login: 'grace', password: 'the password of grace' }

let nod: Driver
let ada: EnrolledUser
const phones: Phone[] = []
const over = new AbortController()
let answering: Promise<void>
let displayCode = ''
const realFetch = globalThis.fetch
/** What the samples use that is not theirs. */
let world: Record<string, unknown>
const shown: unknown[] = []

beforeAll(async () => {
  nod = await openNod('client-readme')
  ada = await nod.enroll('ada', { pin: '1234' })
  phones.push(ada.phone, await administratorPhone())
  world = {
    env: {
      NOD_URL: url,
      NOD_KEY: await nod.serviceKey('readme'),
      TOKEN: nod.service.token,
      PASSWORD: GRACE.password,
    },
    show: (what: unknown) => shown.push(what),
    ask: async () => {
      await waitUntil(() => displayCode !== '')
      return displayCode
    },
    welcome: () => 'welcome',
    deny: (why?: string) => `denied: ${why}`,
    unavailable: (why: string) => `unavailable: ${why}`,
  }
  // The phone that scans the QR code which a sample shows.
  globalThis.fetch = async (...input) => {
    const response = await realFetch(...input)
    if (response.url.endsWith('/token/init')) {
      const { detail } = fields(await response.clone().json())
      const phone = nod.phone()
      await phone.register(phone.scan(String(fields(fields(detail)['pushurl'])['value'])))
    }
    return response
  }
  answering = answerAll()
})
afterAll(async () => {
  over.abort()
  await answering
  globalThis.fetch = realFetch
  rmSync(folder, { recursive: true, force: true })
  const { value } = await nod.service.call('GET', '/token/', { query: { pagesize: '500' } })
  for (const { serial, username } of fields(value)['tokens'] as readonly Record<string, string>[])
    if (username === 'grace' || username === 'bob') await nod.service.call('DELETE', `/token/${serial}`)
  await nod.service.call('DELETE', `/administrator/${GRACE.login}`)
  await nod.service.call('DELETE', '/apikey/intranet')
  await nod.service.call('DELETE', '/webhook/siem')
  await nod.service.call('DELETE', `/policy/${nod.realm}-numbers`)
  await nod.revokeServiceKey('readme')
  await nod.close()
})

/** An administrator who signs in with a phone. */
async function administratorPhone(): Promise<Phone> {
  await nod.service.call('POST', '/administrator', { form: { ...GRACE, role: 'admin' } })
  const signedIn = nod.caller()
  await signedIn.auth(GRACE.login, GRACE.password)
  const session = nod.caller({ authorization: signedIn.token ?? '' })
  const { detail } = await session.call('POST', '/auth/phone')
  const phone = nod.phone()
  await phone.register(phone.scan(detail.pushurl?.value ?? ''))
  return phone
}

/** The phones accept whatever they are asked. */
async function answerAll(): Promise<void> {
  while (!over.signal.aborted) {
    for (const phone of phones)
      for (const prompt of await phone.poll()) displayCode = (await phone.accept(prompt)).displayCode ?? displayCode
    await sleep(50)
  }
}

/** Runs a sample, and returns what it returns. */
async function run(code: string, number: number): Promise<unknown> {
  const imports = /^import [^]*? from '@nod\/client'\n/gm
  const head = (code.match(imports) ?? []).join('').replaceAll('@nod/client', join(root, 'client/src/index.ts'))
  const names = Object.keys(world).join(', ')
  const body = code
    .replaceAll(imports, '')
    .replaceAll("'sales'", `'${nod.realm}'`)
    .replaceAll('sales-', `${nod.realm}-`)
  const file = join(folder, `sample-${number}.ts`)
  writeFileSync(file, `${head}export default async ({ ${names} }: any) => {{\n${body}\n}}\n`)
  const { default: sample } = (await import(file)) as { readonly default: (all: unknown) => Promise<unknown> }
  return sample(world)
}

it('each sample does what it says', async () => {
  const service = nod.caller({ authorization: String(fields(world['env'])['NOD_KEY']) })
  const { transactionId } = await service.trigger(ada.owner)
  await waitUntil(async () => (await service.call('GET', `/validate/polltransaction/${transactionId}`)).value === true)
  Object.assign(world, { transactionId })
  const receiver = new Receiver(url)
  await receiver.start()
  Object.assign(world['env'] as object, { RECEIVER: receiver.url })
  const results: unknown[] = []
  for (const [number, code] of samples.entries()) results.push(await run(code, number))
  expect(results.slice(0, -1)).toEqual(['welcome', 'welcome', undefined, true, true, true, true, undefined, true])
  expect(shown).toContain('accepted')

  // The last makes the receiver of a webhook.
  const receive = results.at(-1) as (request: Request) => Promise<Response>
  await nod.service.call('POST', '/webhook/siem/test')
  await receiver.stop()
  const post = (body: string) => new Request('http://receiver.example', { method: 'POST', body })
  const token = receiver.received[0]?.text ?? ''
  expect((await receive(post(token))).status).toBe(202)
  const refused = await receive(post(`${token}x`))
  expect([refused.status, await refused.json()]).toEqual([400, expect.objectContaining({ err: 'invalid_key' })])
})

it('each function that the README names exists', async () => {
  const names = Object.keys(await import('../../client/src/index.ts'))
  const named = [...page.matchAll(/`(\w+)(?:\(nod[^`]*)?`/g)].map(([, name = '']) => name)
  const functions = named.filter(
    (name) => /^[a-z]+[A-Z]\w+$/.test(name) && name !== 'transactionId' && name !== 'retryAfter',
  )
  expect(functions.length).toBeGreaterThan(1)
  for (const name of functions) expect(names).toContain(name)
})
