/** A login through one version of a deployment: a token is enrolled with a simulated phone that has no push address, a login is opened,
 *  accepted and finalized, and the token is deleted. */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { generateKeys, Phone } from '../../test/simulation/phone.ts'
import { fields, readReply, reasonOf, summary } from '../../test/simulation/reply.ts'
import { Service } from '../../test/simulation/service.ts'
import { Fault } from '../lib/tools.mjs'

export interface Target {
  readonly url: string
  /** The name of the Worker at Cloudflare. */
  readonly worker: string
  /** The id of the version. */
  readonly version: string
}

/** A service key of the role admin, or an administrator's login and password. */
export type Credential = { readonly key: string } | { readonly login: string; readonly password: string }

/** What the app sends in place of a push address. Source: docs/protocol.md, "Registration token update". */
const NO_PUSH = 'no_firebase_token'
/** A new deployment takes some seconds until it is everywhere, a new address some more. */
const PATIENCE_MS = 90_000

const overrideOf = ({ worker, version }: Target): string => `${worker}="${version}"`

/** Sends each request to that version. Source: Cloudflare, "Version overrides". */
const through =
  (target: Target) =>
  (request: Request): Promise<Response> => {
    const headers = new Headers(request.headers)
    headers.set('Cloudflare-Workers-Version-Overrides', overrideOf(target))
    return fetch(new Request(request, { headers, signal: AbortSignal.timeout(30_000) }))
  }

/** Waits until that version answers, and says that it can serve. Throws a Fault with what came instead. */
export async function expectServing(target: Target, patience = PATIENCE_MS): Promise<void> {
  const url = `${target.url}/healthz?version_id=${target.version}`
  const end = performance.now() + patience
  let last = 'nothing'
  for (;;) {
    try {
      const reply = await readReply(await through(target)(new Request(url)))
      const isVersion = fields(reply.body)['is_version']
      if (reply.status === 200 && isVersion === true) return
      last =
        reply.status === 200 ? 'another version answers' : `HTTP ${reply.status}: ${reply.text.trim().slice(0, 600)}`
    } catch (error) {
      last = reasonOf(error)
    }
    if (performance.now() > end) break
    await sleep(500)
  }
  throw new Fault(
    `The version ${target.version} does not answer at ${target.url} as one that can serve. Last came: ${last}`,
  )
}

/** Logs in through that version. Returns how many milliseconds it took. Throws a Fault with the step that failed. */
export async function logInThrough(target: Target, credential: Credential): Promise<number> {
  const administrator = new Service({
    baseUrl: target.url,
    fetch: through(target),
    userAgent: 'nod-deploy/1',
    ...('key' in credential ? { authorization: credential.key } : {}),
  })
  const begun = performance.now()
  let step = 'sign in'
  const doing = <Value>(what: string, work: Promise<Value>): Promise<Value> => {
    step = what
    return work
  }
  try {
    if (!('key' in credential)) await signIn(administrator, credential)
    const authorization = 'key' in credential ? credential.key : (administrator.token ?? '')
    const service = new Service({
      baseUrl: target.url,
      fetch: through(target),
      authorization,
      userAgent: 'nod-deploy/1',
    })
    await runLogin({ administrator, service, phone: await phoneFor(target), doing })
  } catch (error) {
    if (error instanceof Fault) throw error
    throw new Fault(`A login through the version ${target.version} failed at: ${step}. ${reasonOf(error)}`)
  }
  return Math.round(performance.now() - begun)
}

async function phoneFor(target: Target): Promise<Phone> {
  const send = through(target)
  const keys = await generateKeys()
  // The enrollment names PUBLIC_URL, which may not lead to this Worker yet.
  const here = (request: Request): Request => {
    const { pathname, search } = new URL(request.url)
    return new Request(`${new URL(target.url).origin}${pathname}${search}`, request)
  }
  return new Phone({ keys, registrationToken: NO_PUSH, fetch: (request) => send(here(request)) })
}

async function signIn(administrator: Service, { login, password }: { login: string; password: string }): Promise<void> {
  const reply = await administrator.call('POST', '/auth', { form: { username: login, password } })
  if (reply.authentication === 'CHALLENGE')
    throw new Fault(
      `${login} signs in with a phone. For the test of a deployment make a service key of the role admin (docs/operating.md, "Service keys") and set NOD_KEY`,
    )
  const token = fields(reply.value)['token']
  if (typeof token !== 'string')
    throw new Fault(`${login} cannot sign in (${summary(reply)}): set NOD_KEY, or ADMIN_LOGIN and ADMIN_PASSWORD`)
  administrator.token = token
}

interface Login {
  readonly administrator: Service
  readonly service: Service
  readonly phone: Phone
  readonly doing: <Value>(what: string, work: Promise<Value>) => Promise<Value>
}

async function runLogin({ administrator, service, phone, doing }: Login): Promise<void> {
  const serial = `PIPU${randomBytes(4).toString('hex').toUpperCase()}`
  const token = { serial, pin: `${randomBytes(6).toString('hex')}Aa1!`, description: 'npm run deploy' }
  const { pushurl, remove } = await doing('enroll', enroll(administrator, token))
  try {
    await doing('register the phone', phone.register(phone.scan(pushurl)))
    // Not by the PIN: with push_wait that would wait for the phone.
    const login = await doing('open a login', service.trigger({ serial }))
    const [prompt] = await doing('poll with the phone', phone.poll())
    if (prompt === undefined)
      throw new Error(`no prompt came: ${phone.dropped.map(({ why }) => why).join(', ') || 'the poll was empty'}`)
    const tapped = login.presence === undefined ? {} : { presence: login.presence }
    const shown = await doing('accept on the phone', phone.accept(prompt, tapped))
    if (!shown.taken && shown.displayCode === undefined)
      throw new Error(shown.error ?? shown.reply?.text ?? 'the answer was not taken')
    const code: Readonly<Record<string, string>> = shown.displayCode === undefined ? {} : { pass: shown.displayCode }
    const outcome = await doing('finalize', service.finalize(login.transactionId, undefined, code))
    if (outcome !== 'ACCEPT') throw new Error(`expected ACCEPT, got ${outcome}`)
  } finally {
    await remove()
  }
}

const NO_POLICY = /enrollment policy/i

/** Enrolls a token without an owner. Where policies say who may have a phone, one of a user who is made for it, in the first realm that has
 *  such a policy: a policy of the test's own would concern other users. Returns what the QR code says, and removes both. */
async function enroll(
  administrator: Service,
  token: { readonly serial: string; readonly pin: string; readonly description: string },
): Promise<{ readonly pushurl: string; readonly remove: () => Promise<void> }> {
  const init = (owner: Readonly<Record<string, string>>) =>
    administrator.call('POST', '/token/init', { form: { type: 'push', genkey: '1', ...token, ...owner } })
  const removed = async (...paths: string[]): Promise<void> => {
    for (const path of [`/token/${token.serial}`, ...paths])
      await administrator.call('DELETE', path).catch(() => undefined)
  }
  const first = await init({})
  if (first.value === true) return { pushurl: first.detail.pushurl?.value ?? '', remove: () => removed() }
  if (!NO_POLICY.test(first.error?.message ?? '')) throw new Error(summary(first))
  const user = `deploy-${randomBytes(4).toString('hex')}`
  for (const realm of Object.keys(fields((await administrator.call('GET', '/realm/')).value))) {
    const reply = await init({ user, realm })
    const remove = (): Promise<void> => removed(`/user/nod/${user}?realm=${encodeURIComponent(realm)}`)
    if (reply.value === true) return { pushurl: reply.detail.pushurl?.value ?? '', remove }
    await remove()
  }
  throw new Error(`${summary(first)}; nor does any realm have one that lets a new user have a phone`)
}
