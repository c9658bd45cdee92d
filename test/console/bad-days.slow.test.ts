/** What a page does when Nod, the network or another administrator gets in its way. */
import { expect, it } from 'vitest'
import type { Driver } from '../driver/driver.ts'
import { only } from '../driver/waiting.ts'
import { type Console, inBrowser, openConsole, withNod } from './console.ts'

let nod: Driver
let view: Console
const name = 'console-bad-days'

withNod(name, (opened) => (nod = opened))
inBrowser((opened) => (view = opened))

const AWAY = {
  status: 503,
  contentType: 'application/json',
  body: JSON.stringify({
    result: { status: false, error: { code: -500, message: 'ERR-500: The catalogue does not answer; try again.' } },
    detail: null,
    id: 1,
    jsonrpc: '2.0',
  }),
}

it('while D1 is away, every page says so and can be tried again', async () => {
  const { page } = view
  await view.openSignedIn('/')
  await page.route(/\/(?:token|apikey|administrator|realm|system|audit|report|doctor)\b(?!.*console)/, (route) =>
    route.request().resourceType() === 'fetch' ? route.fulfill(AWAY) : route.continue(),
  )
  for (const path of ['/', '/tokens', '/keys', '/administrators', '/settings', '/audit', '/doctor']) {
    await view.open(path)
    await page.locator('.notice[role=alert]').first().waitFor()
    await view.sees('No answer from Nod')
    await view.expectAccessible()
  }
  await page.unrouteAll()
  await page.getByRole('button', { name: 'Try again' }).first().click()
  await page.locator('.check-item').first().waitFor()
})

it('what is sent while Nod is away says that nothing is changed, and stays to be sent again', async () => {
  const { page } = view
  await view.openSignedIn('/keys')
  await page.getByRole('button', { name: 'New key' }).click()
  await page.getByLabel('Name of the service').fill(`${name}-vpn`)
  await page.route('**/apikey', (route) =>
    route.request().method() === 'POST' ? route.fulfill(AWAY) : route.continue(),
  )
  const create = page.getByRole('dialog').getByRole('button', { name: 'Create' })
  await create.click()
  await page.getByRole('dialog').getByText('Nothing has been changed.').waitFor()
  expect(await page.getByLabel('Name of the service').inputValue()).toBe(`${name}-vpn`)
  await view.expectAccessibleEverywhere()
  await page.unrouteAll()
  await page.route('**/apikey', (route) =>
    route.request().method() === 'POST' ? route.abort('connectionreset') : route.continue(),
  )
  await create.click()
  await page.getByRole('dialog').getByText('Whether the request arrived is not known.').waitFor()
  await page.unrouteAll()
  await create.click()
  await page.getByRole('heading', { name: `The key of ${name}-vpn` }).waitFor()
  await nod.service.call('DELETE', `/apikey/${name}-vpn`)
})

it('a key that somebody else revokes in another tab is refused in words here, and the list follows', async () => {
  const { page } = view
  await nod.service.call('POST', '/apikey', { form: { name: `${name}-twice`, role: 'validate' } })
  await view.openSignedIn('/keys')
  const other = await openConsole()
  await other.openSignedIn('/keys')
  const revoke = async (tab: Console) => {
    await tab.page
      .getByRole('row', { name: `${name}-twice` })
      .getByRole('button', { name: 'Revoke' })
      .click()
    await tab.page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  }
  await revoke(other)
  await other.sees(`The key of ${name}-twice is revoked.`)
  await other.close()
  await revoke(view)
  await page.getByRole('dialog').getByRole('alert').waitFor()
  await view.expectAccessibleEverywhere()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.reload()
  await page.getByRole('heading', { name: 'Service keys' }).waitFor()
  await page.locator('.loading').waitFor({ state: 'detached' })
  expect(await page.getByText(`${name}-twice`).count()).toBe(0)
})

it('a login that goes on while the network is away has lost no step when it is back', async () => {
  const { page } = view
  const ada = await nod.enroll(nod.unique('cut'))
  const { transactionId } = await nod.service.trigger(ada.owner)
  await view.openSignedIn(`/logins/${transactionId}`)
  const steps = page.getByRole('list', { name: 'Steps of the login' })
  await steps.getByText('Opened and stored').waitFor()
  await page.context().setOffline(true)
  await view.sees('The connection is interrupted')
  await view.expectAccessible()
  await ada.phone.accept(only(await ada.phone.poll()))
  await nod.service.finalize(transactionId, ada.owner)
  await page.context().setOffline(false)
  await steps.getByText('Finalized: the user is let in').waitFor()
  await page.getByText('The connection is interrupted').waitFor({ state: 'detached' })
  expect(await steps.locator('.timeline-text').allInnerTexts()).toEqual([
    'Opened and stored',
    'The phone has fetched it',
    'Accepted on the phone',
    'Finalized: the user is let in',
  ])
  view.faults.splice(0) // The browser reports requests without a network.
})

it('a list that changes while one goes through it has each token once, and none that stayed is missing', async () => {
  const { page } = view
  const users = ['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => `${name}-list-${letter}`)
  const serials: string[] = []
  for (const user of users) serials.push((await nod.beginEnrollment(user)).serial)
  // Pages of two, for which nobody needs a hundred tokens.
  await page.route('**/token/search?*', (route) => route.continue({ url: `${route.request().url()}&limit=2` }))
  await view.openSignedIn(`/tokens?q=${name}-list`)
  const shown = () => page.locator('tbody th a').allInnerTexts()
  await expect.poll(shown).toEqual(serials.slice(0, 2))
  // Somebody deletes one that is shown and one that is not, and enrolls one between.
  await nod.service.deleteToken(serials[1] ?? '')
  await nod.service.deleteToken(serials[3] ?? '')
  const { serial: between } = await nod.beginEnrollment(`${name}-list-bb`)
  const more = page.getByRole('button', { name: 'Show more' })
  while (await more.isVisible()) {
    const before = (await shown()).length
    await more.click()
    await expect.poll(async () => (await shown()).length > before || !(await more.isVisible())).toBe(true)
  }
  expect(await shown()).toEqual([serials[0], serials[1], between, serials[2], serials[4], serials[5]])
  // What is gone says so where one does something with it, and the list is the new one then.
  await page.getByLabel(`Choose ${serials[1] ?? ''}`).check()
  await page.getByLabel(`Choose ${serials[2] ?? ''}`).check()
  await page.locator('.chosen').getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await view.sees('Delete: 1 of 2 tokens.')
  await expect.poll(shown).toEqual([serials[0], between])
})

it('what Nod refuses stands beside the field that it is about, also where its sentence names no parameter', async () => {
  const { page } = view
  const refusalAt = (label: string) =>
    page
      .locator('.field', { has: page.getByLabel(label, { exact: true }) })
      .getByRole('alert')
      .innerText()
  await view.openSignedIn('/administrators')
  await page.getByRole('button', { name: 'New administrator' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Login name').fill('ADMIN')
  await dialog.getByLabel('Password').fill('a password of many words')
  await dialog.getByRole('button', { name: 'Create' }).click()
  expect(await refusalAt('Login name')).toBe('The name ADMIN is taken.')
  expect(await dialog.getByLabel('Password').inputValue()).toBe('a password of many words')
  await dialog.getByLabel('Login name').fill(nod.unique('new'))
  await dialog.getByLabel('Password').fill('password12345678')
  await dialog.getByRole('button', { name: 'Create' }).click()
  expect(await refusalAt('Password')).not.toMatch(/^ERR|^Invalid parameter/)
  await view.expectAccessibleEverywhere()

  await view.open('/doctor')
  await page.getByLabel('Serial of a token').fill('PIPU00000000')
  await page.getByRole('button', { name: 'Ring', exact: true }).click()
  expect(await refusalAt('Serial of a token')).toMatch(/token/)

  await nod.policy('admin', { '*': true, otp_pin_minlength: '6' }, { adminuser: ['admin'] })
  await view.open(`/enroll?user=${nod.unique('short')}&realm=${nod.realm}`)
  await page.getByRole('option', { name: nod.realm, exact: true }).waitFor({ state: 'attached' })
  await page.getByLabel('PIN').fill('12')
  await page.getByLabel('Description').fill('kept')
  await page.getByRole('button', { name: 'Show the QR code' }).click()
  expect(await refusalAt('PIN')).toMatch(/PIN/)
  expect(await page.getByLabel('Description').inputValue()).toBe('kept')
  await nod.deletePolicies()
})
