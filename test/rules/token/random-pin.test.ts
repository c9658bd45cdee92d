import { describe, expect, it } from 'vitest'
import { randomDigits, randomPin } from '../../../src/rules/token/random-pin.ts'
import type { Random } from '../../../src/vocabulary.ts'

const from = (...bytes: number[]): Random => {
  let at = 0
  return (length) => Uint8Array.from({ length }, () => bytes[at++ % bytes.length] ?? 0)
}

describe('a random PIN', () => {
  it('has eight letters and digits that cannot be mistaken for one another', () => {
    for (let first = 0; first < 256; first++) {
      const pin = randomPin(from(first, 0))
      expect(pin).toMatch(/^[2-9a-hjkmnp-z]{8}$/)
    }
  })

  it('has each letter with the same probability', () => {
    expect(randomPin(from(248, 249, 250, 251, 252, 253, 254, 255, 0))).toBe('22222222')
    const letters = Array.from({ length: 248 }, (_, byte) => randomPin(from(byte)).charAt(0))
    const counts = Map.groupBy(letters, (letter) => letter)
    expect([...counts.values()].map((all) => all.length)).toEqual(Array.from({ length: 31 }, () => 8))
  })

  it('is not made from a source that is stuck', () => {
    expect(() => randomPin(from(255))).toThrow('stuck')
  })
})

describe('random digits', () => {
  it('are as many as asked for, with leading zeros', () => {
    expect(randomDigits(6, from(0, 10, 1, 249, 25, 108))).toBe('001958')
    expect(randomDigits(0, from(1))).toBe('')
  })

  it('are each as likely as any other: larger bytes are drawn again', () => {
    expect(randomDigits(2, from(250, 255, 7, 254, 3))).toBe('73')
    const counts = Map.groupBy(
      Array.from({ length: 250 }, (_, byte) => randomDigits(1, from(byte))),
      (digit) => digit,
    )
    expect([...counts.values()].map((all) => all.length)).toEqual(Array.from({ length: 10 }, () => 25))
  })
})
