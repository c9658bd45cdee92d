/** A user's own page, with the simulated phone. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Driver, EnrolledUser } from '../driver/driver.ts'
import { only } from '../driver/waiting.ts'
import { fields } from '../simulation/reply.ts'
import type { Service } from '../simulation/service.ts'
import { openTrusting, url } from '../stories/scene.ts'
import { type Console, inBrowser, openConsole } from './console.ts'

const PIN = '1234'
let nod: Driver
let portal: Service
let close: (() => Promise<void>) | undefined

inBrowser()
beforeAll(async () => {
  const opened = await openTrusting('console-me', 'portal')
  nod = opened.nod
  ;({ portal } = opened.services)
  close = opened.close
  await nod.policy('webui', { login_mode: 'code', logout_time: '900' }, { realm: [nod.realm] })
})
afterAll(() => close?.())

async function open(...screen: Parameters<typeof openConsole>): Promise<Console> {
  const view = await openConsole(...screen)
  await view.page.goto(`${url}/me/`)
  return view
}

async function ask({ page }: Console, { owner }: EnrolledUser, pin = PIN): Promise<void> {
  await page.getByLabel('Login name').fill(owner.user)
  await page.getByLabel('Realm').fill(owner.realm)
  await page.getByLabel('PIN', { exact: true }).fill(pin)
  await page.keyboard.press('Enter')
}
async function signIn(on: Console, user: EnrolledUser): Promise<void> {
  await ask(on, user)
  const field = on.page.getByLabel('Code on your phone')
  await field.waitFor()
  const { displayCode = '' } = await user.phone.accept(only(await user.phone.poll()))
  await field.fill(displayCode)
  await on.page.keyboard.press('Enter')
  await on.sees('Add a phone')
}
const inDialog = async ({ page }: Console, name: string): Promise<void> => {
  await page.getByRole('button', { name }).first().click()
  await page.getByRole('dialog').getByRole('button', { name }).click()
}

it.each([
  { width: 390, look: 'dark' as const },
  { width: 1280, look: 'light' as const },
])('signs in by the code, also after the tab was reloaded, and refuses a wrong one ($width px)', async (screen) => {
  const user = await nod.enroll(`ada-${screen.width}`, { pin: PIN })
  const on = await open(screen)
  await on.sees('I have lost my phone')
  await on.expectAccessible()
  await ask(on, user, 'wrong')
  await on.sees('Authentication failed.')
  await on.page.getByLabel('PIN', { exact: true }).fill(PIN)
  await on.page.keyboard.press('Enter')
  const field = on.page.getByLabel('Code on your phone')
  await field.waitFor()
  const { displayCode = '' } = await user.phone.accept(only(await user.phone.poll()))
  await field.fill(displayCode.slice(0, 3))
  await on.page.reload()
  expect(await field.inputValue()).toBe(displayCode.slice(0, 3))
  await on.expectAccessible()
  await field.fill(displayCode === '000000' ? '000001' : '000000')
  await on.page.keyboard.press('Enter')
  await on.page.getByRole('alert').first().waitFor()
  await field.fill(displayCode)
  await on.page.keyboard.press('Enter')
  await on.sees('Add a phone')
  await on.page.getByText(user.serial).waitFor()
  await on.expectAccessible()
})

it('renames a phone, pauses its rings, and ends with the phone', async () => {
  const user = await nod.enroll('bea', { pin: PIN })
  const on = await open({ width: 390 })
  await signIn(on, user)
  await on.page.getByRole('button', { name: 'Rename' }).click()
  await on.page.getByLabel('Name of the phone').first().fill('My old phone')
  await on.page.keyboard.press('Enter')
  await on.page.getByRole('heading', { name: 'My old phone' }).waitFor()
  await inDialog(on, 'Pause rings')
  await on.page.getByText('Does not ring until').waitFor()
  await inDialog(on, 'Ring again')
  await on.sees('It rings again.')
  await inDialog(on, 'Remove')
  await on.sees('Your session has ended')
  await on.expectAccessible()
})

it('lets a user in by a bypass code, who adds a phone and removes the lost one', async () => {
  const lost = await nod.enroll('cleo', { pin: PIN })
  const form = { user: 'cleo', realm: nod.realm, reason: 'lost phone' }
  const { value } = await nod.service.call('POST', '/token/bypass', { form })
  const on = await open({ width: 390 })
  const { page } = on
  await page.getByRole('button', { name: 'I have lost my phone' }).click()
  await page.getByLabel('Login name').fill('cleo')
  await page.getByLabel('Realm').fill(nod.realm)
  await page.getByLabel('Bypass code').fill('AAAA-AAAA-AAAA-AAAA')
  await page.keyboard.press('Enter')
  await on.sees('Authentication failed.')
  await page.getByLabel('Bypass code').fill(String(fields(value)['code']))
  await page.keyboard.press('Enter')
  await on.sees('You signed in with a bypass code')
  await page.getByLabel('Name of the phone').fill('New phone')
  await page.getByRole('button', { name: 'Show the QR code' }).click()
  const uri = (await page.getByRole('link', { name: 'The app is on this device: open it' }).getAttribute('href')) ?? ''
  await on.expectAccessible()
  const phone = nod.phone()
  await phone.register(phone.scan(uri))
  await on.sees('Your phone is added')
  await page.getByRole('button', { name: 'Done' }).click()
  const old = page.locator('.card', { hasText: lost.serial })
  await old.getByRole('button', { name: 'Remove' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await on.sees('The phone is removed.')
  await old.waitFor({ state: 'detached' })
  await page.getByRole('heading', { name: 'New phone' }).waitFor()
})

it('says of a login that it was somebody else’s', async () => {
  const user = await nod.enroll('dora', { pin: PIN })
  const login = await portal.check({ ...user.owner, pass: PIN, client: '203.0.113.7' })
  await user.phone.accept(only(await user.phone.poll()))
  await portal.finalize(String(login.detail.transaction_id), user.owner)
  await nod.service.call('POST', '/deployment/audit/flush')
  const on = await open()
  await signIn(on, user)
  const line = on.page.locator('.me-login', { hasText: 'console-me-portal' })
  await line.getByText('from 203.0.113.7').waitFor()
  await line.getByRole('button', { name: 'That was not me' }).click()
  await on.page.getByRole('dialog').getByRole('button', { name: 'That was not me' }).click()
  await on.sees('Logins from that place are stopped for an hour.')
  await on.expectAccessible()
  expect(await portal.check({ ...user.owner, pass: PIN, client: '203.0.113.7' })).toMatchObject({
    detail: { message: 'The user has reported a login from here. Try again later.' },
  })
})

it('opens for a token without a PIN, whose phone does not ring, and says what policies do not allow there', async () => {
  await nod.withPolicy('user', { disable: true, setdescription: true }, { realm: [nod.realm] }, async () => {
    const user = await nod.enroll('fritz')
    const on = await open({ width: 390, look: 'dark' })
    await ask(on, user, 'not the empty one')
    await on.sees('Authentication failed.')
    await on.page.getByLabel('PIN', { exact: true }).fill('')
    await on.page.keyboard.press('Enter')
    await on.sees('Without a PIN the phone does not ring.')
    const { displayCode = '' } = await user.phone.accept(only(await user.phone.poll()))
    await on.page.getByLabel('Code on your phone').fill(displayCode)
    await on.page.keyboard.press('Enter')
    await on.sees('Your organisation does not allow here')
    await on.sees('add a phone, remove a phone, see your logins, and report one that was not yours. Your helpdesk')
    await on.page.getByRole('button', { name: 'Pause rings' }).waitFor()
    expect(await on.page.getByRole('button', { name: 'Remove' }).count()).toBe(0)
    await on.expectAccessibleEverywhere()
  })
})

it('is in German, and lets nobody in where no policy opens it', async () => {
  const user = await nod.enroll('emma', { pin: PIN, realm: nod.pushedRealm, pushed: true })
  const on = await open({ width: 390, language: 'de' })
  await on.page.getByLabel('Anmeldename').fill('emma')
  await on.page.getByLabel('Realm').fill(user.owner.realm)
  await on.page.getByLabel('PIN', { exact: true }).fill(PIN)
  await on.page.getByRole('button', { name: 'Mein Telefon fragen' }).click()
  await on.page.getByRole('alert').first().waitFor()
  await on.sees('Diese Seite geht nur, wenn Ihre Organisation sie eingeschaltet hat.')
  await on.expectAccessible()
  expect(await user.phone.poll()).toEqual([])
})
