/** Receivers that fail at first: the waits are those of a real Nod. */
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import type { Driver } from '../driver/driver.ts'
import { waitUntil } from '../driver/waiting.ts'
import { nod as runNod } from '../served/nod-command.ts'
import { Receiver } from '../simulation/receiver.ts'
import { fields } from '../simulation/reply.ts'
import { openNod, url } from './scene.ts'

const { admin } = inject('served')
const receiver = new Receiver(url)
let nod: Driver

beforeAll(async () => {
  nod = await openNod('hooks-slow')
  await receiver.start()
  const form = { name: 'slow', url: receiver.url, events: 'bypass_code_used' }
  expect(await nod.service.call('POST', '/webhook', { form })).toMatchObject({ status: 200 })
})
afterAll(async () => {
  await nod.service.call('DELETE', '/webhook/slow')
  await receiver.stop()
  await nod.close()
})

const state = async () => {
  const { value } = await nod.service.call('GET', '/webhook')
  return (Array.isArray(value) ? value.map(fields) : []).find(({ name }) => name === 'slow') ?? {}
}

it('an event comes again until the receiver says 202, as the same token, and doctor names the receiver meanwhile', async () => {
  receiver.answer = { status: 503 }
  const { owner } = await nod.enroll('ada')
  const issued = await nod.service.call('POST', '/token/bypass', { form: { ...owner, reason: 'lost phone' } })
  await nod.service.check({ ...owner, pass: String(fields(issued.value)['code']) })
  // At once, after 10 seconds, and after 30 more.
  expect(await waitUntil(async () => (await state())['failures'] === 3, 80_000)).toBe(true)
  const credentials = { NOD_URL: url, ADMIN_LOGIN: admin.login, ADMIN_PASSWORD: admin.password }
  const unwell = await runNod(['doctor'], credentials)
  expect(unwell.stdout).toContain('webhook slow: 3 failures in a row, 1 events wait: HTTP 503 where 202 is expected')
  receiver.answer = { status: 202 }
  expect(await waitUntil(() => receiver.received.length === 4, 150_000)).toBe(true)
  const [first, ...others] = receiver.received.map(({ claims }) => claims)
  expect(others).toEqual([first, first, first])
  expect(await waitUntil(async () => (await state())['waiting'] === 0)).toBe(true)
  expect(await state()).toMatchObject({ failures: 0, given_up: 0, dropped: 0 })
}, 300_000)
