/** The login page in `examples/`, as its user starts it, in a browser, and the user's phone. Needs a Chromium. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import axe from 'axe-core'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest'
import { Driver, type EnrolledUser, nextPrompt } from '../driver/driver.ts'
import { waitUntil } from '../driver/waiting.ts'
import { openBrowser } from '../stories/browser.ts'

const { url, admin } = inject('served')
const nod = new Driver({ url }, { polled: 'login-page' })
const PATIENCE = 120_000
let output = ''
let service: ChildProcessByStdio<null, Readable, Readable>
let address = ''
let browser: Browser
let context: BrowserContext | undefined
/** What the browser has complained of: exceptions, violations of the content security policy, files that are missing. */
const faults: string[] = []

beforeAll(async () => {
  browser = await openBrowser()
  await nod.signIn(admin)
  await nod.addRealm(nod.realm, 'poll only')
  const env = { ...process.env, NOD_KEY: await nod.serviceKey('page') }
  const args = ['examples/login-page.ts', '--nod', url, '--realm', nod.realm, '--port', '0']
  service = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env })
  for (const stream of [service.stdout, service.stderr]) stream.on('data', (text) => (output += String(text)))
  await waitUntil(() => output.includes('logging in at'))
  address = /http:\/\/127\.0\.0\.1:\d+\//.exec(output)?.[0] ?? ''
}, PATIENCE)
afterEach(async () => {
  await context?.close()
  context = undefined
  expect(faults.splice(0)).toEqual([])
  await nod.deletePolicies()
})
afterAll(async () => {
  service.kill()
  await browser.close()
  await nod.revokeServiceKey('page')
  await nod.close()
})

async function openPage({
  width = 1024,
  look = 'light',
}: { width?: number; look?: 'light' | 'dark' } = {}): Promise<Page> {
  context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme: look, reducedMotion: 'reduce' })
  const page = await context.newPage()
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
  await page.goto(address)
  return page
}

async function logIn(page: Page, user: string, pin: string): Promise<void> {
  await page.getByLabel('User name').fill(user)
  await page.getByLabel('PIN').fill(pin)
  await page.getByLabel('PIN').press('Enter')
}

const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true }).waitFor()

const isAccessible = async (page: Page): Promise<void> => {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run())
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ failureSummary }) => failureSummary)])).toEqual([])
}

const confirm = async ({ phone, serial }: EnrolledUser, options = {}) =>
  phone.accept(await nextPrompt(phone, serial), options)

it('lets a user in by a tap, and keeps them in over a reload', { timeout: PATIENCE }, async () => {
  const ada = await nod.enroll('ada', { pin: '1234' })
  const page = await openPage()
  await isAccessible(page)
  await logIn(page, 'ada', 'wrong')
  await page.getByRole('alert').getByText('Unknown user or wrong PIN.').waitFor()
  expect(await page.getByLabel('PIN').inputValue()).toBe('')
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('pin')
  await isAccessible(page)
  await logIn(page, 'ada', '1234')
  await heading(page, 'Confirm on your phone')
  await page.getByRole('status').getByText('Waiting for your phone').waitFor()
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Confirm on your phone')
  await isAccessible(page)
  await page.reload()
  await heading(page, 'Confirm on your phone')
  await confirm(ada)
  await page.getByText('You are logged in as ada.').waitFor()
  await isAccessible(page)
  await page.reload()
  await page.getByText('You are logged in as ada.').waitFor()
  await page.getByRole('button', { name: 'Log out' }).click()
  await heading(page, 'Log in')
  await page.reload()
  await heading(page, 'Log in')
})

it('does not let a user in who declines, nor another browser', { timeout: PATIENCE }, async () => {
  const bea = await nod.enroll('bea', { pin: '1234' })
  const page = await openPage({ width: 360, look: 'dark' })
  await logIn(page, 'bea', '1234')
  await heading(page, 'Confirm on your phone')
  await isAccessible(page)
  const elsewhere = await fetch(`${address}status`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{}',
  })
  expect(await elsewhere.json()).toEqual({ step: 'form' })
  expect((await fetch(`${address}login`, { method: 'POST', body: 'user=bea&pin=1234' })).status).toBe(404)
  await bea.phone.decline(await nextPrompt(bea.phone, bea.serial))
  await page.getByRole('alert').getByText('The login was not confirmed on the phone.').waitFor()
})

it('shows the option to tap, large', { timeout: PATIENCE }, async () => {
  await nod.authenticationPolicy({ push_require_presence: true })
  const cleo = await nod.enroll('cleo', { pin: '1234' })
  const page = await openPage()
  await logIn(page, 'cleo', '1234')
  await heading(page, 'Confirm on your phone')
  const presence = (await page.locator('.option').textContent()) ?? ''
  expect(presence).toMatch(/^[A-Z]$/)
  await isAccessible(page)
  await confirm(cleo, { presence })
  await page.getByText('You are logged in as cleo.').waitFor()
})

it('takes the code that the phone shows, and another try after a wrong one', { timeout: PATIENCE }, async () => {
  await nod.authenticationPolicy({ push_code_to_phone: true })
  const dora = await nod.enroll('dora', { pin: '1234' })
  const page = await openPage({ look: 'dark' })
  await logIn(page, 'dora', '1234')
  const code = page.getByLabel('Code on the phone')
  await code.waitFor()
  await isAccessible(page)
  const { displayCode = '' } = await confirm(dora)
  await code.fill(displayCode === '000000' ? '000001' : '000000')
  await code.press('Enter')
  await page.getByRole('alert').getByText('That is not the code on the phone.').waitFor()
  await code.fill(displayCode)
  await page.getByRole('button', { name: 'Go on' }).click()
  await page.getByText('You are logged in as dora.').waitFor()
})

it('is left by a user who starts again', { timeout: PATIENCE }, async () => {
  await nod.enroll('ella', { pin: '1234' })
  const page = await openPage()
  await logIn(page, 'ella', '1234')
  await page.getByRole('button', { name: 'Start again' }).click()
  await heading(page, 'Log in')
  await page.reload()
  await heading(page, 'Log in')
})
