import { afterEach, beforeEach, expect, it } from 'vitest'
import { RestorableNod } from './restorable-nod.ts'

let nod: RestorableNod
beforeEach(async () => {
  nod = new RestorableNod()
  await nod.start()
})
afterEach(() => nod.remove())

it.each([
  ['were put back from a copy', 'copy'],
  ['are lost whole', 'nothing'],
] as const)('the objects %s: logins go by what the database knows, and no guess is given back', async (_, from) => {
  const ada = await nod.enroll('ada', 'first')
  const bob = await nod.enroll('bob', '1111')
  expect(await nod.logIn(ada, 'first')).toBe('ACCEPT')
  await nod.backUp()

  await nod.setPin(ada.serial, 'second')
  for (const guess of ['a', 'b', 'c']) expect(await nod.logIn(bob, guess)).toMatch(/wrong/i)
  await expect.poll(() => nod.copiedAttempts(bob.serial), { timeout: 30_000 }).toBe(3)
  await nod.putBack('do', from)

  expect(await nod.logIn(ada, 'first')).toMatch(/wrong/i)
  expect(await nod.logIn(ada, 'second')).toBe('ACCEPT')
  expect(await nod.logIn(bob, 'd')).toMatch(/wrong/i)
  expect(await nod.token(bob.serial)).toMatchObject({ failcount: 4 })
  expect(await nod.logIn(bob, '1111')).toBe('ACCEPT')
})
