/** Dialogs of the console, forms that were refused, and its bad days. */
import type { Page } from 'playwright-core'
import type { Company } from './company.ts'
import { click, clickInDialog, type Shot } from './shots.ts'

const AWAY = {
  status: 503,
  contentType: 'application/json',
  body: JSON.stringify({
    result: { status: false, error: { code: -500, message: 'ERR-500: try again' } },
    detail: null,
  }),
}

/** A shot of a page on which a button was clicked that opens a dialog. */
const opened = (
  name: string,
  path: string,
  button: string,
  more: (page: Page, company: Company) => Promise<void> = () => Promise.resolve(),
): Shot => ({
  name,
  path,
  shows: '.table',
  isScreen: true,
  prepare: async (page, company) => {
    await click(page, button)
    await page.getByRole('dialog').waitFor()
    await more(page, company)
  },
})

const alertIn = (page: Page) => page.getByRole('dialog').getByRole('alert').first().waitFor()

export const dialogsOf = ({ ada, realm }: Company): readonly Shot[] => [
  opened('token-delete', `/console/tokens/${ada.serial}`, 'Delete'),
  opened('token-pin', `/console/tokens/${ada.serial}`, 'Set the PIN'),
  {
    name: 'tokens-several',
    path: `/console/tokens?realm=${realm}`,
    shows: '.table',
    isScreen: true,
    prepare: async (page) => {
      await page.getByRole('button', { name: /^Choose all/ }).click()
      let count = 0
      await page.route('**/token/disable', (route) => {
        count += 1
        // The third is on its way while the picture is taken.
        if (count < 3) return route.fulfill({ json: { result: { status: true, value: 10 }, detail: null } })
        return undefined
      })
      await click(page, 'Disable')
      await clickInDialog(page, 'Disable')
      await page.getByText('20 of 50 are done.').waitFor()
    },
  },
  opened('key-new', '/console/keys', 'New key', async (page, { driver }) => {
    await driver.service.call('DELETE', '/apikey/wiki')
    await page.getByLabel('Name of the service').fill('wiki')
    await clickInDialog(page, 'Create')
    await page.locator('.secret').waitFor()
  }),
  opened('key-refused', '/console/keys', 'New key', async (page) => {
    await page.getByLabel('Name of the service').fill('vpn')
    await clickInDialog(page, 'Create')
    await alertIn(page)
  }),
  opened('key-revoke', '/console/keys', 'Revoke'),
  opened('administrator-refused', '/console/administrators', 'New administrator', async (page) => {
    await page.getByRole('dialog').getByLabel('Login name').fill('katherine.johnson')
    await page.getByRole('dialog').getByLabel('Password').fill('short')
    await clickInDialog(page, 'Create')
    await alertIn(page)
  }),
  opened('administrator-password', '/console/administrators', 'Change my password'),
  opened('administrator-phone', '/console/administrators', 'Enroll my phone', (page) =>
    page.locator('img.qr').waitFor(),
  ),
  opened('realm-new', '/console/settings', 'New realm'),
  {
    name: 'settings-refused',
    path: '/console/settings',
    shows: 'form',
    prepare: async (page) => {
      await page.getByLabel('Seconds to answer').fill('9999')
      await click(page, 'Save')
      await page.getByRole('alert').first().waitFor()
    },
  },
  opened('audit-proof', '/console/audit', 'Proof of integrity', (page) => page.locator('.secret').waitFor()),
  opened('invite', '/console/invitations', 'Invite a user'),
  opened('invite-link', '/console/invitations', 'Invite a user', async (page) => {
    await page.getByLabel('Login name').fill('barbara.liskov')
    await page.getByRole('dialog').getByLabel('Realm').selectOption(realm)
    await clickInDialog(page, 'Invite')
    await page.locator('.secret').waitFor()
  }),
  opened('invite-csv', '/console/invitations', 'Invite by CSV', async (page) => {
    await page.getByLabel('Or the lines themselves').fill(`tim.lee;${realm};laptop\nmary.shaw;nowhere;\n;;`)
    await page.getByRole('dialog').locator('.table').waitFor()
  }),
  opened('user-new', '/console/users', 'New user'),
  opened('user-bypass', `/console/users/${realm}/${ada.owner['user']}`, 'Issue a code'),
  opened('user-erase', `/console/users/${realm}/${ada.owner['user']}`, 'Erase …'),
  opened('login-test', '/console/logins', 'Test login'),
  opened('policy-import', '/console/policies', 'Import'),
  {
    name: 'policy-new',
    path: '/console/policies',
    shows: '.table',
    prepare: async (page) => {
      await page
        .getByRole('link', { name: 'New policy' })
        .or(page.getByRole('button', { name: 'New policy' }))
        .click()
      await page.locator('form').first().waitFor()
    },
  },
  {
    name: 'away',
    path: '/console/keys',
    prepare: async (page) => {
      await page.route('**/apikey', (route) => route.fulfill(AWAY))
      await page.reload()
      await page.getByRole('alert').waitFor()
      await page.unrouteAll()
    },
  },
  {
    name: 'session-ended',
    path: '/console/tokens',
    shows: '.table',
    isScreen: true,
    prepare: async (page) => {
      const error = { code: 4305, message: 'Your token has expired: Signature has expired' }
      await page.route('**/token/search?*', (route) =>
        route.fulfill({ status: 401, json: { result: { status: false, error }, detail: null } }),
      )
      await page.getByRole('searchbox').fill('ada')
      await page.getByText('Your session has ended').waitFor()
      await page.unrouteAll()
    },
  },
]
