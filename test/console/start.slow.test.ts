/** The first minute: from a Nod that nobody has used to the first login of a service. */
import { execFileSync, spawn } from 'node:child_process'
import jsQR from 'jsqr'
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest'
import { root } from '../../scripts/lib/tools.mjs'
import { nextPrompt } from '../driver/driver.ts'
import { waitUntil } from '../driver/waiting.ts'
import { OwnNod } from '../served/own-nod.ts'
import { fields } from '../simulation/reply.ts'
import { type Console, inBrowser, openConsole } from './console.ts'

let own: OwnNod
let view: Console

inBrowser()
beforeEach(async () => {
  own = await OwnNod.start()
  view = await openConsole({ url: own.url })
})
afterEach(async () => {
  await view.leave()
  await own.remove()
})

const ADMIN = { login: 'admin', password: 'adminpw-of-tests' }
const step = (title: string) =>
  view.page.locator('.first-steps > li', { has: view.page.getByRole('heading', { name: title }) })
const isDone = (title: string) => step(title).and(view.page.locator('[data-done=true]')).waitFor()
const isNext = (title: string) => step(title).and(view.page.locator('[aria-current=step]')).waitFor()

async function openFirstSteps(): Promise<void> {
  await view.open('/')
  await view.signIn(ADMIN)
  await view.page.waitForURL(/\/console\/start$/)
  await isNext('Enroll your own phone')
}

it('a fresh Nod opens on steps that tick themselves off, from the phone to the first login of a service', async () => {
  const { page } = view
  await openFirstSteps()
  await isDone('Sign in')
  await view.expectAccessibleEverywhere()

  await page.getByRole('button', { name: 'Enroll my phone' }).press('Enter')
  await page.locator('img.qr').waitFor()
  await view.expectAccessibleEverywhere()
  const phone = own.driver.phone()
  const { serial } = await phone.register(phone.scan(await view.scan()))
  await view.sees('Your phone is enrolled')
  await view.expectAccessibleEverywhere()
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).press('Enter')
  await isDone('Enroll your own phone')
  await isNext('Ring it once')

  await page.getByRole('button', { name: 'Ring my phone' }).press('Enter')
  await page.getByRole('button', { name: 'Ring', exact: true }).press('Enter')
  await page.locator('.timeline').waitFor()
  await phone.accept(await nextPrompt(phone, serial))
  await view.sees('The phone has answered: it works.')
  await isDone('Ring it once')
  await isNext('Make the first service key')
  await view.expectAccessibleEverywhere()

  await page.getByRole('link', { name: 'Make a key' }).press('Enter')
  await page.getByLabel('Name of the service').fill('keycloak')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'The key of keycloak' }).waitFor()
  const key = await page.locator('.secret code').innerText()
  const settings = new Map<string, string>()
  for (const tab of await page.getByRole('tab').all()) {
    await tab.click()
    settings.set(await tab.innerText(), await page.getByRole('tabpanel').locator('pre').innerText())
  }
  expect([...settings.keys()]).toEqual(expect.arrayContaining(['curl', 'Keycloak', 'FreeRADIUS', 'PAM', 'PHP', 'Java']))
  await page.getByRole('button', { name: 'I have saved it' }).press('Enter')
  await page.getByRole('link', { name: 'First steps' }).click()
  await isDone('Make the first service key')
  await isNext('See its first login')

  // The address that each plugin is given takes its key, and the command of curl opens a login as it stands.
  const base = `${own.url}/s/${key}`
  for (const [name, address] of [
    ['Keycloak', `${base}\n`],
    ['FreeRADIUS', `${base}/validate/check\n`],
    ['PAM', `url=${base} `],
    ['PHP', `'${base}'`],
  ] as const)
    expect(settings.get(name)).toContain(address)
  const ada = await own.driver.enroll('ada')
  const answered = await fetch(`${base}/validate/check`, {
    method: 'POST',
    body: new URLSearchParams({ ...ada.owner, pass: '' }),
  })
  expect(answered.status).toBe(200)
  const command = settings.get('curl')?.replace('realm=sales', `realm=${own.driver.realm}`) ?? ''
  const reply: unknown = JSON.parse(execFileSync('bash', ['-c', command], { encoding: 'utf8' }))
  expect(fields(fields(reply)['detail'])['transaction_id']).toMatch(/^\d+$/)

  await isDone('See its first login')
  await view.sees('Everything is set up.')
  await view.expectAccessibleEverywhere()
  await page.getByRole('link', { name: 'Logins', exact: true }).click()
  await page.getByRole('link', { name: 'ada' }).first().waitFor()
  // It is in use now: the overview stays.
  await page.getByRole('link', { name: 'Overview' }).click()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
})

it('a step that is refused says why and stays open; D1 away is said and passes; the helpdesk has no first steps', async () => {
  const { page } = view
  await openFirstSteps()
  // Nod cannot show a QR code at the moment.
  const away = { result: { status: false, error: { code: -500, message: 'ERR-500: try again' } }, detail: null }
  await page.route('**/auth/phone', (route) => route.fulfill({ status: 503, json: away }))
  await page.getByRole('button', { name: 'Enroll my phone' }).click()
  await page.getByRole('dialog').getByText('No answer from Nod').waitFor()
  await view.expectAccessibleEverywhere()
  await page.unrouteAll()
  await page.getByRole('dialog').getByRole('button', { name: 'Try again' }).click()
  await page.locator('img.qr').waitFor()
  await page.keyboard.press('Escape')
  // Nothing has registered: the step is not done.
  await isNext('Enroll your own phone')

  await page.route('**/apikey', (route) => route.fulfill({ status: 503, json: away }))
  await view.sees('No answer from Nod')
  await page.unrouteAll()
  await page.getByText('No answer from Nod').waitFor({ state: 'detached' })

  await page.getByRole('link', { name: 'Make a key' }).click()
  await page.getByLabel('Name of the service').fill('a/b')
  await page.keyboard.press('Enter')
  await page
    .locator('.field', { has: page.getByLabel('Name of the service') })
    .getByRole('alert')
    .waitFor()
  expect(await page.getByLabel('Name of the service').inputValue()).toBe('a/b')
  await view.expectAccessibleEverywhere()

  const password = 'helpdesk-pw-of-tests-1'
  await own.driver.service.call('POST', '/administrator', { form: { login: 'clerk', password, role: 'helpdesk' } })
  const clerk = await openConsole({ url: own.url })
  await clerk.open('/')
  await clerk.signIn({ login: 'clerk', password })
  await clerk.page.getByRole('heading', { name: 'Overview' }).waitFor()
  expect(await clerk.page.getByRole('link', { name: 'First steps' }).count()).toBe(0)
})

const terminals: { readonly kill: () => void }[] = []
afterAll(() => terminals.forEach((one) => one.kill()))

it('npm start prints its address, and on a terminal the QR code of a console that a phone can reach', async () => {
  const publicUrl = 'http://192.0.2.7:8787'
  const settings = {
    PORT: '0',
    HOST: '0.0.0.0',
    PUBLIC_URL: publicUrl,
    NOD_STATE: own.path('printed'),
    ADDRESS_HEADER: 'X-Real-IP',
  }
  const terminal = spawn('script', ['-qec', `exec '${process.execPath}' scripts/start.mjs`, '/dev/null'], {
    cwd: root,
    env: { ...process.env, ...settings },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  terminals.push(terminal)
  let printed = ''
  terminal.stdout.on('data', (text: Buffer) => (printed += String(text)))
  expect(await waitUntil(() => printed.includes('the console on your phone'), 60_000)).toBe(true)
  expect(printed).toMatch(/Nod serves at http:\/\/\S+\s+console\s+http:\/\/192\.0\.2\.7:8787\/console\//)
  expect(decoded(printed)).toBe(`${publicUrl}/console/`)
})

/** What the QR code says that is drawn with half blocks, light on dark. */
function decoded(printed: string): string | undefined {
  const lines = printed.split(/\r?\n/).filter((line) => /^[█▀▄ ]{20,}$/.test(line))
  const upper = { '█': true, '▀': true, '▄': false, ' ': false }
  const lower = { '█': true, '▀': false, '▄': true, ' ': false }
  const rows = lines.flatMap((line) =>
    [upper, lower].map((half) => Array.from(line, (one) => half[one as keyof typeof half])),
  )
  const scale = 4
  const width = (rows[0]?.length ?? 0) * scale
  const height = rows.length * scale
  const data = new Uint8ClampedArray(width * height * 4)
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const isLight = rows[Math.floor(y / scale)]?.[Math.floor(x / scale)] ?? false
      data.set([isLight ? 255 : 0, isLight ? 255 : 0, isLight ? 255 : 0, 255], (y * width + x) * 4)
    }
  return jsQR(data, width, height)?.data
}
