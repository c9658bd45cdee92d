/** Every page of the console and for users, on a desk and on a phone, light and dark: accessible, without a complaint of the browser. */
import { beforeAll, expect, it } from 'vitest'
import type { Driver, EnrolledUser } from '../driver/driver.ts'
import { fields } from '../simulation/reply.ts'
import { type Console, inBrowser, served, withNod } from './console.ts'

let nod: Driver
let view: Console
let ada: EnrolledUser
let transactionId: string
const realm = 'console-pages'

withNod(realm, (opened) => (nod = opened))
inBrowser((opened) => (view = opened))
beforeAll(async () => {
  ada = await nod.enroll('ada', { pin: '4711' })
  ;({ transactionId } = await nod.service.trigger(ada.owner))
  await nod.policy('authentication', { push_wait: '5' }, { realm: [realm] })
})

/** Waits until everything on the page has been read. */
async function settle({ page }: Console): Promise<void> {
  const loading = page.locator('.loading')
  while ((await loading.count()) > 0) await loading.first().waitFor({ state: 'detached' })
}

it('no page has a serious finding, or anything that the browser complains of', async () => {
  const { page } = view
  await view.openSignedIn('/keys')
  const menu = await page.evaluate('[...document.querySelectorAll(".nav a")].map(({ pathname }) => pathname.slice(8))')
  const { value } = await nod.service.call('GET', '/policy/')
  const [policy] = (value as readonly { readonly name: string }[]).filter(({ name }) => name.startsWith(realm))
  const others = [
    `/logins/${transactionId}`,
    '/logins?outcome=open',
    `/tokens/${ada.serial}`,
    `/users/${realm}/ada`,
    `/policies/${policy?.name ?? ''}`,
    '/policies/+',
    '/nowhere',
  ]
  for (const path of [...(menu as readonly string[]), ...others]) {
    await view.open(path)
    await page.locator('.shell-main h1').first().waitFor()
    await settle(view)
    await view.expectAccessibleEverywhere()
    expect(view.faults, path).toEqual([])
  }
})

it('nor has a page for users: the invitation, its code, one that is not valid, and the sign-in to one’s own phones', async () => {
  const { page } = view
  const reply = await nod.service.call('POST', '/invitation', { form: { user: nod.unique('guest'), realm } })
  const link = String(fields(reply.value)['url'])
  await page.goto(`${served.url}/invited/${link.slice(link.indexOf('#'))}`)
  const goOn = page.getByRole('button', { name: 'I have the app: go on' })
  await goOn.waitFor()
  await view.expectAccessibleEverywhere()
  await goOn.click()
  await view.sees('Waiting for your phone')
  await view.expectAccessibleEverywhere()
  await page.goto(`${served.url}/invited/#${'A'.repeat(28)}`)
  await view.sees('This invitation is not valid')
  await view.expectAccessibleEverywhere()
  await page.goto(`${served.url}/me/`)
  await view.sees('I have lost my phone')
  await view.expectAccessibleEverywhere()
  await page.getByRole('button', { name: 'I have lost my phone' }).click()
  await page.getByLabel('Bypass code').waitFor()
  await view.expectAccessibleEverywhere()
})

it('a page that breaks the content security policy is noticed: a script in the page does not run, and is reported', async () => {
  const { page } = view
  await view.openSignedIn('/keys')
  await page.evaluate(`(() => {
    const script = document.createElement('script')
    try { script.textContent = 'document.title = "broken"' } catch { /* Trusted Types */ }
    document.body.append(script)
    const image = new Image()
    image.src = 'https://elsewhere.example/picture.png'
  })()`)
  await expect.poll(() => view.faults.some((one) => /CSP|Content Security Policy/.test(one))).toBe(true)
  expect(await page.title()).not.toBe('broken')
  view.faults.splice(0)
})

it('where somebody asks for less motion, nothing moves: neither colours nor what turns', async () => {
  const { page } = view
  await page.route('**/apikey', () => undefined) // never answered: the page goes on loading
  await view.openSignedIn('/keys')
  await page.locator('.loading').waitFor()
  const moving = 'document.getAnimations().filter(({ playState }) => playState === "running").length'
  await expect.poll(() => page.evaluate(moving)).toBe(0)
  await page.getByRole('button', { name: 'New key' }).hover()
  expect(await page.evaluate(moving)).toBe(0)
  // The same page moves for everybody else.
  await page.emulateMedia({ reducedMotion: 'no-preference' })
  await expect.poll(() => page.evaluate(moving)).not.toBe(0)
})

it('a login is found in the list and watched by keyboard alone', async () => {
  const { page } = view
  const bob = await nod.enroll('bob')
  await nod.service.trigger(bob.owner)
  await view.open('/logins')
  await page.keyboard.type('admin')
  await view.tabTo('Password')
  await page.keyboard.type(served.admin.password)
  await page.keyboard.press('Enter')
  await page.locator('.shell').waitFor()
  await page.getByRole('link', { name: 'bob' }).first().waitFor()
  await view.tabTo('bob')
  await page.keyboard.press('Enter')
  await view.sees('Waits until the phone has it')
  const [prompt] = await bob.phone.poll()
  if (prompt === undefined) throw new Error('nothing is asked')
  await bob.phone.accept(prompt)
  await view.sees('Accepted on the phone')
  await view.tabTo('← Logins')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Logins', level: 1 }).waitFor()
  await nod.service.deleteToken(bob.serial)
})

it('what covers the page stays until it is done, however often Escape is pressed', async () => {
  const { page } = view
  const name = nod.unique('key')
  await view.openSignedIn('/keys')
  await page.getByRole('button', { name: 'New key' }).press('Enter')
  await page.getByRole('dialog').locator('input:focus').waitFor()
  await page.keyboard.type(name)
  await page.keyboard.press('Enter')
  const key = page.getByRole('heading', { name: `The key of ${name}` })
  await key.waitFor()
  for (let count = 0; count < 4; count += 1) await page.keyboard.press('Escape')
  await key.waitFor()
  await page.getByRole('button', { name: 'I have saved it' }).press('Enter')
  await key.waitFor({ state: 'detached' })
  // Another dialog is closed by it, and opens again.
  for (let count = 0; count < 2; count += 1) {
    await page.getByRole('button', { name: 'New key' }).press('Enter')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  }
  await nod.service.call('DELETE', `/apikey/${name}`)
  // The sign-in over an ended session covers as well, with the password to type at once.
  await page.evaluate(
    `fetch('/auth/logout', { method: 'POST', headers: { Authorization: JSON.parse(sessionStorage.getItem('nod.session')).token } })`,
  )
  await page.getByRole('link', { name: 'Administrators' }).click()
  await view.sees('Your session has ended')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  await page.getByText('Your session has ended').waitFor()
  await page.getByLabel('Password').and(page.locator(':focus')).waitFor()
  await page.keyboard.type(served.admin.password)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Administrators', level: 1 }).waitFor()
})
