import { runDurableObjectAlarm } from 'cloudflare:test'
import { beforeAll, expect, it } from 'vitest'
import type { Serial } from '../../src/vocabulary.ts'
import { equip, NOD, openService } from './http-world.ts'
import { eventually, ports, stubOf, valueOf } from './world.ts'

beforeAll(async () => {
  const service = await openService()
  const action = { push_registration_url: `${NOD}/ttype/push`, push_firebase_configuration: 'poll only' }
  await service.setPolicy('polled-enroll', 'enrollment', action, { realm: 'polled' })
})

it('a phone that is bound after twenty others is made known when the user has answered to those', async () => {
  const owner = await equip('mona', 'polled')
  const of = (serial: string) => ports.phones.of(serial as Serial)
  for (let count = 10; count < 30; count += 1) {
    const subject = { kind: 'phone_bound', serial: `PIPUMONA${count}` as Serial, binding: 'enrolled' } as const
    const notice = { id: `of ${count}`, at: ports.now(), subject }
    expect(valueOf(await of(owner.serial).giveNotice({ notice }))).toBe(true)
  }
  const thief = await equip('mona', 'polled')
  const shown: string[] = []
  await eventually(async () => {
    await runDurableObjectAlarm(stubOf(thief.serial))
    for (const prompt of await owner.phone.poll(owner.serial)) {
      shown.push(prompt.question)
      if (!prompt.question.includes(thief.serial)) await owner.phone.accept(prompt)
    }
    expect(shown.some((question) => question.includes(thief.serial))).toBe(true)
  })
  expect(shown).toHaveLength(21)
})
