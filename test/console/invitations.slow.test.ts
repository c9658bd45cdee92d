import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import type { Driver } from '../driver/driver.ts'
import { nextPrompt } from '../driver/driver.ts'
import { fields } from '../simulation/reply.ts'
import { inBrowser, type Look, openConsole, served, withNod } from './console.ts'

let nod: Driver
withNod('console-invited', (opened) => (nod = opened))
inBrowser()

async function invite(user = nod.unique('user')) {
  const reply = await nod.service.call('POST', '/invitation', { form: { user, realm: nod.realm } })
  const value = fields(reply.value)
  return { user, id: String(value['id']), url: String(value['url']), serial: String(value['serial']) }
}

/** The secret that the app gets, from the link that opens it. */
const uriOn = async (page: Page): Promise<string> =>
  (await page.getByRole('link', { name: /^(?:Open the app|App öffnen)$/ }).getAttribute('href')) ?? ''

describe('an administrator', () => {
  it('invites a user, sees the link once, and withdraws it', async () => {
    const view = await openConsole()
    const { page } = view
    const user = nod.unique('user')
    await view.openSignedIn(`/enroll?user=${user}&realm=${nod.realm}`)
    await page.getByRole('link', { name: 'Send an invitation instead' }).click()
    await page.getByRole('dialog').waitFor()
    expect(await page.getByLabel('Login name').inputValue()).toBe(user)
    await view.expectAccessible()
    await page.getByLabel('Note').fill('starts on Monday')
    await page.getByRole('dialog').getByRole('button', { name: 'Invite', exact: true }).press('Enter')
    await view.sees('The link for this user')
    const link = await page.locator('.secret code').innerText()
    expect(link).toMatch(/\/invited\/#[\w-]{28}$/)
    await page.getByRole('button', { name: 'I have saved it' }).press('Enter')
    await view.sees('starts on Monday')
    expect(await page.getByText(link).count()).toBe(0)
    await view.expectAccessible()
    const row = page.getByRole('row').filter({ hasText: user })
    await row.getByRole('button', { name: 'Withdraw' }).press('Enter')
    await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).press('Enter')
    await view.sees(`The invitation of ${user} is withdrawn.`)
    await row.waitFor({ state: 'detached' })
  })

  it('reads beside the field what is wrong, and keeps what was typed', async () => {
    const view = await openConsole({ width: 390, look: 'dark', language: 'de' })
    const { page } = view
    await view.openSignedIn('/invitations')
    await page.getByRole('button', { name: 'Benutzer einladen' }).click()
    await page.getByLabel('Anmeldename').fill('x'.repeat(400))
    await page.getByLabel('Notiz').fill('bleibt stehen')
    await page.getByRole('dialog').getByRole('button', { name: 'Einladen', exact: true }).click()
    await page.locator('.field-error').waitFor()
    expect(await page.getByLabel('Notiz').inputValue()).toBe('bleibt stehen')
    await view.expectAccessible()
  })

  it('invites the users of a CSV, each line with its own error, goes on after an outage, and gets the links as a file', async () => {
    const view = await openConsole()
    const { page } = view
    const [one, two, three] = [nod.unique('csv'), nod.unique('csv'), nod.unique('csv')]
    await view.openSignedIn('/invitations')
    await page.getByRole('button', { name: 'Invite by CSV' }).click()
    const lines = [
      'email;user;realm',
      `one@example.com;${one};${nod.realm}`,
      `two@example.com;${two};no-such-realm`,
      ';;',
      `;${one};${nod.realm}`,
      `"quoted; mail";${three};${nod.realm}`,
      `;${'y'.repeat(400)};${nod.realm}`,
      `last@example.com;${two};${nod.realm}`,
    ]
    await page
      .getByLabel('File')
      .setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(`\uFEFF${lines.join('\r\n')}`) })
    await view.sees('4 users to invite. 2 lines cannot be used and are left out.')
    await view.sees('There is no such realm.')
    await view.sees('The same user stands in an earlier line.')
    await view.expectAccessible()
    // The database does not answer the second user, also when asked again.
    let isDown = true
    await page.route('**/invitation', async (route) => {
      if (isDown && (route.request().postData() ?? '').includes(three)) await route.fulfill({ status: 503, body: '{}' })
      else await route.continue()
    })
    await page.getByRole('button', { name: 'Invite them' }).press('Enter')
    await view.sees('No answer from Nod')
    await view.sees('1 of 4')
    isDown = false
    await page.getByRole('button', { name: 'Go on' }).press('Enter')
    await view.sees('3 are invited, 1 are refused.')
    await view.expectAccessible()
    await page.getByRole('button', { name: 'Close' }).click()
    await view.sees('Without them these invitations are of no use.')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download the links' }).click(),
    ])
    const rows = (await readFile(await download.path(), 'utf8')).trim().split('\r\n')
    expect(rows).toHaveLength(5)
    expect(rows[0]).toBe('user,realm,note,link,ends,error')
    expect(rows[2]).toContain(`${three},${nod.realm},quoted; mail,${served.url}/invited/#`)
    expect(rows[3]).toMatch(/,,,Invalid parameter/)
    await page.getByRole('button', { name: 'Close' }).click()
    await view.sees(two)
  })
})

it('invites nobody twice when answers are lost on the way, by CSV and one by one', async () => {
  const view = await openConsole()
  const { page } = view
  const [one, two, single] = [nod.unique('lost'), nod.unique('lost'), nod.unique('lost')]
  await view.openSignedIn('/invitations')
  // Nod has invited the second user, and three answers in a row get lost: the page gives up.
  let [lost, isLosing] = [0, true]
  await page.route('**/invitation', async (route) => {
    const body = route.request().method() === 'POST' ? (route.request().postData() ?? '') : ''
    if (!isLosing || !(body.includes(two) || body.includes(single))) return route.continue()
    await route.fetch()
    lost += 1
    return route.abort('connectionreset')
  })
  await page.getByRole('button', { name: 'Invite by CSV' }).click()
  await page.getByLabel('Or the lines themselves').fill(`${one},${nod.realm}\n${two},${nod.realm}`)
  await page.getByRole('button', { name: 'Invite them' }).click()
  await view.sees('Whether the request arrived is not known.')
  await view.sees('1 of 2')
  expect(lost).toBe(3)
  isLosing = false
  await page.getByRole('button', { name: 'Go on' }).click()
  await view.sees('2 are invited.')
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download the links' }).click(),
  ])
  const link = /#([\w-]{28})/.exec((await readFile(await download.path(), 'utf8')).split(two)[1] ?? '')?.[1] ?? ''
  const look = await nod.caller().call('POST', '/invitation/look', { form: { secret: link } })
  expect(look).toMatchObject({ status: 200, value: { user: two } })
  await page.getByRole('button', { name: 'Close' }).click()

  isLosing = true
  await page.getByRole('button', { name: 'Invite a user' }).click()
  await page.getByLabel('Login name').fill(single)
  const create = page.getByRole('dialog').getByRole('button', { name: 'Invite', exact: true })
  await create.click()
  await view.sees('Whether the request arrived is not known.')
  isLosing = false
  await create.click()
  await view.sees('The link for this user')
  const listed = (await nod.service.call('GET', '/invitation')).value as readonly { readonly user: string }[]
  for (const user of [one, two, single])
    expect(
      listed.filter((other) => other.user === user),
      user,
    ).toHaveLength(1)
})

describe('who is invited', () => {
  for (const [width, look, language] of [
    [1280, 'light', 'en'],
    [390, 'dark', 'de'],
  ] as const satisfies readonly (readonly [number, Look, 'en' | 'de'])[])
    it(`enrolls a phone without an account, and confirms by a test push (${width} px, ${language})`, async () => {
      const view = await openConsole({ width, look, language })
      const { page } = view
      const { url, user, serial } = await invite()
      await page.goto(url)
      await view.sees(new RegExp(`(?:Hello|Guten Tag,) ${user}`))
      await view.sees(/^admin (?:invites you|lädt Sie ein)/)
      await view.expectAccessible()
      await page.getByRole('button', { name: /I have the app|Ich habe die App/ }).press('Enter')
      await view.sees(/Waiting for your phone|Warte auf Ihr Telefon/)
      await view.expectAccessible()
      if (language === 'en') {
        await page.getByRole('img', { name: 'QR code for the app' }).waitFor()
        await page.getByRole('button', { name: 'This page is on that phone' }).click()
      }
      const phone = nod.phone()
      await phone.register(phone.scan(await uriOn(page)))
      await view.sees(/Your phone asks you now|Ihr Telefon fragt Sie jetzt/)
      await view.expectAccessible()
      const prompt = await nextPrompt(phone, serial)
      await phone.accept(prompt)
      await view.sees(/Your phone works\. You can close|Ihr Telefon funktioniert\. Sie können/)
      await view.expectAccessible()
      // Opened again it shows the same phone, and no code.
      await page.reload()
      await view.sees(/^(?:Your phone is set up|Ihr Telefon ist eingerichtet)$/)
    })

  it('gets another code once the first has ended, which only the clock tells', async () => {
    const view = await openConsole({ width: 390 })
    const { page } = view
    const { url } = await invite()
    await page.clock.install()
    await page.goto(url)
    await page.getByRole('button', { name: 'I have the app: go on' }).click()
    const first = await uriOn(page)
    await page.clock.fastForward('30:00')
    await view.sees('This code has ended')
    await view.expectAccessible()
    await page.getByRole('button', { name: 'Show a new code' }).click()
    await page.getByRole('link', { name: 'Open the app' }).waitFor()
    expect(await uriOn(page)).not.toBe(first)
  })

  it('reads in plain words that a link is not complete or does not count', async () => {
    const view = await openConsole({ language: 'en' })
    const { page } = view
    await page.goto(`${served.url}/invited/`)
    await view.sees('The address is incomplete')
    await view.expectAccessible()
    await page.goto(`${served.url}/invited/#guessedguessedguessedguessed`)
    await view.sees('This invitation is not valid')
    await view.expectAccessible()
  })

  it('reads that it was withdrawn while the page was open, and that it has ended after its time', async () => {
    const view = await openConsole({ width: 390, look: 'dark' })
    const { page } = view
    const withdrawn = await invite()
    await page.goto(withdrawn.url)
    await view.sees(`Hello ${withdrawn.user}`)
    await nod.service.call('DELETE', `/invitation/${withdrawn.id}`)
    await page.getByRole('button', { name: 'I have the app: go on' }).click()
    await view.sees('This invitation was withdrawn')
    await view.expectAccessible()
    const ended = await invite()
    await page.goto(ended.url)
    await view.sees(`Hello ${ended.user}`)
    // Nod says the same of both; the page knows the time.
    await nod.service.call('DELETE', `/invitation/${ended.id}`)
    await page.clock.setFixedTime(Date.now() + 2 * 86_400_000)
    await page.getByRole('button', { name: 'I have the app: go on' }).click()
    await view.sees('This invitation has ended')
  })
})
