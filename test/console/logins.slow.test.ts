/** The tail of logins and the page of one login, with real logins. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Driver, type EnrolledUser, nextPrompt } from '../driver/driver.ts'
import { only } from '../driver/waiting.ts'
import type { Service } from '../simulation/service.ts'
import { google } from '../stories/scene.ts'
import { type Console, inBrowser, openConsole, served, withNod } from './console.ts'

let nod: Driver
let vpn: Service
let ada: EnrolledUser
let bob: EnrolledUser
let view: Console

withNod('console-logins', (opened) => (nod = opened))
inBrowser((opened) => (view = opened))
beforeAll(async () => {
  vpn = nod.caller({ authorization: await nod.serviceKey('vpn') })
  ada = await nod.enroll('ada', { pushed: true })
  bob = await nod.enroll('bob', { pin: '4711' })
})
afterAll(() => nod.revokeServiceKey('vpn'))

const row = (name: string) => view.page.getByRole('row').filter({ has: view.page.getByRole('link', { name }) })
const flush = () => nod.service.call('POST', '/deployment/audit/flush')
const isLive = () => view.page.getByText('Live', { exact: true }).waitFor()

/** Opens the list as the administrator, with the logins of these tests. */
const openList = (filter = '') => view.openSignedIn(`/logins?service=console-logins-vpn${filter}`)

describe('a login while it happens', () => {
  it('appears in the list, and grows on its page: handed to FCM, accepted, finalized', async () => {
    const { page } = view
    await openList()
    await isLive()
    const { transactionId } = await vpn.trigger(ada.owner)
    await row('ada').getByText('Google has taken the message').waitFor()
    await view.expectAccessible()
    await row('ada').getByRole('link', { name: 'ada' }).press('Enter')
    await view.sees('Waits for the user')
    await ada.phone.accept(await google.deliveredPrompt(ada.phone))
    await page.getByText('Accepted on the phone', { exact: true }).last().waitFor()
    await view.sees('Waits for the service')
    expect(await vpn.finalize(transactionId, ada.owner)).toBe('ACCEPT')
    await view.sees('Finalized: the user is let in')
    await view.sees('The user was let in.')
    await view.sees('The user looks and answers')
    await view.sees('accept or decline')
    expect(await page.getByRole('link', { name: ada.serial }).count()).toBeGreaterThan(0)
    await view.expectAccessible()
    await page.getByRole('link', { name: '← Logins' }).press('Enter')
    await row('ada').getByText('accepted', { exact: true }).waitFor()
  })

  it('that is declined says why and what to do, with the way there', async () => {
    const { page } = view
    await vpn.trigger(bob.owner)
    await openList(`&user=bob@${nod.realm}`)
    await row('bob').getByRole('link', { name: 'bob' }).click()
    await view.sees('Waits until the phone has it')
    await bob.phone.decline(only(await bob.phone.poll()), { reason: 'unknown_trigger' })
    await view.sees('The user says that somebody else tried to log in.')
    await view.sees('Declined on the phone: “not me”')
    await view.sees('Treat the PIN as known to somebody else')
    await view.expectAccessible()
    await page.getByRole('link', { name: `Token ${bob.serial}` }).press('Enter')
    await page.getByRole('heading', { name: bob.serial }).waitFor()
  })

  it('that nobody answers ends on its page, with the reason', async () => {
    await nod.service.call('POST', '/system/setConfig', { form: { PushChallengeValidityTime: '2' } })
    const { transactionId } = await vpn.trigger(ada.owner)
    await nod.service.call('DELETE', '/system/PushChallengeValidityTime')
    await view.openSignedIn(`/logins/${transactionId}`)
    await view.sees('The phone had the login, but nobody answered in time.')
    await view.sees('Let the user log in again.')
  })

  it('is withdrawn by keyboard from what phones are asked now', async () => {
    const { page } = view
    const { transactionId } = await vpn.trigger(ada.owner)
    await openList('&outcome=open')
    const asked = row('ada').filter({ hasText: 'waits' }).first()
    await asked.getByText('Do you want to confirm the login?').waitFor()
    await view.expectAccessible()
    await page.locator(`tr:has(a[href$="${transactionId}"])`).getByRole('button', { name: 'Withdraw' }).press('Enter')
    await view.sees('This cannot be undone.')
    await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).press('Enter')
    await view.sees('The login is withdrawn.')
    await page.locator(`tr:has(a[href$="${transactionId}"])`).waitFor({ state: 'detached' })
    await view.open(`/logins/${transactionId}`)
    await view.sees('An administrator withdrew the login.')
  })

  it('can be a test that lets nobody in', async () => {
    const { page } = view
    await view.openSignedIn('/logins')
    await page.getByRole('button', { name: 'Test login' }).press('Enter')
    const field = page.getByLabel('User or serial of a token')
    await field.fill(ada.serial)
    await field.press('Enter')
    await page.getByRole('button', { name: 'Ring it once' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Google has taken the message').last().waitFor()
    await ada.phone.accept(await nextPrompt(ada.phone))
    await dialog.getByText('Accepted on the phone. It works.').waitFor()
    await view.expectAccessible()
  })
})

describe('the list of logins', () => {
  it('has refused requests with what to do, and as a file', async () => {
    const { page } = view
    await vpn.call('POST', '/validate/check', { form: { ...bob.owner, pass: 'wrong' } })
    await flush()
    await view.openSignedIn(`/logins?outcome=refused&user=bob&realm=${nod.realm}`)
    await view.sees('The PIN was wrong.')
    await page.getByText('What to do').first().press('Enter')
    await view.sees('Set another PIN if the user has forgotten it.')
    await view.expectAccessible()
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download as CSV' }).click(),
    ])
    expect(file.suggestedFilename()).toBe('logins.csv')
    await page.getByRole('button', { name: 'Show all' }).click()
    expect(new URL(page.url()).search).toBe('')
  })

  it('refuses a time that ends before it begins, and keeps what was chosen', async () => {
    const { page } = view
    await view.openSignedIn('/logins?from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z')
    await view.sees('Nod refuses')
    expect(await page.getByLabel('From').inputValue()).toContain('2026-11-0')
    await view.expectAccessible()
  })

  it('is held and goes on', async () => {
    const { page } = view
    await openList('&outcome=cancelled')
    await isLive()
    await page.getByRole('button', { name: 'Pause' }).click()
    await view.sees('Paused')
    await vpn.trigger(bob.owner)
    await bob.phone.decline(only(await bob.phone.poll()), { reason: 'cancelled' })
    const goOn = page.getByRole('button', { name: /^Go on \(\d+ new\)$/ })
    await goOn.waitFor()
    expect(await row('bob').count()).toBe(0)
    await goOn.click()
    await row('bob').first().waitFor()
  })

  it('comes back after the network was away, without doubles', async () => {
    const { page } = view
    await openList()
    await isLive()
    await row('ada').first().waitFor()
    const rows = () => page.locator('tbody th a').evaluateAll((links) => links.map((link) => String(link)))
    await page.context().setOffline(true)
    await view.sees('The connection is interrupted.')
    await view.expectAccessible()
    const { transactionId } = await vpn.trigger(bob.owner)
    await page.context().setOffline(false)
    await isLive()
    await page.locator(`tbody a[href$="${transactionId}"]`).waitFor()
    const shown = await rows()
    expect(new Set(shown).size).toBe(shown.length)
    await bob.phone.decline(only(await bob.phone.poll()), { reason: 'cancelled' })
    view.faults.splice(0) // The browser reports requests without a network.
  })

  it('asks to sign in when the session has ended in the middle, and goes on', async () => {
    const { page } = view
    const { transactionId } = await vpn.trigger(ada.owner)
    await view.openSignedIn(`/logins/${transactionId}`)
    await view.sees('Waits for the user')
    await page.evaluate(
      `fetch('/auth/logout', { method: 'POST', headers: { Authorization: JSON.parse(sessionStorage.getItem('nod.session')).token } })`,
    )
    await nod.service.call('DELETE', `/token/challenges/transaction/${transactionId}`)
    await view.sees('Your session has ended')
    await page.getByLabel('Password').fill(served.admin.password)
    await page.keyboard.press('Enter')
    await view.sees('An administrator withdrew the login.')
    expect(await page.getByRole('list', { name: 'Steps of the login' }).getByText('Opened and stored').count()).toBe(1)
  })
})

it('the list says how far back it has looked where it has stopped, and goes on behind', async () => {
  const { page } = view
  let asked = 0
  await page.route('**/report/logins?*', async (route) => {
    const url = new URL(route.request().url())
    const reply = await route.fetch()
    if (url.searchParams.get('service') !== 'rare') return route.fulfill({ response: reply })
    asked += 1
    const body = (await reply.json()) as { readonly result: object }
    const value =
      asked === 1
        ? { logins: [], next: 'WzEsIngiLDFd', stopped_at: Date.UTC(2026, 10, 1, 8) }
        : { logins: [], next: null, stopped_at: null }
    return route.fulfill({ response: reply, json: { ...body, result: { ...body.result, value } } })
  })
  await view.openSignedIn('/logins?service=rare')
  await view.sees(/Looked at back to 1 Nov 2026/)
  await view.expectAccessibleEverywhere()
  await page.getByRole('button', { name: 'Look further back' }).click()
  await page.getByText(/Looked at back to/).waitFor({ state: 'detached' })
})

describe('a login that cannot be shown', () => {
  it('never was', async () => {
    await view.openSignedIn('/logins/01234567890123456789')
    await view.sees('There is no such login')
    await view.expectAccessible()
  })

  it('is of a realm that the helpdesk does not see', async () => {
    const { transactionId } = await vpn.trigger(bob.owner)
    const password = 'helpdesk-pw-of-tests-1'
    await nod.service.call('POST', '/administrator', { form: { login: 'clerk', password, role: 'helpdesk' } })
    const grants = { timeline: true, logins_read: true } as const
    await nod.policy('admin', { '*': true }, { adminuser: ['admin'] })
    await nod.policy('admin', grants, { adminuser: ['clerk'], realm: [nod.pushedRealm] })
    await view.open(`/logins/${transactionId}`)
    await view.signIn({ login: 'clerk', password })
    await view.sees('You may not see this login')
    await view.expectAccessible()
    await view.open('/logins')
    await isLive()
    await row('ada').first().waitFor()
    expect(await row('bob').count()).toBe(0)
    await nod.deletePolicies()
    await nod.service.call('DELETE', '/administrator/clerk')
  })
})

describe.each([
  [1280, 'dark', 'en'],
  [390, 'light', 'de'],
  [390, 'dark', 'de'],
] as const)('at %i px, %s, in %s', (width, look, language) => {
  it('list, open logins and one login are accessible', async () => {
    const other = await openConsole({ width, look, language })
    const { transactionId } = await vpn.trigger(ada.owner)
    await other.openSignedIn(`/logins?realm=${nod.pushedRealm}`)
    await other.page.getByRole('link', { name: 'ada' }).first().waitFor()
    await other.expectAccessible()
    await other.open('/logins?outcome=open')
    await other.page.getByRole('link', { name: 'ada' }).first().waitFor()
    await other.expectAccessible()
    await other.open(`/logins/${transactionId}`)
    await other.sees(/Opened and stored|Geöffnet und gespeichert/)
    await other.expectAccessible()
    await nod.service.call('DELETE', `/token/challenges/transaction/${transactionId}`)
    await other.sees(/An administrator withdrew|Jemand aus der Verwaltung/)
    await other.close()
  })
})
