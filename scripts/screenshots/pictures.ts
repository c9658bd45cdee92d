/** Pictures of the console's pages. */
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import type { Company } from './company.ts'

interface Screen {
  readonly width: number
  readonly look: 'light' | 'dark'
}

const SCREENS: readonly Screen[] = [1280, 390].flatMap((width) =>
  (['light', 'dark'] as const).map((look) => ({ width, look })),
)

interface Shot {
  readonly name: string
  /** Below `/console`. */
  readonly path: string
  /** Is on the page when there is something to look at. */
  readonly shows?: string
  readonly prepare?: (page: Page) => Promise<void>
}

const click = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).first().click()

const shotsOf = ({ serial, realm, user, transactionId }: Company): readonly Shot[] => [
  { name: 'overview', path: '/', shows: '.legend' },
  { name: 'overview-weeks', path: '/?span=30d', shows: '.legend' },
  { name: 'start', path: '/start', shows: 'h1' },
  { name: 'logins', path: '/logins', shows: 'h1' },
  { name: 'login', path: `/logins/${transactionId}`, shows: '.facts' },
  { name: 'tokens', path: `/tokens?realm=${realm}`, shows: '.table' },
  { name: 'token', path: `/tokens/${serial}`, shows: '.table' },
  {
    name: 'token-delete',
    path: `/tokens/${serial}`,
    shows: '.table',
    prepare: (page) => click(page, 'Delete'),
  },
  { name: 'enroll', path: '/enroll', shows: 'form' },
  {
    name: 'enroll-code',
    path: `/enroll?user=tim.lee&realm=${realm}`,
    shows: 'form',
    prepare: async (page) => {
      await page.getByRole('option', { name: realm, exact: true }).waitFor({ state: 'attached' })
      await click(page, 'Show the QR code')
      await page.locator('img.qr').waitFor()
    },
  },
  { name: 'users', path: '/users', shows: 'h1' },
  { name: 'user', path: `/users/${realm}/${user}`, shows: 'h1' },
  { name: 'policies', path: '/policies', shows: 'h1' },
  { name: 'keys', path: '/keys', shows: '.table' },
  {
    name: 'key-new',
    path: '/keys',
    shows: '.table',
    prepare: async (page) => {
      await click(page, 'New key')
      await page.getByLabel('Name of the service').fill(`wiki-${Date.now()}`)
      await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click()
      await page.locator('.secret').waitFor()
    },
  },
  { name: 'administrators', path: '/administrators', shows: '.table' },
  { name: 'settings', path: '/settings', shows: '.table' },
  { name: 'audit', path: '/audit', shows: '.table' },
  { name: 'doctor', path: '/doctor', shows: '.check-item' },
  { name: 'not-found', path: '/nowhere', shows: 'h1' },
]

/** Takes every page whose name has `only` in it, on every screen, into a folder. */
export async function photograph(browser: Browser, company: Company, folder: string, only: string): Promise<void> {
  for (const screen of SCREENS) {
    const page = await open(browser, company, screen)
    const file = (name: string) => join(folder, `${name}-${screen.width}-${screen.look}.png`)
    if ('sign-in'.includes(only)) await page.screenshot({ path: file('sign-in') })
    await signIn(page, company)
    for (const shot of shotsOf(company).filter(({ name }) => name.includes(only))) {
      await show(page, company, shot)
      await page.screenshot({ path: file(shot.name), fullPage: true })
    }
    await page.context().close()
    console.log(`${screen.width} pixels, ${screen.look}: done`)
  }
  console.log(`The pictures are in ${folder}.`)
}

/** The pages of README.md, and how they are shown there. */
const README: readonly (readonly [name: string, screen: Screen])[] = [
  ['overview', { width: 1280, look: 'light' }],
  ['token', { width: 1280, look: 'dark' }],
  ['enroll-code', { width: 390, look: 'light' }],
  ['login', { width: 390, look: 'dark' }],
]

/** Takes the pictures of README.md into a folder. */
export async function photographReadme(browser: Browser, company: Company, folder: string): Promise<void> {
  for (const [name, screen] of README) {
    const page = await open(browser, company, screen)
    await signIn(page, company)
    const shot = shotsOf(company).find((one) => one.name === name)
    if (shot === undefined) throw new Error(`there is no page ${name}`)
    await show(page, company, shot)
    await page.screenshot({ path: join(folder, `${name}.png`) })
    await page.context().close()
  }
  console.log(`The pictures are in ${folder}.`)
}

async function open(browser: Browser, { url }: Company, { width, look }: Screen): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width, height: width < 600 ? 844 : 800 },
    colorScheme: look,
    locale: 'en-GB',
    timezoneId: 'UTC',
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  await page.goto(`${url}/console/`)
  await page.getByLabel('Login name').waitFor()
  return page
}

async function signIn(page: Page, { admin }: Company): Promise<void> {
  await page.getByLabel('Login name').fill(admin.login)
  await page.getByLabel('Password').fill(admin.password)
  await page.keyboard.press('Enter')
  await page.locator('.shell').waitFor()
}

async function show(page: Page, { url }: Company, { path, shows = 'h1', prepare }: Shot): Promise<void> {
  await page.goto(`${url}/console${path}`)
  await page.locator(`.shell-main ${shows}`).first().waitFor()
  // The charts come after the page, and each list when it is read.
  const loading = page.locator('.loading')
  while ((await loading.count()) > 0) await loading.first().waitFor({ state: 'detached' })
  await prepare?.(page)
}
