import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBase64, encodeBase64, encodeBase64Url, encodeHex } from '../src/bytes.ts'

describe('base64 and hexadecimal', () => {
  it('agree with Node, and base64 decodes what it encodes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (content) => {
        const bytes = new Uint8Array(content)
        expect(decodeBase64(encodeBase64(bytes))).toEqual(bytes)
        expect(decodeBase64(encodeBase64Url(bytes))).toEqual(bytes)
        expect(decodeBase64(encodeBase64(bytes).replaceAll('+', ' '))).toEqual(bytes)
        expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
        expect(encodeBase64Url(bytes)).toBe(Buffer.from(bytes).toString('base64url'))
        expect(encodeHex(bytes)).toBe(Buffer.from(bytes).toString('hex'))
      }),
    )
  })

  it.each(['A', 'AAAAA', 'AA=A', 'AA===', 'not base64!', 'AAAA\n'])('%j is not base64', (text) => {
    expect(decodeBase64(text)).toBeUndefined()
  })
})
