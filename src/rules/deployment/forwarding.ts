/** Which proxies are trusted to name the client of a request. Source: docs/protocol.md, "Client address"; docs/protocol.md,
 *  "System settings", `OverrideAuthorizationClient`. */
import { type AddressBlock, contains, parseAddress, parseAddressBlock } from './addresses.ts'

/** Trusted paths of a request through proxies: networks, the nearest to Nod first. The last network of a path is where end
 *  users are. */
export type ProxyPaths = readonly (readonly AddressBlock[])[]

const EVERYWHERE: readonly AddressBlock[] = ['0.0.0.0/0', '::/0'].flatMap((text) => parseAddressBlock(text) ?? [])

/** Reads paths separated by commas; undefined if one cannot be read. `10.1.2.3`: that proxy may name any client.
 *  `10.1.2.3 > 192.168.0.0/16`: it may name clients of that network only. */
export function readProxyPaths(text: string): ProxyPaths | undefined {
  const paths = text
    .split(',')
    .filter((path) => path.trim() !== '')
    .map((path) => path.split('>').map((part) => parseAddressBlock(part.trim())))
  const read = paths.map((path) => path.filter((block) => block !== undefined))
  return read.every((path, index) => path.length === paths[index]?.length) ? read : undefined
}

/** The address of the client: the farthest of `claims` that a trusted path reaches. Each hop has to be trusted before the
 *  address it names counts. Without a trusted claim it is `peer`, which connected to Nod. `claims`: the addresses that proxies
 *  named, the nearest first. */
export function clientAddress(paths: ProxyPaths, peer: string, claims: readonly string[]): string {
  const hops = [peer, ...claims].map(parseAddress)
  const reached = paths.map((path) => {
    const networks = path.length === 1 ? [...path.map((block) => [block]), EVERYWHERE] : path.map((block) => [block])
    let hop = 0
    for (const network of networks) {
      const address = hops[hop]
      if (address === undefined || !network.some((block) => contains(block, address))) break
      hop += 1
    }
    return hop - 1
  })
  const farthest = Math.max(0, ...reached)
  return farthest === 0 ? peer : (claims[farthest - 1] ?? peer)
}
