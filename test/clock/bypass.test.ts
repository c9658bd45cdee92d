import { env } from 'cloudflare:workers'
import { beforeAll, expect, it } from 'vitest'
import { equip, type Holder } from '../objects/http-world.ts'
import { fields } from '../simulation/reply.ts'
import type { Form } from '../simulation/service.ts'
import { MINUTE, pass, service, stopTime } from './world.ts'

stopTime()

let ada: Holder
beforeAll(async () => {
  ada = await equip('ada', 'polled')
})

async function issued(extra: Form = {}): Promise<string> {
  const { value } = await service.call('POST', '/token/bypass', { form: { ...ada.who, reason: 'x', ...extra } })
  return String(fields(value)['code'])
}
const outcome = async (code: string) => (await service.check({ ...ada.who, pass: code })).authentication
const rows = async () => (await env.DB.prepare('SELECT id FROM bypass_codes').all()).results.length

it('a code is valid until it expires', async () => {
  const good = await issued({ validity_minutes: '30' })
  pass(30 * MINUTE - 1)
  expect(await outcome(good)).toBe('ACCEPT')
  const late = await issued({ validity_minutes: '30' })
  pass(30 * MINUTE)
  expect(await outcome(late)).toBe('REJECT')
  expect((await service.call('GET', '/token/bypass')).value).toEqual([])
})

it('an expired code is deleted when the next one is issued', async () => {
  await service.call('POST', '/user/', { form: { user: 'bob', realm: 'polled' } })
  await issued()
  await issued({ validity_minutes: '1', user: 'bob' })
  expect(await rows()).toBe(2)
  pass(MINUTE)
  await issued()
  expect(await rows()).toBe(1)
})

it('a code is stored as a hash with a salt of its own', async () => {
  const stored = async () => {
    const code = await issued()
    const [row] = (await env.DB.prepare('SELECT * FROM bypass_codes').all()).results
    expect(row).toMatchObject({
      hash: expect.stringMatching(/^2\.[\w-]{22}\.[\w-]{43}$/),
      login: 'ada',
      realm: 'polled',
    })
    for (const secret of [code, code.replaceAll('-', '')]) expect(JSON.stringify(row)).not.toContain(secret)
    return String(row?.['hash']).split('.')[1]
  }
  expect(await stored()).not.toBe(await stored())
})

it('a code that an earlier version has stored without a salt lets its user in, once', async () => {
  const code = (await issued()).replaceAll('-', '')
  const input = new TextEncoder().encode(JSON.stringify(['polled', 'ada', code]))
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', input))
  const hash = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  await env.DB.prepare('UPDATE bypass_codes SET hash = ?').bind(hash).run()
  expect(await outcome(`${code.slice(0, -1)}${code.endsWith('a') ? 'b' : 'a'}`)).toBe('REJECT')
  expect(await outcome(code)).toBe('ACCEPT')
  expect(await outcome(code)).toBe('REJECT')
})
