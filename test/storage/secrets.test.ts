import { describe, expect, it } from 'vitest'
import { decodeBase64, encodeBase64Url, utf8 } from '../../src/bytes.ts'
import { done } from '../../src/refusal.ts'
import { deriveKeys } from '../../src/storage/derived-keys.ts'
import { pins } from '../../src/storage/pins.ts'
import { type Sealer, sealer, sealWith } from '../../src/storage/seal.ts'
import { addSeconds, seconds, type Serial } from '../../src/vocabulary.ts'
import { foreignHash } from '../driver/moved.ts'
import { now, random, ringOf, serial } from './example.ts'

const master = (fill: number) => new Uint8Array(32).fill(fill)
const sealerOf = async (...fills: [number, ...number[]]): Promise<Sealer> => sealer(await ringOf(...fills), random)
const idOf = async (fill: number) => (await deriveKeys(master(fill))).id
const plain = utf8('a secret')

/** PINs, with the answer of a comparison: whether it matches, or why it was refused. */
function pinsOf(seal: Sealer) {
  const kept = pins(seal, random, () => undefined, { reseal: async () => done('current') })
  const matches = async (token: Serial, sealed: string, entry: string) => {
    const opened = await kept.open(token, sealed, async () => done(sealed))
    return opened.ok ? kept.matches(opened.value, entry) : opened.refusal.reason
  }
  return { ...kept, matches }
}

describe('a sealed secret', () => {
  it('opens under the identity it was sealed for, and under no other', async () => {
    const seal = await sealerOf(1)
    const sealed = await seal.seal('pin:A', plain)
    expect(sealed).toMatch(/^2\.[0-9a-f]{12}\.[\w-]+$/)
    expect(await seal.open('pin:A', sealed)).toEqual(plain)
    expect(await seal.open('pin:B', sealed)).toBeUndefined()
  })

  it('is different each time it is sealed', async () => {
    const seal = await sealerOf(1)
    expect(await seal.seal('pin:A', plain)).not.toBe(await seal.seal('pin:A', plain))
  })

  it('opens after a rotation of the key, and is sealed with the new key from then on', async () => {
    const before = await (await sealerOf(1)).seal('pin:A', plain)
    const rotated = await sealerOf(2, 1)
    expect(await rotated.open('pin:A', before)).toEqual(plain)
    const after = await rotated.seal('pin:A', plain)
    expect(await (await sealerOf(2)).open('pin:A', after)).toEqual(plain)
    expect(await (await sealerOf(1)).open('pin:A', after)).toBeUndefined()
    expect(await (await sealerOf(2)).open('pin:A', before)).toBeUndefined()
  })

  it('does not open when any part of it was changed', async () => {
    const seal = await sealerOf(1)
    const sealed = await seal.seal('pin:A', plain)
    const prefix = `2.${await idOf(1)}.`
    const bytes = decodeBase64(sealed.slice(prefix.length)) ?? new Uint8Array()
    for (const at of [0, 12, bytes.length - 1]) {
      const bent = bytes.slice()
      bent[at] = (bent[at] ?? 0) ^ 1
      expect(await seal.open('pin:A', `${prefix}${encodeBase64Url(bent)}`)).toBeUndefined()
    }
    for (const wrong of [
      '',
      '1',
      '1.',
      '1.AAAA',
      '2.',
      prefix,
      `3${sealed.slice(1)}`,
      `${sealed}.x`,
      `${sealed}=`,
      'no envelope',
    ]) {
      expect(await seal.open('pin:A', wrong)).toBeUndefined()
    }
  })
})

it('a sealed secret does not open in another spelling of the same bytes', async () => {
  const seal = await sealerOf(1)
  // So long that only two bits of its last letter count: that is A, Q, g or w.
  const sealed = await seal.seal('pin:A', utf8('secret'))
  const at = sealed.lastIndexOf('.') + 1
  const last = { A: 'B', Q: 'R', g: 'h', w: 'x' }[sealed.slice(-1)]
  const respelled = `${sealed.slice(0, -1)}${last}`
  expect(decodeBase64(respelled.slice(at))).toEqual(decodeBase64(sealed.slice(at)))
  expect(await seal.open('pin:A', sealed)).toEqual(utf8('secret'))
  expect(await seal.open('pin:A', respelled)).toBeUndefined()
})

describe('a sealed value', () => {
  it('names the key that it was sealed with, so that a missing key differs from a changed value', async () => {
    const sealed = await (await sealerOf(1)).seal('pin:A', plain)
    expect((await sealerOf(2)).faultOf(sealed)).toEqual({ why: 'key_unknown', key: await idOf(1) })
    expect((await sealerOf(1)).faultOf(sealed)).toEqual({ why: 'unreadable', key: await idOf(1) })
    expect((await sealerOf(1)).faultOf('not sealed')).toEqual({ why: 'unreadable', key: 'unnamed' })
  })

  it('of the version before, which names no key, still opens', async () => {
    const ring = await ringOf(1)
    const before = await sealWith(ring.all[0], 'pin:A', plain, random, false)
    expect(before).toMatch(/^1\.[\w-]+$/)
    expect(await sealer(ring, random).open('pin:A', before)).toEqual(plain)
    expect(await (await sealerOf(2, 1)).open('pin:A', before)).toEqual(plain)
    expect(await (await sealerOf(2)).open('pin:A', before)).toBeUndefined()
    expect((await sealerOf(1)).isCurrent(before)).toBe(false)
  })

  it('names no key until the version before, which could not read it, has gone', async () => {
    const ring = await ringOf(1)
    const [{ id }] = ring.all
    const record = { id, checkValue: '', firstSeen: now, currentSince: addSeconds(now, seconds(300)) }
    ring.adopt({ current: id, keys: [record] })
    const seal = sealer(ring, random)
    const sealed = await seal.seal('pin:A', plain)
    expect(sealed).toMatch(/^1\./)
    expect(seal.isCurrent(sealed)).toBe(true)
  })

  it('is sealed with the key that D1 calls current, not with the newest one', async () => {
    const [before, after] = [await ringOf(1), await ringOf(2, 1)]
    after.adopt({ current: before.current().id, keys: [] })
    const sealed = await sealer(after, random).seal('pin:A', plain)
    expect(await sealer(before, random).open('pin:A', sealed)).toEqual(plain)
  })
})

describe('the keys of a deployment', () => {
  it('differ by purpose, are the same for the same master key, and cannot be exported', async () => {
    const keys = await deriveKeys(master(1))
    const again = await deriveKeys(master(1))
    const macs = await Promise.all(
      [keys.identifierMac, keys.identifierMask, again.identifierMac].map(async (key) =>
        encodeBase64Url(new Uint8Array(await crypto.subtle.sign('HMAC', key, plain))),
      ),
    )
    expect(new Set(macs).size).toBe(2)
    expect(macs[2]).toBe(macs[0])
    expect(
      Object.values(keys).flatMap((key: CryptoKey | string) => (typeof key === 'string' ? [] : [key.extractable])),
    ).toEqual([false, false, false])
  })

  it('are those that other programs derive from the same master key', async () => {
    const { identifierMac } = await deriveKeys(master(1))
    const mac = new Uint8Array(await crypto.subtle.sign('HMAC', identifierMac, utf8('nod')))
    expect(encodeBase64Url(mac)).toBe('HWtQpcEY9RbV0amEonT2BnzNtbe4geF58oN2_BIo5YM')
  })
})

describe('a PIN', () => {
  const ada = serial('PIPUPIN00001')

  it('matches itself, and nothing similar', async () => {
    const kept = pinsOf(await sealerOf(1))
    const sealed = await kept.seal(ada, '1234ü')
    expect(await kept.matches(ada, sealed, '1234ü')).toBe(true)
    for (const wrong of ['', '1234', '1234ü ', '1234Ü']) expect(await kept.matches(ada, sealed, wrong)).toBe(false)
  })

  it('belongs to its token', async () => {
    const kept = pinsOf(await sealerOf(1))
    const sealed = await kept.seal(ada, '1234')
    expect(await kept.matches(serial('PIPUPIN00002'), sealed, '1234')).toBe('storage_unavailable')
    expect(await kept.matches(ada, 'not sealed', '1234')).toBe('storage_unavailable')
  })

  it('still matches after a rotation of the key', async () => {
    const sealed = await pinsOf(await sealerOf(1)).seal(ada, '1234')
    expect(await pinsOf(await sealerOf(2, 1)).matches(ada, sealed, '1234')).toBe(true)
    expect(await pinsOf(await sealerOf(2)).matches(ada, sealed, '1234')).toBe('storage_unavailable')
  })

  it('is hashed in a hundred thousand rounds, with its own salt', async () => {
    const seal = await sealerOf(1)
    const opened = async () => {
      const sealed = await pinsOf(seal).seal(ada, '1234')
      return JSON.parse(new TextDecoder().decode(await seal.open(`pin:${ada}`, sealed))) as Record<string, unknown>
    }
    const [first, second] = [await opened(), await opened()]
    expect(first).toMatchObject({ version: 1, rounds: 100_000 })
    expect(first['salt']).not.toBe(second['salt'])
    expect(first['hash']).not.toBe(second['hash'])
  })
})

describe('the PIN of an imported token', () => {
  const token = serial('PIPU1')

  it('is compared by the hash that the other server has made', async () => {
    const { digest, rounds, salt, hash } = await foreignHash('4711', 100)
    const kept = pinsOf(await sealerOf(1))
    const bytes = (text: string) => decodeBase64(text) ?? new Uint8Array()
    const imported = { digest: 'SHA-512', rounds, salt: bytes(salt), hash: bytes(hash) } as const
    expect(digest).toBe(imported.digest)
    const sealed = await kept.sealImported(token, imported)
    expect(await kept.matches(token, sealed, '4711')).toBe(true)
    expect(await kept.matches(token, sealed, '4712')).toBe(false)
  })

  it('that cannot be compared here matches nothing, and says why', async () => {
    const kept = pinsOf(await sealerOf(1))
    const sealed = await kept.sealImported(token, 'upstream')
    expect(await kept.open(token, sealed, async () => done(sealed))).toMatchObject({ value: { pending: 'upstream' } })
    for (const entry of ['', '4711']) expect(await kept.matches(token, sealed, entry)).toBe(false)
  })
})
