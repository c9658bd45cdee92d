import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBase32, encodeBase32 } from '../../../src/protocol/encoding/base32.ts'
import {
  commitmentOf,
  generateCredential,
  generateSerial,
  generateTransactionId,
  type IdentifierKeys,
  isCredentialOf,
  isSerial,
  locateTransaction,
  nonceFor,
  transactionIdOfNonce,
} from '../../../src/protocol/encoding/identifiers.ts'
import { type Bytes, type Random, REGIONS, type Serial, type TransactionId } from '../../../src/vocabulary.ts'

const hmacKey = (fill: number) =>
  crypto.subtle.importKey('raw', new Uint8Array(32).fill(fill), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
const pair = async (fill: number): Promise<IdentifierKeys> => ({
  mac: await hmacKey(fill),
  mask: await hmacKey(fill + 1),
})

const keys = await pair(1)
const otherKeys = await pair(3)
const random: Random = (length) => crypto.getRandomValues(new Uint8Array(length))
const still =
  (fill: number): Random =>
  (length) =>
    new Uint8Array(length).fill(fill)
const salt = new Uint8Array(16).fill(9)
const commitment = await commitmentOf(salt, { user: 'ada' })

const shards = fc.record({ region: fc.constantFrom(...REGIONS), number: fc.integer({ min: 0, max: 255 }) })

// What an independent program computes: python3 test/protocol/encoding/identifiers.py
const KNOWN = {
  id: '03465246165048955934' as TransactionId,
  nonce: '7NKUX3WPROHNFK4XJYGLLYDD4PVJU42GNGUIL5IIKXIVBAHP35HLM32T57U4CHOZ',
}

describe('the known identifiers', () => {
  it('are the ones another program computes from the same keys and bytes', async () => {
    expect(await generateTransactionId(keys, { region: 'weur', number: 1 }, still(7))).toBe(KNOWN.id)
    expect(await nonceFor(keys, KNOWN.id, commitment)).toBe(KNOWN.nonce)
  })

  it('are read back', async () => {
    expect(await locateTransaction([keys], KNOWN.id)).toEqual({ id: KNOWN.id, shard: { region: 'weur', number: 1 } })
    expect(await transactionIdOfNonce([keys], KNOWN.nonce)).toBe(KNOWN.id)
  })
})

describe('a transaction id', () => {
  it('names its shard to the holder of the key', async () => {
    await fc.assert(
      fc.asyncProperty(shards, async (shard) => {
        const id = await generateTransactionId(keys, shard, random)
        expect(id).toMatch(/^[0-9]{20}$/)
        expect(await locateTransaction([otherKeys, keys], id)).toEqual({ id, shard })
      }),
      { numRuns: 50 },
    )
  })

  it('is the same for the same random bytes', async () => {
    const shard = { region: 'weur', number: 1 } as const
    expect(await generateTransactionId(keys, shard, still(7))).toBe(await generateTransactionId(keys, shard, still(7)))
  })

  it('keeps its leading zeros', async () => {
    expect(await generateTransactionId(keys, { region: 'wnam', number: 0 }, still(0))).toMatch(/^0000000000/)
  })

  it('made without the key is recognized as forged', async () => {
    const id = await generateTransactionId(otherKeys, { region: 'oc', number: 3 }, random)
    // One in 65,536 forgeries has the right MAC by chance. This one does not.
    const forged = (BigInt(id) ^ 1n).toString().padStart(20, '0')
    expect(await locateTransaction([otherKeys], forged)).toBeUndefined()
    const elsewhere = (BigInt(id) ^ (1n << 40n)).toString().padStart(20, '0')
    expect(await locateTransaction([otherKeys], elsewhere)).toBeUndefined()
    expect(await locateTransaction([], id)).toBeUndefined()
  })

  it.each([
    '',
    '1',
    '1234567890123456789',
    '99999999999999999999',
    '18446744073709551616',
    '+1234567890123456789',
    'x',
  ])('is not %j', async (text) => {
    expect(await locateTransaction([keys], text)).toBeUndefined()
  })

  it('refuses a shard number that does not fit', async () => {
    for (const number of [256, -1, 1.5])
      await expect(generateTransactionId(keys, { region: 'sam', number }, random)).rejects.toThrow(RangeError)
  })
})

describe('a nonce', () => {
  it('names its transaction, also after a rotation of the keys', async () => {
    await fc.assert(
      fc.asyncProperty(shards, fc.uint8Array({ minLength: 32, maxLength: 32 }), async (shard, tail) => {
        const id = await generateTransactionId(keys, shard, random)
        const nonce = await nonceFor(keys, id, new Uint8Array(tail))
        expect(nonce).toMatch(/^[A-Z2-7]{64}$/)
        expect(await transactionIdOfNonce([otherKeys, keys], nonce)).toBe(id)
      }),
      { numRuns: 30 },
    )
  })

  it('shows its commitment and hides its id', async () => {
    const id = await generateTransactionId(keys, { region: 'weur', number: 0 }, random)
    const bytes = decodeBase32(await nonceFor(keys, id, commitment))
    expect(bytes?.slice(8)).toEqual(commitment)
    const open = new Uint8Array(8)
    new DataView(open.buffer).setBigUint64(0, BigInt(id))
    expect(bytes?.slice(0, 8)).not.toEqual(open)
  })

  it('with one bit changed names no transaction', async () => {
    const id = await generateTransactionId(keys, { region: 'me', number: 200 }, still(5))
    const nonce = await nonceFor(keys, id, commitment)
    for (const at of [0, 7, 8, 39]) {
      const bytes = decodeBase32(nonce) ?? new Uint8Array()
      bytes[at] = (bytes[at] ?? 0) ^ 1
      expect(await transactionIdOfNonce([keys], encodeBase32(bytes))).toBeUndefined()
    }
  })

  it('of privacyIDEA names no transaction', async () => {
    for (const text of ['GAJTOUBMT3BRGBBALDNYH7Z7XXNLVM53', '', 'a'.repeat(64), 'A'.repeat(65)]) {
      expect(await transactionIdOfNonce([keys], text)).toBeUndefined()
    }
  })

  it('needs an id and a commitment of 32 bytes', async () => {
    const short: TransactionId = JSON.parse('"1"')
    await expect(nonceFor(keys, short, commitment)).rejects.toThrow(RangeError)
    const id = await generateTransactionId(keys, { region: 'afr', number: 0 }, random)
    await expect(nonceFor(keys, id, new Uint8Array(8))).rejects.toThrow(RangeError)
  })
})

describe('a commitment', () => {
  it('depends on the content of the context, not on its JSON', async () => {
    expect(await commitmentOf(salt, { b: [1], a: 'ä' })).toEqual(await commitmentOf(salt, { a: 'ä', b: [1] }))
    expect(await commitmentOf(salt, { user: 'bob' })).not.toEqual(commitment)
    expect(await commitmentOf(new Uint8Array(16), { user: 'ada' })).not.toEqual(commitment)
  })

  it('is a SHA-256 that anyone can recompute', async () => {
    const whole = Buffer.concat([Buffer.from('nod/nonce/1'), salt, Buffer.from('{"user":"ada"}')])
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', whole))
    expect(await commitmentOf(salt, { user: 'ada' })).toEqual(digest)
    await expect(commitmentOf(salt, undefined)).rejects.toThrow(TypeError)
  })
})

describe('a serial', () => {
  it('has letters and digits only', () => {
    for (let draws = 0; draws < 50; draws++) expect(generateSerial('PIPU', random)).toMatch(/^PIPU[A-Z0-9]{8}$/)
  })

  it('skips bytes that would make some letters more frequent', () => {
    const given: Bytes[] = [new Uint8Array(8).fill(255), Uint8Array.of(252, 0, 25, 26, 35, 36, 251, 253)]
    const scripted: Random = () => given.shift() ?? new Uint8Array(8)
    expect(generateSerial('PIPU', scripted)).toBe('PIPUAZ09A9AA')
    expect(generateSerial('EDUP', random)).toMatch(/^EDUP[A-Z0-9]{8}$/)
    expect(() => generateSerial('PIPU', still(255))).toThrow('stuck')
  })

  it('has 1 to 40 letters, digits, underscores or hyphens', () => {
    for (const text of ['PIPU0006EF85', 'a_b-C', 'x'.repeat(40)]) expect(isSerial(text)).toBe(true)
    for (const text of ['', 'x'.repeat(41), 'BAD serial;', 'PIPU*', 'PIPÜ', 'A\n']) expect(isSerial(text)).toBe(false)
  })
})

describe('an enrollment credential', () => {
  const serial = 'PIPU1' as Serial

  it('has 112 random bits, and a MAC for its serial', async () => {
    const drawn: number[] = []
    const counting: Random = (length) => {
      drawn.push(length)
      return random(length)
    }
    const credential = await generateCredential(keys, serial, counting)
    expect(credential).toMatch(/^[0-9a-f]{40}$/)
    expect(drawn).toEqual([14])
    expect(await isCredentialOf([otherKeys, keys], serial, credential)).toBe(true)
    expect(await isCredentialOf([otherKeys], serial, credential)).toBe(false)
    expect(await isCredentialOf([keys], 'PIPU2' as Serial, credential)).toBe(false)
  })

  it('that somebody has made up is none', async () => {
    for (const made of ['', '0'.repeat(40), '0'.repeat(28), await generateCredential(otherKeys, serial, random)])
      expect(await isCredentialOf([keys], serial, made)).toBe(false)
  })
})
