/** The pages of the console, as pictures show them. */
import type { Page } from 'playwright-core'
import type { Company } from './company.ts'

export interface Shot {
  readonly name: string
  /** Below the address of Nod. */
  readonly path: string
  /** Is on the page when there is something to look at; its heading unless set. */
  readonly shows?: string
  readonly prepare?: (page: Page, company: Company) => Promise<void>
  /** Only what is on the screen: a dialog covers the page, and not what is below. */
  readonly isScreen?: boolean
  /** Nobody is signed in to the console. */
  readonly isPublic?: boolean
}

export const click = (page: Page, name: string): Promise<void> =>
  page.getByRole('button', { name, exact: true }).first().click()
export const clickInDialog = (page: Page, name: string): Promise<void> =>
  page.getByRole('dialog').getByRole('button', { name, exact: true }).click()

/** Shows the QR code of a new phone on the page of enrollment. */
async function showCode(page: Page, realm: string): Promise<void> {
  await page.getByRole('option', { name: realm, exact: true }).waitFor({ state: 'attached' })
  await click(page, 'Show the QR code')
  await page.locator('img.qr').waitFor()
}

export const pagesOf = ({ ada, alan, realm, transactionId, declinedId }: Company): readonly Shot[] => [
  { name: 'overview', path: '/console/', shows: '.legend' },
  { name: 'overview-weeks', path: '/console/?span=30d', shows: '.legend' },
  { name: 'start', path: '/console/start', shows: '.first-steps' },
  { name: 'report', path: '/console/report', shows: '.legend' },
  { name: 'logins', path: '/console/logins', shows: '.table' },
  {
    name: 'logins-open',
    path: '/console/logins?outcome=open',
    prepare: async (page, { driver }) => {
      await driver.service.trigger(alan.owner)
      await page.locator('.table').first().waitFor()
    },
  },
  { name: 'logins-none', path: '/console/logins?user=nobody', shows: '.empty' },
  {
    name: 'login',
    path: `/console/logins/${transactionId}`,
    shows: '.facts',
    prepare: (page) => page.locator('.timeline').getByText('Finalized').waitFor(),
  },
  {
    name: 'login-declined',
    path: `/console/logins/${declinedId}`,
    shows: '.facts',
    prepare: (page) => page.locator('.timeline').getByText('Declined').waitFor(),
  },
  { name: 'login-unknown', path: '/console/logins/01234567890123456789' },
  { name: 'tokens', path: `/console/tokens?realm=${realm}`, shows: '.table' },
  { name: 'tokens-none', path: '/console/tokens?q=nobody', shows: '.empty' },
  { name: 'token', path: `/console/tokens/${ada.serial}`, shows: '.table' },
  { name: 'enroll', path: '/console/enroll', shows: 'form' },
  {
    name: 'enroll-code',
    path: `/console/enroll?user=tim.lee&realm=${realm}`,
    shows: 'form',
    prepare: (page) => showCode(page, realm),
  },
  {
    name: 'enroll-done',
    path: `/console/enroll?user=mary.shaw&realm=${realm}`,
    shows: 'form',
    prepare: async (page, { driver }) => {
      await showCode(page, realm)
      await page.locator('summary').click()
      const phone = driver.phone()
      await phone.register(
        phone.scan((await page.getByRole('link', { name: 'Open the app' }).getAttribute('href')) ?? ''),
      )
      await click(page, 'Ring it once')
      await page.locator('.timeline').waitFor()
    },
  },
  { name: 'invitations', path: '/console/invitations', shows: '.table' },
  { name: 'users', path: '/console/users', shows: '.table' },
  { name: 'user', path: `/console/users/${realm}/${ada.owner['user']}`, shows: '.table' },
  { name: 'user-unknown', path: `/console/users/${realm}/nobody` },
  { name: 'policies', path: '/console/policies', shows: '.table' },
  { name: 'policy', path: '/console/policies/rings', shows: 'form' },
  { name: 'keys', path: '/console/keys', shows: '.table' },
  { name: 'administrators', path: '/console/administrators', shows: '.table' },
  { name: 'settings', path: '/console/settings', shows: '.table' },
  { name: 'audit', path: '/console/audit', shows: '.table' },
  { name: 'doctor', path: '/console/doctor', shows: '.check-item' },
  { name: 'not-found', path: '/console/nowhere' },
  {
    name: 'menu',
    path: '/console/keys',
    shows: '.table',
    isScreen: true,
    prepare: async (page) => {
      const menu = page.getByRole('button', { name: 'Menu' })
      if (await menu.isVisible()) await menu.click()
    },
  },
]
