/** One token with everything that is known of it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Driver } from '../driver/driver.ts'
import { PRIVACYIDEA } from '../simulation/phone/app.ts'
import { fields } from '../simulation/reply.ts'
import type { Service } from '../simulation/service.ts'
import { only } from '../driver/waiting.ts'
import { openNod } from './scene.ts'

const PIN = '1234'
let nod: Driver
beforeAll(async () => {
  nod = await openNod('token-page')
})
afterAll(() => nod.close())

const show = (serial: string, by: Service = nod.service) => by.call('GET', `/token/${serial}`)
const shown = async (serial: string) => fields((await show(serial)).value)

describe('the page of a token', () => {
  it('has its owner, state, phone and what it can do', async () => {
    const { serial, owner } = await nod.enroll('ada', { pin: PIN, app: { ...PRIVACYIDEA, version: '4.8.0' } })
    expect(await shown(serial)).toMatchObject({
      serial,
      type: 'push',
      user: 'ada',
      realm: owner.realm,
      status: 'ready',
      has_pin: true,
      rings_paused_until: null,
      phone: {
        app: expect.stringContaining('4.8.0'),
        code_to_phone: 'able',
        unreached: 'poll_only',
        registered_at: expect.any(Number),
        last_contact_at: expect.any(Number),
      },
    })
  })

  it('counts exactly, at once, where lists are up to a week late', async () => {
    const { serial, owner, phone } = await nod.enroll('bea', { pin: PIN })
    expect(await shown(serial)).toMatchObject({ counters: { is_exact: true, successes: 0, last_used_at: null } })
    for (let time = 0; time < 2; time += 1) {
      const login = await nod.service.triggerWithPin(owner, PIN)
      await phone.accept(only(await phone.poll()))
      expect(await nod.service.finalize(login.transactionId, owner)).toBe('ACCEPT')
    }
    await nod.service.call('POST', '/validate/check', { form: { ...owner, pass: 'wrong' } })
    const { counters } = await shown(serial)
    expect(counters).toMatchObject({ is_exact: true, successes: 2, failures: 1, failcount: 1 })
    expect(fields(counters)['last_used_at']).toBeGreaterThan(Date.now() - 60_000)
  })

  it('says what each state is, and of a token that no phone has registered that there is none', async () => {
    const { serial } = await nod.service.init({ user: 'cleo', realm: nod.realm })
    expect(await shown(String(serial))).toMatchObject({
      status: 'waiting',
      has_pin: false,
      counters: { is_exact: true, successes: 0 },
      phone: { registered_at: null, last_contact_at: null, unreached: null },
    })
    const { serial: locked, owner } = await nod.enroll('dora', { pin: PIN })
    await nod.service.call('POST', `/token/set/${locked}`, { form: { max_failcount: '1' } })
    await nod.service.call('POST', '/validate/check', { form: { ...owner, pass: 'wrong' } })
    expect(await shown(locked)).toMatchObject({ status: 'locked', counters: { locked_since: expect.any(Number) } })
    await nod.service.call('POST', `/token/disable/${locked}`)
    expect(await shown(locked)).toMatchObject({ status: 'disabled' })
    await nod.service.call('POST', `/token/revoke/${locked}`)
    expect(await shown(locked)).toMatchObject({ status: 'revoked' })
  })

  it('has no key, no PIN and no registration token', async () => {
    const { serial } = await nod.enroll('emma', { pin: PIN })
    const text = JSON.stringify((await show(serial)).value)
    expect(text).not.toMatch(/public_key|registration_token|MII|sealed|"pin"/)
  })

  it('is shown to nobody without a credential, and says of a made-up serial that there is none', async () => {
    const { serial } = await nod.enroll('fay', { pin: PIN })
    expect(await show('NOSUCH1')).toMatchObject({ status: 404, error: { code: 601 } })
    expect(await show(serial, nod.caller())).toMatchObject({ status: 401 })
    expect(await nod.service.call('GET', '/token/enable')).toMatchObject({ status: 405 })
  })
})
