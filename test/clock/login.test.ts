import { beforeAll, describe, expect, it } from 'vitest'
import { equip, type Holder, newPhone, NOD } from '../objects/http-world.ts'
import type { Phone } from '../simulation/phone.ts'
import { HOUR, MINUTE, pass, SECOND, service, stopTime } from './world.ts'

stopTime()

let ada: Holder
beforeAll(async () => {
  ada = await equip('ada', 'polled')
})

async function opened() {
  const { transactionId } = await service.trigger(ada.who)
  const [prompt] = await ada.phone.poll()
  if (prompt === undefined) throw new Error('no prompt came')
  return { transactionId, prompt }
}

describe('an answer', () => {
  it('is accepted for two minutes', async () => {
    const { transactionId, prompt } = await opened()
    pass(2 * MINUTE - 1)
    expect((await ada.phone.accept(prompt)).taken).toBe(true)
    expect(await service.status(transactionId)).toBe('accept')
  })

  it('is refused after two minutes', async () => {
    const { transactionId, prompt } = await opened()
    pass(2 * MINUTE)
    expect((await ada.phone.accept(prompt)).taken).toBe(false)
    expect(await service.status(transactionId)).toBe('pending')
    expect(await service.finalize(transactionId)).toBe('REJECT')
  })

  it('may take longer if the deployment allows it', async () => {
    const form = { PushChallengeValidityTime: '180' }
    expect((await service.call('POST', '/system/setConfig', { form })).status).toBe(200)
    const { prompt } = await opened()
    pass(3 * MINUTE - 1)
    expect((await ada.phone.accept(prompt)).taken).toBe(true)
    await service.call('DELETE', '/system/PushChallengeValidityTime')
  })
})

describe('a prompt', () => {
  it('is found by polling for two minutes', async () => {
    await service.trigger(ada.who)
    pass(2 * MINUTE - 1)
    expect(await ada.phone.poll()).toHaveLength(1)
    await service.trigger(ada.who)
    pass(2 * MINUTE)
    expect(await ada.phone.poll()).toEqual([])
    expect(ada.phone.lastPoll.get(ada.serial)).toMatchObject({ status: 200, value: [] })
  })
})

describe('an accepted login', () => {
  it('may be finalized for five minutes after the answer', async () => {
    const { transactionId, prompt } = await opened()
    pass(100 * SECOND)
    await ada.phone.accept(prompt)
    pass(5 * MINUTE - 1)
    expect(await service.status(transactionId)).toBe('accept')
    expect(await service.finalize(transactionId)).toBe('ACCEPT')
  })

  it('may not be finalized later', async () => {
    const { transactionId, prompt } = await opened()
    await ada.phone.accept(prompt)
    pass(5 * MINUTE)
    expect(await service.finalize(transactionId)).toBe('REJECT')
    expect(await service.status(transactionId)).toBe('pending')
  })

  it('is finalized once, however much time passes', async () => {
    const { transactionId, prompt } = await opened()
    await ada.phone.accept(prompt)
    expect(await service.finalize(transactionId)).toBe('ACCEPT')
    for (const later of [0, MINUTE, 10 * MINUTE]) {
      pass(later)
      expect(await service.finalize(transactionId)).toBe('REJECT')
    }
  })

  it('may have its code typed for five minutes after the phone confirmed', async () => {
    await service.setPolicy('codes', 'authentication', { push_code_to_phone: true })
    const [early, late] = [await opened(), await opened()]
    const codes = await Promise.all(
      [early, late].map(async ({ prompt }) => (await ada.phone.accept(prompt)).displayCode ?? ''),
    )
    pass(5 * MINUTE - 1)
    expect(await service.finalize(early.transactionId, undefined, { pass: codes[0] ?? '' })).toBe('ACCEPT')
    pass(1)
    expect(await service.finalize(late.transactionId, undefined, { pass: codes[1] ?? '' })).toBe('REJECT')
    await service.deletePolicy('codes')
  })
})

describe("a phone's clock", () => {
  const timestamp = (offset: number) => new Date(Date.now() + offset).toISOString().replace('Z', '001Z')
  const polled = async (offset: number) =>
    (await ada.phone.get(`${NOD}/ttype/push`, await ada.phone.phonePollQuery(ada.serial, timestamp(offset)))).status
  const refreshed = async (offset: number) =>
    (await ada.phone.post(`${NOD}/ttype/push`, await ada.phone.refreshForm(ada.serial, 'new token', timestamp(offset))))
      .status

  it('may be half a minute off when it polls, a minute and a half not', async () => {
    expect([await polled(30 * SECOND), await polled(-30 * SECOND)]).toEqual([200, 200])
    for (const offset of [90 * SECOND, -90 * SECOND, HOUR, -HOUR])
      expect(await polled(offset)).toBeGreaterThanOrEqual(400)
  })

  it('may be four minutes off when it refreshes its registration token, six not', async () => {
    expect([await refreshed(-4 * MINUTE), await refreshed(4 * MINUTE)]).toEqual([200, 200])
    for (const offset of [6 * MINUTE, -6 * MINUTE]) expect(await refreshed(offset)).toBeGreaterThanOrEqual(400)
  })

  it('may not go back from refresh to refresh, so that an old one cannot be replayed', async () => {
    const old = await ada.phone.refreshForm(ada.serial, 'old token', timestamp(0))
    expect((await ada.phone.post(`${NOD}/ttype/push`, old)).status).toBe(200)
    pass(MINUTE)
    expect(await refreshed(0)).toBe(200)
    expect((await ada.phone.post(`${NOD}/ttype/push`, old)).status).toBeGreaterThanOrEqual(400)
  })
})

describe('an enrollment', () => {
  /** A code that was shown, and what a phone would send of it, however late. */
  async function shown(user: string, phone: Phone) {
    const detail = await service.init({ user, realm: 'polled' })
    const formOf = (one: Phone) => one.registrationForm(one.scan(detail.pushurl?.value ?? ''))
    const form = await formOf(phone)
    const send = async (fields = form) => phone.post(`${NOD}/ttype/push`, fields)
    return { form, formOf, send }
  }

  it('may be completed for its ten minutes and one more', async () => {
    const { send } = await shown('bea', newPhone())
    pass(11 * MINUTE - 1)
    expect(await send()).toMatchObject({ status: 200, detail: { rollout_state: 'enrolled' } })
  })

  it('may not be completed later', async () => {
    const { send } = await shown('cleo', newPhone())
    pass(11 * MINUTE)
    expect(await send()).toMatchObject({ status: 400, error: { code: 905 } })
  })

  it('completed twice by the same phone gets the same reply, because the first may have been lost', async () => {
    const { send } = await shown('dora', newPhone())
    const first = await send()
    expect(first.status).toBe(200)
    pass(MINUTE)
    const again = await send()
    expect([again.status, again.detail]).toEqual([200, first.detail])
    pass(11 * MINUTE)
    expect((await send()).status).toBe(404)
  })

  it('completed by one phone cannot be completed by another', async () => {
    const { form, formOf, send } = await shown('edda', newPhone({ keys: 0 }))
    const others = await formOf(newPhone({ keys: 1 }))
    expect((await send()).status).toBe(200)
    expect((await send(others)).status).toBe(404)
    expect((await send({ ...form, fbtoken: 'another' })).status).toBe(404)
  })
})

describe('an API token', () => {
  it('is valid for an hour', async () => {
    pass(HOUR - SECOND)
    expect((await service.call('GET', '/token/')).status).toBe(200)
    pass(SECOND)
    expect((await service.call('GET', '/token/')).status).toBe(401)
  })
})

describe('a phone that is locked', () => {
  it('stays locked until it is reset', async () => {
    const { who, serial } = await equip('fay', 'polled', { pin: '1234' })
    for (let attempt = 0; attempt < 10; attempt++) await service.check({ ...who, pass: 'wrong' })
    pass(24 * HOUR)
    expect((await service.check({ ...who, pass: '1234' })).authentication).toBe('REJECT')
    await service.auth('admin', 'adminpw-of-tests')
    await service.call('POST', '/token/reset', { form: { serial } })
    expect((await service.check({ ...who, pass: '1234' })).authentication).toBe('CHALLENGE')
  })
})
