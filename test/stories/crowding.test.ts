import { afterAll, beforeAll, expect, it } from 'vitest'
import { only, Scene } from './scene.ts'

let scene: Scene

beforeAll(async () => {
  scene = await Scene.open('crowding')
})
afterAll(() => scene.close())

it('shows Bob the login that waits, however many of his were over before', async () => {
  const { phone, owner: who } = await scene.enroll('bob')
  for (let round = 0; round < 6; round++) {
    await scene.service.triggerWithPin(who, '')
    await phone.decline(only(await phone.poll()))
  }
  const login = await scene.service.trigger(who)
  await phone.accept(only(await phone.poll()))
  expect(await scene.service.finalize(login.transactionId)).toBe('ACCEPT')
})

it('takes no option where none was shown, though the phone signed it', async () => {
  const { phone, owner: who } = await scene.enroll('eve')
  const login = await scene.service.trigger(who)
  const shown = await phone.accept(only(await phone.poll()), { presence: 'A' })
  expect(shown.taken).toBe(false)
  expect(await scene.service.status(login.transactionId)).toBe('pending')
})
