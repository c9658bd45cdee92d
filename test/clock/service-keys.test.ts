import { expect, it, vi } from 'vitest'
import { equip, NOD } from '../objects/http-world.ts'
import { eventually } from '../objects/world.ts'
import { inProcess } from '../driver/in-process.ts'
import { fields } from '../simulation/reply.ts'
import { Service } from '../simulation/service.ts'
import { HOUR, MINUTE, pass, SECOND, service, stopTime } from './world.ts'

stopTime()

const DAY = 24 * HOUR
const holding = (authorization: string): Service => new Service({ baseUrl: NOD, fetch: inProcess.fetch, authorization })
const shown = (reply: { readonly value?: unknown }) => {
  const { key, expires_at: expiresAt, previous_until: previousUntil } = fields(reply.value)
  return { caller: holding(String(key)), expiresAt, previousUntil }
}
const make = async (name: string, form: Readonly<Record<string, string>> = {}) =>
  shown(await service.call('POST', '/apikey', { form: { name, ...form } }))
/** The administrator signs in anew: an API token is valid for an hour. */
const rotate = async (name: string, form: Readonly<Record<string, string>> = {}) => {
  await service.auth('admin', 'adminpw-of-tests')
  return shown(await service.call('POST', `/apikey/${name}/rotate`, { form }))
}
const listed = async (name: string) => {
  await service.auth('admin', 'adminpw-of-tests')
  const { value } = await service.call('GET', '/apikey')
  return (value as readonly Record<string, unknown>[]).find((key) => key['name'] === name)
}
const UNKNOWN = { status: 401, error: { code: 4304 } }
const OPENED = { status: 200, value: 1 }

it('a service key that expires admits nobody from that moment on, and the audit says why', async () => {
  const { who } = await equip('wanda', 'polled', { pin: '1234' })
  const { caller, expiresAt } = await make('short-lived', { expires_in: '3600' })
  expect(expiresAt).toBe(Date.now() + HOUR)
  pass(HOUR - 1)
  expect(await caller.triggerchallenge(who)).toMatchObject(OPENED)
  pass(1)
  expect(await caller.triggerchallenge(who)).toMatchObject(UNKNOWN)
  // As a key that is none: it is asked for one.
  expect(await caller.check({ ...who, pass: '1234' })).toMatchObject({ status: 403, error: { code: 303 } })
  await eventually(async () => {
    await service.auth('admin', 'adminpw-of-tests')
    const { value } = await service.call('GET', '/audit/', { query: { user: 'wanda', page_size: '20' } })
    expect(JSON.stringify(value).match(/\(service_key_expired\)/g), JSON.stringify(value)).toHaveLength(2)
  })
  expect(await listed('short-lived')).toMatchObject({ expires_at: expiresAt })
})

it('the login that an expired key opened is not finalized with it', async () => {
  const { who, phone } = await equip('xenia', 'polled')
  const { caller } = await make('ending', { expires_in: '60' })
  const login = await caller.trigger(who)
  const [prompt] = await phone.poll()
  if (prompt !== undefined) await phone.accept(prompt)
  pass(MINUTE)
  expect(await caller.check({ ...who, pass: '', transaction_id: login.transactionId })).toMatchObject({ status: 403 })
  // The key's next secret finalizes it.
  const next = await rotate('ending')
  expect(await next.caller.check({ ...who, pass: '', transaction_id: login.transactionId })).toMatchObject({
    authentication: 'ACCEPT',
  })
})

it('a rotated key works with both secrets for a day, unless another overlap is chosen, then with the new one', async () => {
  const { who } = await equip('yara', 'polled')
  const old = await make('daily')
  const next = await rotate('daily')
  expect(next.previousUntil).toBe(Date.now() + DAY)
  pass(DAY - SECOND)
  for (const { caller } of [old, next]) expect(await caller.triggerchallenge(who)).toMatchObject(OPENED)
  pass(SECOND)
  expect(await old.caller.triggerchallenge(who)).toMatchObject(UNKNOWN)
  expect(await next.caller.triggerchallenge(who)).toMatchObject(OPENED)
})

it('rotation keeps no expired secret alive, and gives the new one as long a life', async () => {
  const { who } = await equip('zora', 'polled')
  const old = await make('monthly', { expires_in: String((30 * DAY) / 1000) })
  pass(30 * DAY - MINUTE)
  const next = await rotate('monthly', { overlap: '86400' })
  expect(next.expiresAt).toBe(Date.now() + 30 * DAY)
  expect(await old.caller.triggerchallenge(who)).toMatchObject(OPENED)
  pass(MINUTE)
  expect(await old.caller.triggerchallenge(who)).toMatchObject(UNKNOWN)
  expect(await next.caller.triggerchallenge(who)).toMatchObject(OPENED)
  // Neither does a rotation after its end.
  const last = await rotate('monthly', { overlap: '2592000' })
  expect(await old.caller.triggerchallenge(who)).toMatchObject(UNKNOWN)
  expect(await last.caller.triggerchallenge(who)).toMatchObject(OPENED)
})

it('the list tells when each secret was last used, to the hour', async () => {
  const { who } = await equip('abel', 'polled')
  const old = await make('seen')
  expect(await listed('seen')).toMatchObject({ last_used_at: null, rotated_at: null, earlier: [] })
  const first = Date.now()
  await old.caller.triggerchallenge(who)
  await eventually(async () => expect(await listed('seen')).toMatchObject({ last_used_at: first }))
  const next = await rotate('seen', { overlap: '7200' })
  pass(HOUR)
  const second = Date.now()
  await next.caller.triggerchallenge(who)
  await eventually(async () =>
    expect(await listed('seen')).toMatchObject({
      last_used_at: second,
      rotated_at: first,
      earlier: [{ expires_at: first + 2 * HOUR, last_used_at: first }],
    }),
  )
})

it('a request with a service key does not wait for its last use to be written', async () => {
  const { who } = await equip('bert', 'polled')
  const { caller } = await make('hasty')
  const { connect } = await import('../../src/connect.ts')
  const { env } = await import('cloudflare:workers')
  const ports = await connect(env)
  const stuck = vi.spyOn(ports.serviceKeys, 'recordUse').mockReturnValue(new Promise(() => undefined))
  expect(await caller.triggerchallenge(who)).toMatchObject(OPENED)
  expect(stuck).toHaveBeenCalledTimes(1)
  vi.restoreAllMocks()
})
