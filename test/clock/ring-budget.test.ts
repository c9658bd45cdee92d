/** How long a phone is silent. */
import { evictDurableObject } from 'cloudflare:test'
import { describe, expect, it } from 'vitest'
import { only } from '../driver/waiting.ts'
import { equip, type Holder } from '../objects/http-world.ts'
import { stubOf } from '../objects/world.ts'
import { MINUTE, pass, SECOND, service, stopTime } from './world.ts'

stopTime()

/** What the login page says: a tap rings the phone, a code is asked for in silence. */
const ring = async ({ who }: Holder): Promise<'rings' | 'silent'> =>
  (await service.trigger(who)).message.startsWith('Please enter the code') ? 'silent' : 'rings'
async function bomb(holder: Holder): Promise<void> {
  for (let count = 0; count < 5; count++) {
    expect(await ring(holder)).toBe('rings')
    pass(SECOND)
  }
  expect(await ring(holder)).toBe('silent')
}

describe('a phone that has been rung five times without success', () => {
  it('is silent for ten minutes to the second, then for twenty, forty and an hour, with a ring between, also if its object slept', async () => {
    const ada = await equip('ada', 'polled')
    await bomb(ada)
    for (const [minutes, before] of [
      [10, 1],
      [20, 0],
      [40, 0],
      [60, 0],
      [60, 0],
    ] as const) {
      await evictDurableObject(stubOf(ada.serial))
      pass(minutes * MINUTE - before * SECOND - 1)
      await service.auth('admin', 'adminpw-of-tests')
      expect(await ring(ada)).toBe('silent')
      pass(1)
      expect(await ring(ada)).toBe('rings')
    }
  })

  it('rings again at once after a login that succeeds, by opening the app and typing its code', async () => {
    const bob = await equip('bob', 'polled')
    await bomb(bob)
    pass(3 * MINUTE)
    const login = await service.trigger(bob.who)
    // The newest is the last.
    const prompts = await bob.phone.poll(bob.serial)
    const { displayCode = '' } = await bob.phone.accept(only(prompts.slice(-1)))
    expect(await service.finalize(login.transactionId, bob.who, { pass: displayCode })).toBe('ACCEPT')
    expect(await ring(bob)).toBe('rings')
  })
})
