/** The program in Python in `examples/`, as its user starts it, and the user's phone. Needs Python 3.9 or later. */
import { spawn } from 'node:child_process'
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest'
import { Driver, type EnrolledUser, nextPrompt } from '../driver/driver.ts'
import { waitUntil } from '../driver/waiting.ts'

const { url, admin } = inject('served')
const nod = new Driver({ url }, { polled: 'python' })
let key = ''

beforeAll(async () => {
  await nod.signIn(admin)
  await nod.addRealm(nod.realm, 'poll only')
  key = await nod.serviceKey('python')
})
afterEach(() => nod.deletePolicies())
afterAll(async () => {
  await nod.revokeServiceKey('python')
  await nod.close()
})

/** Starts it, and enters the PIN. */
function logIn(user: string, pin: string, { at = url } = {}) {
  const args = ['examples/login.py', '--nod', at, '--realm', nod.realm, user]
  const child = spawn('python3', args, { env: { ...process.env, NOD_KEY: key, PYTHONUNBUFFERED: '1' } })
  const screen = { text: '' }
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (screen.text += String(text)))
  child.stdin.write(`${pin}\n`)
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', () => reject(new Error('This needs Python 3: apt-get install python3')))
    child.on('close', resolve)
  })
  return { screen, ended, type: (text: string) => child.stdin.write(`${text}\n`) }
}

const prompt = ({ phone, serial }: EnrolledUser) => nextPrompt(phone, serial)

it('lets a user in who confirms, and nobody else', async () => {
  const ada = await nod.enroll('ada', { pin: '1234' })
  const login = logIn('ada', '1234')
  await ada.phone.accept(await prompt(ada))
  expect([await login.ended, login.screen.text]).toEqual([0, expect.stringMatching(/Please confirm[^]*welcome\n$/)])

  const declining = logIn('ada', '1234')
  await ada.phone.decline(await prompt(ada))
  expect(await declining.ended).toBe(1)
  const wrong = logIn('ada', '4321')
  expect([await wrong.ended, wrong.screen.text]).toEqual([1, 'denied\n'])
  const unknown = logIn('nobody', '1234')
  expect([await unknown.ended, unknown.screen.text]).toEqual([2, expect.stringContaining('could not be asked: 400')])
  const away = logIn('ada', '1234', { at: 'http://127.0.0.1:1' })
  expect([await away.ended, away.screen.text]).toEqual([2, expect.stringContaining('Connection refused')])
})

it('shows the option to tap, asks for the code of the phone, and lets the request wait', async () => {
  const bea = await nod.enroll('bea', { pin: '1234' })
  await nod.authenticationPolicy({ push_require_presence: true })
  const tapping = logIn('bea', '1234')
  await waitUntil(() => tapping.screen.text.includes('Please press'))
  const [, presence = ''] = /Please press: (\w)/.exec(tapping.screen.text) ?? []
  await bea.phone.accept(await prompt(bea), { presence })
  expect(await tapping.ended).toBe(0)
  await nod.deletePolicies()

  await nod.authenticationPolicy({ push_code_to_phone: true })
  const typing = logIn('bea', '1234')
  const { displayCode = '' } = await bea.phone.accept(await prompt(bea))
  typing.type(displayCode)
  expect(await typing.ended).toBe(0)
  await nod.deletePolicies()

  await nod.authenticationPolicy({ push_wait: '20' })
  const waiting = logIn('bea', '1234')
  await bea.phone.accept(await prompt(bea))
  expect([await waiting.ended, waiting.screen.text]).toEqual([0, 'welcome\n'])
})
