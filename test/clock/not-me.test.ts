import { expect, it } from 'vitest'
import { equip, type Holder } from '../objects/http-world.ts'
import { eventually } from '../objects/world.ts'
import { fields } from '../simulation/reply.ts'
import { HOUR, pass, SECOND, service, stopTime } from './world.ts'

stopTime()

const CAFE = '203.0.113.7'
const HOME = '203.0.113.99'
const enter = async ({ who }: Holder, more: object = {}) => {
  const { authentication, detail } = await service.check({ ...who, pass: '1234', ...more })
  return authentication === 'CHALLENGE' ? detail.multi_challenge?.[0]?.client_mode : detail.message
}
const info = async ({ serial }: Holder) => {
  const { value } = await service.call('GET', '/token/', { query: { serial } })
  const { tokens } = fields(value)
  return fields(fields(Array.isArray(tokens) ? tokens[0] : undefined)['info'])
}
/** So many hours pass, and the administrator signs in again. */
async function hours(count: number): Promise<void> {
  pass(count * HOUR)
  await service.auth('admin', 'adminpw-of-tests')
}
async function report(holder: Holder, more: object = {}, pin = '1234'): Promise<void> {
  const before = await info(holder)
  await service.check({ ...holder.who, pass: pin, ...more })
  const prompt = (await holder.phone.poll(holder.serial)).at(-1)
  if (prompt === undefined) throw new Error('no prompt')
  await holder.phone.decline(prompt, { reason: 'unknown_trigger' })
  await eventually(async () => expect(await info(holder)).not.toEqual(before))
}

it('the place of a login that was not hers is shut out for an hour, and then has to know the code for a day', async () => {
  await service.call('POST', '/system/setConfig', {
    form: { OverrideAuthorizationClient: '127.0.0.1 > 203.0.113.0/24' },
  })
  const ada = await equip('ada', 'polled', { pin: '1234' })
  await report(ada, { client: CAFE })
  pass(HOUR - SECOND)
  expect(await enter(ada, { client: CAFE })).toBe('The user has reported a login from here. Try again later.')
  pass(SECOND)
  expect(await enter(ada, { client: CAFE })).toBe('interactive')
  pass(23 * HOUR)
  expect(await enter(ada, { client: CAFE })).toBe('poll')
  await service.call('DELETE', '/system/OverrideAuthorizationClient')
})

it('a suspension ends after a day where no PIN could be changed, and never where one can', async () => {
  const bob = await equip('bob', 'polled')
  const eve = await equip('eve', 'polled', { pin: '1234' })
  for (let round = 0; round < 2; round++) {
    await report(bob, {}, '')
    await report(eve)
    await hours(1)
  }
  const opens = async (holder: Holder, pin: string) => enter(holder, { pass: pin })
  expect([await opens(bob, ''), await opens(eve, '1234')]).toEqual(['interactive', 'interactive'])
  await hours(24)
  expect([await opens(bob, ''), await opens(eve, '1234')]).toEqual(['poll', 'interactive'])
  expect(await info(bob)).not.toHaveProperty('pin_suspended')
})

it('after a suspension that is over, the next report is a first one again, and withdraws no login from elsewhere', async () => {
  await service.call('POST', '/system/setConfig', {
    form: { OverrideAuthorizationClient: '127.0.0.1 > 203.0.113.0/24' },
  })
  const carl = await equip('carl', 'polled')
  for (const client of [CAFE, '203.0.113.8']) await report(carl, { client }, '')
  expect(await enter(carl, { client: HOME, pass: '' })).toBe('interactive')
  await hours(25)
  const login = await service.check({ ...carl.who, pass: '', client: HOME })
  const [own] = await carl.phone.poll(carl.serial)
  if (own === undefined) throw new Error('no prompt')
  await report(carl, { client: CAFE }, '')
  await carl.phone.accept(own)
  expect(await service.status(String(login.detail.transaction_id))).toBe('accept')
  await service.call('DELETE', '/system/OverrideAuthorizationClient')
})
