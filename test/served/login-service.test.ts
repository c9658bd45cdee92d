/** The service in `examples/`, as its user starts it, a browser that logs in there, and the user's phone. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { Driver, nextPrompt } from '../driver/driver.ts'
import { waitUntil } from '../driver/waiting.ts'

const { url, admin } = inject('served')
const nod = new Driver({ url }, { polled: 'login-service' })
let output = ''
let service: ChildProcessByStdio<null, Readable, Readable>
let address = ''

beforeAll(async () => {
  await nod.signIn(admin)
  await nod.addRealm(nod.realm, 'poll only')
  const env = { ...process.env, NOD_KEY: await nod.serviceKey('web') }
  const args = ['examples/login-service.ts', '--nod', url, '--realm', nod.realm, '--port', '0']
  service = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env })
  for (const stream of [service.stdout, service.stderr]) stream.on('data', (text) => (output += String(text)))
  await waitUntil(() => output.includes('logging in at'))
  address = /http:\/\/127\.0\.0\.1:\d+\//.exec(output)?.[0] ?? ''
})
afterAll(async () => {
  service.kill()
  await nod.revokeServiceKey('web')
  await nod.close()
})

/** A browser: it keeps the cookie. */
class Browser {
  #cookie = ''

  async open(path: string, form?: Readonly<Record<string, string>>): Promise<string> {
    const response = await fetch(new URL(path, address), {
      headers: { cookie: this.#cookie },
      ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
    })
    this.#cookie = response.headers.get('set-cookie')?.split(';')[0] ?? this.#cookie
    return `${response.status} ${await response.text()}`
  }
}

it('lets a user in by PIN and phone, and nobody else', async () => {
  const { phone, serial } = await nod.enroll('ada', { pin: '1234' })
  const browser = new Browser()
  expect(await browser.open('/')).toContain('name="pin"')
  expect(await browser.open('/login', { user: 'ada', pin: 'wrong' })).toMatch(/^403 .*wrong PIN/)
  expect(await browser.open('/login', { user: 'nobody', pin: '<b>' })).toMatch(/^403 .*wrong PIN/)
  expect(await browser.open('/login', { user: 'ada', pin: '1234' })).toContain('Please confirm')
  expect(await new Browser().open('/finish')).toMatch(/^403 .*Log in first/)
  const finishing = browser.open('/finish')
  await phone.accept(await nextPrompt(phone, serial))
  expect(await finishing).toContain('You are logged in as ada.')
  expect(await browser.open('/')).toContain('You are logged in as ada.')
  expect(await browser.open('/finish')).toMatch(/^403/)

  const other = new Browser()
  await other.open('/login', { user: 'ada', pin: '1234' })
  const declining = other.open('/finish')
  await phone.decline(await nextPrompt(phone, serial))
  expect(await declining).toMatch(/^403 .*not confirmed/)
})

it('asks for the code that the phone shows, where policy wants one', async () => {
  const { phone, serial } = await nod.enroll('bea', { pin: '1234' })
  await nod.withPolicy('authentication', { push_code_to_phone: true }, { realm: nod.realm }, async () => {
    const browser = new Browser()
    expect(await browser.open('/login', { user: 'bea', pin: '1234' })).toContain('name="code"')
    const { displayCode = '' } = await phone.accept(await nextPrompt(phone, serial))
    expect(await browser.open('/finish', { code: displayCode })).toContain('You are logged in as bea.')
  })
})
