/** Somebody who has the key of a service, and nothing else: what they can do with it until it is revoked, and after. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Driver, type EnrolledUser, nextPrompt } from '../driver/driver.ts'
import { only } from '../driver/waiting.ts'
import { fields } from '../simulation/reply.ts'
import type { Service } from '../simulation/service.ts'
import { openNod, url } from './scene.ts'

let nod: Driver
let thief: Service
/** Another service, whose key nobody has stolen. */
let portal: Service
let count = 0

beforeAll(async () => {
  nod = await openNod('stolen-key')
  thief = nod.caller({ authorization: await nod.serviceKey('vpn') })
  portal = nod.caller({ authorization: await nod.serviceKey('portal') })
})
afterEach(() => nod.deletePolicies())
afterAll(() => nod.close())

const somebody = (pin?: string): Promise<EnrolledUser> =>
  nod.enroll(`user ${(count += 1)}`, pin === undefined ? {} : { pin })

describe('whoever has the key of a service', () => {
  it('rings phones, and is let in by nobody who does not say yes', async () => {
    const { phone, serial, owner } = await somebody('1234')
    const { transactionId } = await thief.trigger(owner)
    expect(await thief.finalize(transactionId, owner)).toBe('REJECT')
    expect(await thief.finalize(transactionId, owner, { pass: '1234' })).toBe('REJECT')
    await phone.decline(await nextPrompt(phone, serial), { reason: 'unknown_trigger' })
    expect(await thief.finalize(transactionId, owner)).toBe('REJECT')
    expect(await nod.failures(serial)).toBe(0)
  })

  it('guesses PINs no faster than anybody else, whatever addresses it names', async () => {
    const { serial, owner } = await somebody('1234')
    const guess = (pass: string, client: string) =>
      thief.call('POST', '/validate/check', {
        form: { ...owner, pass, client },
        headers: { 'X-Forwarded-For': client },
      })
    for (let round = 0; round < 10; round += 1) await guess(String(round), `203.0.113.${round}`)
    expect((await guess('1234', '198.51.100.7')).detail.message).toBe('Failcounter exceeded')
    expect(await nod.failures(serial)).toBe(10)
  })

  it('finalizes, follows and withdraws no login of another service', async () => {
    const { phone, serial, owner } = await somebody()
    const { transactionId } = await portal.trigger(owner)
    await phone.accept(await nextPrompt(phone, serial))
    expect(await thief.finalize(transactionId, owner)).toBe('REJECT')
    expect((await thief.call('GET', `/transaction/${transactionId}`)).status).not.toBe(200)
    expect((await thief.call('GET', `/transaction/${transactionId}/receipt`)).status).not.toBe(200)
    expect((await thief.call('DELETE', `/token/challenges/transaction/${transactionId}`)).status).toBe(401)
    const cancel = { form: { ...owner, transaction_id: transactionId, cancel_enrollment: '1' } }
    expect((await thief.call('POST', '/validate/check', cancel)).authentication).not.toBe('ACCEPT')
    expect(await portal.finalize(transactionId, owner)).toBe('ACCEPT')
  })

  it('reads no user, token, code, audit or setting, and changes none', async () => {
    const { serial, owner } = await somebody()
    const before = await nod.token(serial)
    const refused: [string, string, Record<string, string>?][] = [
      ['GET', '/token/'],
      ['GET', '/user/'],
      ['GET', '/audit/'],
      ['GET', '/policy/'],
      ['GET', '/system/'],
      ['GET', '/apikey'],
      ['GET', '/token/bypass'],
      ['GET', '/token/challenges/'],
      ['GET', '/report/phones'],
      ['POST', '/token/init', { ...owner, type: 'push', genkey: '1' }],
      ['POST', '/token/bypass', { ...owner, reason: 'x' }],
      ['POST', `/token/disable/${serial}`],
      ['POST', '/token/setpin', { serial, otppin: '1' }],
      ['POST', '/apikey', { name: 'mine', role: 'admin' }],
      ['POST', '/apikey/stolen-key-vpn/rotate'],
      ['POST', '/administrator', { login: 'mine', password: 'a password of mine', role: 'admin' }],
      ['DELETE', `/token/${serial}`],
    ]
    for (const [method, path, form] of refused) {
      const reply = await thief.call(method, path, form === undefined ? {} : { form })
      expect({ method, path, status: reply.status }).toEqual({ method, path, status: 401 })
    }
    expect(await nod.token(serial)).toEqual(before)
  })

  it('gets nothing any more once it is revoked: what it has opened is withdrawn, also what a phone has approved', async () => {
    const key = await nod.serviceKey('mail')
    const service = nod.caller({ authorization: key })
    const [ada, bea] = [await somebody(), await somebody()]
    const [open, approved] = [await service.trigger(ada.owner), await service.trigger(bea.owner)]
    await bea.phone.accept(await nextPrompt(bea.phone, bea.serial))
    await nod.revokeServiceKey('mail')
    // In the path of a plugin without headers, too.
    for (const caller of [service, nod.caller({ baseUrl: `${url}/s/${key}` })]) {
      const form = { ...bea.owner, pass: '', transaction_id: approved.transactionId }
      expect((await caller.call('POST', '/validate/check', { form })).authentication).toBe('REJECT')
      expect((await caller.call('POST', '/validate/triggerchallenge', { form: ada.owner })).status).toBe(401)
    }
    expect(await nod.service.finalize(approved.transactionId, bea.owner)).toBe('REJECT')
    expect(await nod.service.status(open.transactionId)).not.toBe('pending')
    expect(await ada.phone.poll()).toEqual([])
  })

  it('leaves a trace: the audit names the key at each login it has opened', async () => {
    const { owner } = await somebody()
    await thief.trigger(owner)
    const { value } = await nod.service.call('GET', '/audit/', { query: { user: owner.user } })
    const lines = fields(value)['auditdata'] as readonly Record<string, unknown>[]
    const [line] = lines.filter(({ action }) => action === 'POST /validate/triggerchallenge')
    expect(JSON.stringify(only([line]))).toContain('stolen-key-vpn')
  })
})
