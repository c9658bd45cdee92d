/** What administrators do every day: tokens, keys, accounts, settings, the audit, the doctor. */
import { beforeAll, expect, it } from 'vitest'
import { type Driver, type EnrolledUser, nextPrompt } from '../driver/driver.ts'
import { google } from '../stories/scene.ts'
import { type Console, inBrowser, openConsole, withNod } from './console.ts'

let nod: Driver
let ada: EnrolledUser
let view: Console
const name = 'console-admin'

withNod(name, (opened) => (nod = opened))
inBrowser((opened) => (view = opened))
beforeAll(async () => {
  ada = await nod.enroll(`${name}-ada`, { pushed: true, pin: '4711' })
  await nod.service.trigger(ada.owner)
  await ada.phone.accept(await google.deliveredPrompt(ada.phone))
})

const button = (label: string) => view.page.getByRole('button', { name: label, exact: true })
const inDialog = (label: string) => view.page.getByRole('dialog').getByRole('button', { name: label, exact: true })

it('the overview counts logins by outcome, and each figure leads to the list behind it', async () => {
  const { page } = view
  await nod.service.call('POST', '/deployment/audit/flush')
  await nod.service.check({ ...ada.owner, pass: 'wrong' })
  await nod.service.call('POST', '/deployment/audit/flush')
  await view.openSignedIn('/')
  await page.locator('.figure').first().waitFor()
  await page.locator('.legend').waitFor()
  await view.expectAccessibleEverywhere()
  await page.getByText('As a table').click()
  await view.expectAccessibleEverywhere()
  for (const figure of await page.locator('a.figure').all())
    expect(await figure.getAttribute('href')).toMatch(/^\/console\/logins\?from=/)
  await page.locator('select[name=span]').selectOption('7d')
  await page.waitForURL(/span=7d/)
  await page.reload()
  await page.locator('.figure').first().waitFor()
  expect(await page.locator('select[name=span]').inputValue()).toBe('7d')
})

it('tokens are found as one types, and several are disabled at once, which can be undone', async () => {
  const { page } = view
  const users = [`${name}-eve1`, `${name}-eve2`]
  const serials = await Promise.all(users.map(async (user) => (await nod.enroll(user)).serial))
  await view.openSignedIn('/tokens')
  await page.getByLabel('Search').fill(`${name}-eve`)
  await view.sees(/2 found/)
  expect(page.url()).toContain(`q=${name}-eve`)
  await view.expectAccessibleEverywhere()
  for (const serial of serials) await page.getByLabel(`Choose ${serial}`).check()
  await button('Disable').click()
  await view.sees('Nobody logs in with them until they are enabled again.')
  await view.expectAccessibleEverywhere()
  await inDialog('Disable').click()
  await view.sees('Disable: 2 tokens.')
  await page.locator('.badge', { hasText: 'Disabled' }).nth(1).waitFor()
  await button('Undo').click()
  await page.locator('.badge', { hasText: 'Ready' }).nth(1).waitFor()

  await view.sees('may be up to a week old here')
  await page.getByLabel('Search').fill('nobody-has-this-name')
  await view.sees('No token is found.')
  await view.expectAccessibleEverywhere()
})

it('a token’s page says what its state means, sets its PIN, and refuses what cannot be', async () => {
  const { page } = view
  await view.openSignedIn(`/tokens/${ada.serial}`)
  await view.sees('Its user can log in with it.')
  for (const title of ['This token', 'Its phone', 'Counted', 'Its logins', 'What was done to it'])
    await page.getByRole('heading', { name: title }).waitFor()
  await view.sees('Last heard of')
  await page.locator('.table').first().waitFor()
  await page.getByRole('link', { name: 'All of its logins' }).waitFor()
  await view.expectAccessibleEverywhere()
  await button('Set the PIN').click()
  await page.getByLabel('New PIN').fill('815815')
  await view.expectAccessibleEverywhere()
  await inDialog('Set the PIN').click()
  await view.sees('The PIN is set.')
  expect(await nod.service.check({ ...ada.owner, pass: '4711' })).toMatchObject({ authentication: 'REJECT' })
  await button('Pause rings for an hour').click()
  await inDialog('Pause rings for an hour').click()
  await view.sees('Rings are paused until')
  await button('Resume rings').click()
  await inDialog('Resume rings').click()
  await button('Pause rings for an hour').waitFor()

  // Somebody else deletes it while this page is open.
  const { serial } = await nod.enroll(`${name}-gone`)
  await view.open(`/tokens/${serial}`)
  await view.sees('Its user can log in with it.')
  await nod.service.deleteToken(serial)
  await button('Disable').click()
  await inDialog('Disable').click()
  await page.getByRole('dialog').getByRole('alert').waitFor()
  await view.expectAccessibleEverywhere()
  await inDialog('Cancel').click()
  // At the address of a page, also with a dot in it, which file names have.
  await view.open(`/users/${name}/a.dot`)
  await page.locator('.shell').waitFor()
  await view.open(`/tokens/${serial}`)
  await view.sees(`There is no token ${serial}.`)
  await view.expectAccessibleEverywhere()
})

it('a service key has the settings of each service beside it; a name that is taken is refused beside its field', async () => {
  const { page } = view
  await view.openSignedIn('/keys')
  for (const isTaken of [false, true]) {
    await button('New key').click()
    await page.getByLabel('Name of the service').fill(`${name}-vpn`)
    await view.expectAccessibleEverywhere()
    await inDialog('Create').click()
    if (isTaken) break
    await page.getByRole('heading', { name: `The key of ${name}-vpn` }).waitFor()
    for (const tab of await page.getByRole('tab').all()) {
      await tab.click()
      await view.expectAccessible()
    }
    await view.expectAccessibleEverywhere()
    await button('I have saved it').click()
  }
  await page
    .locator('.field', { has: page.getByLabel('Name of the service') })
    .getByRole('alert')
    .waitFor()
  expect(await page.getByLabel('Name of the service').inputValue()).toBe(`${name}-vpn`)
  await view.expectAccessibleEverywhere()
  await inDialog('Cancel').click()
  const row = page.getByRole('row', { name: `${name}-vpn` })
  await row.getByRole('button', { name: 'Rotate' }).click()
  await inDialog('Rotate').click()
  await button('I have saved it').click()
  await view.sees('an earlier secret is still valid')
  await row.getByRole('button', { name: 'Revoke' }).click()
  await inDialog('Revoke').click()
  await view.sees(`The key of ${name}-vpn is revoked.`)
})

it('an administrator is added, disabled and deleted; a common password is refused beside its field', async () => {
  const { page } = view
  const login = `${name}-helper`
  await view.openSignedIn('/administrators')
  await button('New administrator').click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Login name').fill(login)
  await dialog.getByLabel('Password').fill('short')
  await inDialog('Create').click()
  await dialog
    .locator('.field', { has: page.getByLabel('Password') })
    .getByRole('alert')
    .waitFor()
  await view.expectAccessibleEverywhere()
  await dialog.getByLabel('Password').fill('a password of many words')
  await inDialog('Create').click()
  await view.sees(`${login} can sign in.`)
  const row = page.getByRole('row', { name: login })
  await view.expectAccessibleEverywhere()

  // The helpdesk sees what it may do, and is refused the rest in words.
  const helper = await openConsole()
  await helper.open('/')
  await helper.signIn({ login, password: 'a password of many words' })
  await helper.page.getByRole('link', { name: 'Tokens', exact: true }).waitFor()
  expect(await helper.page.getByRole('link', { name: 'Service keys' }).count()).toBe(0)
  await helper.open('/keys')
  await helper.page.getByRole('alert').waitFor()
  await helper.expectAccessibleEverywhere()
  await helper.close()

  await row.getByRole('button', { name: 'Disable' }).click()
  await view.sees('Signing in is refused, and sessions end at once.')
  await inDialog('Disable').click()
  await row.getByText('Disabled').waitFor()
  await row.getByRole('button', { name: 'Delete' }).click()
  await inDialog('Delete').click()
  await row.waitFor({ state: 'detached' })
  await button('Enroll my phone').click()
  await page.locator('img.qr').waitFor()
  await view.expectAccessibleEverywhere()
  await inDialog('Close').click()
  const { value } = await nod.service.call('GET', '/token/', { query: { pagesize: '500' } })
  const { tokens } = value as { readonly tokens: readonly Readonly<Record<string, string>>[] }
  for (const { serial = '' } of tokens.filter(({ username }) => username === 'admin'))
    await nod.service.deleteToken(serial)
})

it('settings are saved, and a wrong value is refused beside its field; realms are made and deleted', async () => {
  const { page } = view
  await view.openSignedIn('/settings')
  const seconds = page.getByLabel('Seconds to answer')
  await seconds.fill('9999')
  await button('Save').click()
  await page.locator('.field', { has: seconds }).getByRole('alert').waitFor()
  expect(await seconds.inputValue()).toBe('9999')
  await view.expectAccessibleEverywhere()
  await seconds.fill('121')
  await button('Save').click()
  await view.sees('Saved.')
  await seconds.fill('')
  await button('Save').click()
  expect(await nod.service.call('GET', '/system/')).toMatchObject({ status: 200 })

  await button('New realm').click()
  await page.getByRole('dialog').getByLabel('Name').fill(`${name}-new`)
  await inDialog('Create').click()
  const row = page.getByRole('row', { name: `${name}-new` })
  await row.waitFor()
  await view.expectAccessibleEverywhere()
  await page
    .getByRole('row', { name: `${name}-fcm` })
    .getByRole('button', { name: 'Delete' })
    .click()
  await inDialog('Delete').click()
  await page.getByRole('dialog').getByRole('alert').waitFor()
  await inDialog('Cancel').click()
  await row.getByRole('button', { name: 'Delete' }).click()
  await inDialog('Delete').click()
  await row.waitFor({ state: 'detached' })
})

it('the audit is filtered by its address, downloaded, and proven', async () => {
  const { page } = view
  await view.openSignedIn('/audit')
  await page.locator('.table').waitFor()
  await view.expectAccessibleEverywhere()
  await page.getByLabel('User', { exact: true }).fill(ada.owner['user'] ?? '')
  await page.waitForURL(/user=console-admin-ada/)
  await page.getByRole('link', { name: ada.serial }).first().waitFor()
  const [file] = await Promise.all([page.waitForEvent('download'), button('Download as CSV').click()])
  expect(file.suggestedFilename()).toBe('audit.csv')
  await button('Proof of integrity').click()
  await page.getByRole('dialog').waitFor()
  await view.expectAccessibleEverywhere()
  await inDialog('Close').click()
  await page.getByLabel('User', { exact: true }).fill('nobody-has-this-name')
  await view.sees('No record is found.')
})

it('the doctor says what comes next, and a test push shows each leg; a serial that nobody has is refused', async () => {
  const { page } = view
  await view.openSignedIn('/doctor')
  await page.locator('.check-item').first().waitFor()
  await view.expectAccessibleEverywhere()
  await page.getByLabel('Serial of a token').fill('PIPU00000000')
  await button('Ring').click()
  await page.getByRole('alert').last().waitFor()
  expect(await page.getByLabel('Serial of a token').inputValue()).toBe('PIPU00000000')
  const bob = await nod.enroll(`${name}-bob`)
  await page.getByLabel('Serial of a token').fill(bob.serial)
  await button('Ring').click()
  await page.locator('.timeline').waitFor()
  await bob.phone.accept(await nextPrompt(bob.phone))
  await page
    .locator('.timeline')
    .getByText(/accepted/i)
    .first()
    .waitFor()
  await view.expectAccessibleEverywhere()
})
