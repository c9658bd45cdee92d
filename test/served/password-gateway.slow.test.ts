/** The gateway in `examples/` to a directory of Debian's slapd, and to a simulated OpenID provider, as the verifier of a Nod. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type ChildProcess, spawn } from 'node:child_process'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { waitUntil } from '../driver/waiting.ts'
import { freePort } from '../import/old-server.ts'
import { type LdapServer, startSlapd } from '../import/slapd.ts'
import { OwnNod } from './own-nod.ts'

const secret = randomBytes(32).toString('base64')
const UNAVAILABLE = { status: 503, error: { message: 'ERR903: The PIN cannot be checked now.' } }
const WRONG = { authentication: 'REJECT', detail: { message: 'wrong otp pin' } }
/** A name that means something else where it is not escaped. */
const ODD = 'x,ou=people'

let slapd: LdapServer
let own: OwnNod
let url: string
let gateway: Gateway | undefined

interface Gateway {
  readonly screen: { text: string }
  stop(): Promise<void>
}

/** Starts the gateway as its operator does. */
async function startGateway(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Gateway> {
  const { port } = new URL(url)
  const child: ChildProcess = spawn(
    process.execPath,
    ['examples/password-gateway.mjs', '--port', port, '--audience', url, ...args],
    { env: { ...process.env, PASSWORD_CHECK_SECRET: secret, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const screen = { text: '' }
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (screen.text += String(text)))
  await waitUntil(async () => {
    if (child.exitCode !== null) throw new Error(`the gateway ended: ${screen.text}`)
    return screen.text.includes('Checks passwords at')
  })
  return {
    screen,
    async stop() {
      if (child.exitCode !== null) return
      const ended = once(child, 'close')
      child.kill('SIGTERM')
      await ended
    },
  }
}

const toLdap = () =>
  startGateway(['--ldap', slapd.url, '--ca', slapd.ca, '--user', 'uid={login},ou=people,dc=example,dc=com'])

beforeAll(async () => {
  slapd = await startSlapd({ ada: 'open sesame', grace: 'Grüße, 世界 "\\', bob: 'hunter2' })
  url = `http://127.0.0.1:${await freePort()}/`
  own = await OwnNod.start({ ANONYMOUS_CHECK: 'allow', PASSWORD_CHECK_URL: url, PASSWORD_CHECK_SECRET: secret })
  await own.driver.policy('authentication', { otppin: 'userstore' }, { realm: 'own' })
}, 300_000)
afterEach(async () => {
  await gateway?.stop()
  gateway = undefined
})
afterAll(async () => {
  await own?.remove()
  await slapd?.stop()
})

const check = (user: string, pass: string) => own.driver.caller().check({ user, realm: 'own', pass })

it('lets users log in with the password of the directory, and logs no password', async () => {
  gateway = await toLdap()
  for (const [user, password] of [
    ['ada', 'open sesame'],
    ['grace', 'Grüße, 世界 "\\'],
  ] as const) {
    const enrolled = await own.driver.enroll(user, { realm: 'own' })
    expect(await check(user, `${password} `)).toMatchObject(WRONG)
    expect(await check(user, '')).toMatchObject(WRONG)
    expect(await own.logIn(enrolled, password)).toBe('ACCEPT')
    expect(gateway.screen.text).not.toContain(password)
  }
})

it('treats a login as a name, whatever characters it has', async () => {
  gateway = await toLdap()
  for (const user of [ODD, 'ada,ou=people,dc=example,dc=com', '*', 'nobody']) {
    await own.driver.enroll(user, { realm: 'own' })
    expect(await check(user, 'open sesame')).toMatchObject(WRONG)
  }
})

it('leaves an account unlocked that locks after five wrong passwords, however often somebody guesses', async () => {
  gateway = await toLdap()
  await own.driver.enroll('bob', { realm: 'own' })
  await Promise.all(Array.from({ length: 20 }, (_, index) => check('bob', `guess ${index}`)))
  expect(await check('bob', 'hunter2')).toMatchObject({ authentication: 'REJECT' })
  // The directory has not locked it.
  await own.driver.policy('authorization', { auth_max_fail: '100/1m' }, { realm: 'own', user: ['bob'] })
  expect(await check('bob', 'hunter2')).toMatchObject({ authentication: 'CHALLENGE' })
})

it('gives no answer while the directory is away, or has another certificate', async () => {
  const ada = await own.driver.enroll('ada', { realm: 'own' })
  gateway = await startGateway(['--ldap', `ldaps://localhost:${await freePort()}`, '--ca', slapd.ca])
  expect(await check('ada', 'open sesame')).toMatchObject(UNAVAILABLE)
  await gateway.stop()
  gateway = await startGateway(['--ldap', slapd.url, '--user', 'uid={login},ou=people,dc=example,dc=com'])
  expect(await check('ada', 'open sesame')).toMatchObject(UNAVAILABLE)
  expect(await own.driver.failures(ada.serial)).toBe(0)
})

it('answers a question once, and no question of another key', async () => {
  gateway = await toLdap()
  const asking = await own.driver.service.call('GET', '/doctor')
  expect(JSON.stringify(asking.value)).toContain(`The verifier of passwords answers at ${url}.`)
  const forged = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{}').toString('base64url')}.`
  const response = await fetch(url, { method: 'POST', body: forged })
  expect([response.status, await response.text()]).toEqual([400, ''])
})

it('asks an OpenID provider, and accepts only a clear answer', async () => {
  const forms: URLSearchParams[] = []
  let isAway = false
  const provider = createServer((request, response) => {
    void (async () => {
      let body = ''
      for await (const piece of request.setEncoding('utf8')) body += String(piece)
      const form = new URLSearchParams(body)
      forms.push(form)
      const isRight = form.get('password') === 'open sesame'
      const [status, answer]: [number, object] = isAway
        ? [400, { error: 'temporarily_unavailable' }]
        : isRight
          ? [200, { access_token: 'x', token_type: 'Bearer' }]
          : [400, { error: 'invalid_grant' }]
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer))
    })()
  })
  const port = await freePort()
  await new Promise<void>((resolve) => provider.listen(port, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${port}/token`
  gateway = await startGateway(['--token-endpoint', endpoint, '--client-id', 'nod', '--user', '{login}@{realm}'], {
    OIDC_CLIENT_SECRET: 'of the client',
  })
  const oona = await own.driver.enroll('oona', { realm: 'own' })
  expect(await own.logIn(oona, 'open sesame')).toBe('ACCEPT')
  expect(await check('oona', 'wrong')).toMatchObject(WRONG)
  isAway = true
  expect(await check('oona', 'open sesame')).toMatchObject(UNAVAILABLE)
  expect(Object.fromEntries(forms[0] ?? [])).toEqual({
    grant_type: 'password',
    scope: 'openid',
    username: 'oona@own',
    password: 'open sesame',
    client_id: 'nod',
    client_secret: 'of the client',
  })
  provider.closeAllConnections()
  await new Promise((resolve) => provider.close(resolve))
})
