import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contains, networkOf, parseAddress, parseAddressBlock } from '../../../src/rules/deployment/addresses.ts'

describe('an address', () => {
  it.each<[string, bigint]>([
    ['192.0.2.7', 0xc0000207n],
    ['0.0.0.0', 0n],
    ['255.255.255.255', 0xffffffffn],
    ['::ffff:192.0.2.7', 0xc0000207n],
    ['::FFFF:c000:207', 0xc0000207n],
    ['0:0:0:0:0:ffff:192.0.2.7', 0xc0000207n],
  ])('%s is an IPv4 address', (text, value) => {
    expect(parseAddress(text)).toEqual({ bits: 32, value, prefix: 32 })
  })

  it.each<[string, bigint]>([
    ['::', 0n],
    ['::1', 1n],
    ['2001:DB8:0:0::7', 0x20010db8_00000000_00000000_00000007n],
    ['1:2:3:4:5:6:7:8', 0x00010002_00030004_00050006_00070008n],
    ['1:2:3:4:5:6:7::', 0x00010002_00030004_00050006_00070000n],
    ['::2:3:4:5:6:7:8', 0x00000002_00030004_00050006_00070008n],
    ['1:2:3:4:5:6:192.0.2.7', 0x00010002_00030004_00050006_c0000207n],
    ['64:ff9b::192.0.2.7', 0x0064ff9b_00000000_00000000_c0000207n],
    // IPv4-compatible, not IPv4-mapped: no IPv4 address.
    ['::192.0.2.7', 0xc0000207n],
  ])('%s is an IPv6 address', (text, value) => {
    expect(parseAddress(text)).toEqual({ bits: 128, value, prefix: 128 })
  })

  it.each([
    '',
    'the office',
    '192.0.2',
    '192.0.2.7.1',
    '192.0.2.256',
    '192.0.02.7',
    '0xc0.0.2.7',
    '3221225991',
    ' 192.0.2.7',
    '192.0.2.7 ',
    ':',
    ':::',
    '1::2::3',
    '::12345',
    '::g',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '::1:2:3:4:5:6:7:8',
    '1:2:3:4:5:6:7:192.0.2.7',
    '::ffff:192.0.02.7',
    '::ffff:192.0.2.256',
    '192.0.2.7::',
    'fe80::1%eth0',
    'fe80::1%25eth0',
    '[::1]',
    '::1]/x[',
    ' ::1',
    '::1\n',
  ])('%j is no address', (text) => {
    expect(parseAddress(text)).toBeUndefined()
  })

  it('is the same however it is written', () => {
    const group = fc.integer({ min: 0, max: 0xffff })
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        const value = groups.reduce((sum, one) => (sum << 16n) | BigInt(one), 0n)
        fc.pre(value >> 32n !== 0xffffn)
        const long = groups.map((one) => one.toString(16).padStart(4, '0')).join(':')
        const short = groups.map((one) => one.toString(16).toUpperCase()).join(':')
        const expected = { bits: 128, value, prefix: 128 }
        expect([parseAddress(long), parseAddress(short)]).toEqual([expected, expected])
      }),
    )
  })
})

describe('a block', () => {
  it.each([
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10/8',
    '::/129',
    '::ffff:10.0.0.0/95',
    '10.0.0.0/0x8',
    'fe80::%eth0/64',
  ])('%s is no block', (text) => {
    expect(parseAddressBlock(text)).toBeUndefined()
  })

  it.each([
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['192.0.2.7/31', '192.0.2.6', true],
    ['192.0.2.7/32', '192.0.2.6', false],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['::/0', '2001:db8::1', true],
    ['::/0', '203.0.113.9', false],
    ['::ffff:10.0.0.0/104', '10.9.9.9', true],
    ['::ffff:10.0.0.0/104', '11.9.9.9', false],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['2001:db8:1:2::/64', '2001:db8:1:2:ffff:ffff:ffff:ffff', true],
    ['2001:db8:1:2::/64', '2001:db8:1:3::', false],
    // Longer than a network of 64 bits: the bits after the 64th count as well.
    ['2001:db8:1:2::/65', '2001:db8:1:2:7fff::1', true],
    ['2001:db8:1:2::/65', '2001:db8:1:2:8000::1', false],
    ['2001:db8:1:2:3::/80', '2001:db8:1:2:3:4:5:6', true],
    ['2001:db8:1:2:3::/80', '2001:db8:1:2:4:4:5:6', false],
    ['2001:db8::f0/124', '2001:db8::ff', true],
    ['2001:db8::f0/124', '2001:db8::ef', false],
    ['2001:db8::7/127', '2001:db8::6', true],
    ['2001:db8::7/127', '2001:db8::8', false],
    ['2001:db8::7', '2001:db8::7', true],
    ['2001:db8::7', '2001:db8::8', false],
    ['2001:db8::7/128', '2001:db8:0:0:1::7', false],
  ])('%s contains %s: %s', (block, text, expected) => {
    const [parsed, address] = [parseAddressBlock(block), parseAddress(text)]
    expect(parsed && address && contains(parsed, address)).toBe(expected)
  })

  it('contains exactly the addresses whose leading bits are its own', () => {
    const bits = fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 128, maxLength: 128 })
    const spelled = (all: readonly number[]): string =>
      Array.from({ length: 8 }, (_, group) => Number.parseInt(all.slice(group * 16, group * 16 + 16).join(''), 2))
        .map((group) => group.toString(16))
        .join(':')
    fc.assert(
      fc.property(bits, fc.integer({ min: 0, max: 127 }), fc.integer({ min: 0, max: 128 }), (all, flipped, prefix) => {
        // Neither is IPv4-mapped.
        const one = [1, ...all.slice(1)]
        const other = one.map((bit, position) => (position === flipped && position > 0 ? 1 - bit : bit))
        const [block, address] = [parseAddressBlock(`${spelled(one)}/${prefix}`), parseAddress(spelled(other))]
        expect(block && address && contains(block, address)).toBe(flipped === 0 || flipped >= prefix)
      }),
    )
  })
})

it.each([
  ['2001:db8:1:2::7', '2001:db8:1:2:aaaa:bbbb:cccc:dddd', true],
  ['2001:db8:1:2::7', '2001:db8:1:3::7', false],
  ['2001:DB8:0001:2::7', '2001:db8:1:2::8', true],
  ['192.0.2.7', '192.0.2.7', true],
  ['192.0.2.7', '192.0.2.8', false],
  ['no address', 'no address', true],
])('%s and %s are in one network: %s', (one, other, same) => {
  expect(networkOf(one) === networkOf(other)).toBe(same)
})

it.each(['192.0.2.7', '::ffff:192.0.2.7', '::FFFF:c000:207', '0:0:0:0:0:ffff:192.0.2.7'])(
  '%s is in the network of 192.0.2.7, however that is written',
  (text) => {
    expect(networkOf(text)).toBe('192.0.2.7')
  },
)
