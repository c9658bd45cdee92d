/** Drives the console of the Nod that `test/served/setup.ts` serves, in a real Chromium. */
import axe from 'axe-core'
import jsQR from 'jsqr'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject } from 'vitest'
import type { Driver } from '../driver/driver.ts'
import { openBrowser } from '../stories/browser.ts'
import { openNod } from '../stories/scene.ts'

export const served = inject('served')

export type Look = 'light' | 'dark'

interface Screen {
  readonly width?: number
  readonly look?: Look
  readonly language?: 'en' | 'de'
  /** Of the Nod whose console it is; the one that all tests share unless set. */
  readonly url?: string
}

/** How wide a desk's screen is, and a phone's. */
const WIDTHS = [1280, 390]
const LOOKS: readonly Look[] = ['light', 'dark']

/** What axe reports. */
interface Violation {
  readonly id: string
  readonly impact: string
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary?: string }[]
}

let browser: Browser | undefined
const opened = new Set<Console>()

/** For the tests of a file: hands each a console that nobody has signed in to, closes what it has opened, and the browser at the end.
 *  Whatever the browser has complained of fails the test. */
export function inBrowser(begin?: (view: Console) => void): void {
  if (begin !== undefined) beforeEach(async () => begin(await openConsole()))
  afterEach(async () => {
    const faults: string[] = []
    for (const view of opened) faults.push(...(await view.leave()))
    expect(faults).toEqual([])
  })
  afterAll(async () => {
    await browser?.close()
    browser = undefined
  })
}

/** For the tests of a file: opens a Nod with the realms `name` and `name-fcm`, and closes it at the end. */
export function withNod(name: string, begin: (nod: Driver) => void): void {
  let nod: Driver | undefined
  beforeAll(async () => begin((nod = await openNod(name))))
  afterAll(() => nod?.close())
}

/** Opens the console in a browser profile of its own. */
export async function openConsole({
  width = 1280,
  look = 'light',
  language = 'en',
  url = served.url,
}: Screen = {}): Promise<Console> {
  browser ??= await openBrowser()
  const locale = { en: 'en-GB', de: 'de-DE' }[language]
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: look, locale })
  // Nothing moves: a picture taken in a transition has neither of its colours.
  const page = await context.newPage()
  await page.emulateMedia({ reducedMotion: 'reduce', colorScheme: look })
  // A page that breaks its own policy does so silently where nothing is to be seen of it.
  await context.addInitScript(
    'addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => console.error(`CSP ${violatedDirective}: ${blockedURI}`))',
  )
  const view = new Console(context, page, look, url)
  opened.add(view)
  return view
}

/** What pages load stands below these. Elsewhere the API answers. */
const PAGES = /^\/(?:console|assets|me|invited|docs)(?:\/|$)/

/** One browser with the console, and what it has complained of. */
export class Console {
  readonly page: Page
  /** Errors in the browser's console: exceptions, violations of the content security policy, files that are missing. */
  readonly faults: string[] = []
  readonly #context: BrowserContext
  readonly #look: Look
  readonly #url: string

  constructor(context: BrowserContext, page: Page, look: Look, url: string) {
    this.#context = context
    this.#look = look
    this.#url = url
    this.page = page
    page.on('pageerror', (error) => this.faults.push(error.message))
    page.on('console', (message) => {
      // The browser reports each refusal of the API as an error of its own.
      const { url: about } = message.location()
      const isRefusal =
        message.text().startsWith('Failed to load resource') &&
        !(URL.canParse(about) && PAGES.test(new URL(about).pathname))
      if (message.type() === 'error' && !isRefusal) this.faults.push(message.text())
    })
  }

  /** Opens a page of the console by its path below `/console`. */
  async open(path: string): Promise<void> {
    await this.page.goto(`${this.#url}/console${path}`)
  }

  /** Signs in on the page that is shown. */
  async signIn({ login, password } = served.admin): Promise<void> {
    const form = this.page.locator('form', { has: this.page.locator('[autocomplete=username]') })
    await form.getByLabel(/^(?:Login name|Anmeldename)$/).fill(login)
    await form.getByLabel(/^(?:Password|Passwort)$/).fill(password)
    await form.getByRole('button', { name: /^(?:Sign in|Anmelden)$/ }).click()
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
    // Colours that change, as those of buttons do, are between two of them for a moment.
    await this.page.evaluate(
      'Promise.all(document.getAnimations().filter((one) => one instanceof CSSTransition).map(({ finished }) => finished.catch(() => {})))',
    )
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

  /** Expects it accessible on a desk and on a phone, light and dark. The page stays as it is. */
  async expectAccessibleEverywhere(): Promise<void> {
    const before = this.page.viewportSize()
    for (const width of WIDTHS) {
      await this.page.setViewportSize({ width, height: 900 })
      for (const colorScheme of LOOKS) {
        await this.page.emulateMedia({ reducedMotion: 'reduce', colorScheme })
        await this.expectAccessible()
      }
    }
    await this.page.emulateMedia({ reducedMotion: 'reduce', colorScheme: this.#look })
    if (before !== null) await this.page.setViewportSize(before)
  }

  /** What the QR code says that is on the screen. */
  async scan(): Promise<string> {
    const picture = await this.page.locator('img.qr').screenshot()
    const camera = await this.#context.newPage()
    // The browser decodes the picture, so that no library for PNG is needed.
    const { width, height, data } = (await camera.evaluate(`(async () => {
      const image = new Image()
      image.src = 'data:image/png;base64,${picture.toString('base64')}'
      await image.decode()
      const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d')
      canvas.drawImage(image, 0, 0)
      return { width: image.width, height: image.height, data: [...canvas.getImageData(0, 0, image.width, image.height).data] }
    })()`)) as { readonly width: number; readonly height: number; readonly data: readonly number[] }
    await camera.close()
    const code = jsQR(Uint8ClampedArray.from(data), width, height)
    if (code === null) throw new Error('no QR code is on the screen')
    return code.data
  }

  /** Moves the focus by the Tab key until it is on what has this text or label. */
  async tabTo(name: string | RegExp): Promise<void> {
    for (let count = 0; count < 80; count += 1) {
      await this.page.keyboard.press('Tab')
      const focused = String(
        await this.page.evaluate(
          '(({ labels, textContent, ariaLabel }) => ariaLabel ?? labels?.[0]?.textContent ?? textContent)(document.activeElement)',
        ),
      ).trim()
      if (typeof name === 'string' ? focused === name : name.test(focused)) return
    }
    throw new Error(`the Tab key never reaches ${String(name)}`)
  }

  /** Closes it. Fails if the browser has complained of anything. */
  async close(): Promise<void> {
    expect(await this.leave()).toEqual([])
  }

  /** Closes it, and tells what the browser has complained of. */
  async leave(): Promise<readonly string[]> {
    opened.delete(this)
    await this.#context.close()
    return this.faults
  }
}
