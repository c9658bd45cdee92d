import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Phone, RegistrationRefused } from '../simulation/phone.ts'
import { fields, type Reply } from '../simulation/reply.ts'
import type { Form } from '../simulation/service.ts'
import { only, Scene, sleep } from './scene.ts'

let scene: Scene
const shown = new Set<string>()

beforeAll(async () => {
  scene = await Scene.open('first-login')
})
afterEach(() => scene.liftPolicies())
afterAll(async () => {
  for (const serial of shown) await scene.service.call('DELETE', `/token/${serial}`)
  await scene.close()
})

type Who = { readonly user: string; readonly realm: string }

/** A user who exists and has no token. */
async function newcomer(user: string): Promise<Who> {
  const who = { user, realm: scene.realm }
  await scene.service.call('POST', '/user/', { form: who })
  return who
}

const pass = (options: Readonly<Record<string, string | true>> = {}) =>
  scene.authenticationPolicy({ passOnNoToken: true, ...options })
const enrolling = { enroll_via_multichallenge: 'PUSH' }
const optional = { ...enrolling, enroll_via_multichallenge_optional: true } as const

interface Offer {
  readonly transactionId: string
  readonly serial: string
  readonly link: string
  readonly reply: Reply
}

/** The user logs in and is shown a code. */
async function logIn(who: Who, pin = 'whatever'): Promise<Offer> {
  const reply = await scene.service.check({ ...who, pass: pin })
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
  scene.service.check({ transaction_id: transactionId, cancel_enrollment: 'true', ...extra })
const notCancelled = {
  status: 200,
  value: false,
  authentication: 'REJECT',
  detail: { message: 'Failed to cancel enrollment via multichallenge' },
}
const tokensOf = async (who: Who): Promise<number> =>
  Number(fields((await scene.service.call('GET', '/token/', { query: who })).value)['count'])

describe('a phone that has registered in a login', () => {
  it.each([
    ['disabled and enabled again', ['disable', 'enable']],
    ['unassigned and given back', ['unassign', 'assign']],
    ['given another PIN', ['setpin']],
  ])('finishes it no more when its token is %s', async (name, verbs) => {
    await pass(enrolling)
    const who = await newcomer(`changed-${name.replaceAll(' ', '-')}`)
    const login = await logIn(who)
    await scan(login)
    for (const verb of verbs) {
      const form = {
        serial: login.serial,
        ...(verb === 'assign' ? who : {}),
        ...(verb === 'setpin' ? { otppin: '1' } : {}),
      }
      expect(await scene.service.call('POST', `/token/${verb}`, { form })).toMatchObject({ status: 200 })
    }
    expect(await scene.service.finalize(login.transactionId, who)).toBe('REJECT')
  })
})

describe('a user without any token', () => {
  it('passes where a policy says so, whatever is entered, and is told by which', async () => {
    const who = await newcomer('amy')
    expect(await scene.service.check({ ...who, pass: 'x' })).toMatchObject({
      value: false,
      detail: { message: 'The user has no tokens assigned' },
    })
    const policy = await pass()
    for (const entry of [{ pass: 'x' }, { pass: '' }, {}] as Record<string, string>[]) {
      const reply = await scene.service.check({ ...who, ...entry })
      expect(reply).toMatchObject({ status: 200, value: true, authentication: 'ACCEPT' })
      expect(reply.detail).toEqual({ message: `user has no token, accepted due to '${policy}'`, threadid: 1 })
    }
  })

  it('rings nobody for a trigger, and is not passed by it', async () => {
    const who = await newcomer('abe')
    await pass(enrolling)
    const reply = await scene.service.triggerchallenge(who)
    expect(reply).toMatchObject({ status: 200, value: 0, authentication: 'REJECT' })
    expect(await tokensOf(who)).toBe(0)
  })

  it('has to be known, and to be outside the reach of no token at all', async () => {
    await pass()
    const nobody = await scene.service.check({ user: 'nobody', realm: scene.realm, pass: 'x' })
    expect(nobody).toMatchObject({ status: 400, error: { code: 904 } })

    const { serial, owner: who } = await scene.enroll('ann')
    await scene.service.call('POST', `/token/disable/${serial}`)
    expect(await scene.service.check({ ...who, pass: 'x' })).toMatchObject({ value: false, authentication: 'REJECT' })
    await scene.service.call('POST', `/token/revoke/${serial}`)
    expect(await scene.service.check({ ...who, pass: 'x' })).toMatchObject({ status: 400, error: { code: 1007 } })

    const waiting = await newcomer('arno')
    const { serial: unscanned = '' } = await scene.service.init(waiting)
    shown.add(unscanned)
    expect(await scene.service.check({ ...waiting, pass: 'x' })).toMatchObject({
      value: false,
      authentication: 'REJECT',
    })
  })
})

describe('enrollment during a login', () => {
  it('shows the code, lets the phone register, and the user in', async () => {
    const who = await newcomer('bea')
    await pass(enrolling)
    const offer = await logIn(who)
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
    expect(await scene.service.status(transactionId)).toBe('pending')
    expect(await scene.service.finalize(transactionId, who)).toBe('REJECT')

    const phone = await scan(offer)
    expect(await scene.service.status(transactionId)).toBe('accept')
    const used = await scene.service.check({ ...who, pass: '', transaction_id: transactionId })
    expect(used).toMatchObject({ value: true, authentication: 'ACCEPT' })
    expect(used.detail).toEqual({ message: 'Found matching challenge', serial, threadid: 1 })
    expect(await scene.service.finalize(transactionId, who)).toBe('REJECT')

    // From now on the phone is asked.
    const login = await scene.service.triggerWithPin(who, '')
    await phone.accept(only(await phone.poll()))
    expect(await scene.service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it('wakes whoever waits for it', async () => {
    const who = await newcomer('bill')
    await pass(enrolling)
    const offer = await logIn(who)
    const path = `/validate/polltransaction/${offer.transactionId}`
    const waiting = scene.service.call('GET', path, { query: { wait: '20' } })
    const began = performance.now()
    await scan(offer)
    expect(await waiting).toMatchObject({ value: true, detail: { challenge_status: 'accept' } })
    expect(performance.now() - began).toBeLessThan(5000)
  })

  it('says what the policy says beside the code', async () => {
    const who = await newcomer('bob')
    await pass({ ...enrolling, enroll_via_multichallenge_text: 'Scan this\\, please' })
    expect((await logIn(who)).reply.detail.message).toBe('Scan this, please')
  })

  it('takes effect only where the user would pass at all', async () => {
    const who = await newcomer('bert')
    await scene.authenticationPolicy(enrolling)
    expect(await scene.service.check({ ...who, pass: 'x' })).toMatchObject({ value: false, authentication: 'REJECT' })
    expect(await tokensOf(who)).toBe(0)
  })

  it('shows the code again when the user logs in before scanning it; the one before is void', async () => {
    const who = await newcomer('cat')
    await pass(enrolling)
    const first = await logIn(who)
    const second = await logIn(who)
    expect(second.serial).toBe(first.serial)
    expect(second.link).not.toBe(first.link)
    expect(await tokensOf(who)).toBe(1)

    await expect(scan(first)).rejects.toThrow(RegistrationRefused)
    expect(await scene.service.status(first.transactionId)).toBe('declined')
    await scan(second)
    expect(await scene.service.status(first.transactionId)).toBe('declined')
    expect(await scene.service.finalize(first.transactionId, who)).toBe('REJECT')
    expect(await scene.service.finalize(second.transactionId, who)).toBe('ACCEPT')
  })

  it('gives a user one token, however many logins begin at once', async () => {
    const who = await newcomer('cleo')
    await pass(enrolling)
    const replies = await Promise.all(Array.from({ length: 4 }, () => scene.service.check({ ...who, pass: 'x' })))
    for (const { authentication, detail } of replies) {
      expect(['CHALLENGE', 'REJECT']).toContain(authentication)
      if (detail.serial !== undefined) shown.add(detail.serial)
    }
    expect(await tokensOf(who)).toBe(1)
    const last = await logIn(who)
    await scan(last)
    expect(await scene.service.finalize(last.transactionId, who)).toBe('ACCEPT')
  })

  it('is neither answered nor polled by a phone', async () => {
    const who = await newcomer('cora')
    await pass(enrolling)
    const offer = await logIn(who)
    const { serial } = offer
    for (const signature of ['', 'A'.repeat(8)]) {
      const answer = await scene.service.call('POST', '/ttype/push', { form: { serial, signature } })
      expect(answer).toMatchObject({ status: 200, value: false })
    }
    expect(await scene.service.status(offer.transactionId)).toBe('pending')
    // Nor afterwards: what the phone is asked is a login, never its own enrollment.
    const phone = await scan(offer)
    expect(await phone.poll()).toEqual([])
  })

  it('is finished only while its token is fit', async () => {
    const who = await newcomer('dan')
    await pass(enrolling)
    const offer = await logIn(who)
    await scan(offer)
    await scene.service.call('POST', `/token/disable/${offer.serial}`)
    expect(await scene.service.finalize(offer.transactionId, who)).toBe('REJECT')
  })

  it('follows the enrollment policies, and says so where they forbid it', async () => {
    const who = { user: 'eli', realm: 'first-login-elsewhere' }
    await scene.service.call('POST', '/user/', { form: who })
    await scene.authenticationPolicy({ passOnNoToken: true, ...enrolling }, { realm: [who.realm] })
    const reply = await scene.service.check({ ...who, pass: 'x' })
    expect(reply).toMatchObject({ status: 403, error: { code: 303 } })
    expect(reply.error?.message).toMatch(/^Missing enrollment policy for push token/)
    expect(await tokensOf(who)).toBe(0)
  })

  it('belongs to the service whose key began it', async () => {
    const who = await newcomer('fay')
    await pass(optional)
    const vpn = scene.caller({ authorization: await scene.serviceKey('vpn') })
    const reply = await vpn.check({ ...who, pass: 'x' })
    const { transaction_id: transactionId = '', serial = '', link } = reply.detail
    shown.add(serial)
    expect(await cancel({ transactionId })).toMatchObject(notCancelled)
    await scan({ link: String(link) })
    expect(await scene.service.finalize(transactionId, who)).toBe('REJECT')
    expect(await vpn.finalize(transactionId, who)).toBe('ACCEPT')
    await scene.revokeServiceKey('vpn')
  })
})

describe('whoever does not want to enroll', () => {
  it('passes where that is left open, once, and is asked again at the next login', async () => {
    const who = await newcomer('gil')
    await pass(optional)
    const offer = await logIn(who)
    expect(offer.reply.detail['enroll_via_multichallenge_optional']).toBe(true)
    const passed = await cancel(offer)
    expect(passed).toMatchObject({ status: 200, value: true, authentication: 'ACCEPT' })
    expect(passed.detail).toEqual({ message: 'Cancelled enrollment via multichallenge', threadid: 1 })
    expect(await tokensOf(who)).toBe(0)

    expect(await cancel(offer)).toMatchObject(notCancelled)
    expect(await scene.service.finalize(offer.transactionId, who)).toBe('REJECT')
    await expect(scan(offer)).rejects.toThrow(RegistrationRefused)
    expect(await scene.service.status(offer.transactionId)).toBe('pending')
    expect((await logIn(who)).serial).not.toBe(offer.serial)
  })

  it('is in the audit by the service that said so', async () => {
    const who = await newcomer('gaby')
    await pass(optional)
    const vpn = scene.caller({ authorization: await scene.serviceKey('gaby') })
    const { transaction_id: id = '', serial = '' } = (await vpn.check({ ...who, pass: 'x' })).detail
    expect(await vpn.check({ transaction_id: id, cancel_enrollment: '1' })).toMatchObject({ value: true })
    const query = { serial, administrator: `service:${scene.realm}-gaby` }
    // The token came, and went.
    expect((await scene.service.call('GET', '/audit/', { query })).value).toMatchObject({ count: 2 })
    await scene.revokeServiceKey('gaby')
  })

  it('may be named in the same breath: nothing begins anew by that', async () => {
    const who = await newcomer('gus')
    await pass(optional)
    const offer = await logIn(who)
    const other = await newcomer('gwen')
    expect(await cancel(offer, other)).toMatchObject(notCancelled)
    expect(await cancel(offer, who)).toMatchObject({ value: true, authentication: 'ACCEPT' })
    expect(await tokensOf(who)).toBe(0)
  })

  it('does not pass where enrolling is required', async () => {
    const who = await newcomer('hal')
    await pass(enrolling)
    const offer = await logIn(who)
    for (const extra of [{}, who]) expect(await cancel(offer, extra)).toMatchObject(notCancelled)
    expect(await tokensOf(who)).toBe(1)
    await scan(offer)
    expect(await scene.service.finalize(offer.transactionId, who)).toBe('ACCEPT')
  })

  it('does not pass by cancelling anything else', async () => {
    const { owner: who } = await scene.enroll('ida')
    await pass(optional)
    const login = await scene.service.trigger(who)
    expect(await cancel(login)).toMatchObject(notCancelled)
    expect(await scene.service.status(login.transactionId)).toBe('pending')
    expect(await cancel({ transactionId: '01234567890123456789' })).toMatchObject(notCancelled)
    const nothing = await scene.service.check({ cancel_enrollment: 'true' })
    expect(nothing).toMatchObject({ status: 400, error: { message: 'ERR905: Missing parameter: transaction_id' } })
  })

  it('does not pass with a code that was shown before, nor once the phone has registered', async () => {
    const who = await newcomer('jan')
    await pass(optional)
    const first = await logIn(who)
    const second = await logIn(who)
    expect(await cancel(first)).toMatchObject(notCancelled)
    await scan(second)
    expect(await cancel(second)).toMatchObject(notCancelled)
    expect(await scene.service.finalize(second.transactionId, who)).toBe('ACCEPT')
  })

  it('passes or has a phone, never both, when both happen at once', async () => {
    await pass(optional)
    for (let round = 0; round < 6; round += 1) {
      const who = await newcomer(`kim${round}`)
      const offer = await logIn(who)
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
      expect(await tokensOf(who)).toBe(registered ? 1 : 0)
      expect(await scene.service.finalize(offer.transactionId, who)).toBe(registered ? 'ACCEPT' : 'REJECT')
    }
  })
})
