import { describe, expect, it } from 'vitest'
import {
  encodeElement,
  INTEGER,
  isPositiveInteger,
  readElement,
  soleElement,
} from '../../../src/protocol/encoding/der.ts'

const element = (...bytes: readonly number[]) => Uint8Array.from(bytes)
const filled = (length: number) => new Uint8Array(length).fill(7)

describe('an element', () => {
  it.each([
    [0, [0x02, 0x00]],
    [1, [0x02, 0x01]],
    [127, [0x02, 0x7f]],
    [128, [0x02, 0x81, 0x80]],
    [255, [0x02, 0x81, 0xff]],
    [256, [0x02, 0x82, 0x01, 0x00]],
    [65_535, [0x02, 0x82, 0xff, 0xff]],
  ])('of %d bytes has its length in shortest form', (length, head) => {
    const bytes = encodeElement(INTEGER, filled(length))
    expect([...bytes.subarray(0, head.length)]).toEqual(head)
    expect(soleElement(bytes, INTEGER)).toEqual(filled(length))
  })

  it('is joined from its parts, and has at most 65,535 bytes', () => {
    expect([...encodeElement(INTEGER, element(1, 2), element(3))]).toEqual([2, 3, 1, 2, 3])
    expect(() => encodeElement(INTEGER, filled(65_535), element(0))).toThrow(RangeError)
  })

  it.each([
    ['nothing', []],
    ['a tag alone', [0x02]],
    ['another tag', [0x03, 0x01, 0x05]],
    ['a length of more than is there', [0x02, 0x02, 0x05]],
    ['an indefinite length', [0x02, 0x80, 0x05]],
    ['a length below 128 in long form', [0x02, 0x81, 0x01, 0x05]],
    ['a length below 128 in long form, at the limit', [0x02, 0x81, 0x7f, ...filled(127)]],
    ['a length below 256 in two bytes', [0x02, 0x82, 0x00, 0x80, ...filled(128)]],
    ['a length in three bytes', [0x02, 0x83, 0x00, 0x01, 0x00, ...filled(256)]],
    ['a length whose bytes are missing', [0x02, 0x82, 0x01]],
  ])('is not read from %s', (_, bytes) => {
    expect(readElement(element(...bytes), 0, INTEGER)).toBeUndefined()
  })

  it('is read where it stands, and alone only if nothing follows', () => {
    const bytes = element(9, 0x02, 0x01, 0x05, 9)
    expect(readElement(bytes, 1, INTEGER)).toEqual({ content: element(5), end: 4 })
    expect(soleElement(element(0x02, 0x01, 0x05), INTEGER)).toEqual(element(5))
    expect(soleElement(element(0x02, 0x01, 0x05, 9), INTEGER)).toBeUndefined()
  })
})

describe('an INTEGER', () => {
  it.each([
    [[1], true],
    [[0x7f], true],
    [[0, 0x80], true],
    [[0, 0xff, 0], true],
    [[], false],
    [[0], false],
    [[0x80], false],
    [[0xff, 1], false],
    [[0, 0x7f], false],
    [[0, 0, 0x80], false],
  ])('of the bytes %j is positive and in shortest form: %s', (bytes, expected) => {
    expect(isPositiveInteger(element(...bytes))).toBe(expected)
  })
})
