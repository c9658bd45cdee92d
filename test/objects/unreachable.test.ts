/** Every call of an object over HTTP, failing: what the caller hears, and that the login goes on. */
import { exports } from 'cloudflare:workers'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { Counter, Phone, Transactions } from '../../src/index.ts'
import { refuse } from '../../src/refusal.ts'
import type { Prompt } from '../simulation/phone.ts'
import type { Reply } from '../simulation/reply.ts'
import type { Service } from '../simulation/service.ts'
import { equip, type Holder, newPhone, NOD, openService } from './http-world.ts'
import { eventually } from './world.ts'

const PIN = '1234'
let service: Service
let ada: Holder
/** Whose logins policy limits. */
let bob: Holder
let count = 0

beforeAll(async () => {
  service = await openService()
  await service.setPolicy('waiting', 'authentication', { push_wait: '10' }, { realm: 'polled', user: ['waiting'] })
  const enrolls = { passOnNoToken: true, enroll_via_multichallenge: 'PUSH', enroll_via_multichallenge_optional: true }
  await service.setPolicy('newcomers', 'authentication', enrolls as Record<string, string | true>, {
    realm: 'polled',
    confirm: 'anonymous_enrollment',
  })
  // The phones of ada and bob are rung for every row.
  await service.setPolicy('rings-on', 'authentication', { push_firewall: 'off' }, { realm: 'polled' })
  const limits = { auth_max_fail: '100/1h', auth_max_success: '100/1h' }
  await service.setPolicy('limits', 'authorization', limits, { realm: 'polled', user: ['bob'] })
  ada = await equip('ada', 'polled', { pin: PIN })
  bob = await equip('bob', 'polled', { pin: PIN })
})
afterEach(async () => {
  vi.restoreAllMocks()
  await service.call('POST', `/token/reset/${ada.serial}`)
})

interface Login {
  readonly id: string
  readonly prompt: Prompt
  readonly of: Holder
}

/** A login that the phone is asked about. */
async function opened(of = ada): Promise<Login> {
  const { transactionId } = await service.triggerWithPin(of.who, PIN)
  const prompts = await of.phone.poll(of.serial)
  const prompt = prompts.at(-1)
  if (prompt === undefined) throw new Error('no prompt')
  return { id: transactionId, prompt, of }
}
async function accepted(of = ada): Promise<Login> {
  const login = await opened(of)
  expect((await of.phone.accept(login.prompt)).taken).toBe(true)
  return login
}
/** The only one its phone has: an answer that names no login is offered to no other. */
const only = async (): Promise<Login> => opened(await equip(`only${count++}`, 'polled', { pin: PIN }))
const signed = async ({ prompt, of }: Login, withNonce = true) => ({
  serial: of.serial,
  ...(withNonce ? { nonce: prompt.nonce } : {}),
  signature: await of.phone.sign(`${prompt.nonce}|${of.serial}`),
})
const PHONES = `${NOD}/ttype/push`
const finalize = ({ id, of }: Login): Promise<Reply> => service.check({ ...of.who, pass: '', transaction_id: id })
const goesOn = async (login: Login): Promise<void> => {
  if ((await service.status(login.id)) !== 'accept') await login.of.phone.accept(login.prompt)
  expect((await finalize(login)).authentication).toBe('ACCEPT')
}
/** Used by the call itself, if that was served, else by the next. */
const isUsedOnce = async (login: Login, reply: Reply): Promise<void> => {
  if (reply.status !== 200) return goesOn(login)
  expect([reply.authentication, (await finalize(login)).authentication]).toEqual(['ACCEPT', 'REJECT'])
}
const isEnabled = async ({ serial }: Holder): Promise<unknown> => {
  const { value } = await service.call('GET', '/token/', { query: { serial } })
  return (value as { tokens: { active: boolean }[] }).tokens[0]?.active
}
/** A user who is shown a QR code in the login. */
async function newcomer() {
  const who = { user: `new${count++}`, realm: 'polled' }
  await service.call('POST', '/user/', { form: who })
  const { detail } = await service.check({ ...who, pass: '' })
  return { id: detail.transaction_id ?? '', link: String(detail['link']) }
}

const CLASSES = { Phone, Transactions, Counter }

interface Row<Staged> {
  readonly call: `${keyof typeof CLASSES}.${string}`
  readonly when: string
  readonly stage: () => Promise<Staged>
  readonly act: (staged: Staged) => Promise<Reply>
  /** `503`: said so. `200`: the caller is served all the same. */
  readonly heard: 200 | 503
  /** Not made again, whatever the platform says of it. */
  readonly once?: true
  readonly after?: (staged: Staged, reply: Reply) => Promise<unknown>
}
const row = <Staged>(one: Row<Staged>): Row<unknown> => one as unknown as Row<unknown>
const nothing = async (): Promise<void> => undefined
const CHALLENGES = '/token/challenges/'

const rows = [
  row({
    call: 'Phone.ring',
    when: 'a PIN is checked',
    stage: nothing,
    act: () => service.check({ ...ada.who, pass: PIN }),
    heard: 503,
  }),
  row({
    call: 'Phone.ring',
    when: 'a login is triggered',
    stage: nothing,
    act: () => service.triggerchallenge(ada.who),
    heard: 503,
  }),
  row({
    call: 'Transactions.open',
    when: 'a login is triggered',
    stage: nothing,
    act: () => service.triggerchallenge(ada.who),
    heard: 503,
  }),
  row({
    call: 'Phone.poll',
    when: 'a phone polls',
    stage: opened,
    act: async () => ada.phone.get(PHONES, await ada.phone.phonePollQuery(ada.serial)),
    heard: 503,
    after: goesOn,
  }),
  row({
    call: 'Transactions.pendingPrompts',
    when: 'a phone polls',
    stage: opened,
    act: async () => ada.phone.get(PHONES, await ada.phone.phonePollQuery(ada.serial)),
    heard: 200,
    after: goesOn,
  }),
  row({
    call: 'Transactions.answer',
    when: 'a phone accepts',
    stage: opened,
    act: async (login) => ada.phone.post(PHONES, await signed(login)),
    heard: 503,
    after: goesOn,
  }),
  row({
    call: 'Phone.offerAnswer',
    when: 'a phone accepts and names no login',
    stage: only,
    act: async (login) => login.of.phone.post(PHONES, await signed(login, false)),
    heard: 503,
    after: goesOn,
  }),
  row({
    call: 'Transactions.answer',
    when: 'a phone accepts and names no login',
    stage: only,
    act: async (login) => login.of.phone.post(PHONES, await signed(login, false)),
    heard: 503,
    after: goesOn,
  }),
  row({
    call: 'Transactions.status',
    when: 'a service polls',
    stage: opened,
    act: ({ id }) => service.call('GET', `/validate/polltransaction/${id}`),
    heard: 503,
    after: goesOn,
  }),
  row({
    call: 'Transactions.finalize',
    when: 'a login is finalized',
    stage: accepted,
    act: finalize,
    heard: 503,
    after: isUsedOnce,
  }),
  row({
    call: 'Phone.finalize',
    when: 'a login is finalized',
    stage: accepted,
    act: finalize,
    heard: 503,
    after: isUsedOnce,
  }),
  row({
    call: 'Transactions.timeline',
    when: 'a login is read',
    stage: opened,
    act: ({ id }) => service.call('GET', `/transaction/${id}`),
    heard: 503,
    after: goesOn,
  }),
  row({
    call: 'Transactions.receipt',
    when: 'a receipt is issued',
    stage: accepted,
    act: ({ id }) => service.call('GET', `/transaction/${id}/receipt`),
    heard: 503,
    after: async (login) => expect((await finalize(login)).authentication).toBe('ACCEPT'),
  }),
  row({
    call: 'Phone.verifySignature',
    when: 'a registration token is replaced',
    stage: nothing,
    act: async () => ada.phone.post(PHONES, await ada.phone.refreshForm(ada.serial, `r${count++}`)),
    heard: 503,
  }),
  row({
    call: 'Phone.beginChange',
    when: 'a token is disabled',
    stage: nothing,
    act: () => service.call('POST', `/token/disable/${ada.serial}`),
    heard: 503,
    after: () => service.call('POST', `/token/enable/${ada.serial}`),
  }),
  row({
    call: 'Phone.endChange',
    when: 'a token is disabled',
    // Its phone finalizes nothing for some seconds then.
    stage: () => equip(`changed${count++}`, 'polled', { pin: PIN }),
    act: ({ serial }) => service.call('POST', `/token/disable/${serial}`),
    heard: 200,
    after: async (holder) => expect(await isEnabled(holder)).toBe(false),
  }),
  row({
    call: 'Phone.beginChange',
    when: 'a phone registers',
    stage: async () => {
      const phone = newPhone()
      const { pushurl } = await service.init({ user: `fresh${count++}`, realm: 'polled' })
      return { phone, credential: phone.scan(pushurl?.value ?? '') }
    },
    act: async ({ phone, credential }) => phone.post(credential.url, await phone.registrationForm(credential)),
    heard: 503,
    after: ({ phone, credential }) => phone.register(credential),
  }),
  row({
    call: 'Phone.resetAttempts',
    when: 'a token is reset',
    stage: nothing,
    act: () => service.call('POST', `/token/reset/${ada.serial}`),
    heard: 503,
  }),
  row({
    call: 'Phone.counters',
    when: 'tokens are listed',
    stage: nothing,
    act: () => service.call('GET', '/token/', { query: { serial: ada.serial } }),
    heard: 200,
  }),
  row({
    call: 'Phone.openRings',
    when: 'challenges are listed',
    stage: opened,
    act: () => service.call('GET', `${CHALLENGES}${ada.serial}`),
    heard: 503,
    after: goesOn,
  }),
  row({
    call: 'Transactions.listChallenges',
    when: 'one login’s are listed',
    stage: opened,
    act: ({ id }) => service.call('GET', CHALLENGES, { query: { transaction_id: id } }),
    heard: 503,
    after: goesOn,
  }),
  row({
    call: 'Transactions.listChallenges',
    when: 'all are listed',
    stage: opened,
    act: () => service.call('GET', CHALLENGES),
    heard: 200,
    after: goesOn,
  }),
  row({
    call: 'Transactions.discardChallenges',
    when: 'a login is withdrawn',
    stage: opened,
    act: ({ id }) => service.call('DELETE', `/token/challenges/transaction/${id}`),
    heard: 503,
    once: true,
    after: goesOn,
  }),
  row({
    call: 'Transactions.pendingAudit',
    when: 'the audit is read',
    stage: opened,
    act: () => service.call('GET', '/audit/'),
    heard: 200,
    after: goesOn,
  }),
  row({
    call: 'Transactions.pendingAudit',
    when: 'the audit is exported',
    stage: opened,
    act: () => service.call('GET', '/audit/all.csv'),
    heard: 503,
    after: goesOn,
  }),
  row({
    call: 'Counter.count',
    when: 'an administrator signs in',
    stage: nothing,
    act: () => service.call('POST', '/auth', { form: { username: 'admin', password: 'adminpw-of-tests' } }),
    heard: 503,
    once: true,
  }),
  row({
    call: 'Counter.forget',
    when: 'an administrator signs in',
    stage: nothing,
    act: () => service.call('POST', '/auth', { form: { username: 'admin', password: 'adminpw-of-tests' } }),
    heard: 200,
  }),
  row({
    call: 'Counter.hasRoom',
    when: 'a login of somebody whose logins are limited is triggered',
    stage: nothing,
    act: () => service.triggerchallenge(bob.who),
    heard: 503,
  }),
  row({
    call: 'Counter.reserve',
    when: 'a PIN of somebody whose logins are limited is checked',
    stage: nothing,
    act: () => service.check({ ...bob.who, pass: PIN }),
    heard: 503,
  }),
  row({
    call: 'Counter.cancelReservation',
    when: 'that PIN was right',
    stage: nothing,
    act: () => service.check({ ...bob.who, pass: PIN }),
    heard: 200,
  }),
  row({
    call: 'Counter.reserve',
    when: 'a login of somebody whose logins are limited is finalized',
    stage: () => accepted(bob),
    act: finalize,
    heard: 503,
    after: isUsedOnce,
  }),
  row({
    call: 'Transactions.rekey',
    when: 'a service key is rotated',
    stage: async () => {
      await service.call('POST', '/apikey', { form: { name: 'rotated', role: 'validate' } })
    },
    act: () => service.call('POST', '/apikey/rotated/rotate', { form: { overlap: '0' } }),
    // The secret is stored by then, and shown only now.
    heard: 200,
    after: () => service.call('DELETE', '/apikey/rotated'),
  }),
  row({
    call: 'Transactions.withdrawByKey',
    when: 'a service key is revoked',
    stage: async () => {
      await service.call('POST', '/apikey', { form: { name: 'vpn', role: 'validate' } })
    },
    act: () => service.call('DELETE', '/apikey/vpn'),
    heard: 503,
    after: async (_, reply) => {
      if (reply.status === 503) expect((await service.call('DELETE', '/apikey/vpn')).status).toBe(200)
      expect((await service.call('DELETE', '/apikey/vpn')).status).toBe(404)
    },
  }),
  row({
    call: 'Transactions.enrollmentToCancel',
    when: 'an enrollment is called off',
    stage: newcomer,
    act: ({ id }) => service.check({ transaction_id: id, cancel_enrollment: 'true' }),
    heard: 503,
  }),
  row({
    call: 'Transactions.cancelEnrollment',
    when: 'an enrollment is called off',
    stage: newcomer,
    act: ({ id }) => service.check({ transaction_id: id, cancel_enrollment: 'true' }),
    heard: 503,
    once: true,
  }),
  row({
    call: 'Transactions.recordRegistration',
    when: 'a phone registers in a login',
    stage: newcomer,
    act: async ({ link }) => {
      const phone = newPhone()
      const credential = phone.scan(link)
      return phone.post(credential.url, await phone.registrationForm(credential))
    },
    heard: 200,
  }),
]

const lost = (flags: object) => Object.assign(new Error('Network connection lost.'), flags)

describe.each(rows)('$call, when $when,', ({ call, when, stage, act, heard, once, after }) => {
  const [kind = '', verb = ''] = call.split('.')
  const prototype = CLASSES[kind as keyof typeof CLASSES].prototype as unknown as Record<string, () => Promise<unknown>>

  async function told(flags: object) {
    const staged = await stage()
    const spy = vi.spyOn(prototype, verb).mockRejectedValueOnce(lost(flags))
    const reply = await act(staged)
    const calls = spy.mock.calls.length
    spy.mockRestore()
    return { staged, reply, calls }
  }

  it.each([
    ['lost', {}],
    ['turned away by a crowd', { retryable: true, overloaded: true }],
  ])(
    `%s: ${heard === 503 ? 'a 503 that says when to come again' : 'nobody need know'}, and nothing is lost`,
    async (_, flags) => {
      const { staged, reply } = await told(flags)
      expect(reply.status).toBe(heard)
      if (heard === 503) {
        // Any JSON would take the request off the phone's screen.
        if (when.startsWith('a phone accepts')) expect(reply.text).toMatch(/^ERR903/)
        else expect(reply.error).toMatchObject({ code: 903 })
        expect(reply.headers.get('Retry-After')).toBe('1')
      }
      await after?.(staged, reply)
    },
  )

  it(`lost, and may be repeated: ${once ? 'it is not' : 'it is, and the caller notices nothing'}`, async () => {
    const { staged, reply } = await told({ retryable: true })
    expect(reply.status).toBe(once ? heard : 200)
    await after?.(staged, reply)
  })
})

describe('a caller that waits', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('for a status, while its object restarts, waits on for the time that is left', async () => {
    const login = await opened()
    // Time passes when the test says so: how long the machine takes for a call must not count.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
    const status = vi.spyOn(Transactions.prototype, 'status').mockImplementationOnce(async () => {
      vi.setSystemTime(Date.now() + 1600)
      throw lost({ retryable: true })
    })
    const waiting = service.call('GET', `/validate/polltransaction/${login.id}`, { query: { wait: '10' } })
    await eventually(() => expect(status).toHaveBeenCalledTimes(2))
    expect(status.mock.calls.map(([request]) => request?.wait)).toEqual([10, 8.4])
    await ada.phone.accept(login.prompt)
    expect((await waiting).detail.challenge_status).toBe('accept')
  })

  it('with push_wait, while its object restarts, is let in', async () => {
    const waiter = await equip('waiting', 'polled')
    const finalizes = vi
      .spyOn(Transactions.prototype, 'finalizeWhenAccepted')
      .mockRejectedValueOnce(lost({ retryable: true }))
    const waiting = service.check({ ...waiter.who, pass: '' })
    await eventually(() => expect(finalizes).toHaveBeenCalledTimes(2))
    const [prompt] = await waiter.phone.poll()
    if (prompt === undefined) throw new Error('no prompt')
    await waiter.phone.accept(prompt)
    expect((await waiting).authentication).toBe('ACCEPT')
  })
})

describe('a service key that is revoked while no shard can be reached', () => {
  it('lets nobody in, and when it is revoked again, withdraws its logins', async () => {
    const made = await service.call('POST', '/apikey', { form: { name: 'wifi', role: 'validate' } })
    const headers = { authorization: (made.value as { key: string }).key }
    const asks = (form: Readonly<Record<string, string>>) =>
      service.call('POST', '/validate/check', { form: { ...ada.who, ...form }, headers })
    const { detail } = await asks({ pass: PIN })
    const [prompt] = (await ada.phone.poll(ada.serial)).slice(-1)
    if (prompt === undefined) throw new Error('no prompt')
    await ada.phone.accept(prompt)

    const away = vi.spyOn(Transactions.prototype, 'withdrawByKey').mockRejectedValue(lost({}))
    const told = await service.call('DELETE', '/apikey/wifi')
    expect([told.status, told.headers.get('Retry-After')]).toEqual([503, '1'])
    expect((await asks({ pass: PIN })).status).toBe(403)
    expect((await service.call('GET', '/apikey/')).value).not.toContainEqual(expect.objectContaining({ name: 'wifi' }))
    away.mockRestore()
    expect((await service.call('DELETE', '/apikey/wifi')).status).toBe(200)
    expect((await asks({ pass: '', transaction_id: detail.transaction_id ?? '' })).authentication).toBe('REJECT')
  })
})

describe('a ring that cannot be moved to another shard', () => {
  it.each(['/validate/check', '/validate/radiuscheck'])('ends %s with a 503', async (path) => {
    vi.spyOn(Transactions.prototype, 'open').mockImplementationOnce(async () => refuse({ reason: 'shard_full' }))
    vi.spyOn(Phone.prototype, 'moveRing').mockRejectedValueOnce(lost({}))
    const request = new Request(`${NOD}${path}`, {
      method: 'POST',
      body: new URLSearchParams({ ...ada.who, pass: PIN }),
    })
    const response = await exports.default.fetch(request)
    expect([response.status, response.headers.get('Retry-After')]).toEqual([503, '1'])
    // A RADIUS server would read a body as attributes.
    expect(await response.text()).toMatch(path.endsWith('radiuscheck') ? /^$/ : /ERR903/)
  })
})
