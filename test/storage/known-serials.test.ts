import { expect, it, vi } from 'vitest'
import type { PhoneSigner, TokenTable } from '../../src/ports/tokens.ts'
import { done, refuse } from '../../src/refusal.ts'
import { knownSerials } from '../../src/storage/known-serials.ts'
import { instant, seconds, type Serial } from '../../src/vocabulary.ts'

const serial = (number: number) => `PIPUMET${number}` as Serial
const signers = vi.fn<TokenTable['signers']>(async () => done(new Map()))
const read = () => vi.fn<TokenTable['record']>(async () => done(undefined))

it('a made-up serial costs one read, however many requests ask for it at once', async () => {
  const record = read()
  const { isRegistered } = knownSerials({ record, signers }, () => instant(1_800_000_000_000))
  const all = await Promise.all(Array.from({ length: 50 }, (_, index) => isRegistered(serial(index % 2))))
  expect(new Set(all)).toEqual(new Set([false]))
  expect(record).toHaveBeenCalledTimes(2)
  // A token may have been enrolled with it since.
  await isRegistered(serial(0))
  expect(record).toHaveBeenCalledTimes(3)
})

it('while D1 does not answer, every serial is taken to be registered, and D1 is asked again after two seconds', async () => {
  const record = read()
  let now = instant(1_800_000_000_000)
  const { isRegistered } = knownSerials({ record, signers }, () => now)
  record.mockResolvedValueOnce(refuse({ reason: 'storage_unavailable', retryAfter: seconds(1) }))
  for (const number of [0, 1, 2]) expect(await isRegistered(serial(number))).toBe(true)
  expect(record).toHaveBeenCalledTimes(1)
  now = instant(now + 2000)
  expect(await isRegistered(serial(1))).toBe(false)
  expect(record).toHaveBeenCalledTimes(2)
})

it('serials from a source that is limited are looked up together, once a second', async () => {
  const known: PhoneSigner = { type: 'push', phoneKey: 'MII…' }
  const lookUp = vi.fn<TokenTable['signers']>(async () => done(new Map([[serial(3), known]])))
  const { findSigner } = knownSerials({ record: read(), signers: lookUp }, () => instant(Date.now()))
  const found = await Promise.all(Array.from({ length: 50 }, (_, index) => findSigner(serial(index))))
  expect(found.filter((signer) => signer !== undefined)).toEqual([known])
  expect(lookUp.mock.calls.map(([serials]) => serials.length)).toEqual([50])
  // The key is known for a minute, and so is asked for no more.
  expect(await findSigner(serial(3))).toBe(known)
  expect(lookUp).toHaveBeenCalledTimes(1)
})

it('no more than a thousand serials are looked up together; the others are refused', async () => {
  const lookUp = vi.fn<TokenTable['signers']>(async (serials) =>
    done(new Map(serials.map((one) => [one, { type: 'push', phoneKey: one }]))),
  )
  const { findSigner } = knownSerials({ record: read(), signers: lookUp }, () => instant(Date.now()))
  const found = await Promise.all(Array.from({ length: 1100 }, (_, index) => findSigner(serial(index))))
  expect(found.filter((signer) => signer === undefined)).toHaveLength(100)
  expect(lookUp).toHaveBeenCalledTimes(1)
})

it('while D1 does not answer, a source that is limited finds only the phones that this isolate knows', async () => {
  let now = instant(1_800_000_000_000)
  const lookUp = vi.fn<TokenTable['signers']>()
  const { findSigner } = knownSerials({ record: read(), signers: lookUp }, () => now)
  const known: PhoneSigner = { type: 'push', phoneKey: 'MII…' }
  lookUp.mockResolvedValueOnce(done(new Map([[serial(1), known]])))
  expect(await findSigner(serial(1))).toBe(known)
  now = instant(now + 61_000)
  lookUp.mockResolvedValue(refuse({ reason: 'storage_unavailable', retryAfter: seconds(1) }))
  expect([await findSigner(serial(1)), await findSigner(serial(2))]).toEqual([known, undefined])
  expect(lookUp).toHaveBeenCalledTimes(2)
})
