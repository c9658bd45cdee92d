/** Runs one login with a poll-only phone, from enrollment to the end, and removes what it made. */
import { randomBytes } from 'node:crypto'
import { Phone, type Prompt, generateKeys } from '../../test/simulation/phone.ts'
import { Service } from '../../test/simulation/service.ts'
import type { Administrator } from '../lib/administrator.ts'
import { Transcript, UnexpectedReply, expectReply } from './transcript.ts'

/** Runs the login and returns how many milliseconds it took. Throws at the first step that fails, after removing what it
 *  made. */
export async function demonstrateLogin(url: string, { login, password }: Administrator): Promise<number> {
  const administrator = new Service({ baseUrl: url, userAgent: 'nod-demo/1' })
  const phone = new Phone({ keys: await generateKeys() })
  const user = `demo-${hex(3)}`
  const token = { user, pin: hex(4), serial: `PIPU${hex(4).toUpperCase()}` }
  const page = new Transcript()

  const jwt = await page.step('administrator', 'signs in', 'POST /auth', () => administrator.auth(login, password))
  // With the JWT on every call, so that the demo also runs where /validate/check needs credentials.
  const service = new Service({ baseUrl: url, authorization: jwt, userAgent: 'nod-demo/1' })
  try {
    await enroll(page, administrator, phone, token)
    await logIn(page, service, phone, token)
  } catch (error) {
    await removeToken(administrator, token).catch(() => undefined)
    throw error
  }
  await page.step('administrator', 'removes token and user', `DELETE /token/${token.serial}`, () =>
    removeToken(administrator, token),
  )
  return page.milliseconds()
}

interface DemoToken {
  readonly user: string
  readonly pin: string
  readonly serial: string
}

async function enroll(page: Transcript, administrator: Service, phone: Phone, token: DemoToken): Promise<void> {
  const { pushurl } = await page.step(
    'administrator',
    `enrolls a phone for ${token.user}`,
    'POST /token/init',
    () => administrator.init({ ...token }),
    ({ serial }) => `${serial ?? 'no serial'}: the QR code is shown`,
  )
  await page.step('phone', 'scans it and registers', 'POST /ttype/push', () =>
    phone.register(phone.scan(pushurl?.value ?? '')),
  )
}

async function logIn(page: Transcript, service: Service, phone: Phone, { user, pin }: DemoToken): Promise<void> {
  const { transactionId, presence } = await page.step(
    'service',
    "asks for a login with the user's PIN",
    'POST /validate/check',
    () => service.triggerWithPin(user, pin),
    (opened) => `transaction ${opened.transactionId}: ${opened.message}`,
  )
  const standsAt = (expected: string): Promise<void> =>
    page.step('service', `polls the login: ${expected}`, 'GET /validate/polltransaction', async () => {
      const came = await service.status(transactionId)
      if (came !== expected) throw new UnexpectedReply(`challenge_status ${expected}`, came)
    })
  const finalize = (what: string, expected: string): Promise<void> =>
    page.step('service', `${what}: ${expected}`, 'POST /validate/check', async () => {
      const reply = await service.check(service.finalizeForm(transactionId))
      expectReply(reply, `authentication ${expected}`, reply.authentication === expected)
    })

  await standsAt('pending')
  const prompt = await page.step(
    'phone',
    'polls, and verifies both signatures',
    'GET /ttype/push',
    () => onlyPrompt(phone),
    ({ title, question }) => `${title}: ${question}`,
  )
  await page.step('phone', 'accepts, with its own signature', 'POST /ttype/push', async () => {
    const shown = await phone.accept(prompt, presence === undefined ? {} : { presence })
    if (!shown.taken)
      throw new UnexpectedReply('the answer to be accepted', shown.error ?? shown.reply?.text ?? 'nothing')
  })
  await standsAt('accept')
  await finalize('lets the user in', 'ACCEPT')
  await finalize('finalizes it again', 'REJECT')
}

async function onlyPrompt(phone: Phone): Promise<Prompt> {
  const [prompt] = await phone.poll()
  if (prompt?.capabilities !== undefined) return prompt
  const dropped = phone.dropped.map(({ why }) => why).join(', ')
  const reply = [...phone.lastPoll.values()][0]?.text ?? 'no reply'
  throw new UnexpectedReply(
    'a prompt with both signatures',
    dropped === '' ? reply : `one that the phone refuses: ${dropped}`,
  )
}

/** Deletes token and user. 404 is fine: they were not made. */
async function removeToken(administrator: Service, { user, serial }: DemoToken): Promise<void> {
  for (const path of [`/token/${serial}`, `/user/nod/${user}`]) {
    const reply = await administrator.call('DELETE', path)
    expectReply(reply, `DELETE ${path}: HTTP 200 or 404`, reply.status === 200 || reply.status === 404)
  }
}

const hex = (bytes: number): string => randomBytes(bytes).toString('hex')
