import { abortAllDurableObjects } from 'cloudflare:test'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { Phone, Transactions } from '../../src/index.ts'
import {
  type drawLogin,
  enroll,
  eventually,
  finalizing,
  openLogin,
  ports,
  registerAnew,
  shard,
  valueOf,
  verdict,
} from './world.ts'
import { twoPhones } from './two-phones.ts'

const times = (count: number) => Array.from({ length: count }, (_, index) => index)
const AT = 32
const { A, enrollBoth, stands, evict, open, finalize } = twoPhones(AT, 'PIPUFINAL00')

beforeAll(enrollBoth)
afterEach(() => {
  vi.restoreAllMocks()
})

describe('finalizing', () => {
  const accepted = async (more: Parameters<typeof drawLogin>[2] = {}) => {
    const login = await open(more)
    valueOf(await shard(AT).answer({ id: login.id, answer: await login.say(A) }))
    return login
  }

  it('a hundred times at once succeeds once, and calls the phone once', async () => {
    const { id } = await accepted()
    const finish = vi.spyOn(Phone.prototype, 'finalize')
    const outcomes = await Promise.all(times(100).map(() => finalize(id)))
    expect(outcomes.toSorted().slice(0, 2)).toEqual(['ok', 'transaction_unknown'])
    expect(outcomes.filter((one) => one === 'transaction_unknown')).toHaveLength(99)
    expect(finish).toHaveBeenCalledTimes(1)
  })

  it('is refused while the token changes, and the login stays accepted', async () => {
    const { id } = await accepted()
    const mark = valueOf(await ports.phones.of(A).beginChange())
    expect([await finalize(id), await stands(id)]).toEqual(['no_suitable_token', 'accepted'])
    await ports.phones.of(A).endChange({ mark })
    expect([await finalize(id), await finalize(id)]).toEqual(['ok', 'transaction_unknown'])
  })

  it('is refused when another phone has the token now, even if the login could not be withdrawn', async () => {
    const renewed = await enroll('PIPUFINAL00C', { key: 2 })
    const login = await openLogin(AT, [renewed])
    valueOf(await shard(AT).answer({ id: login.id, answer: await login.say(renewed.serial) }))
    vi.spyOn(Transactions.prototype, 'withdraw').mockRejectedValue(new Error('overloaded'))
    const mark = valueOf(await ports.phones.of(renewed.serial).beginChange())
    await registerAnew(renewed.serial, 3)
    await ports.phones.of(renewed.serial).endChange({ mark })
    expect(await finalize(login.id)).toBe('no_suitable_token')
  })

  it('fails when the login is withdrawn while the phone’s object is called', async () => {
    const { id } = await accepted()
    const { promise: asked, resolve: answer } = Promise.withResolvers<{ ok: true; value: undefined }>()
    const finish = vi.spyOn(Phone.prototype, 'finalize').mockReturnValueOnce(asked)
    const used = finalize(id)
    await eventually(() => expect(finish).toHaveBeenCalled())
    await shard(AT).withdraw({ id, withdrawal: { cause: 'service_key_revoked' } })
    answer({ ok: true, value: undefined })
    expect([await used, await stands(id), await finalize(id)]).toEqual([
      'transaction_unknown',
      'declined',
      'not_accepted',
    ])
  })

  it('leaves no call open when the phone refuses it', async () => {
    const { id } = await accepted()
    const mark = valueOf(await ports.phones.of(A).beginChange())
    const refused = await shard(AT).finalize(finalizing(id))
    expect(await Promise.race([evict(), scheduler.wait(1000).then(() => 'still open')])).toBeUndefined()
    expect(verdict(refused)).toBe('no_suitable_token')
    await ports.phones.of(A).endChange({ mark })
  })

  it('needs the service key that opened the login', async () => {
    const { id } = await accepted({ keyHash: 'hash of vpn' })
    expect([await finalize(id), await finalize(id, { keyHash: 'hash of mail' })]).toEqual(
      Array(2).fill('transaction_unknown'),
    )
    expect(await finalize(id, { keyHash: 'hash of vpn', admitted: false })).toBe('ok')
  })

  it('needs an admitted caller if no service key opened the login', async () => {
    const { id } = await accepted()
    expect(await finalize(id, { admitted: false })).toBe('service_key_required')
    expect(await finalize(id, { userInput: { user: 'bob' } })).toBe('transaction_unknown')
    expect(await finalize(id)).toBe('ok')
  })

  it('can be repeated if the object restarted in the middle', async () => {
    const { id } = await accepted()
    const hanging = vi.spyOn(Phone.prototype, 'finalize').mockReturnValue(new Promise(() => undefined))
    const first = finalize(id)
    await eventually(() => expect(hanging).toHaveBeenCalled())
    await abortAllDurableObjects()
    expect(await first).toBe('storage_unavailable')
    hanging.mockRestore()
    expect([await stands(id), await finalize(id)]).toEqual(['accepted', 'ok'])
  })

  it('repeated by the same attempt gets the same reply, because the first may have been lost', async () => {
    const { id } = await accepted()
    const attempts = ['one', 'one', 'another', undefined, 'one']
    const outcomes: string[] = []
    for (const attempt of attempts) outcomes.push(await finalize(id, attempt === undefined ? {} : { attempt }))
    expect(outcomes).toEqual(['ok', 'ok', 'transaction_unknown', 'transaction_unknown', 'ok'])
    expect(await finalize(id, { attempt: 'one', userInput: { user: 'bob' } })).toBe('transaction_unknown')
    expect(valueOf(await ports.phones.of(A).counters())).toMatchObject({ attempts: 0 })
  })

  it('with three wrong codes ends the login and counts three failed attempts', async () => {
    const counted = vi.spyOn(Phone.prototype, 'countFailure')
    const login = await open({}, { mode: 'code_to_phone', code: '123456', codeMessage: '' })
    await shard(AT).answer({ id: login.id, answer: await login.say(A) })
    for (const entry of ['', '000000', '111111']) expect(await finalize(login.id, { entry })).toBe('not_accepted')
    await evict()
    expect(await stands(login.id)).toBe('pending')
    expect(await finalize(login.id, { entry: '222222' })).toBe('not_accepted')
    expect([await stands(login.id), await finalize(login.id, { entry: '123456' })]).toEqual([
      'declined',
      'not_accepted',
    ])
    expect(counted).toHaveBeenCalledTimes(3)
    await ports.phones.of(A).resetAttempts()
  })
})
