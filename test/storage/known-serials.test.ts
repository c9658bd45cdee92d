import { expect, it, vi } from 'vitest'
import type { TokenTable } from '../../src/ports/tokens.ts'
import { done, refuse } from '../../src/refusal.ts'
import { knownSerials } from '../../src/storage/known-serials.ts'
import { instant, seconds, type Serial } from '../../src/vocabulary.ts'

const serial = (number: number) => `PIPUMET${number}` as Serial
const read = () => vi.fn<TokenTable['record']>(async () => done(undefined))

it('a made-up serial costs one read, however many requests ask for it at once', async () => {
  const record = read()
  const serialExists = knownSerials({ record }, () => instant(1_800_000_000_000))
  const all = await Promise.all(Array.from({ length: 50 }, (_, index) => serialExists(serial(index % 2))))
  expect(new Set(all)).toEqual(new Set([false]))
  expect(record).toHaveBeenCalledTimes(2)
  // A token may have been enrolled with it since.
  await serialExists(serial(0))
  expect(record).toHaveBeenCalledTimes(3)
})

it('while D1 does not answer, every serial is taken to exist, and D1 is asked again after two seconds', async () => {
  const record = read()
  let now = instant(1_800_000_000_000)
  const serialExists = knownSerials({ record }, () => now)
  record.mockResolvedValueOnce(refuse({ reason: 'storage_unavailable', retryAfter: seconds(1) }))
  for (const number of [0, 1, 2]) expect(await serialExists(serial(number))).toBe(true)
  expect(record).toHaveBeenCalledTimes(1)
  now = instant(now + 2000)
  expect(await serialExists(serial(1))).toBe(false)
  expect(record).toHaveBeenCalledTimes(2)
})
