/** Users move to Nod from a real privacyIDEA, whose plugins and phones reach it through Nod. */
import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Driver, type EnrolledUser, nextPrompt } from '../driver/driver.ts'
import { OwnNod } from '../served/own-nod.ts'
import { fields, type Reply } from '../simulation/reply.ts'
import type { Form } from '../simulation/service.ts'
import { type PrivacyIdea, startPrivacyIdea } from './privacyidea.ts'

const REALM = 'realm1'
const PIN = '1234'
const SEED = '3132333435363738393031323334353637383930'

let peer: PrivacyIdea
let nod: OwnNod
let there: Driver

// The first time privacyIDEA is installed.
beforeAll(async () => {
  peer = await startPrivacyIdea()
  nod = await OwnNod.start({
    ANONYMOUS_CHECK: 'allow',
    UPSTREAM_URL: peer.url,
    UPSTREAM_LOGIN: peer.admin.login,
    UPSTREAM_PASSWORD: peer.admin.password,
  })
  await nod.driver.addRealm(REALM, 'poll only')
  there = new Driver({ url: peer.url }, { polled: REALM })
  await there.signIn(peer.admin)
  await there.service.setPolicy('totp', 'authentication', { challenge_response: 'totp' })
  await there.service.setPolicy('phones', 'enrollment', {
    push_registration_url: nod.driver.phoneUrl(),
    push_firebase_configuration: 'poll only',
  })
  // As docs/operating.md says.
  await there.service.setPolicy(
    'nod',
    'authentication',
    { disabled_token_types: 'push' },
    { conditions: [['HTTP Request header', 'Nod-Own-Request', 'equals', '1', true, 'condition_is_false']] },
  )
}, 600_000)
afterAll(async () => {
  await nod.remove()
  await peer.stop()
}, 60_000)
beforeEach(() => cutOver(0))

async function cutOver(share: number): Promise<void> {
  const form = { share: String(share) }
  const reply = await nod.driver.service.call('POST', `/deployment/upstream/realms/${REALM}`, { form })
  expect(reply).toMatchObject({ status: 200, value: { share } })
}

let lastStep = 0

/** The one-time password of the next time step, by RFC 6238: privacyIDEA takes each step once, and three minutes to both sides. */
function totp(): string {
  lastStep = Math.max(lastStep + 1, Math.floor(Date.now() / 30_000) - 4)
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(lastStep))
  const digest = createHmac('sha1', Buffer.from(SEED, 'hex')).update(counter).digest()
  const at = (digest.at(-1) ?? 0) & 15
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

const check = (form: Form): Promise<Reply> => nod.driver.caller().check({ realm: REALM, ...form })
const idOf = ({ detail }: Reply): string => detail.transaction_id ?? ''

/** Asks until the answer is as wanted: on a busy machine privacyIDEA may answer some requests later than Nod waits. */
async function until(isWanted: (reply: Reply) => boolean, ask: () => Promise<Reply>): Promise<Reply> {
  let reply = await ask()
  for (let tries = 0; tries < 5 && !isWanted(reply); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 2000))
    reply = await ask()
  }
  return reply
}

/** Opens a login that both take part in. */
const checkBoth = (form: Form): Promise<Reply> =>
  until(
    ({ detail }) => detail.multi_challenge?.length === 2,
    () => check(form),
  )

const untilAccepted = (form: () => Form): Promise<Reply> =>
  until(
    ({ authentication }) => authentication === 'ACCEPT',
    () => check(form()),
  )

/** Gives a user of privacyIDEA's a TOTP there. */
async function withTotp(user: string): Promise<string> {
  const form = { type: 'totp', otpkey: SEED, user, realm: REALM, pin: PIN }
  const { detail } = await there.service.call('POST', '/token/init', { form })
  return String(detail.serial)
}

/** Enrolls a phone at privacyIDEA: it registers through Nod. */
async function withPhoneThere(user: string): Promise<EnrolledUser> {
  return there.enroll(user, { realm: REALM, pin: PIN })
}

describe('before the cut-over', () => {
  it('a phone enrolls at privacyIDEA through Nod, and its user logs in', async () => {
    const { owner, phone } = await withPhoneThere('carol')
    expect([...phone.tokens.values()][0]?.url).toBe(nod.driver.phoneUrl())
    const opened = await check({ ...owner, pass: PIN })
    expect(opened).toMatchObject({ authentication: 'CHALLENGE', detail: { type: 'push' } })
    const id = idOf(opened)
    expect(await nod.driver.caller().status(id)).toBe('pending')
    expect(await phone.accept(await nextPrompt(phone))).toMatchObject({ handled: true })
    expect(await nod.driver.caller().status(id)).toBe('accept')
    expect(await check({ ...owner, pass: '', transaction_id: id })).toMatchObject({ authentication: 'ACCEPT' })
    expect(await phone.refresh([...phone.tokens.keys()][0] ?? '', 'another')).toBe(true)
  })

  it('a plugin triggers and lists with the API token that privacyIDEA gave it', async () => {
    await withTotp('carol')
    const plugin = nod.driver.caller()
    const headers = { Authorization: there.service.token ?? '' }
    const reply = await plugin.call('POST', '/validate/triggerchallenge', {
      form: { user: 'carol', realm: REALM },
      headers,
    })
    expect(reply.value).toBe(2)
    const list = await plugin.call('GET', '/token/', { query: { user: 'carol' }, headers })
    expect(fields(list.value)['count']).toBe(2)
  })
})

describe('after the cut-over', () => {
  it('a user with a phone here and a TOTP there is offered both, and finishes with either', async () => {
    const serial = await withTotp('alice')
    const { phone, owner } = await nod.driver.enroll('alice', { realm: REALM, pin: PIN })
    await cutOver(100)
    const first = await checkBoth({ ...owner, pass: PIN })
    expect(first.detail.multi_challenge).toMatchObject([
      { serial, type: 'totp', client_mode: 'interactive', transaction_id: idOf(first) },
      { type: 'push', client_mode: 'poll', transaction_id: idOf(first) },
    ])
    expect(await check({ ...owner, pass: '000000', transaction_id: idOf(first) })).toMatchObject({
      authentication: 'REJECT',
    })
    expect(await untilAccepted(() => ({ ...owner, pass: totp(), transaction_id: idOf(first) }))).toMatchObject({
      authentication: 'ACCEPT',
      detail: { serial },
    })
    expect(await phone.poll()).toEqual([])
    const second = await checkBoth({ ...owner, pass: PIN })
    await phone.accept(await nextPrompt(phone))
    expect(await nod.driver.caller().status(idOf(second))).toBe('accept')
    expect(await check({ ...owner, pass: '', transaction_id: idOf(second) })).toMatchObject({
      authentication: 'ACCEPT',
    })
    expect(await untilAccepted(() => ({ ...owner, pass: PIN + totp() }))).toMatchObject({
      authentication: 'ACCEPT',
      detail: { serial },
    })
    const triggered = await until(
      ({ value }) => value === 2,
      () => nod.driver.service.triggerchallenge({ ...owner }),
    )
    expect(triggered).toMatchObject({ value: 2 })
    expect(await untilAccepted(() => ({ ...owner, pass: totp(), transaction_id: idOf(triggered) }))).toMatchObject({
      authentication: 'ACCEPT',
    })
  })

  it('the policy keeps privacyIDEA from ringing what Nod rings, and only then', async () => {
    const old = await withPhoneThere('bob')
    await withTotp('bob')
    const { owner } = await nod.driver.enroll('bob', { realm: REALM, pin: PIN })
    await cutOver(100)
    const opened = await checkBoth({ ...owner, pass: PIN })
    expect(opened.detail.multi_challenge?.map(({ type }) => type)).toEqual(['totp', 'push'])
    const listed = async () =>
      fields((await there.service.call('GET', `/token/challenges/${old.serial}`)).value)['count']
    expect(await listed()).toBe(0)
    await cutOver(0)
    expect((await check({ ...owner, pass: PIN })).detail.multi_challenge).toHaveLength(2)
    expect(await listed()).toBe(1)
    // The phone at privacyIDEA answers it through Nod.
    expect(await old.phone.accept(await nextPrompt(old.phone))).toMatchObject({ handled: true })
  })

  it('a user who has only a TOTP there goes on with it; nobody else is let in there', async () => {
    const serial = await withTotp('dave')
    await cutOver(100)
    const opened = await check({ user: 'dave', pass: PIN })
    expect(opened.detail.multi_challenge).toMatchObject([{ serial }])
    expect(await untilAccepted(() => ({ user: 'dave', pass: totp(), transaction_id: idOf(opened) }))).toMatchObject({
      authentication: 'ACCEPT',
    })
    expect(await check({ user: 'nobody', pass: PIN })).toMatchObject({ status: 400, error: { code: 904 } })
  })

  it('a user with a phone here is not let in by privacyIDEA’s policy for users without a token', async () => {
    const { owner } = await nod.driver.enroll('jürgen', { realm: REALM, pin: PIN })
    await there.service.setPolicy('pass', 'authentication', { passOnNoToken: true })
    await cutOver(100)
    const direct = await there.caller().check({ ...owner, pass: 'anything' })
    expect(direct).toMatchObject({ authentication: 'ACCEPT' })
    expect(await check({ ...owner, pass: 'anything' })).toMatchObject({ authentication: 'REJECT' })
    const foreign = { ...owner, pass: 'anything', transaction_id: '00000000000000000000' }
    expect(await check(foreign)).toMatchObject({ authentication: 'REJECT' })
    await there.service.deletePolicy('pass')
  })

  it('administrators list the tokens of both', async () => {
    const { value } = await nod.driver.service.call('GET', '/token/', { query: { user: 'alice', realm: REALM } })
    expect(fields(value)).toMatchObject({
      count: 2,
      tokens: [
        { tokentype: 'push', origin: 'nod', username: 'alice' },
        { tokentype: 'totp', origin: 'upstream', username: 'alice' },
      ],
    })
    const { value: findings } = await nod.driver.service.call('GET', '/doctor')
    expect(JSON.stringify(findings)).toContain('privacyIDEA 3.14')
  })
})
