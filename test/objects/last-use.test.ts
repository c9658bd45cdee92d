/** A policy about the last use of tokens, whose copy in D1 is older than what their phones know. */
import { env } from 'cloudflare:workers'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { addSeconds, seconds } from '../../src/vocabulary.ts'
import type { Service } from '../simulation/service.ts'
import { countCalls } from './counting.ts'
import { equip, type Holder, openService } from './http-world.ts'
import { eventually, FAR, ports } from './world.ts'

const PIN = '1234'
const HOUR = 3600

let service: Service
beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: FAR })
  service = await openService()
})
afterAll(async () => {
  await service.auth('admin', 'adminpw-of-tests')
  await service.deletePolicy('last-use')
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const pass = (hours: number) => vi.setSystemTime(addSeconds(ports.now(), seconds(hours * HOUR)))
const copied = async (serial: string) =>
  env.DB.prepare('SELECT successes, last_use FROM tokens WHERE serial = ?').bind(serial).first()

async function logIn({ who, phone, serial }: Holder): Promise<string> {
  const { transactionId } = await service.triggerWithPin(who, PIN)
  const [prompt] = await phone.poll(serial)
  if (prompt === undefined) throw new Error('no prompt came')
  await phone.accept(prompt)
  return service.finalize(transactionId)
}

it('a token is refused by its last use as its phone knows it, not by D1’s older copy, which is renewed', async () => {
  const ada = await equip('uma', 'polled', { pin: PIN })
  const since = ports.now()
  expect(await logIn(ada)).toBe('ACCEPT')
  await eventually(async () => expect(await copied(ada.serial)).toEqual({ successes: 1, last_use: since }))
  pass(24)
  const used = ports.now()
  expect(await logIn(ada)).toBe('ACCEPT')
  expect(await copied(ada.serial)).toEqual({ successes: 1, last_use: since })

  await service.auth('admin', 'adminpw-of-tests')
  await service.setPolicy('last-use', 'authorization', { last_auth: '30h' }, { user: ['uma'] })
  pass(12)
  const calls = countCalls()
  // A shard introduces itself to the journal at its first login.
  const ofLogin = () => calls.filter((call) => call !== 'Journal.addShard')
  await service.triggerWithPin(ada.who, PIN)
  expect(ofLogin()).toEqual(['Phone.counters', 'Phone.ring', 'Transactions.open'])
  await eventually(async () => expect(await copied(ada.serial)).toEqual({ successes: 2, last_use: used }))
  // So the next login is not asked for.
  calls.length = 0
  await service.triggerWithPin(ada.who, PIN)
  expect(ofLogin()).toEqual(['Phone.ring', 'Transactions.open'])

  pass(19)
  const refused = await service.check({ ...ada.who, pass: PIN })
  expect([refused.authentication, refused.detail.message]).toEqual([
    'REJECT',
    expect.stringContaining('It is to long ago.'),
  ])
})
