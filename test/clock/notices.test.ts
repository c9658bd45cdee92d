import { runInDurableObject } from 'cloudflare:test'
import { beforeAll, describe, expect, it } from 'vitest'
import { equip, type Holder, NOD } from '../objects/http-world.ts'
import { eventually, stubOf } from '../objects/world.ts'
import type { Prompt } from '../simulation/phone.ts'
import { HOUR, MINUTE, pass, service, stopTime } from './world.ts'

stopTime()

beforeAll(() =>
  service.setPolicy(
    'polled-enroll',
    'enrollment',
    { push_registration_url: `${NOD}/ttype/push`, push_firebase_configuration: 'poll only', new_phone_notice: 'on' },
    { realm: 'polled' },
  ),
)

/** What the phone's poll brings that it has not shown yet. */
async function polled({ phone, serial }: Holder): Promise<readonly Prompt[]> {
  return phone.poll(serial)
}

const storedIn = ({ serial }: Holder): Promise<string> =>
  runInDurableObject(stubOf(serial), (_, { storage }) => JSON.stringify(storage.kv.get('phone')))

/** Polls until something comes; the clock stands. */
async function nextPrompt(holder: Holder): Promise<Prompt> {
  for (let tried = 0; tried < 200; tried += 1) {
    const [prompt] = await polled(holder)
    if (prompt !== undefined) return prompt
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error('no prompt came')
}

describe('a notice', () => {
  it('comes again three minutes later, because the app shows one prompt for two and never again', async () => {
    const first = await equip('ada', 'polled')
    const second = await equip('ada', 'polled')
    const early = await nextPrompt(first)
    pass(3 * MINUTE - 1)
    expect(await polled(first)).toEqual([])
    pass(1)
    const again = await nextPrompt(first)
    expect(again.nonce).not.toBe(early.nonce)
    expect(again.question).toBe(early.question)
    expect(await first.phone.decline(early, { reason: 'unknown_trigger' })).not.toMatchObject({ taken: true })
    expect(await first.phone.decline(again, { reason: 'unknown_trigger' })).toMatchObject({ taken: true })
    await expect
      .poll(async () => (await service.call('GET', '/token/', { query: { serial: second.serial } })).body)
      .toMatchObject({
        result: { value: { tokens: [{ revoked: true, active: false }] } },
      })
    pass(3 * MINUTE)
    expect(await polled(first)).toEqual([])
  })

  it('is there for a day, for a phone that was off', async () => {
    const first = await equip('bob', 'polled')
    await equip('bob', 'polled')
    // Its first prompt opens after the second phone has its reply; the clock must not move meanwhile.
    await eventually(async () => expect(await storedIn(first)).toContain('"prompts":1'))
    pass(24 * HOUR - MINUTE)
    const late = await nextPrompt(first)
    expect(late.title).toBe('Security notice, not a login')
    pass(MINUTE)
    pass(3 * MINUTE)
    expect(await polled(first)).toEqual([])
  })

  it('is shown twenty times at most', async () => {
    const first = await equip('cleo', 'polled')
    await equip('cleo', 'polled')
    const nonces = new Set<string>()
    for (let count = 0; count < 20; count += 1) {
      nonces.add((await nextPrompt(first)).nonce)
      pass(3 * MINUTE)
    }
    expect(nonces.size).toBe(20)
    expect(await polled(first)).toEqual([])
  })
})

describe('a phone', () => {
  it('of a lost token that is enabled again within the day is told then', async () => {
    const lost = await equip('dora', 'polled')
    await service.call('POST', '/token/disable', { form: { serial: lost.serial } })
    await equip('dora', 'polled', {})
    expect(await polled(lost)).toEqual([])
    await service.call('POST', '/token/enable', { form: { serial: lost.serial } })
    expect((await nextPrompt(lost)).question).toContain('Another phone')
  })
})
