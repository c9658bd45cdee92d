/** Pages without an account of the console: for users, and the description of the API. */
import type { Page } from 'playwright-core'
import { nextPrompt, type Owner } from '../../test/driver/driver.ts'
import { fields } from '../../test/simulation/reply.ts'
import type { Company } from './company.ts'
import { click, type Shot } from './shots.ts'

const open = (shot: Omit<Shot, 'isPublic'>): Shot => ({ ...shot, isPublic: true })

async function invited(page: Page, { driver, realm, url }: Company): Promise<void> {
  const reply = await driver.service.call('POST', '/invitation', { form: { user: driver.unique('guest'), realm } })
  const link = String(fields(reply.value)['url'])
  await page.goto(`${url}/invited/${link.slice(link.indexOf('#'))}`)
  await page.getByRole('button', { name: 'I have the app: go on' }).waitFor()
}

/** Asks the phone for the code of a sign-in to one's own page. */
async function askPhone(page: Page, { user, realm }: Owner): Promise<void> {
  await page.getByLabel('Login name').fill(user)
  await page.getByLabel('Realm').fill(realm)
  await page.getByLabel('PIN', { exact: true }).fill('4711')
  await page.keyboard.press('Enter')
  await page.getByLabel('Code on your phone').waitFor()
}

async function signIn(page: Page, company: Company): Promise<void> {
  await askPhone(page, company.ada.owner)
  const { phone, serial } = company.ada
  const { displayCode = '' } = await phone.accept(await nextPrompt(phone, serial))
  await page.getByLabel('Code on your phone').fill(displayCode)
  await page.keyboard.press('Enter')
  await page.getByText('Add a phone').first().waitFor()
}

export const OUTSIDE: readonly Shot[] = [
  open({ name: 'sign-in', path: '/console/', shows: 'form' }),
  open({
    name: 'sign-in-refused',
    path: '/console/',
    shows: 'form',
    prepare: async (page) => {
      await page.getByLabel('Login name').fill('grace.hopper')
      await page.getByLabel('Password').fill('wrong')
      await page.keyboard.press('Enter')
      await page.getByRole('alert').waitFor()
    },
  }),
  open({ name: 'invited', path: '/invited/', prepare: invited }),
  open({
    name: 'invited-code',
    path: '/invited/',
    prepare: async (page, company) => {
      await invited(page, company)
      await click(page, 'I have the app: go on')
      await page.getByText('Waiting for your phone').waitFor()
    },
  }),
  open({ name: 'invited-dead', path: '/invited/#AAAAAAAAAAAAAAAAAAAAAAAAAAAA' }),
  open({ name: 'me-sign-in', path: '/me/', shows: 'form' }),
  open({ name: 'me-code', path: '/me/', shows: 'form', prepare: (page, { alan }) => askPhone(page, alan.owner) }),
  open({ name: 'me', path: '/me/', shows: 'form', prepare: signIn }),
  open({
    name: 'me-remove',
    path: '/me/',
    shows: 'form',
    isScreen: true,
    prepare: async (page, company) => {
      await signIn(page, company)
      await click(page, 'Remove')
      await page.getByRole('dialog').waitFor()
    },
  }),
  open({ name: 'docs', path: '/docs/' }),
  open({ name: 'docs-group', path: '/docs/api/tokens/', isScreen: true }),
  open({
    name: 'docs-search',
    path: '/docs/',
    isScreen: true,
    prepare: async (page) => {
      await page.getByRole('searchbox').fill('push_wait')
      await page.locator('.docs-results a').first().waitFor()
    },
  }),
]
