import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawBypassCode, parseBypassCode, formatBypassCode } from '../../../src/protocol/login/bypass-code.ts'

/** Bytes as they are asked for: so many, each from the list. */
const bytes = (list: readonly number[]) => (length: number) =>
  Uint8Array.from({ length }, (_, index) => list[index] ?? 0)

describe('a bypass code', () => {
  it('is 80 of the bits it was drawn from, in four groups of four', () => {
    const code = drawBypassCode(bytes([0, 31, 32, 255, 10, 18, 20, 26, 27]))
    expect(formatBypassCode(code)).toBe('0Z0Z-AJMT-V000-0000')
  })

  it('is recognized however it is typed', () => {
    const typing = fc.array(fc.constantFrom('', ' ', '-', '\u2013', '\u00a0', '\t'), { minLength: 16, maxLength: 16 })
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), typing, fc.boolean(), (random, gaps, lower) => {
        const code = drawBypassCode(bytes([...random]))
        const typed = Array.from(code, (letter, index) => letter + (gaps[index] ?? '')).join('')
        expect(parseBypassCode(lower ? typed.toLowerCase() : typed)).toBe(code)
      }),
    )
  })

  it('forgives the letters it does not have', () => {
    expect(parseBypassCode('oOiIlL00-11112222')).toBe('0011110011112222')
  })

  it.each([
    '',
    '1234',
    '0Z0Z-AJMT-V000-000',
    '0Z0Z-AJMT-V000-00000',
    '0Z0Z-AJMT-V000-000U',
    '0Z0Z_AJMT_V000_0000',
    'x',
  ])('cannot be %j', (text) => expect(parseBypassCode(text)).toBeUndefined())
})
