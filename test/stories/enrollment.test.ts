import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Phone } from '../simulation/phone.ts'
import type { Driver } from '../driver/driver.ts'
import { only } from '../driver/waiting.ts'
import { openNod, url } from './scene.ts'

let nod: Driver

beforeAll(async () => {
  nod = await openNod('enrollment')
})
afterAll(() => nod.close())

describe('a QR code', () => {
  it('holds all the app asks for, and is a picture', async () => {
    const { detail, serial } = await nod.beginEnrollment('boris', { parameters: { description: 'x'.repeat(100) } })
    expect(detail).toMatchObject({ serial, rollout_state: 'clientwait', threadid: 1 })
    expect(detail.enrollment_credential).toMatch(/^[0-9a-f]{40}$/)
    const uri = detail.pushurl?.value ?? ''
    const credential = `enrollment_credential=${detail.enrollment_credential}`
    const address = encodeURIComponent(`${url}/ttype/push`).replaceAll('%2F', '/')
    expect(uri).toBe(
      `otpauth://pipush/${serial}?url=${address}&ttl=10&issuer=privacyIDEA&${credential}&v=1&serial=${serial}&sslverify=1&poll_only=True`,
    )
    const image = /^data:image\/png;base64,(.+)$/.exec(detail.pushurl?.img ?? '')?.[1] ?? ''
    expect(atob(image).startsWith('\u0089PNG\r\n\u001A\n')).toBe(true)

    const token = await nod.token(serial)
    expect(token).toMatchObject({
      active: false,
      rollout_state: 'clientwait',
      description: 'x'.repeat(80),
      tokentype: 'push',
    })
    expect(JSON.stringify(token)).not.toContain(detail.enrollment_credential)
  })

  it('names a serial of its own where none is asked for', async () => {
    const detail = await nod.service.init({ user: 'anyone', realm: nod.realm })
    expect(detail.serial).toMatch(/^PIPU[A-Z0-9]{8}$/)
    await nod.service.deleteToken(detail.serial ?? '')
  })

  it('is refused, and no token made, for more than it has room for', async () => {
    const { service, realm } = nod
    const serial = 'TOOLONG1'
    const init = (tokenlabel: string) =>
      service.call('POST', '/token/init', {
        form: { type: 'push', genkey: '1', user: 'long', realm, serial, tokenlabel, tokenissuer: 'i'.repeat(400) },
      })
    expect(await init('ü'.repeat(300))).toMatchObject({ status: 400, error: { code: 905 } })
    expect(await nod.token(serial)).toEqual({})
    expect(await init('l'.repeat(400))).toMatchObject({ status: 200, value: true })
    await service.deleteToken(serial)
  })

  it('lets nobody in before it is answered', async () => {
    const { owner } = await nod.beginEnrollment('cleo', { parameters: { pin: '1' } })
    expect(await nod.service.check({ ...owner, pass: '1' })).toMatchObject({
      authentication: 'REJECT',
      detail: { message: 'No suitable token found for authentication.' },
    })
    expect((await nod.service.triggerchallenge(owner)).value).toBe(0)
  })

  it('is made for push tokens that have all they need', async () => {
    const { service, realm } = nod
    const init = (form: Record<string, string>) =>
      service.call('POST', '/token/init', { form: { type: 'push', genkey: '1', ...form } })
    const user = { user: 'nobody-yet', realm }
    expect(await service.call('POST', '/token/init', { form: { type: 'push', ...user } })).toMatchObject({
      status: 400,
      error: { code: 905 },
    })
    expect(await init({ ...user, type: 'hotp' })).toMatchObject({ status: 400, error: { code: 1610 } })
    expect(await init({ ...user, serial: 'a b' })).toMatchObject({ status: 400, error: { code: 905 } })
    expect(await init({ ...user, serial: 'x'.repeat(41) })).toMatchObject({ status: 400, error: { code: 905 } })
    expect(await init({ realm })).toMatchObject({ status: 400, error: { code: 905 } })
    await service.call('POST', '/realm/elsewhere')
    expect(await init({ user: 'x', realm: 'elsewhere' })).toMatchObject({
      status: 403,
      error: { code: 303, message: 'Missing enrollment policy for push token: push_firebase_configuration' },
    })
    expect(
      await nod.caller().call('POST', '/token/init', { form: { ...user, type: 'push', genkey: '1' } }),
    ).toMatchObject({ status: 401, error: { code: 4033 } })
  })
})

describe('a serial that is enrolled anew', () => {
  it('starts over: its open logins are withdrawn, and the old phone is not known any more', async () => {
    const old = await nod.enroll('zoe', { pin: '1' })
    const open = await nod.service.trigger(old.owner)
    const said = await nod.service.trigger(old.owner)
    const [first, second] = await old.phone.poll()
    if (first === undefined || second === undefined) throw new Error('expected two prompts')
    await old.phone.accept(second)
    const detail = await nod.service.init({ serial: old.serial, ...old.owner })
    expect(await nod.token(old.serial)).toMatchObject({ rollout_state: 'clientwait', active: false })
    for (const { transactionId } of [open, said]) {
      expect(await nod.service.status(transactionId)).toBe('declined')
      expect(await nod.service.finalize(transactionId, old.owner)).toBe('REJECT')
    }
    expect(await old.phone.accept(first)).toMatchObject({ taken: false })
    await old.phone.poll()
    expect(old.phone.lastPoll.get(old.serial)).toMatchObject({ status: 400, error: { code: 10 } })

    const phone = new Phone()
    await phone.register(phone.scan(detail.pushurl?.value ?? ''))
    // No other PIN was given, so it is the one it was.
    const login = await nod.service.triggerWithPin(old.owner, '1')
    expect(await old.phone.poll()).toEqual([])
    await phone.accept(only(await phone.poll()))
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it('whose QR code is not scanned yet is enrolled anew only on request', async () => {
    const { phone, credential, serial, owner } = await nod.beginEnrollment()
    const init = (extra: Record<string, string>) =>
      nod.service.call('POST', '/token/init', { form: { type: 'push', genkey: '1', serial, ...owner, ...extra } })
    expect(await init({})).toMatchObject({ status: 400, error: { code: 905 } })
    expect(await init({ type: 'hotp' })).toMatchObject({ status: 400, error: { code: 301 } })
    const renewed = await init({ rollover: '1' })
    expect(renewed).toMatchObject({ status: 200, value: true })
    await expect(phone.register(credential)).rejects.toThrow('Invalid enrollment credential')
    await phone.register(phone.scan(renewed.detail.pushurl?.value ?? ''))
  })
})
