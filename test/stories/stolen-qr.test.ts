/** Somebody who has photographed the QR code of an enrollment. What they get depends on who registers first. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Driver, nextPrompt } from '../driver/driver.ts'
import { only } from '../driver/waiting.ts'
import { type Credential, generateKeys, Phone } from '../simulation/phone.ts'
import { fields } from '../simulation/reply.ts'
import { openNod } from './scene.ts'

let nod: Driver

beforeAll(async () => {
  nod = await openNod('stolen-qr')
})
afterEach(() => nod.deletePolicies())
afterAll(() => nod.close())

const thief = async (): Promise<Phone> => new Phone({ keys: await generateKeys() })
/** The thief's phone, which has kept the photographed code although Nod refused it. */
async function withToken(phone: Phone, { serial, url }: Credential): Promise<Phone> {
  phone.tokens.set(serial, { serial, url, publicKey: '', pollOnly: true } as never)
  return phone
}

describe('somebody who scans a photographed QR code after its owner', () => {
  it('gets nothing: the code is used up, their polls and answers are refused, and the audit has the attempt', async () => {
    const { phone, credential, serial, owner } = await nod.beginEnrollment('ada', { pin: '1234' })
    await phone.register(credential)
    const stranger = await thief()
    const form = await stranger.registrationForm(credential)
    expect(await stranger.post(credential.url, form)).toMatchObject({ status: 404, error: { code: 601 }, detail: {} })
    // With the owner's key and the thief's address of FCM, too: prompts are to go where the owner's phone is.
    const diverted = { ...(await phone.registrationForm(credential)), fbtoken: stranger.registrationToken }
    expect(await phone.post(credential.url, diverted)).toMatchObject({ status: 404, error: { code: 601 } })

    const login = await nod.service.triggerWithPin(owner, '1234')
    const prompt = await nextPrompt(phone, serial)
    await withToken(stranger, credential)
    expect(await stranger.poll(serial)).toEqual([])
    expect(stranger.lastPoll.get(serial)).toMatchObject({ status: 400 })
    expect(await stranger.accept(prompt)).toMatchObject({ taken: false })
    expect(await nod.service.status(login.transactionId)).toBe('pending')
    await phone.accept(prompt)
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')

    const { value } = await nod.service.call('GET', '/audit/', { query: { serial, success: '0' } })
    const lines = fields(value)['auditdata'] as readonly Record<string, unknown>[]
    expect(lines.filter(({ action }) => action === 'POST /ttype/<ttype>').length).toBeGreaterThan(0)
  })
})

describe('somebody who scans a photographed QR code before its owner', () => {
  it('has a phone that the owner’s PIN is needed to ring, and the owner finds out at once', async () => {
    const { phone, credential, serial, owner } = await nod.beginEnrollment('bea', { pin: '1234' })
    const stranger = await thief()
    await stranger.register(credential)
    // The owner's app says that the enrollment failed.
    await expect(phone.register(credential)).rejects.toThrow('No token with this serial number')
    expect((await nod.service.check({ ...owner, pass: '' })).authentication).toBe('REJECT')
    expect(await stranger.poll(serial)).toEqual([])

    // The helpdesk enrolls anew: the thief's phone is out, also with what it has approved already.
    const login = await nod.service.triggerWithPin(owner, '1234')
    await stranger.accept(only(await stranger.poll(serial)))
    const detail = await nod.service.init({ serial, ...owner })
    expect(await nod.service.finalize(login.transactionId, owner)).toBe('REJECT')
    expect(await stranger.poll(serial)).toEqual([])
    expect(stranger.lastPoll.get(serial)).toMatchObject({ status: 400 })
    await phone.register(phone.scan(detail.pushurl?.value ?? ''))
    const again = await nod.service.triggerWithPin(owner, '1234')
    expect(await stranger.poll(serial)).toEqual([])
    await phone.accept(only(await phone.poll(serial)))
    expect(await nod.service.finalize(again.transactionId)).toBe('ACCEPT')
  })

  it('gets nothing by a code that was shown again: only the newest one registers', async () => {
    const { credential, serial, owner } = await nod.beginEnrollment('cora')
    await nod.service.init({ serial, ...owner, rollover: '1' })
    const stranger = await thief()
    const reply = await stranger.post(credential.url, await stranger.registrationForm(credential))
    expect(reply).toMatchObject({ status: 400, error: { code: 905 } })
    expect(await nod.token(serial)).toMatchObject({ rollout_state: 'clientwait' })
  })

  it('gets nothing by a code whose token was disabled, revoked or deleted meanwhile', async () => {
    for (const end of ['disable', 'revoke', 'delete']) {
      const { credential, serial } = await nod.beginEnrollment(`dora ${end}`)
      const [method, path] = end === 'delete' ? ['DELETE', `/token/${serial}`] : ['POST', `/token/${end}/${serial}`]
      expect((await nod.service.call(method, path)).status).toBe(200)
      const stranger = await thief()
      const reply = await stranger.post(credential.url, await stranger.registrationForm(credential))
      expect({ end, status: reply.status }).toEqual({ end, status: end === 'disable' ? 400 : 404 })
      if (end !== 'delete')
        expect(await nod.token(serial)).toMatchObject({ rollout_state: 'clientwait', active: false })
    }
  })

  it('gets no second chance when the helpdesk enables the token again, and the owner gets a new code', async () => {
    const { phone, credential, serial, owner } = await nod.beginEnrollment('erna')
    const disable = () => nod.service.call('POST', `/token/disable/${serial}`)
    expect(await disable()).toMatchObject({ value: 1 })
    expect(await disable()).toMatchObject({ value: 0 })
    await nod.service.call('POST', `/token/enable/${serial}`)
    const stranger = await thief()
    await expect(stranger.register(credential)).rejects.toThrow('Invalid enrollment credential')
    const detail = await nod.service.init({ serial, ...owner, rollover: '1' })
    await phone.register(phone.scan(detail.pushurl?.value ?? ''))
    const login = await nod.service.trigger(owner)
    await phone.accept(only(await phone.poll(serial)))
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
  })
})
