/** Signing in, with and without a phone, and how sessions end. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { Driver } from '../driver/driver.ts'
import { nextPrompt } from '../driver/driver.ts'
import { type Console, inBrowser, withNod } from './console.ts'

let nod: Driver
let view: Console
const serials: string[] = []
const account = { login: 'console-ada', password: 'password of console-ada' }

withNod('console-session', (opened) => (nod = opened))
inBrowser((opened) => (view = opened))
beforeAll(async () => {
  const form = { ...account, role: 'admin' }
  expect(await nod.service.call('POST', '/administrator', { form })).toMatchObject({ status: 200 })
})
afterEach(() => nod.deletePolicies())
afterAll(async () => {
  for (const serial of serials) await nod.service.deleteToken(serial)
  await nod.service.call('DELETE', `/administrator/${account.login}`)
})

it('needs a phone where one is required: scan the code, sign in again, and enter what the phone shows', async () => {
  const { page } = view
  await nod.service.call('POST', `/administrator/phone-required/${account.login}`, { form: { required: '1' } })
  await view.open('/keys')
  await view.signIn(account)
  await view.sees('Your account needs a phone')
  await page.locator('img.qr').waitFor()
  await view.expectAccessibleEverywhere()
  // Nothing else is there, at any address.
  await view.open('/policies')
  await view.sees('Your account needs a phone')
  const phone = nod.phone()
  await page.locator('img.qr').waitFor()
  serials.push((await phone.register(phone.scan(await view.scan()))).serial)
  await page.getByRole('button', { name: 'I have scanned it' }).click()

  await view.signIn(account)
  const code = page.getByLabel('Code on your phone')
  await code.waitFor()
  await view.expectAccessibleEverywhere()
  const { displayCode = '' } = await phone.accept(await nextPrompt(phone))
  expect(displayCode).toMatch(/^\d+$/)
  await code.fill(displayCode === '11' ? '12' : '11')
  await page.getByRole('button', { name: 'Confirm' }).click()
  await view.sees('Authentication failed.')

  // The wrong code has spent the login: only a new one lets in.
  await page.getByRole('button', { name: 'Start again' }).click()
  await view.signIn(account)
  const { displayCode: next = '' } = await phone.accept(await nextPrompt(phone))
  await code.fill(next)
  await page.keyboard.press('Enter')
  await page.locator('.shell').waitFor()
  expect(page.url()).toContain('/console/')
})

it('ends after the time without activity that a policy sets, and goes on where it was', async () => {
  const { page } = view
  await nod.policy('webui', { logout_time: '300' })
  // The clock of the page, which the test moves on.
  await page.clock.install()
  await view.openSignedIn('/administrators')
  await page.getByRole('button', { name: 'New administrator' }).click()
  await page.clock.fastForward(200_000)
  await page.getByRole('dialog').getByLabel('Login name').fill('half-typed')
  await page.keyboard.press('Tab')
  await page.clock.fastForward(200_000)
  expect(await page.getByText('Your session has ended').count()).toBe(0)
  await page.clock.fastForward(200_000)
  await view.sees('Your session has ended')
  await view.expectAccessibleEverywhere()
  await nod.deletePolicies()
  await page.getByRole('dialog').last().getByLabel('Password').fill('wrong')
  await page.keyboard.press('Enter')
  await view.sees('Authentication failed.')
  await view.signIn()
  await page.getByText('Your session has ended').waitFor({ state: 'detached' })
  expect(await page.getByRole('dialog').getByLabel('Login name').inputValue()).toBe('half-typed')
})

it('ends in this tab when one signs out, and another tab has never had it', async () => {
  const { page } = view
  await view.openSignedIn('/')
  const token = await page.evaluate("JSON.parse(sessionStorage.getItem('nod.session')).token")
  const other = await page.context().newPage()
  await other.goto(page.url())
  await other.getByRole('heading', { name: 'Sign in' }).waitFor()
  expect(await page.context().cookies()).toEqual([])
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  expect(await page.evaluate('[sessionStorage.length, localStorage.length]')).toEqual([0, 0])
  const ended = nod.caller({ authorization: String(token) })
  await expect.poll(async () => (await ended.call('GET', '/policy/')).status).toBe(401)
})
