import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { fields } from '../simulation/reply.ts'
import type { Form } from '../simulation/service.ts'
import { type Driver, nextPrompt } from '../driver/driver.ts'
import { only, waitUntil } from '../driver/waiting.ts'
import { openNod } from './scene.ts'

let nod: Driver

beforeAll(async () => {
  nod = await openNod('challenges')
})
afterEach(() => nod.deletePolicies())
afterAll(() => nod.close())

async function list(query: Form, path = ''): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { value } = await nod.service.call('GET', `/token/challenges/${path}`, { query })
  const { challenges } = fields(value)
  return Array.isArray(challenges) ? challenges.map((one) => fields(one)) : []
}
const idsOf = (items: readonly Readonly<Record<string, unknown>>[]) =>
  items.map((item) => String(item['transaction_id']))
const withdraw = async (id: string) => (await nod.service.call('DELETE', `/token/challenges/transaction/${id}`)).value

describe('an administrator who looks at open logins', () => {
  it('finds them by token, by user, by login and by a part of its name', async () => {
    const { serial, owner } = await nod.enroll('ada')
    const other = await nod.enroll('bea')
    const [first, second, others] = [
      await nod.service.trigger(owner),
      await nod.service.trigger(owner),
      await nod.service.trigger(other.owner),
    ]
    const mine = [first.transactionId, second.transactionId]
    expect(idsOf(await list({}, serial)).toSorted()).toEqual(mine.toSorted())
    expect(idsOf(await list({ serial })).toSorted()).toEqual(mine.toSorted())
    expect(idsOf(await list(other.owner))).toEqual([others.transactionId])
    expect(idsOf(await list({ transaction_id: first.transactionId }))).toEqual([first.transactionId])
    expect(idsOf(await list({ transaction_id: `*${first.transactionId.slice(5)}` }))).toEqual([first.transactionId])
    expect(idsOf(await list({ transaction_id: second.transactionId }, serial))).toEqual([second.transactionId])
    expect(await list({ transaction_id: '12345678901234567890' })).toEqual([])
    const newest = await list({ sortby: 'timestamp', sortdir: 'desc', pagesize: '1' })
    expect(idsOf(newest)).toEqual([others.transactionId])
  })

  it('sees the status of a login, and nothing that could finalize it', async () => {
    const { phone, serial, owner } = await nod.enroll('cora')
    await nod.authenticationPolicy({ push_require_presence: true, push_text_on_mobile: 'Open the door?' })
    await nod.service.trigger(owner)
    const prompt = only(await phone.poll())
    const shown = only(await list({}, serial))
    expect(shown).toMatchObject({ challenge: '***', otp_valid: false, serial })
    expect(shown['data']).toEqual({
      type: 'push',
      mode: 'require_presence',
      attempt_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      notification: { question: 'Open the door?', title: prompt.title },
      options: prompt.options,
      correct_answer: '***',
    })
    expect(JSON.stringify(shown)).not.toContain(prompt.nonce)
    await nod.deletePolicies()

    await nod.authenticationPolicy({ push_code_to_phone: true })
    const coded = await nod.enroll('dora')
    await nod.service.trigger(coded.owner)
    expect(only(await list({}, coded.serial))['data']).not.toHaveProperty('display_code')
    const { displayCode: code } = await coded.phone.accept(only(await coded.phone.poll()))
    const confirmed = only(await list({}, coded.serial))
    expect(confirmed['data']).toEqual({
      type: 'push',
      mode: 'code_to_phone',
      attempt_id: expect.any(String),
      notification: { question: expect.any(String), title: expect.any(String) },
      display_code: '***',
      smartphone_confirmed: true,
    })
    expect(code).toMatch(/^\d{6}$/)
    expect(JSON.stringify(confirmed)).not.toContain(code)
  })

  it('sees by its attempt id which challenges are of one login', async () => {
    const one = await nod.enroll('dina')
    await nod.enroll('dina')
    await nod.service.trigger(one.owner)
    await nod.service.trigger(one.owner)
    const items = await list(one.owner)
    const attempts = new Set(items.map((item) => `${idsOf([item])} ${String(fields(item['data'])['attempt_id'])}`))
    expect([items.length, attempts.size]).toEqual([4, 2])
  })

  it('sees a login whose request waits for the phone while it waits, and not after', async () => {
    await nod.authenticationPolicy({ push_wait: '20' })
    const { phone, serial, owner } = await nod.enroll('dela', { pin: '1234' })
    const waiting = nod.caller().check({ ...owner, pass: '1234' })
    const prompt = await nextPrompt(phone)
    expect(await list({}, serial)).toHaveLength(1)
    await phone.decline(prompt)
    expect(await waiting).toMatchObject({ authentication: 'DECLINED' })
    expect(await list({}, serial)).toEqual([])
  })

  it('sees nothing of a token that is gone, whatever became of its logins', async () => {
    const { phone, serial, owner } = await nod.enroll('dirk')
    const declined = await nod.service.trigger(owner)
    await phone.decline(only(await phone.poll()))
    const open = await nod.service.trigger(owner)
    const find = async () => [
      ...(await list({ transaction_id: declined.transactionId })),
      ...(await list({ transaction_id: `${open.transactionId.slice(0, 12)}*` })),
    ]
    expect(await find()).toHaveLength(2)
    await nod.service.call('DELETE', `/token/${serial}`)
    expect(await find()).toEqual([])
  })

  it('sees an accepted login until it is used', async () => {
    const { phone, serial, owner } = await nod.enroll('elsa')
    const login = await nod.service.trigger(owner)
    await phone.accept(only(await phone.poll()))
    expect(only(await list({}, serial))).toMatchObject({ otp_valid: true, received_count: 1 })
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
    expect(await list({}, serial)).toEqual([])
    expect(await withdraw(login.transactionId)).toEqual({ status: true, deleted: 0 })
  })

  it('withdraws one that nobody has answered, and the service that waits is told', async () => {
    const { phone, serial, owner } = await nod.enroll('fay')
    const { service } = nod
    const login = await service.trigger(owner)
    const waiting = service.call('GET', `/validate/polltransaction/${login.transactionId}`, { query: { wait: '20' } })
    const prompt = only(await phone.poll())
    expect(await withdraw(login.transactionId)).toEqual({ status: true, deleted: 1 })
    expect((await waiting).detail).toMatchObject({ challenge_status: 'declined' })
    expect(await phone.poll()).toEqual([])
    expect(await phone.accept(prompt)).toMatchObject({ taken: false })
    expect(await service.finalize(login.transactionId)).toBe('REJECT')
    expect(await list({}, serial)).toEqual([])
    expect(await withdraw(login.transactionId)).toEqual({ status: true, deleted: 0 })
  })

  it('withdraws one that is accepted already: it lets nobody in', async () => {
    const { phone, owner } = await nod.enroll('gina')
    const login = await nod.service.trigger(owner)
    await phone.accept(only(await phone.poll()))
    expect(await nod.service.status(login.transactionId)).toBe('accept')
    expect(await withdraw(login.transactionId)).toEqual({ status: true, deleted: 1 })
    expect(await nod.service.status(login.transactionId)).toBe('declined')
    expect(await nod.service.finalize(login.transactionId)).toBe('REJECT')
  })

  it('takes what has expired off the lists, and nothing else', async () => {
    const { serial, owner } = await nod.enroll('hedy')
    await nod.service.call('POST', '/system/setConfig', { form: { PushChallengeValidityTime: '1' } })
    const short = await nod.service.trigger(owner)
    await nod.service.call('DELETE', '/system/PushChallengeValidityTime')
    const open = await nod.service.trigger(owner)
    const clear = async () => (await nod.service.call('DELETE', '/token/challenges/expired')).value
    expect(idsOf(await list({}, serial)).toSorted()).toEqual([short.transactionId, open.transactionId].toSorted())
    const isCleared = async () => {
      // Those of other files among them.
      expect(await clear()).toEqual({ status: true, deleted: expect.any(Number) })
      return (await list({}, serial)).length < 2
    }
    expect(await waitUntil(isCleared)).toBe(true)
    expect(idsOf(await list({}, serial))).toEqual([open.transactionId])
  })

  it('is not allowed to a key that may only trigger', async () => {
    const service = nod.caller({ authorization: await nod.serviceKey('vpn') })
    const { owner } = await nod.enroll('ilse')
    const { transactionId } = await service.trigger(owner)
    const refused = { status: 401, error: { code: 4306 } }
    expect(await service.call('GET', '/token/challenges/')).toMatchObject(refused)
    expect(await service.call('DELETE', `/token/challenges/transaction/${transactionId}`)).toMatchObject(refused)
    expect(await service.call('DELETE', '/token/challenges/expired')).toMatchObject(refused)
    expect(await nod.service.status(transactionId)).toBe('pending')
    await nod.revokeServiceKey('vpn')
  })
})
