/** `@nod/client` against a real Nod: each verb as a service, an administrator or a user uses it, and each way a call fails. */
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { connect as connectSocket, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import * as client from '../../client/src/index.ts'
import { operationTypes } from '../../scripts/client-types/operations.ts'
import type { Description } from '../../scripts/client-types/description.ts'
import { type Driver, nextPrompt } from '../driver/driver.ts'
import { only, waitUntil } from '../driver/waiting.ts'
import { fetchDescription } from '../openapi.ts'
import { Receiver } from '../simulation/receiver.ts'
import { openNod, url } from './scene.ts'

let nod: Driver
/** The administrator, and a service with a key. */
let admin: client.Nod
let vpn: client.Nod

const { orThrow } = client

beforeAll(async () => {
  nod = await openNod('client')
  admin = client.connect({ url, token: nod.service.token ?? '' })
  vpn = client.connect({ url, key: await nod.serviceKey('vpn') })
})
afterAll(async () => {
  await nod.revokeServiceKey('vpn')
  await nod.close()
})

/** The challenge of a login that opened. */
async function challengeOf(opening: Promise<client.Outcome<client.Opened>>): Promise<client.Challenge> {
  const opened = orThrow(await opening)
  if (opened.status !== 'challenge') throw new Error(`expected a challenge, got ${JSON.stringify(opened)}`)
  return opened
}

const failureOf = <T>(outcome: client.Outcome<T>): unknown => (outcome.ok ? outcome.value : outcome.failure)

it('the types in the repository are those of the description that is served', async () => {
  const served = (await fetchDescription(url)) as unknown as Description
  const committed = readFileSync(new URL('../../client/src/generated/operations.ts', import.meta.url), 'utf8')
  expect(operationTypes(served)).toBe(committed)
})

describe('a service', () => {
  it('opens a login, waits for the phone, and finalizes it once', async () => {
    const { owner, phone, serial } = await nod.enroll('ada')
    const { transactionId, serials, message, entersCode } = await challengeOf(client.trigger(vpn, owner))
    expect({ serials, entersCode }).toEqual({ serials: [serial], entersCode: false })
    expect(message).toBe('Please confirm the authentication on your mobile device!')
    expect(orThrow(await client.loginStatus(vpn, transactionId))).toBe('pending')
    const waiting = client.wait(vpn, transactionId)
    await phone.accept(only(await phone.poll()))
    expect(orThrow(await waiting)).toBe('accepted')
    const finalized = await client.finalize(vpn, { transactionId, ...owner })
    expect(finalized).toMatchObject({ ok: true, value: { status: 'accepted', serial } })
    const again = await client.finalize(vpn, { transactionId, ...owner })
    expect(again).toMatchObject({ ok: true, value: { status: 'rejected', message: 'wrong otp pin' } })
    expect(orThrow(await client.wait(vpn, transactionId))).toBe('over')
    const { steps, service } = orThrow(await client.timeline(vpn, transactionId))
    expect(service).toBe('client-vpn')
    const turns = steps.map(({ event }) => event).filter((event) => /^(opened|accepted|finalized)$/.test(event))
    expect(turns).toEqual(['opened', 'accepted', 'finalized'])
    expect(orThrow(await client.receipt(vpn, transactionId)).statement.status).toBe('finalized')
  })

  it('hears of a decline and of a cancellation, and what it finalizes then is rejected', async () => {
    const { owner, phone } = await nod.enroll('bea')
    for (const [reason, status] of [
      ['unknown_trigger', 'declined'],
      ['cancelled', 'cancelled'],
    ] as const) {
      const { transactionId } = await challengeOf(client.trigger(vpn, owner))
      await phone.decline(only(await phone.poll()), { reason })
      expect(orThrow(await client.wait(vpn, transactionId))).toBe(status)
      const finalized = orThrow(await client.finalize(vpn, { transactionId, ...owner }))
      expect(finalized).toMatchObject({ status: 'rejected', message: 'Response did not match the challenge.' })
    }
  })

  it('checks a PIN, shows the option to tap, and hands over the code that the phone shows', async () => {
    const { owner, phone, serial } = await nod.enroll('cleo', { pin: '1234' })
    expect(orThrow(await client.check(vpn, { ...owner, pass: 'wrong' }))).toMatchObject({
      status: 'rejected',
      message: 'wrong otp pin',
    })
    await nod.withPolicy('authentication', { push_require_presence: true }, { realm: nod.realm }, async () => {
      const { transactionId, presence = '' } = await challengeOf(client.check(vpn, { ...owner, pass: '1234' }))
      expect(presence).toMatch(/^[A-Z]$/)
      await phone.accept(await nextPrompt(phone, serial), { presence })
      expect(orThrow(await client.finalize(vpn, { transactionId, serial }))).toMatchObject({ status: 'accepted' })
    })
    await nod.withPolicy('authentication', { push_code_to_phone: true }, { realm: nod.realm }, async () => {
      const { transactionId, entersCode } = await challengeOf(client.check(vpn, { ...owner, pass: '1234' }))
      expect(entersCode).toBe(true)
      const reply = await phone.accept(await nextPrompt(phone, serial))
      const early = await client.finalize(vpn, { transactionId, ...owner }, { code: '000' })
      expect(early).toMatchObject({ ok: true, value: { status: 'rejected' } })
      const code = reply.displayCode ?? ''
      expect(orThrow(await client.finalize(vpn, { transactionId, ...owner }, { code }))).toMatchObject({
        status: 'accepted',
      })
    })
  })

  it('gets the outcome from one request that waits, where policy says so', async () => {
    const { owner, phone } = await nod.enroll('dora', { pin: '1234' })
    await nod.withPolicy('authentication', { push_wait: '20' }, { realm: nod.realm }, async () => {
      const accepted = client.check(vpn, { ...owner, pass: '1234' })
      await phone.accept(await nextPrompt(phone))
      expect(orThrow(await accepted)).toMatchObject({ status: 'accepted' })
      const declined = client.check(vpn, { ...owner, pass: '1234' })
      await phone.decline(await nextPrompt(phone), { reason: 'cancelled' })
      expect(orThrow(await declined)).toMatchObject({ status: 'declined' })
    })
  })

  it('opens one login however often it sends the same request', async () => {
    const { owner, phone } = await nod.enroll('eve')
    const options = { idempotencyKey: 'one login' }
    const first = await challengeOf(client.trigger(vpn, owner, options))
    const second = await challengeOf(client.trigger(vpn, owner, options))
    expect(second.transactionId).toBe(first.transactionId)
    // The answer to the first request is lost, and the client sends it again.
    let lost = 0
    const lossy = client.connect({
      url,
      key: await nod.serviceKey('lossy'),
      fetch: async (...input) => {
        const response = await fetch(...input)
        await response.clone().text()
        if ((lost += 1) === 1) throw new TypeError('connection reset')
        return response
      },
    })
    await phone.accept(only(await phone.poll()))
    const { transactionId } = await challengeOf(client.trigger(lossy, owner))
    expect(lost).toBe(2)
    expect((await phone.poll()).length).toBe(1)
    expect(orThrow(await client.loginStatus(lossy, transactionId))).toBe('pending')
    await nod.revokeServiceKey('lossy')
  })

  it('lets a user enroll during the login, or leave it for later', async () => {
    const realm = nod.realm
    await client.addUser(admin, { user: 'fay', realm })
    const action = {
      passOnNoToken: true,
      enroll_via_multichallenge: 'PUSH',
      enroll_via_multichallenge_optional: true,
    } as const
    const extra = { realm, confirm: ['anonymous_enrollment'] } as const
    await nod.withPolicy('authentication', action, extra, async () => {
      const user = { user: 'fay', realm, pass: '' }
      const left = await challengeOf(client.check(vpn, user))
      expect(left.enrollment).toMatchObject({ isOptional: true })
      const cancelled = await client.cancelEnrollment(vpn, left.transactionId)
      expect(cancelled).toMatchObject({ ok: true, value: { status: 'accepted' } })
      expect(orThrow(await client.cancelEnrollment(vpn, left.transactionId))).toMatchObject({ status: 'rejected' })
      const { transactionId, enrollment, serials } = await challengeOf(client.check(vpn, user))
      const phone = nod.phone()
      await phone.register(phone.scan(enrollment?.link ?? ''))
      expect(orThrow(await client.wait(vpn, transactionId))).toBe('accepted')
      const { status } = orThrow(await client.finalize(vpn, { transactionId, user: 'fay', realm }))
      expect(status).toBe('accepted')
      await client.deleteTokens(admin, serials[0] ?? '')
    })
    await client.deleteUser(admin, { user: 'fay', realm })
  })
})

describe('a stream of events', () => {
  /** Passes connections on to Nod, until they are cut. */
  class Cutter {
    readonly #sockets = new Set<Socket>()
    readonly #server: Server
    connections = 0

    constructor() {
      this.#server = createServer()
      this.#server.removeAllListeners('connection')
      this.#server.on('connection', (socket: Socket) => {
        this.connections += 1
        const { port, hostname } = new URL(url)
        const upstream = connectSocket(Number(port), hostname)
        for (const one of [socket, upstream]) {
          this.#sockets.add(one)
          one.on('error', () => undefined)
        }
        socket.pipe(upstream).pipe(socket)
      })
    }

    async start(): Promise<string> {
      await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
      const address = this.#server.address()
      return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
    }

    cut(): void {
      for (const socket of this.#sockets) socket.destroy()
      this.#sockets.clear()
    }

    stop(): void {
      this.cut()
      this.#server.close()
    }
  }

  it('goes on after it was cut, and tells nothing twice', async () => {
    const { owner, phone } = await nod.enroll('gina')
    const { transactionId } = await challengeOf(client.trigger(vpn, owner))
    const cutter = new Cutter()
    const through = client.connect({ url: await cutter.start() })
    const seen: unknown[] = []
    const following = (async () => {
      for await (const status of client.follow(through, transactionId)) seen.push(failureOf(status))
    })()
    await waitUntil(() => seen.length === 1)
    cutter.cut()
    await waitUntil(() => cutter.connections > 1)
    await phone.accept(only(await phone.poll()))
    await following
    cutter.stop()
    expect(seen).toEqual(['pending', 'accepted'])
  })

  it('ends for a login that is over, with the caller’s signal, and when the caller has heard enough', async () => {
    const { owner } = await nod.enroll('hazel')
    const { transactionId } = await challengeOf(client.trigger(vpn, owner))
    for await (const status of client.follow(vpn, transactionId)) {
      expect(failureOf(status)).toBe('pending')
      break
    }
    const stop = new AbortController()
    const seen: unknown[] = []
    for await (const status of client.follow(vpn, transactionId, { signal: stop.signal })) {
      seen.push(status.ok ? status.value : status.failure.kind)
      stop.abort()
    }
    expect(seen).toEqual(['pending', 'aborted'])
    expect(orThrow(await client.withdraw(admin, transactionId))).toBe(true)
    expect(orThrow(await client.withdraw(admin, transactionId))).toBe(false)
    const ended: unknown[] = []
    for await (const status of client.follow(vpn, transactionId)) ended.push(failureOf(status))
    expect(ended).toEqual(['declined'])
  })
})

describe('an administrator', () => {
  it('signs in by password, then by the phone’s code as well, and signs out', async () => {
    const login = 'client-grace'
    const password = 'a password of grace'
    await client.addAdministrator(admin, { login, password, role: 'admin' })
    await client.requirePhone(admin, login, true)
    const anonymous = client.connect({ url })
    const first = orThrow(await client.signIn(anonymous, { login, password }))
    if (first.status !== 'signed_in') throw new Error('expected a session')
    expect(first.role).toBe('enrolling')
    expect(failureOf(await client.listTokens(first.nod))).toMatchObject({
      kind: 'refused',
      reason: 'role_insufficient',
    })
    const { uri, serial } = orThrow(await client.enrollOwnPhone(first.nod))
    const phone = nod.phone()
    await phone.register(phone.scan(uri))

    const second = orThrow(await client.signIn(anonymous, { login, password }))
    if (second.status !== 'challenge') throw new Error('expected a challenge')
    expect(second.challenge).toMatchObject({ login, entersCode: true })
    const reply = await phone.accept(await nextPrompt(phone, serial))
    const session = orThrow(await client.completeSignIn(anonymous, second.challenge, reply.displayCode ?? ''))
    if (session.status !== 'signed_in') throw new Error('expected a session')
    expect(session).toMatchObject({ role: 'admin', login })
    expect(await client.listTokens(session.nod, { pagesize: 1 })).toMatchObject({ ok: true })
    expect(Object.keys(orThrow(await client.enrollableTypes(session.nod)))).toEqual(['push'])

    const secret = 'the break-glass secret of the tests'
    expect(await client.breakGlass(anonymous, { login, password, secret })).toMatchObject({ ok: true })
    // An account with a phone is no plugin's.
    const plugin = client.connect({ url, credentials: { login, password } })
    expect(failureOf(await client.listTokens(plugin))).toMatchObject({ reason: 'second_factor_required' })

    await client.signOut(session.nod)
    expect(failureOf(await client.listTokens(session.nod))).toMatchObject({ reason: 'credential_invalid' })
    await client.deleteTokens(admin, serial)
    await client.deleteAdministrator(admin, login)
  })

  it('enrolls a phone and sees it register', async () => {
    const { realm } = nod
    const enrollment = orThrow(await client.enroll(admin, { user: 'ida', realm, description: 'work' }))
    expect(enrollment.image).toMatch(/^data:image\/png;base64,/)
    const early = await client.waitForPhone(admin, enrollment.serial, { patience: 0 })
    expect(failureOf(early)).toMatchObject({ kind: 'timeout' })
    const waiting = client.waitForPhone(admin, enrollment.serial)
    const phone = nod.phone()
    await phone.register(phone.scan(enrollment.uri))
    expect(orThrow(await waiting)).toMatchObject({
      serial: enrollment.serial,
      rollout_state: 'enrolled',
      username: 'ida',
    })
    await client.deleteTokens(admin, enrollment.serial)
    const gone = await client.waitForPhone(admin, enrollment.serial)
    expect(failureOf(gone)).toMatchObject({ kind: 'refused', reason: 'not_found' })
  })

  it('adds a webhook, and its receiver verifies what Nod sends', async () => {
    const receiver = new Receiver(url)
    await receiver.start()
    const name = 'client-siem'
    const { audience } = orThrow(await client.addWebhook(admin, { name, url: receiver.url }))
    expect(orThrow(await client.testWebhook(admin, name))).toMatchObject({ accepted: true, status: 202 })
    expect(orThrow(await client.listWebhooks(admin)).map((one) => one.name)).toContain(name)
    expect(orThrow(await client.deleteWebhook(admin, name))).toBe(1)
    await receiver.stop()
    const token = receiver.received[0]?.text ?? ''
    const issuer = String(receiver.received[0]?.claims['iss'])
    const verify = client.eventVerifier(vpn, { audience, issuer })
    const verified = await verify(token)
    expect(verified).toMatchObject({ ok: true, value: { aud: audience, iss: issuer } })
    const [head = '', body = '', signature = ''] = token.split('.')
    const code = async (text: string, options = { audience, issuer }): Promise<unknown> => {
      const outcome = await client.eventVerifier(vpn, options)(text)
      return outcome.ok || outcome.failure.kind !== 'invalid_event' ? outcome : outcome.failure.code
    }
    expect(await code(token, { audience: 'another', issuer })).toBe('invalid_audience')
    expect(await code(token, { audience, issuer: 'another' })).toBe('invalid_issuer')
    expect(await code(`${head}.${body}.${signature.replace(/^./, (c) => (c === 'A' ? 'B' : 'A'))}`)).toBe('invalid_key')
    expect(await code(`${head}.${btoa('{}')}.${signature}`)).toBe('invalid_key')
    expect(await code(`${btoa('{"alg":"none","typ":"secevent+jwt"}')}.${body}.`)).toBe('invalid_request')
    expect(await code('')).toBe('invalid_request')
    expect(await code(nod.service.token ?? '')).toBe('invalid_request')
  })
})

describe('a call fails', () => {
  it('as refused: by Nod, with its code, reason, message and field', async () => {
    const stranger = client.connect({ url })
    expect(failureOf(await client.listTokens(stranger))).toMatchObject({
      kind: 'refused',
      status: 401,
      code: 4033,
      reason: 'credential_missing',
    })
    const invalid = client.connect({ url, token: 'x.y.z' })
    expect(failureOf(await client.listTokens(invalid))).toMatchObject({ reason: 'credential_invalid' })
    const { realm } = nod
    expect(failureOf(await client.trigger(vpn, { user: 'nobody', realm }))).toMatchObject({
      reason: 'user_unknown',
      code: 904,
    })
    expect(failureOf(await client.listTokens(vpn))).toMatchObject({ reason: 'role_insufficient' })
    expect(failureOf(await client.enableTokens(admin, 'PIPU00000000'))).toMatchObject({
      reason: 'not_found',
      status: 404,
    })
    const misspelled = { user: 'ada', relm: realm } as Record<string, string>
    expect(failureOf(await client.listTokens(admin, misspelled))).toMatchObject({ reason: 'parameter', field: 'relm' })
    expect(failureOf(await client.call(admin, 'POST /resolver/{name}', { name: 'ldap' }))).toMatchObject({
      reason: 'not_supported',
      status: 501,
    })
    const wrong = await client.signIn(stranger, { login: 'client-nobody', password: 'x' })
    expect(failureOf(wrong)).toMatchObject({ kind: 'refused', reason: 'credentials_wrong' })
  })

  it('as unavailable: when too many wait for one login, with the time to wait', async () => {
    const { owner } = await nod.enroll('lea')
    const once = client.connect({ url, retries: 0 })
    const { transactionId } = await challengeOf(client.trigger(vpn, owner))
    const stop = new AbortController()
    const waiting = Array.from({ length: 12 }, () => client.wait(once, transactionId, { signal: stop.signal }))
    const refused: unknown[] = []
    for (const one of waiting) void one.then((outcome) => refused.push(failureOf(outcome)))
    await waitUntil(() => refused.length === 4)
    expect(refused[0]).toMatchObject({ kind: 'unavailable', status: 503, retryAfter: 5 })
    stop.abort()
    const kinds = (await Promise.all(waiting)).map((outcome) => (outcome.ok ? outcome.value : outcome.failure.kind))
    expect(kinds.filter((kind) => kind === 'aborted').length).toBe(8)
  })

  it('as timeout, and as aborted by the caller, while Nod keeps the request open', async () => {
    const { owner } = await nod.enroll('mia', { pin: '1234' })
    await nod.withPolicy('authentication', { push_wait: '20' }, { realm: nod.realm }, async () => {
      const request = { ...owner, pass: '1234' }
      expect(failureOf(await client.check(vpn, request, { timeout: 300 }))).toMatchObject({
        kind: 'timeout',
        after: 300,
      })
      const stop = new AbortController()
      const asked = client.check(vpn, request, { signal: stop.signal })
      setTimeout(() => stop.abort(new Error('closed')), 100)
      expect(failureOf(await asked)).toMatchObject({ kind: 'aborted', cause: new Error('closed') })
    })
  })

  it('as transport or as an invalid response: when no Nod is there', async () => {
    const nobody = client.connect({ url: 'http://127.0.0.1:1', retries: 0 })
    expect(failureOf(await client.health(nobody))).toMatchObject({ kind: 'transport' })
    const other = client.connect({ url: inject('served').google })
    expect(failureOf(await client.listTokens(other))).toMatchObject({ kind: 'invalid_response' })
  })
})
