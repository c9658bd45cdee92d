import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { Journal, Phone, Transactions } from '../../src/index.ts'
import { type Outcome, refuse } from '../../src/refusal.ts'
import type { Service } from '../simulation/service.ts'
import { equip, type Holder, openService } from './http-world.ts'
import { ports, valueOf } from './world.ts'
import type { Serial } from '../../src/vocabulary.ts'

const PIN = '1234'
let service: Service
let ada: Holder

beforeAll(async () => {
  service = await openService()
  ada = await equip('ada', 'polled', { pin: PIN })
})
afterEach(() => {
  vi.restoreAllMocks()
})

const full = async (): Promise<Outcome<never>> => refuse({ reason: 'shard_full' })

/** The login goes on to its end. */
async function completes(transactionId: string): Promise<void> {
  const [prompt, ...others] = await ada.phone.poll()
  if (prompt === undefined || others.length > 0) throw new Error('not one prompt')
  expect((await ada.phone.accept(prompt)).taken).toBe(true)
  expect(await service.finalize(transactionId, ada.who)).toBe('ACCEPT')
  expect(valueOf(await ports.phones.of(ada.serial as Serial).counters())).toMatchObject({ attempts: 0 })
}

describe('a shard that is full', () => {
  it('means another id: the phone rings once, and its ring moves to the new id', async () => {
    const open = vi.spyOn(Transactions.prototype, 'open').mockImplementationOnce(full)
    const [ring, move] = [vi.spyOn(Phone.prototype, 'ring'), vi.spyOn(Phone.prototype, 'moveRing')]
    const { transactionId } = await service.triggerWithPin(ada.who, PIN)
    const [first, second] = open.mock.calls.map(([{ transaction }]) => transaction.id)
    expect([ring.mock.calls.length, move.mock.calls]).toEqual([1, [[{ from: first, to: second }]]])
    expect(second).toBe(transactionId)
    await completes(transactionId)
  })

  it('and others that are full too mean a clear refusal, and no ring is left', async () => {
    vi.spyOn(Transactions.prototype, 'open').mockImplementation(full)
    const reply = await service.check({ ...ada.who, pass: PIN })
    expect(reply).toMatchObject({ status: 503, error: { code: 903 } })
    expect(reply.headers.get('Retry-After')).toMatch(/^[1-9]\d*$/)
    expect(await ada.phone.poll()).toEqual([])
  })
})

describe('an opening whose reply was lost', () => {
  it('is withdrawn: the phone shows no prompt that no service waits for', async () => {
    const open = Reflect.get(Transactions.prototype, 'open') as (...asked: unknown[]) => Promise<unknown>
    vi.spyOn(Transactions.prototype, 'open').mockImplementationOnce(async function (this: Transactions, ...asked) {
      await Reflect.apply(open, this, asked)
      throw new Error('reset')
    })
    expect(await service.check({ ...ada.who, pass: PIN })).toMatchObject({ status: 503, error: { code: 903 } })
    expect(await ada.phone.poll()).toEqual([])
  })

  it('and that arrives after its withdrawal opens nothing', async () => {
    const open = vi.spyOn(Transactions.prototype, 'open').mockRejectedValueOnce(new Error('reset'))
    expect((await service.check({ ...ada.who, pass: PIN })).status).toBe(503)
    const [opening] = open.mock.calls[0] ?? []
    if (opening === undefined) throw new Error('nothing was opened')
    const address = await ports.identifiers.locate(opening.transaction.id)
    if (address === undefined) throw new Error('not an id of ours')
    expect(await ports.transactions.of(address).open(opening)).toMatchObject({ value: { withdrawn: [ada.serial] } })
    expect(await ada.phone.poll()).toEqual([])
  })
})

describe('an opening whose reply was lost, of a request that may be repeated,', () => {
  const ask = (key: string) =>
    service.call('POST', '/validate/triggerchallenge', { form: ada.who, headers: { 'Idempotency-Key': key } })

  it('is found again if it happened', async () => {
    const open = Reflect.get(Transactions.prototype, 'open') as (...asked: unknown[]) => Promise<unknown>
    vi.spyOn(Transactions.prototype, 'open').mockImplementationOnce(async function (this: Transactions, ...asked) {
      await Reflect.apply(open, this, asked)
      throw new Error('reset')
    })
    const reply = await ask('heard')
    expect(reply.authentication).toBe('CHALLENGE')
    await completes(reply.detail.transaction_id ?? '')
  })

  it('is done by the repetition if it did not happen', async () => {
    vi.spyOn(Transactions.prototype, 'open').mockRejectedValueOnce(new Error('reset'))
    expect((await ask('unheard')).status).toBe(503)
    const reply = await ask('unheard')
    expect(reply.authentication).toBe('CHALLENGE')
    await completes(reply.detail.transaction_id ?? '')
  })
})

describe('a phone that knows a newer revision than the caller', () => {
  it('makes the caller read once more, under the same id, so that no attempt is counted twice', async () => {
    const ring = vi.spyOn(Phone.prototype, 'ring').mockImplementationOnce(async () => refuse({ reason: 'stale' }))
    const { transactionId } = await service.triggerWithPin(ada.who, PIN)
    expect(ring.mock.calls.map(([{ transaction }]) => transaction)).toEqual([transactionId, transactionId])
    await completes(transactionId)
  })

  it('twice in a row makes the journal look whether the catalogue was put back, and no loop', async () => {
    const ring = vi.spyOn(Phone.prototype, 'ring').mockImplementation(async () => refuse({ reason: 'stale' }))
    const check = vi.spyOn(Journal.prototype, 'check')
    expect((await service.check({ ...ada.who, pass: PIN })).authentication).toBe('REJECT')
    expect([ring.mock.calls.length, check.mock.calls.length]).toEqual([3, 1])
  })
})
