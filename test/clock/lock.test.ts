import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it } from 'vitest'
import { equip, type Holder } from '../objects/http-world.ts'
import { eventually, stubOf } from '../objects/world.ts'
import { fields } from '../simulation/reply.ts'
import { MINUTE, pass, service, stopTime } from './world.ts'

stopTime()

const LOCKED = 'Failcounter exceeded'

afterEach(() => service.call('DELETE', '/system/failcounter_clear_timeout'))

const clearAfter = async (minutes: number) => {
  const form = { failcounter_clear_timeout: String(minutes) }
  expect((await service.call('POST', '/system/setConfig', { form })).status).toBe(200)
}
const enter = async ({ who }: Holder, pin: string) => {
  const { authentication, detail } = await service.check({ ...who, pass: pin })
  return authentication === 'CHALLENGE' ? 'rings' : detail.message
}
async function lock(holder: Holder): Promise<void> {
  for (let attempt = 0; attempt < 10; attempt++) expect(await enter(holder, 'wrong')).toBe('wrong otp pin')
  expect(await enter(holder, '1234')).toBe(LOCKED)
}
async function failures({ serial }: Holder): Promise<unknown> {
  const { value } = await service.call('GET', '/token/', { query: { serial } })
  const { tokens } = fields(value)
  return fields(Array.isArray(tokens) ? tokens[0] : undefined)['failcount']
}
const copied = ({ serial }: Holder) =>
  env.DB.prepare('SELECT attempts FROM tokens WHERE serial = ?').bind(serial).first('attempts')

describe('a phone that is locked', () => {
  it('stays locked if no duration is set', async () => {
    const ada = await equip('ada', 'polled', { pin: '1234' })
    await lock(ada)
    pass(50 * MINUTE)
    expect(await enter(ada, '1234')).toBe(LOCKED)
  })

  it('is unlocked to the millisecond when the configured time is over, even if its object slept', async () => {
    await clearAfter(5)
    const bob = await equip('bob', 'polled', { pin: '1234' })
    await lock(bob)
    await evictDurableObject(stubOf(bob.serial))
    pass(5 * MINUTE - 1)
    // A try in between makes it no longer.
    for (const pin of ['1234', 'wrong']) expect(await enter(bob, pin)).toBe(LOCKED)
    expect((await service.triggerchallenge(bob.who)).detail.message).toBe(LOCKED)
    expect(await failures(bob)).toBe(10)
    pass(1)
    expect(await enter(bob, '1234')).toBe('rings')
    expect(await failures(bob)).toBe(0)
    await eventually(async () => expect(await runDurableObjectAlarm(stubOf(bob.serial))).toBe(true))
    expect(await copied(bob)).toBe(0)
  })

  it('then has ten new attempts, and is locked as long again after them', async () => {
    await clearAfter(5)
    const cleo = await equip('cleo', 'polled', { pin: '1234' })
    await lock(cleo)
    pass(5 * MINUTE)
    expect(await enter(cleo, 'wrong')).toBe('wrong otp pin')
    expect(await failures(cleo)).toBe(1)
    for (let attempt = 1; attempt < 10; attempt++) expect(await enter(cleo, 'wrong')).toBe('wrong otp pin')
    pass(5 * MINUTE - 1)
    expect(await enter(cleo, '1234')).toBe(LOCKED)
  })

  it('then rings for a trigger too, and may finalize what it rang for before the lock', async () => {
    await clearAfter(1)
    const dora = await equip('dora', 'polled', { pin: '1234' })
    const login = await service.triggerWithPin(dora.who, '1234')
    const [prompt] = await dora.phone.poll()
    if (prompt === undefined) throw new Error('no prompt')
    await dora.phone.accept(prompt)
    await lock(dora)
    expect(await service.finalize(login.transactionId)).toBe('REJECT')
    expect(await dora.phone.poll()).toEqual([])
    pass(MINUTE)
    expect(await service.finalize(login.transactionId)).toBe('ACCEPT')
    expect(await failures(dora)).toBe(0)
    await lock(dora)
    pass(MINUTE)
    expect((await service.triggerchallenge(dora.who)).value).toBe(1)
    expect(await failures(dora)).toBe(0)
  })

  it('forgets its attempts by time; nine attempts that did not lock a phone stay', async () => {
    await clearAfter(1)
    const eve = await equip('eve', 'polled', { pin: '1234' })
    for (let attempt = 0; attempt < 9; attempt++) await enter(eve, 'wrong')
    pass(30 * MINUTE)
    expect(await enter(eve, '1234')).toBe('rings')
    expect(await failures(eve)).toBe(9)
    expect([await enter(eve, 'wrong'), await enter(eve, '1234')]).toEqual(['wrong otp pin', LOCKED])
  })
})
