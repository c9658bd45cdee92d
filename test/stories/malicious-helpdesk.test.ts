/** A member of the helpdesk who means harm: what the role is enough for, what it is not, and what the victim and the audit see. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Driver, nextPrompt } from '../driver/driver.ts'
import { fields } from '../simulation/reply.ts'
import type { Service } from '../simulation/service.ts'
import { openNod } from './scene.ts'

const LOGIN = 'malicious-mallory'
const PASSWORD = 'correct horse battery staple'

let nod: Driver
let mallory: Service

beforeAll(async () => {
  nod = await openNod('helpdesk')
  await nod.service.call('POST', '/administrator', { form: { login: LOGIN, password: PASSWORD, role: 'helpdesk' } })
  mallory = nod.caller()
  await mallory.auth(LOGIN, PASSWORD)
})
afterEach(() => nod.deletePolicies())
afterAll(async () => {
  await nod.service.call('DELETE', `/administrator/${LOGIN}`)
  await nod.close()
})

async function auditOf(query: Readonly<Record<string, string>>): Promise<readonly Record<string, unknown>[]> {
  const { value } = await nod.service.call('GET', '/audit/', { query })
  return fields(value)['auditdata'] as readonly Record<string, unknown>[]
}

describe('a member of the helpdesk', () => {
  it('gets in as a user by a bypass code, and the audit names them and the reason they gave', async () => {
    const { owner } = await nod.enroll('ada', { pin: '1234' })
    const issued = await mallory.call('POST', '/token/bypass', {
      form: { ...owner, reason: 'lost phone, says Mallory' },
    })
    const code = String(fields(issued.value)['code'])
    expect((await nod.service.check({ ...owner, pass: code })).authentication).toBe('ACCEPT')
    expect(await auditOf({ ...owner, action: 'POST /token/bypass' })).toMatchObject([
      { administrator: LOGIN, success: 1, action_detail: expect.stringContaining('lost phone, says Mallory') },
    ])
    const used = await auditOf({ ...owner, action: 'POST /validate/check' })
    expect(used).toMatchObject([{ authentication: 'ACCEPT', info: `bypass code of ${LOGIN}` }])
  })

  it('gets in as a user by a phone of their own, which the audit tells from the user’s', async () => {
    const { serial: own, owner } = await nod.enroll('bea', { pin: '1234' })
    const detail = await mallory.init({ ...owner, pin: '4321' })
    const phone = nod.phone()
    const { serial } = await phone.register(phone.scan(detail.pushurl?.value ?? ''))
    const login = await nod.service.triggerWithPin(owner, '4321')
    expect(login.serials).toEqual([serial])
    await phone.accept(await nextPrompt(phone, serial))
    expect(await nod.service.finalize(login.transactionId, owner)).toBe('ACCEPT')
    expect(serial).not.toBe(own)
    expect(await auditOf({ serial, action: 'POST /token/init' })).toMatchObject([{ administrator: LOGIN }])
    expect((await auditOf({ serial, action: 'POST /ttype/*' })).length).toBeGreaterThan(0)
  })

  it('does neither where policies grant less: tokens may be disabled, and nobody is let in', async () => {
    const { serial, owner } = await nod.enroll('cora', { pin: '1234' })
    // Others keep what they had.
    await nod.policy('admin', { '*': true }, { adminuser: ['admin'] })
    const hers = await nod.policy('admin', { disable: true, auditlog: true }, { adminuser: [LOGIN] })
    const refused: [string, Readonly<Record<string, string>>][] = [
      ['/token/bypass', { ...owner, reason: 'x' }],
      ['/token/init', { ...owner, type: 'push', genkey: '1' }],
      ['/token/setpin', { serial, otppin: '4321' }],
      [`/token/lost/${serial}`, {}],
      ['/token/assign', { serial, ...owner }],
      ['/token/reset', { serial }],
    ]
    for (const [path, form] of refused) {
      const reply = await mallory.call('POST', path, { form })
      expect({ path, status: reply.status, code: reply.error?.code }).toEqual({ path, status: 403, code: 303 })
    }
    expect(await mallory.call('POST', `/token/disable/${serial}`)).toMatchObject({ status: 200, value: 1 })
    // Before the other one, without which nobody could.
    await nod.service.deletePolicy(hers)
  })

  it('approves no login that is open: no list has its nonce, its number or its code', async () => {
    const modes: Readonly<Record<string, string | true>>[] = [
      { push_require_presence: true },
      { push_code_to_phone: true },
    ]
    for (const [index, action] of modes.entries()) {
      const { phone, serial, owner } = await nod.enroll(`dora ${index}`)
      await nod.authenticationPolicy(action)
      const login = await nod.service.trigger(owner)
      const prompt = await nextPrompt(phone, serial)
      const shown = await phone.accept(prompt, login.presence === undefined ? {} : { presence: login.presence })
      const lists = await Promise.all(
        [
          `/token/challenges/${serial}`,
          '/token/challenges/',
          `/token/?serial=${serial}`,
          `/audit/?user=${owner.user}`,
          `/transaction/${login.transactionId}`,
        ].map(async (path) => (await mallory.call('GET', path)).text),
      )
      for (const secret of [prompt.nonce, shown.displayCode].filter((one) => one !== undefined))
        for (const text of lists) expect(text).not.toContain(secret)
      await nod.deletePolicies()
    }
  })

  it('becomes nothing more: no keys, policies, settings or administrators, and no other password than their own', async () => {
    const refused: [string, string, Readonly<Record<string, string>>?][] = [
      ['POST', '/apikey', { name: 'mine', role: 'admin' }],
      ['POST', '/policy/mine', { scope: 'admin', action: '*' }],
      ['POST', '/system/setConfig', { OverrideAuthorizationClient: '0.0.0.0/0' }],
      ['POST', '/administrator', { login: 'mine', password: PASSWORD, role: 'admin' }],
      ['POST', '/administrator/disable/admin'],
      ['DELETE', '/administrator/admin'],
      ['POST', '/deployment/keys/signing/rotate'],
      ['POST', '/deployment/user-data/erase', { user: 'ada', realm: nod.realm }],
      ['POST', '/realm/mine'],
      ['DELETE', `/user/nod/ada`],
    ]
    for (const [method, path, form] of refused) {
      const reply = await mallory.call(method, path, form === undefined ? {} : { form })
      expect({ method, path, status: reply.status }).toEqual({ method, path, status: 401 })
    }
    expect(await auditOf({ administrator: LOGIN, success: '1', action: 'POST /apikey' })).toEqual([])
  })

  it('is out as soon as an administrator disables the account, and a code that was issued can be withdrawn', async () => {
    const { owner } = await nod.enroll('erna', { pin: '1234' })
    const issued = await mallory.call('POST', '/token/bypass', { form: { ...owner, reason: 'x' } })
    const { code, id } = fields(issued.value)
    expect((await nod.service.call('DELETE', `/token/bypass/${String(id)}`)).status).toBe(200)
    expect((await nod.service.check({ ...owner, pass: String(code) })).authentication).toBe('REJECT')
    await nod.service.call('POST', `/administrator/disable/${LOGIN}`)
    expect((await mallory.call('GET', '/token/')).status).toBe(401)
    await expect(nod.caller().auth(LOGIN, PASSWORD)).rejects.toThrow()
    await nod.service.call('POST', `/administrator/enable/${LOGIN}`)
    await mallory.auth(LOGIN, PASSWORD)
  })
})
