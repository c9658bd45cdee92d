/** The report of a month: a picture, the figures behind it, and a page to print. */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { only } from '../driver/waiting.ts'
import type { Driver } from '../driver/driver.ts'
import type { Service } from '../simulation/service.ts'
import { openTrusting } from '../stories/scene.ts'
import { type Console, inBrowser, openConsole } from './console.ts'

const PIN = '1234'
let nod: Driver
let service: Service
let close: (() => Promise<void>) | undefined
let view: Console | undefined

inBrowser()
beforeAll(async () => {
  const opened = await openTrusting('console-report', 'mail')
  nod = opened.nod
  service = opened.services.mail
  close = opened.close
  const { owner, phone } = await nod.enroll('ada', { pin: PIN })
  const login = await service.check({ ...owner, pass: PIN })
  await phone.accept(only(await phone.poll()))
  await service.finalize(String(login.detail.transaction_id), owner)
  await service.check({ ...owner, pass: 'wrong' })
  await nod.service.call('POST', '/deployment/audit/flush')
})
afterAll(() => close?.())

it.each([
  { width: 1280, look: 'light' as const, language: 'en' as const, title: 'Monthly report' },
  { width: 390, look: 'dark' as const, language: 'de' as const, title: 'Monatsbericht' },
])('shows the month as figures and as a picture ($width px, $language)', async ({ title, ...screen }) => {
  view = await openConsole(screen)
  const { page } = view
  await view.openSignedIn('/report')
  await page.getByRole('heading', { name: title, level: 1 }).waitFor()
  await page.locator('.figure b', { hasText: '%' }).waitFor()
  await page.locator('.chart-bar').first().waitFor()
  await view.expectAccessibleEverywhere()
  await page.getByRole('link', { name: 'console-report-mail' }).click()
  await page.waitForURL(/logins\?from=.*&to=.*&service=console-report-mail/)
  await page.locator('tbody tr').first().waitFor()
})

it('is printed without the menu, and downloaded as a page of its own', async () => {
  view = await openConsole()
  const { page } = view
  await view.openSignedIn('/report')
  await page.locator('.figure b', { hasText: '%' }).waitFor()
  await page.emulateMedia({ media: 'print' })
  expect(await page.locator('.shell-side').isVisible()).toBe(false)
  expect(await page.getByRole('button', { name: 'Print' }).count()).toBe(0)
  expect(await page.locator('.figure').first().isVisible()).toBe(true)
  await page.emulateMedia({ media: 'screen' })
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'As a page to send' }).click(),
  ])
  expect(download.suggestedFilename()).toMatch(/^20\d\d-\d\d\.html$/)
  const file = await readFile(await download.path(), 'utf8')
  expect(file).toMatch(/^<!doctype html>/)
  expect(file).toContain('console-report-mail')
})

it('says that a month without logins has none, and what is wrong with one that there is not', async () => {
  view = await openConsole()
  const { page } = view
  await view.openSignedIn('/report')
  const month = page.getByLabel('Month', { exact: true })
  await month.selectOption({ index: 12 })
  await page.waitForURL(/month=20\d\d-\d\d$/)
  await view.sees('No login was measured in this month.')
  await view.expectAccessible()
  await view.open('/report?month=2026-13')
  await page.getByRole('alert').getByText('expected a month such as 2026-11').waitFor()
  await view.expectAccessible()
  await month.selectOption({ index: 1 })
  await page.locator('.figure b', { hasText: '%' }).waitFor()
})
