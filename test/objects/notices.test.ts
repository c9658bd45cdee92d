/** Notices whose way is barred: a phone's object, a shard, the journal or D1 does not answer. */
import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { Journal, Phone, Transactions } from '../../src/index.ts'
import { refuse } from '../../src/refusal.ts'
import type { Serial } from '../../src/vocabulary.ts'
import type { Prompt } from '../simulation/phone.ts'
import type { Service } from '../simulation/service.ts'
import { equip, type Holder, NOD, openService } from './http-world.ts'
import { eventually, ports, stubOf, valueOf } from './world.ts'

let service: Service
beforeAll(async () => {
  service = await openService()
  await service.deletePolicy('polled-enroll')
  const enrollment = { push_registration_url: `${NOD}/ttype/push`, push_firebase_configuration: 'poll only' }
  await service.setPolicy('polled-enroll', 'enrollment', enrollment, { realm: 'polled' })
  await service.setPolicy('polled-enroll', 'enrollment', enrollment, { realm: 'polled' })
})
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const lost = () => new Error('Network connection lost.')

/** Time goes on by so many seconds, and then the phone's alarm goes off. */
async function alarm({ serial }: Holder, after = 0): Promise<void> {
  vi.setSystemTime(Date.now() + after * 1000)
  await runDurableObjectAlarm(stubOf(serial))
}

async function prompts({ phone, serial }: Holder): Promise<readonly Prompt[]> {
  return phone.poll(serial)
}
async function nextPrompt(holder: Holder): Promise<Prompt> {
  const found: Prompt[] = []
  await eventually(async () => {
    found.push(...(await prompts(holder)))
    expect(found.length).toBeGreaterThan(0)
  })
  const [prompt] = found
  if (prompt === undefined) throw new Error('no prompt')
  return prompt
}

const isRevoked = async ({ serial }: Holder): Promise<boolean> =>
  valueOf(await ports.tokens.record(serial as Serial))?.revoked === true

describe('a new phone', () => {
  it('is made known later to a phone whose object cannot be reached, even if its own object restarts', async () => {
    const first = await equip('ada', 'polled')
    const barred = vi.spyOn(Phone.prototype, 'giveNotice').mockRejectedValue(lost())
    const second = await equip('ada', 'polled')
    await eventually(() => expect(barred).toHaveBeenCalled())
    expect(await prompts(first)).toEqual([])
    barred.mockRestore()
    await evictDurableObject(stubOf(second.serial))
    await alarm(second, 3)
    expect((await nextPrompt(first)).question).toContain(second.serial)
  })

  it('is made known while the journal does not take the event, and reported later, once by its id', async () => {
    const reported: string[] = []
    const barred = vi.spyOn(Journal.prototype, 'reportEvent').mockImplementation(async ({ id }) => {
      reported.push(id)
      throw lost()
    })
    const first = await equip('bob', 'polled')
    const second = await equip('bob', 'polled')
    await nextPrompt(first)
    barred.mockRestore()
    const taken = vi.spyOn(Journal.prototype, 'reportEvent')
    await alarm(second, 3)
    const ids = taken.mock.calls.map(([event]) => event.id).filter((id) => id.includes(`:${second.serial}:`))
    expect(ids).toHaveLength(1)
    expect(new Set(reported.filter((id) => id.includes(`:${second.serial}:`)))).toEqual(new Set(ids))
    await alarm(second, 3)
    expect(taken.mock.calls.filter(([event]) => event.id === ids[0])).toHaveLength(1)
  })

  it('is shown by the next poll if no shard could open its prompt', async () => {
    const first = await equip('cleo', 'polled')
    const full = vi
      .spyOn(Transactions.prototype, 'open')
      .mockImplementation(async () => refuse({ reason: 'shard_full' }))
    const second = await equip('cleo', 'polled')
    await eventually(() => expect(full).toHaveBeenCalled())
    expect(await prompts(first)).toEqual([])
    full.mockRestore()
    expect((await nextPrompt(first)).question).toContain(second.serial)
  })

  it('is registered all the same while nobody can be told', async () => {
    const first = await equip('dora', 'polled')
    vi.spyOn(Phone.prototype, 'giveNotice').mockRejectedValue(lost())
    const second = await equip('dora', 'polled')
    const login = await service.trigger(first.who)
    expect(login.serials).toContain(second.serial)
  })
})

describe('"not me"', () => {
  async function declinable(user: string) {
    const first = await equip(user, 'polled')
    const second = await equip(user, 'polled')
    return { first, second, notice: await nextPrompt(first) }
  }
  const notMe = ({ phone }: Holder, notice: Prompt) => phone.decline(notice, { reason: 'unknown_trigger' })

  it('that the phone’s object does not hear is an error for the app, which tries again', async () => {
    const { first, second, notice } = await declinable('emil')
    const deaf = vi.spyOn(Phone.prototype, 'answerNotice').mockRejectedValue(lost())
    expect(await notMe(first, notice)).not.toMatchObject({ taken: true })
    deaf.mockRestore()
    expect(await isRevoked(second)).toBe(false)
    expect(await notMe(first, notice)).toMatchObject({ taken: true })
    await eventually(async () => expect(await isRevoked(second)).toBe(true))
  })

  it('is carried out by the alarm if the other phone’s object cannot be reached', async () => {
    const { first, second, notice } = await declinable('fay')
    const barred = vi.spyOn(Phone.prototype, 'undoBinding').mockRejectedValue(lost())
    expect(await notMe(first, notice)).toMatchObject({ taken: true })
    await eventually(() => expect(barred).toHaveBeenCalled())
    barred.mockRestore()
    await evictDurableObject(stubOf(first.serial))
    await alarm(first, 6)
    expect(await isRevoked(second)).toBe(true)
  })

  it('waits while the phone that says so is being changed: it may be reported lost', async () => {
    const { first, second, notice } = await declinable('gil')
    const phone = ports.phones.of(first.serial as Serial)
    const mark = valueOf(await phone.beginChange())
    expect(await notMe(first, notice)).not.toMatchObject({ taken: true })
    expect(await isRevoked(second)).toBe(false)
    await phone.endChange({ mark })
    expect(await notMe(first, notice)).toMatchObject({ taken: true })
    await eventually(async () => expect(await isRevoked(second)).toBe(true))
  })
})

describe('a phone that is told much', () => {
  it('keeps twenty notices, says when it keeps no more, and drops none that is unanswered', async () => {
    const { serial } = await equip('hana', 'polled')
    const phone = ports.phones.of(serial as Serial)
    const give = async (count: number) => {
      const subject = { kind: 'phone_bound', serial: `PIPUX${count}` as Serial, binding: 'enrolled' } as const
      return valueOf(await phone.giveNotice({ notice: { id: `n${count}`, at: ports.now(), subject } }))
    }
    const kept: boolean[] = []
    for (let count = 0; count < 21; count += 1) kept.push(await give(count))
    expect(kept).toEqual([...Array.from({ length: 20 }, () => true), false])
    expect(await give(0)).toBe(true)
  })
})
