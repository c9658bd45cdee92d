import { expect, it } from 'vitest'
import { type Console, inBrowser, served } from './console.ts'

let view: Console
inBrowser((opened) => (view = opened))

it('leads from / to the sign-in, says why a password is refused, and keeps the login name', async () => {
  const { page } = view
  await page.goto(served.url)
  await page.waitForURL(`${served.url}/console/`)
  await view.signIn({ login: 'admin', password: 'wrong' })
  await view.sees('Authentication failed.')
  expect(await page.getByLabel('Login name').inputValue()).toBe('admin')
  await view.expectAccessible()
  await view.signIn()
  await page.getByRole('navigation').waitFor()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
})

it('creates a service key by keyboard alone, shows it once, and asks again when the session has ended', async () => {
  const { page } = view
  await view.openSignedIn('/keys')
  await page.getByRole('button', { name: 'New key' }).press('Enter')
  // The session ends meanwhile, as in another browser by signing out everywhere.
  await page.evaluate(
    `fetch('/auth/logout', { method: 'POST', headers: { Authorization: JSON.parse(sessionStorage.getItem('nod.session')).token } })`,
  )
  await page.keyboard.type('console-vpn')
  await page.keyboard.press('Enter')
  await view.sees('Your session has ended')
  await page.getByLabel('Password').fill(served.admin.password)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'The key of console-vpn' }).waitFor()
  await view.expectAccessible()
  const key = await page.locator('.secret code').innerText()
  expect(await page.getByText(key).count()).toBeGreaterThan(0)
  await page.getByRole('button', { name: 'I have saved it' }).press('Enter')
  await view.sees('console-vpn')
  expect(await page.getByText(key).count()).toBe(0)
  await page
    .getByRole('row', { name: /console-vpn/ })
    .getByRole('button', { name: 'Revoke' })
    .press('Enter')
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).press('Enter')
  await view.sees('The key of console-vpn is revoked.')
})
