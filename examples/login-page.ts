#!/usr/bin/env node
// A login page: user name and PIN, then what to do on the phone, then the outcome, without a reload. Start it with
//
//     NOD_KEY=nod_… node examples/login-page.ts --nod http://127.0.0.1:8787 --realm sales
//
// and open the address it prints. The key is a service key (POST /apikey, role validate); the browser never sees it. The page itself
// is in login-page/. It needs Node 24, which runs TypeScript (`npm exec -- node …` brings it).
// Outside of this repository: `npm install @nod/client`, and import that.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Challenge, check, connect, type Failure, finalize, loginStatus, wait } from '../client/src/index.ts'

const { values: options } = parseArgs({
  options: {
    nod: { type: 'string', default: 'http://127.0.0.1:8787' },
    realm: { type: 'string', default: 'defrealm' },
    port: { type: 'string', default: '9002' },
  },
})
const { realm } = options
const nod = connect({ url: options.nod, key: process.env['NOD_KEY'] })

/** What the page shows next. `message` is Nod's text for the user, `option` what to tap on the phone. */
type Step =
  | { readonly step: 'form'; readonly error?: string }
  | {
      readonly step: 'phone'
      readonly message: string
      readonly option?: string
      readonly entersCode: boolean
      readonly error?: string
    }
  | { readonly step: 'in'; readonly user: string }

/** What a browser is at. A real service has this in its session store. */
interface Session {
  readonly user: string
  readonly expiresAt: number
  /** The login that waits for the phone; nothing once the user is in. */
  readonly challenge?: Challenge
  /** Finalizing it: once, however many tabs ask. */
  ending?: Promise<Step>
}

/** By the secret in the browser's cookie: a login belongs to the browser that began it. */
const sessions = new Map<string, Session>()
const LIFETIME_MS = 600_000

const WRONG: Step = { step: 'form', error: 'Unknown user or wrong PIN.' }
const NOT_CONFIRMED: Step = { step: 'form', error: 'The login was not confirmed on the phone.' }
const OVER: Step = { step: 'form', error: 'That took too long. Please log in again.' }

/** Nod could not be asked. Why is for the log: it may name what strangers need not know. */
function unavailable(failure: Failure): Step {
  console.error(`${failure.kind}: ${failure.message}`)
  if (failure.kind === 'refused' && failure.reason === 'user_unknown') return WRONG
  return { step: 'form', error: 'Logging in does not work now. Please try again in a minute.' }
}

const onPhone = ({ message, presence, entersCode }: Challenge, error?: string): Step => ({
  step: 'phone',
  message,
  entersCode,
  ...(presence === undefined ? {} : { option: presence }),
  ...(error === undefined ? {} : { error }),
})

/** Checks the PIN and asks the phone. */
async function begin({ user, pin }: Fields): Promise<readonly [Step, Session?]> {
  if (user === '') return [WRONG]
  const expiresAt = Date.now() + LIFETIME_MS
  const opened = await check(nod, { user, realm, pass: pin })
  if (!opened.ok) return [unavailable(opened.failure)]
  if (opened.value.status === 'accepted')
    return [
      { step: 'in', user },
      { user, expiresAt },
    ]
  if (opened.value.status === 'declined') return [NOT_CONFIRMED]
  if (opened.value.status === 'rejected') return [WRONG]
  return [onPhone(opened.value), { user, expiresAt, challenge: opened.value }]
}

/** Waits for the phone, 20 seconds at most, and finalizes the login. Only what `finalize` answers lets anybody in. */
async function watch(session: Session): Promise<Step> {
  const { user, challenge } = session
  if (challenge === undefined) return { step: 'in', user }
  const status = await wait(nod, challenge.transactionId, { patience: 20_000 })
  if (!status.ok) return unavailable(status.failure)
  if (status.value === 'pending') return onPhone(challenge)
  if (status.value === 'over') return OVER
  if (status.value !== 'accepted') return NOT_CONFIRMED
  session.ending ??= end(session, challenge)
  return session.ending
}

/** With the code that the phone shows. Three wrong ones end the login. */
async function enter(session: Session, code: string): Promise<Step> {
  const { user, challenge } = session
  if (challenge === undefined) return { step: 'in', user }
  const ended = await end(session, challenge, code)
  if (ended.step === 'in') return ended
  const status = await loginStatus(nod, challenge.transactionId)
  return status.ok && status.value === 'pending' ? onPhone(challenge, 'That is not the code on the phone.') : ended
}

async function end({ user }: Session, { transactionId }: Challenge, code?: string): Promise<Step> {
  const login = await finalize(nod, { transactionId, user, realm }, { code })
  if (!login.ok) return unavailable(login.failure)
  return login.value.status === 'accepted' ? { step: 'in', user } : NOT_CONFIRMED
}

interface Fields {
  readonly user: string
  readonly pin: string
  readonly code: string
}

/** The next step of the browser, with its session if that has changed. */
async function next(path: string, secret: string | undefined, fields: Fields): Promise<readonly [Step, Session?]> {
  if (path === '/login') return begin(fields)
  const session = secret === undefined ? undefined : sessions.get(secret)
  if (session === undefined || session.expiresAt < Date.now()) return [{ step: 'form' }]
  if (path === '/state' && session.challenge !== undefined) return [onPhone(session.challenge)]
  const step = path === '/code' ? await enter(session, fields.code) : await watch(session)
  const isNew = step.step === 'in' && session.challenge !== undefined
  return isNew ? [step, { user: session.user, expiresAt: session.expiresAt }] : [step]
}

const FILES: Readonly<Record<string, readonly [string, string]>> = {
  '/': ['page.html', 'text/html; charset=utf-8'],
  '/page.js': ['page.js', 'text/javascript; charset=utf-8'],
  '/page.css': ['page.css', 'text/css; charset=utf-8'],
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url: path = '/', headers } = request
  response.setHeader('X-Content-Type-Options', 'nosniff')
  response.setHeader('Cache-Control', 'no-store')
  response.setHeader(
    'Content-Security-Policy',
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
  )
  const file = FILES[path]
  if (method === 'GET' && file !== undefined) {
    response.setHeader('Content-Type', file[1])
    response.end(readFileSync(join(import.meta.dirname, 'login-page', file[0])))
    return
  }
  // A form of another site cannot send JSON.
  if (
    method !== 'POST' ||
    headers['content-type'] !== 'application/json' ||
    !/^\/(?:login|state|status|code|stop)$/.test(path)
  ) {
    response.writeHead(404).end()
    return
  }
  const secret = /(?:^|; )login=([\w-]+)/.exec(headers.cookie ?? '')?.[1]
  const fields = readFields(await bodyOf(request))
  const [step, session] = path === '/stop' ? ([{ step: 'form' }] as const) : await next(path, secret, fields)
  if (secret !== undefined && (session !== undefined || step.step === 'form')) sessions.delete(secret)
  if (session !== undefined) {
    // A new secret at each step: whoever knew the one before is not let in with it.
    const fresh = randomBytes(24).toString('base64url')
    for (const [key, { expiresAt }] of sessions) if (expiresAt < Date.now()) sessions.delete(key)
    sessions.set(fresh, session)
    response.setHeader('Set-Cookie', `login=${fresh}; HttpOnly; SameSite=Strict; Path=/`) // and Secure, behind https
  }
  response.setHeader('Content-Type', 'application/json')
  response.end(JSON.stringify(step))
}

function readFields(text: string): Fields {
  const value: unknown = JSON.parse(text)
  const field = (name: string): string => {
    const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
    return typeof found === 'string' ? found : ''
  }
  return { user: field('user').trim(), pin: field('pin'), code: field('code').trim() }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const part of request) {
    text += String(part)
    if (text.length > 4_096) throw new Error('The request is too long')
  }
  return text
}

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    console.error(error)
    response.writeHead(400).end()
  })
})

server.listen(Number(options.port), '127.0.0.1', () => {
  const address = server.address()
  console.log(`logging in at http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`)
})
