import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Phone, RegistrationRefused } from '../simulation/phone.ts'
import { fields, type Reply } from '../simulation/reply.ts'
import type { Form } from '../simulation/service.ts'
import type { Driver } from '../driver/driver.ts'
import { only, sleep } from '../driver/waiting.ts'
import { openNod } from './scene.ts'

let nod: Driver
const shown = new Set<string>()

beforeAll(async () => {
  nod = await openNod('first-login')
})
afterEach(() => nod.deletePolicies())
afterAll(async () => {
  for (const serial of shown) await nod.service.call('DELETE', `/token/${serial}`)
  await nod.close()
})

type Who = { readonly user: string; readonly realm: string }

/** A user who exists and has no token. */
async function newcomer(user: string): Promise<Who> {
  const owner = { user, realm: nod.realm }
  await nod.service.call('POST', '/user/', { form: owner })
  return owner
}

/** Here callers without a key may check. */
const CONFIRMED = { confirm: 'anonymous_enrollment' }
const NOTHING = {}
const pass = (options: Readonly<Record<string, string | true>> = NOTHING) =>
  nod.authenticationPolicy({ passOnNoToken: true, ...options }, options === NOTHING ? {} : CONFIRMED)
const enrolling = { enroll_via_multichallenge: 'PUSH' }
const optional = { ...enrolling, enroll_via_multichallenge_optional: true } as const

interface Offer {
  readonly transactionId: string
  readonly serial: string
  readonly link: string
  readonly reply: Reply
}

/** The user logs in and is shown a code. */
async function logIn(owner: Who, pin = 'whatever'): Promise<Offer> {
  const reply = await nod.service.check({ ...owner, pass: pin })
  expect(reply).toMatchObject({ status: 200, value: false, authentication: 'CHALLENGE' })
  const { transaction_id: transactionId = '', serial = '', link } = reply.detail
  shown.add(serial)
  return { transactionId, serial, link: String(link), reply }
}

async function scan({ link }: Pick<Offer, 'link'>, phone = new Phone()): Promise<Phone> {
  await phone.register(phone.scan(link))
  return phone
}

const cancel = ({ transactionId }: Pick<Offer, 'transactionId'>, extra: Form = {}) =>
  nod.service.check({ transaction_id: transactionId, cancel_enrollment: 'true', ...extra })
const notCancelled = {
  status: 200,
  value: false,
  authentication: 'REJECT',
  detail: { message: 'Failed to cancel enrollment via multichallenge' },
}
const tokensOf = async (owner: Who): Promise<number> =>
  Number(fields((await nod.service.call('GET', '/token/', { query: owner })).value)['count'])

describe('a phone that has registered in a login', () => {
  it.each([
    ['disabled and enabled again', ['disable', 'enable']],
    ['unassigned and given back', ['unassign', 'assign']],
    ['given another PIN', ['setpin']],
  ])('finishes it no more when its token is %s', async (name, verbs) => {
    await pass(enrolling)
    const owner = await newcomer(`changed-${name.replaceAll(' ', '-')}`)
    const login = await logIn(owner)
    await scan(login)
    for (const verb of verbs) {
      const form = {
        serial: login.serial,
        ...(verb === 'assign' ? owner : {}),
        ...(verb === 'setpin' ? { otppin: '1' } : {}),
      }
      expect(await nod.service.call('POST', `/token/${verb}`, { form })).toMatchObject({ status: 200 })
    }
    expect(await nod.service.finalize(login.transactionId, owner)).toBe('REJECT')
  })
})

describe('a user without any token', () => {
  it('passes where a policy says so, whatever is entered, and the message names the policy', async () => {
    const owner = await newcomer('amy')
    expect(await nod.service.check({ ...owner, pass: 'x' })).toMatchObject({
      value: false,
      detail: { message: 'The user has no tokens assigned' },
    })
    const policy = await pass()
    for (const entry of [{ pass: 'x' }, { pass: '' }, {}] as Record<string, string>[]) {
      const reply = await nod.service.check({ ...owner, ...entry })
      expect(reply).toMatchObject({ status: 200, value: true, authentication: 'ACCEPT' })
      expect(reply.detail).toEqual({ message: `user has no token, accepted due to '${policy}'`, threadid: 1 })
    }
  })

  it('is not let in by a trigger, which rings no phone', async () => {
    const owner = await newcomer('abe')
    await pass(enrolling)
    const reply = await nod.service.triggerchallenge(owner)
    expect(reply).toMatchObject({ status: 200, value: 0, authentication: 'REJECT' })
    expect(await tokensOf(owner)).toBe(0)
  })

  it('has to be known, and to be outside the reach of no token at all', async () => {
    await pass()
    const nobody = await nod.service.check({ user: 'nobody', realm: nod.realm, pass: 'x' })
    expect(nobody).toMatchObject({ status: 400, error: { code: 904 } })

    const { serial, owner } = await nod.enroll('ann')
    await nod.service.call('POST', `/token/disable/${serial}`)
    expect(await nod.service.check({ ...owner, pass: 'x' })).toMatchObject({ value: false, authentication: 'REJECT' })
    await nod.service.call('POST', `/token/revoke/${serial}`)
    expect(await nod.service.check({ ...owner, pass: 'x' })).toMatchObject({ status: 400, error: { code: 1007 } })

    const waiting = await newcomer('arno')
    const { serial: unscanned = '' } = await nod.service.init(waiting)
    shown.add(unscanned)
    expect(await nod.service.check({ ...waiting, pass: 'x' })).toMatchObject({
      value: false,
      authentication: 'REJECT',
    })
  })
})

describe('enrollment during a login', () => {
  it('shows the code, lets the phone register, and the user in', async () => {
    const owner = await newcomer('bea')
    await pass(enrolling)
    const offer = await logIn(owner)
    const { transactionId, serial, link } = offer
    const entry = {
      transaction_id: transactionId,
      serial,
      type: 'push',
      client_mode: 'poll',
      message: 'Please scan the QR code!',
      image: expect.stringMatching(/^data:image\/png;base64,/),
      link,
    }
    expect(offer.reply.detail).toEqual({
      ...entry,
      messages: ['Please scan the QR code!'],
      transaction_ids: [transactionId],
      multi_challenge: [entry],
      attributes: { hideResponseInput: true },
      preferred_client_mode: 'poll',
      enroll_via_multichallenge: true,
      enroll_via_multichallenge_optional: false,
      threadid: 1,
    })
    expect(await nod.service.status(transactionId)).toBe('pending')
    expect(await nod.service.finalize(transactionId, owner)).toBe('REJECT')

    const phone = await scan(offer)
    expect(await nod.service.status(transactionId)).toBe('accept')
    const used = await nod.service.check({ ...owner, pass: '', transaction_id: transactionId })
    expect(used).toMatchObject({ value: true, authentication: 'ACCEPT' })
    expect(used.detail).toEqual({ message: 'Found matching challenge', serial, threadid: 1 })
    expect(await nod.service.finalize(transactionId, owner)).toBe('REJECT')

    // From now on the phone is asked.
    const login = await nod.service.triggerWithPin(owner, '')
    await phone.accept(only(await phone.poll()))
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it('ends the wait of a service', async () => {
    const owner = await newcomer('bill')
    await pass(enrolling)
    const offer = await logIn(owner)
    const path = `/validate/polltransaction/${offer.transactionId}`
    const waiting = nod.service.call('GET', path, { query: { wait: '20' } })
    const began = performance.now()
    await scan(offer)
    expect(await waiting).toMatchObject({ value: true, detail: { challenge_status: 'accept' } })
    expect(performance.now() - began).toBeLessThan(5000)
  })

  it('shows the text of the policy beside the code', async () => {
    const owner = await newcomer('bob')
    await pass({ ...enrolling, enroll_via_multichallenge_text: 'Scan this\\, please' })
    expect((await logIn(owner)).reply.detail.message).toBe('Scan this, please')
  })

  it('takes effect only if the user would pass at all', async () => {
    const owner = await newcomer('bert')
    await nod.authenticationPolicy(enrolling, CONFIRMED)
    expect(await nod.service.check({ ...owner, pass: 'x' })).toMatchObject({ value: false, authentication: 'REJECT' })
    expect(await tokensOf(owner)).toBe(0)
  })

  it('shows the code again when the user logs in before scanning it; the one before is void', async () => {
    const owner = await newcomer('cat')
    await pass(enrolling)
    const first = await logIn(owner)
    const second = await logIn(owner)
    expect(second.serial).toBe(first.serial)
    expect(second.link).not.toBe(first.link)
    expect(await tokensOf(owner)).toBe(1)

    await expect(scan(first)).rejects.toThrow(RegistrationRefused)
    expect(await nod.service.status(first.transactionId)).toBe('declined')
    await scan(second)
    expect(await nod.service.status(first.transactionId)).toBe('declined')
    expect(await nod.service.finalize(first.transactionId, owner)).toBe('REJECT')
    expect(await nod.service.finalize(second.transactionId, owner)).toBe('ACCEPT')
  })

  it('gives a user one token, however many logins begin at once', async () => {
    const owner = await newcomer('cleo')
    await pass(enrolling)
    const replies = await Promise.all(Array.from({ length: 4 }, () => nod.service.check({ ...owner, pass: 'x' })))
    for (const { authentication, detail } of replies) {
      expect(['CHALLENGE', 'REJECT']).toContain(authentication)
      if (detail.serial !== undefined) shown.add(detail.serial)
    }
    expect(await tokensOf(owner)).toBe(1)
    const last = await logIn(owner)
    await scan(last)
    expect(await nod.service.finalize(last.transactionId, owner)).toBe('ACCEPT')
  })

  it('is neither answered nor polled by a phone', async () => {
    const owner = await newcomer('cora')
    await pass(enrolling)
    const offer = await logIn(owner)
    const { serial } = offer
    for (const signature of ['', 'A'.repeat(8)]) {
      const answer = await nod.service.call('POST', '/ttype/push', { form: { serial, signature } })
      expect(answer).toMatchObject({ status: 404, error: { code: 601 } })
    }
    expect(await nod.service.status(offer.transactionId)).toBe('pending')
    // Nor afterwards: what the phone is asked is a login, never its own enrollment.
    const phone = await scan(offer)
    expect(await phone.poll()).toEqual([])
  })

  it('is finalized only while its token is usable', async () => {
    const owner = await newcomer('dan')
    await pass(enrolling)
    const offer = await logIn(owner)
    await scan(offer)
    await nod.service.call('POST', `/token/disable/${offer.serial}`)
    expect(await nod.service.finalize(offer.transactionId, owner)).toBe('REJECT')
  })

  it('follows the enrollment policies, and says so where they forbid it', async () => {
    const owner = { user: 'eli', realm: 'first-login-elsewhere' }
    await nod.service.call('POST', `/realm/${owner.realm}`)
    await nod.service.call('POST', '/user/', { form: owner })
    await nod.authenticationPolicy({ passOnNoToken: true, ...enrolling }, { realm: [owner.realm], ...CONFIRMED })
    const reply = await nod.service.check({ ...owner, pass: 'x' })
    expect(reply).toMatchObject({ status: 403, error: { code: 303 } })
    expect(reply.error?.message).toMatch(/^Missing enrollment policy for push token/)
    expect(await tokensOf(owner)).toBe(0)
  })

  it('belongs to the service whose key began it', async () => {
    const owner = await newcomer('fay')
    await pass(optional)
    const vpn = nod.caller({ authorization: await nod.serviceKey('vpn') })
    const reply = await vpn.check({ ...owner, pass: 'x' })
    const { transaction_id: transactionId = '', serial = '', link } = reply.detail
    shown.add(serial)
    expect(await cancel({ transactionId })).toMatchObject(notCancelled)
    await scan({ link: String(link) })
    expect(await nod.service.finalize(transactionId, owner)).toBe('REJECT')
    expect(await vpn.finalize(transactionId, owner)).toBe('ACCEPT')
    await nod.revokeServiceKey('vpn')
  })
})

describe('a user who cancels an enrollment', () => {
  it('passes where that is left open, once, and is asked again at the next login', async () => {
    const owner = await newcomer('gil')
    await pass(optional)
    const offer = await logIn(owner)
    expect(offer.reply.detail['enroll_via_multichallenge_optional']).toBe(true)
    const passed = await cancel(offer)
    expect(passed).toMatchObject({ status: 200, value: true, authentication: 'ACCEPT' })
    expect(passed.detail).toEqual({ message: 'Cancelled enrollment via multichallenge', threadid: 1 })
    expect(await tokensOf(owner)).toBe(0)

    expect(await cancel(offer)).toMatchObject(notCancelled)
    expect(await nod.service.finalize(offer.transactionId, owner)).toBe('REJECT')
    await expect(scan(offer)).rejects.toThrow(RegistrationRefused)
    expect(await nod.service.status(offer.transactionId)).toBe('pending')
    expect((await logIn(owner)).serial).not.toBe(offer.serial)
  })

  it('is in the audit under the service that cancelled it', async () => {
    const owner = await newcomer('gaby')
    await pass(optional)
    const vpn = nod.caller({ authorization: await nod.serviceKey('gaby') })
    const { transaction_id: id = '', serial = '' } = (await vpn.check({ ...owner, pass: 'x' })).detail
    expect(await vpn.check({ transaction_id: id, cancel_enrollment: '1' })).toMatchObject({ value: true })
    const query = { serial, administrator: `service:${nod.realm}-gaby` }
    // The token came, and went.
    expect((await nod.service.call('GET', '/audit/', { query })).value).toMatchObject({ count: 2 })
    await nod.revokeServiceKey('gaby')
  })

  it('may be named in the same breath: nothing begins anew by that', async () => {
    const owner = await newcomer('gus')
    await pass(optional)
    const offer = await logIn(owner)
    const other = await newcomer('gwen')
    expect(await cancel(offer, other)).toMatchObject(notCancelled)
    expect(await cancel(offer, owner)).toMatchObject({ value: true, authentication: 'ACCEPT' })
    expect(await tokensOf(owner)).toBe(0)
  })

  it('does not pass where enrolling is required', async () => {
    const owner = await newcomer('hal')
    await pass(enrolling)
    const offer = await logIn(owner)
    for (const extra of [{}, owner]) expect(await cancel(offer, extra)).toMatchObject(notCancelled)
    expect(await tokensOf(owner)).toBe(1)
    await scan(offer)
    expect(await nod.service.finalize(offer.transactionId, owner)).toBe('ACCEPT')
  })

  it('does not pass by cancelling anything else', async () => {
    const { owner } = await nod.enroll('ida')
    await pass(optional)
    const login = await nod.service.trigger(owner)
    expect(await cancel(login)).toMatchObject(notCancelled)
    expect(await nod.service.status(login.transactionId)).toBe('pending')
    expect(await cancel({ transactionId: '01234567890123456789' })).toMatchObject(notCancelled)
    const nothing = await nod.service.check({ cancel_enrollment: 'true' })
    expect(nothing).toMatchObject({ status: 400, error: { message: 'ERR905: Missing parameter: transaction_id' } })
  })

  it('does not pass with a code that was shown before, nor once the phone has registered', async () => {
    const owner = await newcomer('jan')
    await pass(optional)
    const first = await logIn(owner)
    const second = await logIn(owner)
    expect(await cancel(first)).toMatchObject(notCancelled)
    await scan(second)
    expect(await cancel(second)).toMatchObject(notCancelled)
    expect(await nod.service.finalize(second.transactionId, owner)).toBe('ACCEPT')
  })

  it('passes or has a phone, never both, when both happen at once', async () => {
    await pass(optional)
    for (let round = 0; round < 6; round += 1) {
      const owner = await newcomer(`kim${round}`)
      const offer = await logIn(owner)
      const registering = scan(offer).then(
        () => true,
        () => false,
      )
      // A little later each time, so that now the one is faster and now the other.
      const cancelling = [0, 1].map(async () => {
        await sleep(round * 8)
        return (await cancel(offer)).value === true
      })
      const [registered, ...cancelled] = await Promise.all([registering, ...cancelling])
      expect([registered, ...cancelled].filter(Boolean)).toHaveLength(1)
      expect(await tokensOf(owner)).toBe(registered ? 1 : 0)
      expect(await nod.service.finalize(offer.transactionId, owner)).toBe(registered ? 'ACCEPT' : 'REJECT')
    }
  })
})
