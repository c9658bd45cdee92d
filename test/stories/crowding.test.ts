import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Driver } from '../driver/driver.ts'
import { only } from '../driver/waiting.ts'
import { openNod } from './scene.ts'

let nod: Driver

beforeAll(async () => {
  nod = await openNod('crowding')
})
afterAll(() => nod.close())

it('shows Bob the login that waits, however many of his were over before', async () => {
  const { phone, owner } = await nod.enroll('bob')
  await nod.authenticationPolicy({ push_firewall: 'off' })
  for (let round = 0; round < 6; round++) {
    await nod.service.triggerWithPin(owner, '')
    await phone.decline(only(await phone.poll()))
  }
  const login = await nod.service.trigger(owner)
  await phone.accept(only(await phone.poll()))
  expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
})

it('takes no option where none was shown, though the phone signed it', async () => {
  const { phone, owner } = await nod.enroll('eve')
  const login = await nod.service.trigger(owner)
  const shown = await phone.accept(only(await phone.poll()), { presence: 'A' })
  expect(shown.taken).toBe(false)
  expect(await nod.service.status(login.transactionId)).toBe('pending')
})
