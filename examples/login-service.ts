#!/usr/bin/env node
// A web service that lets its users in by Nod: PIN, then phone. Start it with
//
//     NOD_KEY=nod_… node examples/login-service.ts --nod http://127.0.0.1:8787 --realm sales
//
// and open the address it prints. The key is a service key (POST /apikey, role validate). It needs Node 24, which runs TypeScript
// (`npm exec -- node …` brings it).
// Outside of this repository: `npm install @nod/client`, and import that.
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { parseArgs } from 'node:util'
import { type Challenge, check, connect, type Failure, finalize, wait } from '../client/src/index.ts'

const { values: options } = parseArgs({
  options: {
    nod: { type: 'string', default: 'http://127.0.0.1:8787' },
    realm: { type: 'string', default: 'defrealm' },
    port: { type: 'string', default: '9001' },
  },
})
const { realm } = options
const nod = connect({ url: options.nod, key: process.env['NOD_KEY'] })

/** What a browser is at. A real service has this in its session store. */
type Session = { readonly user: string } & (
  | { readonly isIn: true }
  | { readonly isIn: false; readonly challenge: Challenge }
)

/** By the secret in the browser's cookie: a login belongs to the browser that began it. */
const sessions = new Map<string, Session>()

interface Page {
  readonly status: number
  readonly title: string
  /** HTML. */
  readonly body: string
  readonly session?: Session
}

const FORM = `<form method="post" action="/login">
  <label>User <input name="user" autocomplete="username" required></label>
  <label>PIN <input name="pin" type="password" autocomplete="current-password"></label>
  <button>Log in</button></form>`

const refused = (why: string): Page => ({
  status: 403,
  title: 'Log in',
  body: `<p role="alert">${escaped(why)}</p>${FORM}`,
})

/** Nod could not be asked. Why is for the log: it may name what strangers need not know. */
function unavailable(failure: Failure): Page {
  console.error(`${failure.kind}: ${failure.message}`)
  if (failure.kind === 'refused' && failure.reason === 'user_unknown') return refused('Unknown user or wrong PIN')
  return { status: 503, title: 'Log in', body: '<p role="alert">Logging in does not work now. Try again soon.</p>' }
}

/** Checks the PIN and asks the phone. */
async function begin(user: string, pass: string): Promise<Page> {
  const opened = await check(nod, { user, realm, pass })
  if (!opened.ok) return unavailable(opened.failure)
  if (opened.value.status === 'accepted') return welcome(user)
  if (opened.value.status !== 'challenge') return refused('Unknown user or wrong PIN')
  const { message, entersCode } = opened.value
  // The browser shows this page, and asks for the next one, which comes once the phone has answered.
  const next = entersCode
    ? '<form method="post" action="/finish"><label>Code <input name="code" inputmode="numeric"></label><button>Go on</button></form>'
    : '<meta http-equiv="refresh" content="0;url=/finish">'
  const session: Session = { user, isIn: false, challenge: opened.value }
  return { status: 200, title: 'Confirm on your phone', body: `<p>${escaped(message)}</p>${next}`, session }
}

/** Waits for the phone and finalizes the login. Only what this answers lets anybody in. */
async function finish(session: Session | undefined, code: string | undefined): Promise<Page> {
  if (session === undefined || session.isIn) return refused('Log in first')
  const { user, challenge } = session
  const { transactionId, entersCode } = challenge
  if (!entersCode) {
    const status = await wait(nod, transactionId)
    if (!status.ok) return unavailable(status.failure)
    if (status.value !== 'accepted') return refused('The login was not confirmed')
  }
  const login = await finalize(nod, { transactionId, user, realm }, { code })
  if (!login.ok) return unavailable(login.failure)
  return login.value.status === 'accepted' ? welcome(user) : refused('The login was not confirmed')
}

const welcome = (user: string): Page => ({
  status: 200,
  title: 'Welcome',
  body: `<p>You are logged in as ${escaped(user)}.</p>`,
  session: { user, isIn: true },
})

async function answer(request: IncomingMessage, cookie: string | undefined): Promise<Page> {
  const { method, url = '/' } = request
  const session = cookie === undefined ? undefined : sessions.get(cookie)
  const form = new URLSearchParams(method === 'POST' ? await bodyOf(request) : '')
  if (method === 'POST' && url === '/login') return begin(form.get('user') ?? '', form.get('pin') ?? '')
  if (url === '/finish') return finish(session, form.get('code') ?? undefined)
  if (url !== '/') return { status: 404, title: 'Not found', body: '<p><a href="/">Log in</a></p>' }
  return session?.isIn === true ? welcome(session.user) : { status: 200, title: 'Log in', body: FORM }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const part of request) {
    text += String(part)
    if (text.length > 4_096) throw new Error('The form is too long')
  }
  return text
}

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)

const server = createServer((request, response) => {
  const cookie = /(?:^|; )login=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1]
  answer(request, cookie).then(
    (page) => send(response, page, cookie),
    (error: unknown) => {
      console.error(error)
      response.writeHead(400).end()
    },
  )
})

function send(response: ServerResponse, { status, title, body, session }: Page, before: string | undefined): void {
  // A new secret at each step: whoever knew the one before is not let in with it.
  const cookie = session === undefined ? undefined : randomBytes(24).toString('base64url')
  if (cookie !== undefined && session !== undefined) {
    if (before !== undefined) sessions.delete(before)
    sessions.set(cookie, session)
    response.setHeader('Set-Cookie', `login=${cookie}; HttpOnly; SameSite=Strict; Path=/`) // and Secure, behind https
  }
  response.setHeader('Content-Type', 'text/html; charset=utf-8')
  response.setHeader('Content-Security-Policy', "default-src 'none'; form-action 'self'; frame-ancestors 'none'")
  response
    .writeHead(status)
    .end(`<!doctype html><html lang="en"><title>${title}</title><h1>${title}</h1>${body}</html>`)
}

server.listen(Number(options.port), '127.0.0.1', () => {
  const address = server.address()
  console.log(`logging in at http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`)
})
