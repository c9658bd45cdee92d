/** Whose word counts on where a request came from. Source: docs/protocol.md, "Client address" and "System settings" `OverrideAuthorizationClient`. */
import { type AddressBlock, parseAddress, parseAddressBlock, contains } from './addresses.ts'

/** Ways a request may have come, the nearest network first; the last of each is where end users may be. */
export type ProxyPaths = readonly (readonly AddressBlock[])[]

const EVERYWHERE: readonly AddressBlock[] = ['0.0.0.0/0', '::/0'].flatMap((text) => parseAddressBlock(text) ?? [])

/** `10.1.2.3` believes that proxy whatever it says; `10.1.2.3 > 192.168.0.0/16` only of these users; several with commas.
 *  Undefined for what cannot be read. */
export function readProxyPaths(text: string): ProxyPaths | undefined {
  const ways = text
    .split(',')
    .filter((way) => way.trim() !== '')
    .map((way) => way.split('>').map((part) => parseAddressBlock(part.trim())))
  const read = ways.map((way) => way.filter((block) => block !== undefined))
  return read.every((way, index) => way.length === ways[index]?.length) ? read : undefined
}

/** The farthest address of `claims` (from the nearest on) that is vouched for, hop by hop, by whoever stands before it;
 *  the peer itself where nobody believed says otherwise. */
export function clientAddress(ways: ProxyPaths, peer: string, claims: readonly string[]): string {
  const hops = [peer, ...claims].map(parseAddress)
  const reached = ways.map((way) => {
    const networks = way.length === 1 ? [...way.map((block) => [block]), EVERYWHERE] : way.map((block) => [block])
    let hop = 0
    for (const network of networks) {
      const address = hops[hop]
      if (address === undefined || !network.some((block) => contains(block, address))) break
      hop += 1
    }
    return hop - 1
  })
  const most = Math.max(0, ...reached)
  return most === 0 ? peer : (claims[most - 1] ?? peer)
}
