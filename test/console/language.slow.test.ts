/** The pages in German: none of the English texts is left on them. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, beforeEach, expect, it } from 'vitest'
import type { Driver } from '../driver/driver.ts'
import { type Console, inBrowser, openConsole, withNod } from './console.ts'

const SOURCES = join(import.meta.dirname, '../../console/src')

/** The texts of one language in the tables of the pages, without those that take values. */
function textsIn(language: 'en' | 'de'): ReadonlySet<string> {
  const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((path) => /\.tsx?$/.test(path))
  const tables = files.flatMap((path) =>
    readFileSync(join(SOURCES, path), 'utf8')
      .split(/\btexts\(/)
      .slice(1),
  )
  const texts = tables.flatMap((table) => {
    const [english = '', german = ''] = table.split(/^ {2}de: /m)
    return [...(language === 'en' ? english : (german.split(/^\}\)/m)[0] ?? '')).matchAll(/'((?:[^'\\\n]|\\.)+)'/g)]
  })
  return new Set(texts.map(([, text = '']) => text))
}

const german = textsIn('de')
const english = [...textsIn('en')].filter((text) => /\p{L}{3}/u.test(text) && !german.has(text))

let nod: Driver
let view: Console
let serial: string
withNod('console-language', (opened) => (nod = opened))
inBrowser()
beforeAll(async () => {
  serial = (await nod.enroll('console-language-ada')).serial
})
beforeEach(async () => {
  view = await openConsole({ language: 'de' })
})

/** The English texts that are shown or read out now. What records say, which may break anywhere, is data: the audit is kept in English. */
async function englishShown(): Promise<readonly string[]> {
  const found: readonly string[] = await view.page
    .evaluate(`[...document.querySelectorAll('body *:not(.break)')].flatMap((element) => [
      ...[...element.childNodes].filter(({ nodeType }) => nodeType === 3).map(({ data }) => data.trim()),
      ...['aria-label', 'title', 'placeholder', 'alt'].map((name) => element.getAttribute(name) ?? ''),
    ])`)
  const shown = new Set(found)
  return english.filter((text) => shown.has(text))
}

it('has both languages to compare', () => {
  expect(english.length).toBeGreaterThan(200)
  expect(english).toContain('Loading …')
  expect(german).toContain('Lädt …')
})

it('no page shows an English text, nor the sign-in', async () => {
  const { page } = view
  await view.open('/')
  await page.getByRole('heading', { name: 'Anmelden' }).waitFor()
  expect(await englishShown()).toEqual([])
  expect(await page.locator('html').getAttribute('lang')).toBe('de')
  await view.signIn()
  await page.locator('.shell').waitFor()
  const menu = await page.evaluate('[...document.querySelectorAll(".nav a")].map(({ pathname }) => pathname)')
  for (const path of [...(menu as readonly string[]), `/console/tokens/${serial}`, '/console/nowhere']) {
    await view.open(path.slice('/console'.length))
    await page.locator('.shell-main h1').first().waitFor()
    while ((await page.locator('.loading').count()) > 0)
      await page.locator('.loading').first().waitFor({ state: 'detached' })
    expect(await englishShown(), path).toEqual([])
  }
})

it('no dialog shows an English text', async () => {
  const { page } = view
  await view.openSignedIn('/keys')
  const dialogs = [
    ['/keys', 'Neuer Schlüssel'],
    ['/administrators', 'Neuer Administrator'],
    ['/administrators', 'Mein Passwort ändern'],
    ['/settings', 'Neuer Realm'],
    ['/audit', 'Nachweis der Unversehrtheit'],
    [`/tokens/${serial}`, 'PIN setzen'],
    ...['Deaktivieren', 'Zähler zurücksetzen', 'Widerrufen', 'Löschen'].map((name) => [`/tokens/${serial}`, name]),
  ]
  for (const [path = '', name = ''] of dialogs) {
    await view.open(path)
    await page.getByRole('button', { name, exact: true }).click()
    await page.getByRole('dialog').waitFor()
    expect(await englishShown(), `${path}: ${name}`).toEqual([])
    await page.keyboard.press('Escape')
  }
})
