import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser } from './browser.ts'
import { fetchDescription } from '../openapi.ts'
import { ApiDescription } from './api-description.ts'
import { url } from './scene.ts'

let browser: Browser
let description: ApiDescription

beforeAll(async () => {
  browser = await openBrowser()
  description = new ApiDescription(await fetchDescription(url))
})
afterAll(() => browser.close())

/** Opens the page. `faults` collects console messages and every further request. */
async function read(
  width: number,
  look: 'light' | 'dark',
): Promise<{ readonly page: Page; readonly faults: string[] }> {
  const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme: look })
  const faults: string[] = []
  page.on('console', (message) => faults.push(message.text()))
  page.on('request', (request) => {
    if (!/\/docs$|\/favicon\.ico$/.test(request.url())) faults.push(request.url())
  })
  await page.goto(`${url}/docs`)
  return { page, faults: faults.filter((one) => !one.includes('favicon')) }
}

// Scripts as text: as functions they would need the types of a browser.
const ROOT = 'document.documentElement'

/** The lowest contrast of text on the page, by WCAG 2. At 4.5 text is readable. */
const CONTRAST = `(() => {
  const light = (color) => {
    const [r, g, b] = color.match(/[\\d.]+/g).map((value) => value / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const { backgroundColor } = getComputedStyle(at)
      if (backgroundColor !== 'rgba(0, 0, 0, 0)') return backgroundColor
    }
  }
  const ratios = [...document.querySelectorAll('h1, small, p, a, b, td, th, i, code, dt, .refuses')].map((element) => {
    const [high, low] = [light(getComputedStyle(element).color), light(ground(element))].sort((a, b) => b - a)
    return (high + 0.05) / (low + 0.05)
  })
  return Math.min(...ratios)
})()`

describe.each([
  [1280, 'light'],
  [1280, 'dark'],
  [390, 'light'],
  [390, 'dark'],
] as const)('the description as a page, %i wide and %s', (width, look) => {
  it('loads nothing else, fits the screen, and has readable contrast', async () => {
    const { page, faults } = await read(width, look)
    expect(faults).toEqual([])
    expect(await page.evaluate(`${ROOT}.scrollWidth`)).toBe(width)
    expect(await page.evaluate('getComputedStyle(document.body).margin')).toBe('0px') // The style is applied.
    expect(await page.evaluate(CONTRAST)).toBeGreaterThan(4.5)
    await page.close()
  })

  it('has an article and a curl command for every operation', async () => {
    const { page } = await read(width, look)
    for (const { method, path, said } of description.operations) {
      const article = page.locator(`article#${said.operationId}`)
      expect(await article.locator('h3').innerText()).toBe(`${method} ${path}`)
      expect(await article.locator('pre').innerText()).toMatch(/^curl -s .*"\$NOD\//)
    }
    expect(await page.locator('article').count()).toBe(description.operations.length)
    const deadLinks = `[...document.querySelectorAll('a[href^="#"]')].filter((a) => !document.getElementById(a.hash.slice(1))).map((a) => a.hash)`
    expect(await page.evaluate(deadLinks)).toEqual([])
    await page.close()
  })
})

it('works without scripts', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  const response = await page.goto(`${url}/docs`)
  expect(response?.headers()['content-security-policy']).toMatch(
    /^default-src 'none'; style-src 'sha256-[^']+'; base-uri/,
  )
  expect(await page.locator('script').count()).toBe(0)
  await page.locator('nav a', { hasText: 'Refusals' }).click()
  expect(page.url()).toBe(`${url}/docs#refusals`)
  await context.close()
})
