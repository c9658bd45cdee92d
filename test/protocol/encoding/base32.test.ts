import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBase32, encodeBase32, encodeBase32Unpadded } from '../../../src/protocol/encoding/base32.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

describe('base32', () => {
  it('encodes the examples of RFC 4648', () => {
    const examples = { f: 'MY======', fo: 'MZXQ====', foo: 'MZXW6===', foob: 'MZXW6YQ=', fooba: 'MZXW6YTB' }
    for (const [text, spelled] of Object.entries(examples)) {
      expect(encodeBase32(bytes(text))).toBe(spelled)
      expect(encodeBase32Unpadded(bytes(text))).toBe(spelled.replaceAll('=', ''))
      expect(decodeBase32(spelled)).toEqual(bytes(text))
    }
    expect(encodeBase32(bytes(''))).toBe('')
    expect(decodeBase32('')).toEqual(bytes(''))
  })

  it('decodes what it encodes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (content) => {
        expect(decodeBase32(encodeBase32(content))).toEqual(new Uint8Array(content))
      }),
    )
  })

  it('decodes only the canonical form, so that a signature has one spelling', () => {
    const letters = fc.string({ unit: fc.constantFrom('A', 'B', '7', 'Z', '='), minLength: 8, maxLength: 16 })
    fc.assert(
      fc.property(letters, (text) => {
        const content = decodeBase32(text)
        if (content !== undefined) expect(encodeBase32(content)).toBe(text)
      }),
      { numRuns: 1_000 },
    )
  })

  it.each([
    ['lower case', 'mzxw6ytb'],
    ['missing padding', 'MZXQ'],
    ['surplus padding', 'MZXW6YTB========'],
    ['padding alone', '========'],
    ['padding of a length no bytes make', 'MZX====='],
    ['set bits behind the last byte', 'MZ======'],
    ['a digit that is none', 'MZXW6YT1'],
    ['padding in the middle', 'MY==MZXQ'],
    ['a line break', 'MZXW6YTB\n'],
  ])('refuses %s', (_, text) => {
    expect(decodeBase32(text)).toBeUndefined()
  })
})
