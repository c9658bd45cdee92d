/** Drives the console of the Nod that `test/served/setup.ts` serves, in a real Chromium. */
import axe from 'axe-core'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { expect, inject } from 'vitest'
import { openBrowser } from '../stories/browser.ts'

export const served = inject('served')

export type Look = 'light' | 'dark'

interface Screen {
  readonly width?: number
  readonly look?: Look
  readonly language?: 'en' | 'de'
}

/** What axe reports. */
interface Violation {
  readonly id: string
  readonly impact: string
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary?: string }[]
}

let browser: Browser | undefined

/** Opens the console in a browser profile of its own. */
export async function openConsole({ width = 1280, look = 'light', language = 'en' }: Screen = {}): Promise<Console> {
  browser ??= await openBrowser()
  const locale = { en: 'en-GB', de: 'de-DE' }[language]
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: look, locale })
  // Nothing moves: a picture taken in a transition has neither of its colours.
  const page = await context.newPage()
  await page.emulateMedia({ reducedMotion: 'reduce', colorScheme: look })
  return new Console(context, page)
}

export async function closeBrowser(): Promise<void> {
  await browser?.close()
  browser = undefined
}

/** One browser with the console, and what it has complained of. */
export class Console {
  readonly page: Page
  /** Errors in the browser's console: exceptions, violations of the content security policy, files that are missing. */
  readonly faults: string[] = []
  readonly #context: BrowserContext

  constructor(context: BrowserContext, page: Page) {
    this.#context = context
    this.page = page
    page.on('pageerror', (error) => this.faults.push(error.message))
    page.on('console', (message) => {
      // The browser reports each refusal of the API as an error of its own.
      const isRefusal =
        message.text().startsWith('Failed to load resource') && !message.location().url.includes('/console/')
      if (message.type() === 'error' && !isRefusal) this.faults.push(message.text())
    })
  }

  /** Opens a page of the console by its path below `/console`. */
  async open(path: string): Promise<void> {
    await this.page.goto(`${served.url}/console${path}`)
  }

  /** Signs in on the page that is shown. */
  async signIn({ login, password } = served.admin): Promise<void> {
    await this.page.getByLabel(/^(?:Login name|Anmeldename)$/).fill(login)
    await this.page.getByLabel(/^(?:Password|Passwort)$/).fill(password)
    await this.page.getByRole('button', { name: /^(?:Sign in|Anmelden)$/ }).click()
  }

  /** Opens a page as the administrator. */
  async openSignedIn(path: string): Promise<void> {
    await this.open(path)
    await this.signIn()
    await this.page.locator('.shell').waitFor()
  }

  /** Waits until the page shows this text. */
  async sees(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor()
  }

  /** Expects no serious finding of axe on what is shown, and nothing wider than the screen. */
  async expectAccessible(): Promise<void> {
    await this.page.evaluate(axe.source)
    const violations: readonly Violation[] = await this.page.evaluate('axe.run().then(({ violations }) => violations)')
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)).toEqual(
      [],
    )
    const isTooWide = await this.page.evaluate(
      'document.documentElement.scrollWidth > document.documentElement.clientWidth',
    )
    expect(isTooWide, 'the page is wider than the screen').toBe(false)
  }

  /** Closes it. Fails if the browser has complained of anything. */
  async close(): Promise<void> {
    await this.#context.close()
    expect(this.faults).toEqual([])
  }
}
