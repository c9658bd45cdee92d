/** What a page does when Nod, the network or another administrator gets in its way. */
import { expect, it } from 'vitest'
import type { Driver } from '../driver/driver.ts'
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
