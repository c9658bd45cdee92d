/** The documentation, as a reader has it in a browser. */
import { execFileSync } from 'node:child_process'
import { beforeAll, describe, expect, it } from 'vitest'
import { fetchDescription } from '../openapi.ts'
import { openBrowser } from '../stories/browser.ts'
import { ApiDescription } from '../stories/api-description.ts'
import { type Console, inBrowser, openConsole, served } from './console.ts'

const docs = `${served.url}/docs/`
let description: ApiDescription
let view: Console | undefined

inBrowser()
beforeAll(async () => {
  description = new ApiDescription(await fetchDescription(served.url))
})

/** Opens a page of the documentation. Closing it fails if the browser has complained. */
async function read(path = '', screen: Parameters<typeof openConsole>[0] = {}): Promise<Console> {
  view = await openConsole(screen)
  await view.page.goto(docs + path)
  return view
}

describe.each([
  [1280, 'light'],
  [1280, 'dark'],
  [390, 'light'],
  [390, 'dark'],
] as const)('the documentation, %i wide and %s', (width, look) => {
  // Thirty pages, and axe looks at each.
  const patience = { timeout: 300_000 }
  it(
    'is accessible on every page, fits the screen, loads nothing from elsewhere, and has every operation',
    patience,
    async () => {
      const { page, ...rest } = await read('', { width, look })
      expect(rest.faults).toEqual([])
      const elsewhere: string[] = []
      page.on('request', (request) => {
        if (new URL(request.url()).origin !== served.url) elsewhere.push(request.url())
      })
      const links = page.locator('.docs-side nav > ul > li > a')
      const hrefs = await links.evaluateAll((all) => all.map((one) => (one as unknown as { href: string }).href))
      expect(hrefs.length).toBeGreaterThan(25)
      const routes: string[] = []
      for (const href of hrefs) {
        await page.goto(href)
        await view?.expectAccessible()
        expect(await page.locator('html').getAttribute('lang')).toBe('en')
        for (const article of await page.locator('main article:has([aria-label^="Call of"])').all()) {
          routes.push(await article.locator('h2').innerText())
          expect(await article.locator('pre').first().innerText()).toMatch(/^curl -s .*"\$NOD\//)
        }
      }
      expect(elsewhere).toEqual([])
      expect(routes.toSorted()).toEqual(
        description.operations.map(({ method, path }) => `${method} ${path}`).toSorted(),
      )
    },
  )
})

it('has a search that works by keyboard alone', async () => {
  const { page } = await read('refusals/')
  await page.keyboard.press('/')
  await page.keyboard.type('push_wait')
  await page.locator('.docs-results a').first().waitFor()
  await view?.expectAccessible()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.waitForURL(`${docs}policy-actions/#authentication.push_wait`)
  for (const [query, target] of [
    ['POST /token/init', 'api/tokens/#postTokenInit'],
    ['delivery_unneeded', 'logins/#step-delivery_unneeded'],
    ['4306', 'refusals/#role_insufficient'],
    ['administrator_new_place', 'events/#administrator_new_place'],
  ] as const) {
    await page.keyboard.press('/')
    await page.getByRole('searchbox').fill(query)
    await page.locator('.docs-results b').getByText(query).first().waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL(docs + target)
    // Where it leads is shown.
    await page.waitForFunction(
      '[60, innerHeight].every((edge, i) => (document.querySelector(":target")?.getBoundingClientRect().top > edge) === (i === 0))',
    )
  }
})

it('stays where it is while somebody searches', async () => {
  const { page } = await read('api/tokens/#postTokenInit')
  const place = 'document.querySelector(":target").getBoundingClientRect().top'
  const before = await page.evaluate(place)
  await page.keyboard.press('/')
  await page.keyboard.type('push_wait')
  await page.locator('.docs-results a').first().waitFor()
  expect(await page.evaluate(place)).toBe(before)
})

it('says so when nothing is found, and when the search does not load', async () => {
  const { page } = await read()
  await page.getByRole('searchbox').fill('nosuchword')
  await view?.sees('Nothing is called that')
  await page.keyboard.press('Escape')
  await page.locator('.docs-results').waitFor({ state: 'hidden' })
  await view?.close()
  view = await openConsole()
  await view.page.route('**/search.json', (route) => route.fulfill({ status: 200, body: 'no JSON' }))
  await view.page.goto(docs)
  await view.page.getByRole('searchbox').fill('token')
  await view.sees('The search does not load')
})

it('marks in the menu what is being read', async () => {
  const { page } = await read('api/tokens/')
  const marked = page.locator('.docs-headings [aria-current]')
  const last = page.locator('main article').last()
  await last.locator('h2').evaluate((heading) => heading.scrollIntoView({ block: 'start' }))
  const id = await last.getAttribute('id')
  await page.waitForFunction(
    `document.querySelectorAll('.docs-headings [aria-current]').length === 1 && document.querySelector('.docs-headings [aria-current]').offsetTop > 0`,
  )
  expect(id).toBeTruthy()
  await expect.poll(() => marked.evaluate((link) => link.getBoundingClientRect().top)).toBeLessThan(900)
})

it('can be read without scripts: every page, and the menu on a phone', async () => {
  const browser = await openBrowser()
  try {
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 390, height: 800 } })
    const page = await context.newPage()
    const response = await page.goto(`${served.url}/docs`)
    expect(page.url()).toBe(docs)
    expect(response?.headers()['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self';/,
    )
    await page.locator('header').getByRole('link', { name: 'Menu' }).click()
    await page.getByRole('navigation').getByRole('link', { name: 'Refusals' }).click()
    expect(page.url()).toBe(`${docs}refusals/`)
    expect(await page.locator('#role_insufficient').isVisible()).toBe(true)
    expect(await page.getByRole('search').count()).toBe(0)
  } finally {
    await browser.close()
  }
})

it('has commands that get a token by password and a service key with it, as they are copied', async () => {
  const { page } = await read()
  const texts = await page.locator('#token pre').allInnerTexts()
  expect(texts).toHaveLength(4)
  expect(texts[0]).toBe(`NOD=${served.url}`)
  const script = [
    ...texts.slice(0, 3),
    'curl -s "$NOD/validate/triggerchallenge" -H "Authorization: $TOKEN" -d user=ada-of-docs',
  ]
  const input = `${served.admin.password}\n`
  const output = execFileSync('bash', ['-c', script.join('\n').replace('name=vpn', 'name=docs-vpn')], { input })
  // The service key is accepted, and there is no such user.
  expect(String(output)).toMatch(/"code":904/)
  await page.locator('#token .docs-copy').first().click()
  await page.getByRole('button', { name: 'Copied' }).waitFor()
})

it('is linked from the console', async () => {
  view = await openConsole()
  await view.openSignedIn('/')
  await view.page.getByRole('link', { name: 'API docs' }).click()
  await view.page.waitForURL(docs)
})

it('has no page at an address that is none', async () => {
  const reply = await fetch(`${docs}nosuch/`)
  expect(reply.status).toBe(404)
  expect(await reply.json()).toMatchObject({ result: { error: { code: 601 } } })
})
