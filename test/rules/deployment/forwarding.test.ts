import { describe, expect, it } from 'vitest'
import { believedAddress, readProxyPaths } from '../../../src/rules/deployment/forwarding.ts'

const believed = (ways: string, peer: string, claims: Parameters<typeof believedAddress>[2]) =>
  believedAddress(readProxyPaths(ways) ?? [], peer, claims)
const from = (ways: string, peer: string, ...forwarded: string[]) => believed(ways, peer, { forwarded }).address

const LONG = '10.0.0.1 > 10.0.0.9 > 0.0.0.0/0'
const via = (...forwarded: string[]) => ({ forwarded })
const user = (client: string, ...forwarded: string[]) => ({ forwarded, client })
const radius = (client: string) => ({ forwarded: [], client, isRadius: true })

describe('where a request came from', () => {
  it.each([
    ['nobody is believed', '', '10.0.0.1', ['1.2.3.4'], '10.0.0.1'],
    ['a stranger is not believed', '10.0.0.0/8', '192.0.2.1', ['1.2.3.4'], '192.0.2.1'],
    ['a proxy is, whatever it says', '10.0.0.0/8', '10.0.0.1', ['1.2.3.4'], '1.2.3.4'],
    ['a proxy is, of its own users only', '10.0.0.1 > 192.168.0.0/16', '10.0.0.1', ['192.168.3.4'], '192.168.3.4'],
    ['and not of others', '10.0.0.1 > 192.168.0.0/16', '10.0.0.1', ['1.2.3.4'], '10.0.0.1'],
    ['nobody vouches for the next hop', '10.0.0.1', '10.0.0.1', ['1.2.3.4', '5.6.7.8'], '1.2.3.4'],
    ['unless the way is longer', '10.0.0.1 > 10.0.0.2 > 0.0.0.0/0', '10.0.0.1', ['10.0.0.2', '5.6.7.8'], '5.6.7.8'],
    ['the way that reaches farthest counts', '10.0.0.1 > 10.0.0.9, 10.0.0.1', '10.0.0.1', ['1.2.3.4'], '1.2.3.4'],
    ['what is no address is not', '10.0.0.1', '10.0.0.1', ['the office'], '10.0.0.1'],
    ['in IPv6 too', '2001:db8::/32', '2001:db8::1', ['2001:db9::2'], '2001:db9::2'],
  ] as const)('%s', (_, ways, peer, claims, expected) => {
    expect(from(ways, peer, ...claims)).toBe(expected)
  })

  it.each<[string, string, string, Parameters<typeof believedAddress>[2], string, boolean]>([
    ['is the end user’s that a service names', '10.0.0.1', '10.0.0.1', user('192.0.2.7'), '192.0.2.7', true],
    ['is the service’s where nothing is named', '10.0.0.1', '10.0.0.1', via(), '10.0.0.1', false],
    ['is the caller’s where it is not trusted', '10.0.0.1', '10.0.0.2', user('192.0.2.7'), '10.0.0.2', false],
    ['is the NAS’s that a RADIUS server names', '10.0.0.1', '10.0.0.1', radius('192.0.2.7'), '192.0.2.7', false],
    ['is the end user’s that a proxy has seen', '10.0.0.1', '10.0.0.1', via('192.0.2.7'), '192.0.2.7', true],
    [
      'is a service’s that names somebody itself',
      '10.0.0.1',
      '10.0.0.1',
      user('192.0.2.7', '10.0.0.9'),
      '10.0.0.9',
      false,
    ],
    ['is a service’s at the end of a path', '10.0.0.1 > 10.0.0.9', '10.0.0.1', via('10.0.0.9'), '10.0.0.9', false],
    ['is a proxy’s that may name others', '10.0.0.0/8', '10.0.0.1', via('10.0.0.9'), '10.0.0.9', false],
    [
      'is the peer’s though a proxy of the platform tells it again',
      '10.0.0.1',
      '10.0.0.1',
      via('10.0.0.1'),
      '10.0.0.1',
      false,
    ],
    ['is the end user’s behind that', '10.0.0.1', '10.0.0.1', user('192.0.2.7', '10.0.0.1'), '192.0.2.7', true],
    [
      'is the end user’s told in both ways alike',
      '10.0.0.1',
      '10.0.0.1',
      user('192.0.2.7', '192.0.2.7'),
      '192.0.2.7',
      true,
    ],
    [
      'is no end user’s where the two ways differ',
      '10.0.0.1',
      '10.0.0.1',
      user('192.0.2.7', '192.0.2.8'),
      '192.0.2.8',
      false,
    ],
    [
      'is the end user’s at the end of a longer path',
      LONG,
      '10.0.0.1',
      user('192.0.2.7', '10.0.0.9'),
      '192.0.2.7',
      true,
    ],
    ['is IPv4, however it is written', '10.0.0.1', '10.0.0.1', user('192.0.2.7', '::ffff:10.0.0.1'), '192.0.2.7', true],
  ])('%s', (_, ways, peer, claims, address, isEndUser) => {
    expect(believed(ways, peer, claims)).toEqual({ address, isEndUser })
  })

  it.each(['the office', '10.0.0.0/33', '10.0.0.1 >', '> 10.0.0.1', '10.0.0.1 > x'])(
    'cannot be read from %o',
    (text) => {
      expect(readProxyPaths(text)).toBeUndefined()
    },
  )
})
