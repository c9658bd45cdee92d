import { describe, expect, it } from 'vitest'
import { clientAddress, readProxyPaths } from '../../../src/rules/deployment/forwarding.ts'

const from = (ways: string, peer: string, ...claims: string[]) =>
  clientAddress(readProxyPaths(ways) ?? [], peer, claims)

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

  it.each(['the office', '10.0.0.0/33', '10.0.0.1 >', '> 10.0.0.1', '10.0.0.1 > x'])(
    'cannot be read from %o',
    (text) => {
      expect(readProxyPaths(text)).toBeUndefined()
    },
  )
})
