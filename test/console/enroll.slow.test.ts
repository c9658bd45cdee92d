/** Enrolling a phone: from the form over the QR code to the first ring. */
import { expect, it } from 'vitest'
import { type Driver, nextPrompt } from '../driver/driver.ts'
import { type Console, inBrowser, withNod } from './console.ts'

let nod: Driver
let view: Console
const realm = 'console-enroll'

withNod(realm, (opened) => (nod = opened))
inBrowser((opened) => (view = opened))

it('is done by keyboard alone: the page turns to enrolled by itself, and the phone is rung, accepted and declined', async () => {
  const { page } = view
  await view.open('/enroll')
  // The sign-in has the focus.
  await page.keyboard.type('admin')
  await view.tabTo('Password')
  await page.keyboard.type('adminpw-of-tests')
  await page.keyboard.press('Enter')
  await page.locator('.shell').waitFor()
  await page.getByRole('option', { name: realm, exact: true }).waitFor({ state: 'attached' })
  await view.expectAccessibleEverywhere()
  await page.getByLabel('Login name').and(page.locator(':focus')).waitFor()
  await page.keyboard.type('ada')
  await view.tabTo('Realm')
  await page.keyboard.type(realm)
  await view.tabTo('Description')
  await page.keyboard.type('Pixel of the tests')
  await page.keyboard.press('Enter')
  await page.locator('img.qr').waitFor()
  await view.expectAccessibleEverywhere()

  const phone = nod.phone()
  const { serial } = await phone.register(phone.scan(await view.scan()))
  await view.sees('The phone of ada has registered.')
  await view.expectAccessibleEverywhere()

  await view.tabTo('Ring it once')
  await page.keyboard.press('Enter')
  await view.sees('The phone rings: accept or decline on it.')
  await phone.accept(await nextPrompt(phone, serial))
  await view.sees('Accepted on the phone. It works.')
  await view.tabTo('Ring again')
  await page.keyboard.press('Enter')
  await phone.decline(await nextPrompt(phone, serial))
  await view.sees('Declined on the phone. It works.')
  await page
    .locator('.timeline')
    .getByText(/declined/i)
    .first()
    .waitFor()
  await view.expectAccessibleEverywhere()

  await view.tabTo('Show the token')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: serial }).waitFor()
  await view.sees('Pixel of the tests')
  await nod.service.deleteToken(serial)
})

it('says beside its field what Nod refuses, and keeps what was typed', async () => {
  const { page } = view
  await view.openSignedIn(`/enroll?user=bob&realm=${realm}`)
  const user = page.getByLabel('Login name')
  await page.getByRole('option', { name: realm, exact: true }).waitFor({ state: 'attached' })
  await page.getByLabel('Description').fill('Pixel')
  await user.fill('b'.repeat(400))
  await page.getByRole('button', { name: 'Show the QR code' }).click()
  await page.locator('.field', { has: user }).getByRole('alert').waitFor()
  expect(await user.getAttribute('aria-invalid')).toBe('true')
  // The field has the focus.
  await user.and(page.locator(':focus')).waitFor()
  expect(await page.getByLabel('Description').inputValue()).toBe('Pixel')
  await view.expectAccessibleEverywhere()

  // The realm is deleted by somebody else while the form is open.
  await page.route('**/token/init', (route) =>
    route.continue({ postData: (route.request().postData() ?? '').replaceAll(realm, 'gone-meanwhile') }),
  )
  await user.fill('bob')
  await page.getByRole('button', { name: 'Show the QR code' }).click()
  await page
    .getByRole('alert')
    .getByText(/gone-meanwhile/)
    .waitFor()
  expect(await user.inputValue()).toBe('bob')
})
