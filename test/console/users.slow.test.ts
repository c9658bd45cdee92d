import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import type { Driver } from '../driver/driver.ts'
import { nextPrompt } from '../driver/driver.ts'
import { type Console, inBrowser, type Look, openConsole, withNod } from './console.ts'

let nod: Driver
let view: Console

withNod('console-users', (opened) => (nod = opened))
inBrowser()

const pathOf = (user: string) => `/users/${nod.realm}/${user}`

it('finds users while one types, adds one, and refuses to add one that exists', async () => {
  view = await openConsole()
  const { page } = view
  const { owner } = await nod.enroll(nod.unique('known'))
  const added = nod.unique('added')
  await view.openSignedIn(`/users?realm=${nod.realm}`)
  await page.getByLabel('Search').pressSequentially(owner.user.slice(0, -1))
  await page.getByRole('link', { name: owner.user }).waitFor()
  expect(new URL(page.url()).searchParams.get('q')).toBe(owner.user.slice(0, -1))
  await view.expectAccessible()
  await page.getByRole('button', { name: 'New user' }).press('Enter')
  await page.locator('input[name=user]:focus').waitFor()
  await page.keyboard.type(owner.user)
  await page.getByLabel('Given name').fill('Grace')
  await page.keyboard.press('Enter')
  await view.sees(`There is a user ${owner.user} in ${nod.realm} already.`)
  await view.expectAccessible()
  expect(await page.getByLabel('Given name').inputValue()).toBe('Grace')
  await page.getByLabel('Login name').fill(added)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: added, level: 1 }).waitFor()
  await view.sees('Grace')
  await view.sees('They have no phone, and cannot log in with one.')
  await page.getByRole('button', { name: 'Change' }).press('Enter')
  await page.getByLabel('Surname').fill('Hopper')
  await page.keyboard.press('Enter')
  await view.sees('Grace Hopper')
})

it('shows what holds a user up, with what ends it, and what the user and administrators did', async () => {
  view = await openConsole({ width: 390, look: 'dark', language: 'de' })
  const { page } = view
  const enrolled = await nod.enroll(nod.unique('held'), { pin: '4711' })
  const { owner, phone, serial } = enrolled
  await nod.service.trigger(owner)
  await phone.decline(await nextPrompt(phone, serial))
  await nod.service.call('POST', '/token/disable', { form: { serial } })
  await view.openSignedIn(pathOf(owner.user))
  await view.sees(`${serial} ist deaktiviert.`)
  await view.sees(new RegExp(`„Nicht ich“ gesagt`))
  await view.expectAccessible()
  await page
    .locator('.notice')
    .filter({ hasText: 'deaktiviert' })
    .getByRole('button', { name: 'Aktivieren' })
    .press('Enter')
  await page.getByRole('dialog').getByRole('button', { name: 'Aktivieren' }).press('Enter')
  await page.getByText(`${serial} ist deaktiviert.`).waitFor({ state: 'detached' })
  await page
    .locator('.notice')
    .filter({ hasText: 'Nicht ich' })
    .getByRole('button', { name: 'Zähler zurücksetzen' })
    .click()
  await page.getByRole('dialog').getByRole('button', { name: 'Zähler zurücksetzen' }).click()
  await view.sees('Nichts: Die Anmeldung funktioniert.')
  await nod.service.call('POST', '/deployment/audit/flush')
  await page.reload()
  await page.getByRole('table', { name: 'Wer was geändert hat' }).getByText('Token deaktiviert').waitFor()
  await page.getByRole('table', { name: 'Anmeldungen' }).getByRole('link').first().waitFor()
  await view.expectAccessible()
})

it('issues a bypass code that is shown once, asks for the reason, and withdraws it', async () => {
  view = await openConsole()
  const { page } = view
  const { owner } = await nod.enroll(nod.unique('bypassed'))
  await view.openSignedIn(pathOf(owner.user))
  await view.sees('No code is valid.')
  await page.getByRole('button', { name: 'Issue a code' }).press('Enter')
  await page.getByRole('dialog').getByRole('button', { name: 'Issue a code' }).press('Enter')
  await page.locator('input[name=reason]:invalid').waitFor()
  await page.getByLabel('Reason').fill('called back, phone at home')
  await page.keyboard.press('Enter')
  await view.sees('Save it now: it is shown only this once.')
  await view.expectAccessible()
  const code = await page.locator('.secret code').innerText()
  await page.getByRole('button', { name: 'I have told them' }).press('Enter')
  await view.sees('called back, phone at home')
  expect(await page.getByText(code).count()).toBe(0)
  await page.getByRole('button', { name: 'Withdraw' }).press('Enter')
  await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).press('Enter')
  await view.sees('No code is valid.')
})

it('is told that a token is deleted which somebody else has deleted meanwhile', async () => {
  view = await openConsole()
  const { page } = view
  const { owner, serial } = await nod.enroll(nod.unique('gone'))
  await view.openSignedIn(pathOf(owner.user))
  await page.getByRole('table', { name: 'Tokens' }).getByRole('button', { name: 'Delete' }).click()
  await nod.service.deleteToken(serial)
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await view.sees('Delete: done.')
  await view.sees('They have no phone, and cannot log in with one.')
})

for (const [width, look] of [
  [1280, 'dark'],
  [390, 'light'],
] as const satisfies readonly (readonly [number, Look])[])
  it(`hands over a user’s data, and erases them once their name is typed (${width} px, ${look})`, async () => {
    view = await openConsole({ width, look })
    const { page } = view
    const { owner, serial } = await nod.enroll(nod.unique('erased'))
    const { user, realm } = owner
    // Only their token is known, and no record of the person.
    await nod.service.call('DELETE', `/user/nod/${user}`, { query: { realm } })
    await view.openSignedIn(pathOf(user))
    await view.sees('Nod knows nothing of this person but their tokens.')
    await page.getByRole('link', { name: serial }).first().waitFor()
    await view.expectAccessible()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download all of it' }).click(),
    ])
    const data = JSON.parse(await readFile(await download.path(), 'utf8')) as Readonly<Record<string, unknown>>
    expect(data).toMatchObject({ user, realm, tokens: [{ serial }] })
    expect(data['audit']).not.toEqual([])
    await page.getByRole('button', { name: 'Erase …' }).press('Enter')
    await page.getByLabel(`Type ${user} to confirm`).fill('somebody')
    await page.keyboard.press('Enter')
    await view.sees('This is another name.')
    await view.expectAccessible()
    await page.getByLabel(`Type ${user} to confirm`).fill(user)
    await page.keyboard.press('Enter')
    await view.sees(`${user} is erased.`)
    await view.expectAccessible()
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).press('Enter')
    await page.getByRole('heading', { name: 'Users', level: 1 }).waitFor()
    await view.open(pathOf(user))
    await view.sees('No user of this name is known, and no token is theirs.')
  })
