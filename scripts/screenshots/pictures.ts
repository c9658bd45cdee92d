/** Takes pictures of pages. */
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import type { Company } from './company.ts'
import { dialogsOf } from './dialogs.ts'
import { OUTSIDE } from './outside.ts'
import { pagesOf, type Shot } from './shots.ts'

interface Screen {
  readonly width: number
  readonly look: 'light' | 'dark'
}

const SCREENS: readonly Screen[] = [1280, 390].flatMap((width) =>
  (['light', 'dark'] as const).map((look) => ({ width, look })),
)

const shotsOf = (company: Company): readonly Shot[] => [...OUTSIDE, ...pagesOf(company), ...dialogsOf(company)]

/** Takes every page whose name has `only` in it, on every screen, into a folder. */
export async function photograph(browser: Browser, company: Company, folder: string, only: string): Promise<void> {
  const shots = shotsOf(company).filter(({ name }) => name.includes(only))
  for (const screen of SCREENS) {
    const signedIn = await open(browser, screen)
    await signIn(signedIn, company)
    for (const shot of shots) {
      const page = shot.isPublic === true ? await open(browser, screen) : signedIn
      await show(page, company, shot)
      const path = join(folder, `${shot.name}-${screen.width}-${screen.look}.png`)
      await page.screenshot({ path, fullPage: shot.isScreen !== true })
      if (page !== signedIn) await page.context().close()
    }
    await signedIn.context().close()
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
    const page = await open(browser, screen)
    await signIn(page, company)
    const shot = shotsOf(company).find((one) => one.name === name)
    if (shot === undefined) throw new Error(`there is no page ${name}`)
    await show(page, company, shot)
    await page.screenshot({ path: join(folder, `${name}.png`) })
    await page.context().close()
  }
  console.log(`The pictures are in ${folder}.`)
}

async function open(browser: Browser, { width, look }: Screen): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width, height: width < 600 ? 844 : 800 },
    colorScheme: look,
    locale: 'en-GB',
    timezoneId: 'UTC',
    reducedMotion: 'reduce',
  })
  return context.newPage()
}

async function signIn(page: Page, { url, admin }: Company): Promise<void> {
  await page.goto(`${url}/console/`)
  await page.getByLabel('Login name').fill(admin.login)
  await page.getByLabel('Password').fill(admin.password)
  await page.keyboard.press('Enter')
  await page.locator('.shell').waitFor()
}

async function show(page: Page, company: Company, { name, path, shows = 'h1', prepare }: Shot): Promise<void> {
  try {
    await page.goto(`${company.url}${path}`)
    await page.locator(shows).first().waitFor()
    await settle(page)
    await prepare?.(page, company)
    await settle(page)
  } catch (error) {
    throw new Error(`the page ${name} does not come`, { cause: error })
  }
}

/** Waits for what comes after the page: charts, and each list when it is read. */
async function settle(page: Page): Promise<void> {
  const loading = page.locator('.loading')
  while ((await loading.count()) > 0) await loading.first().waitFor({ state: 'detached' })
}
