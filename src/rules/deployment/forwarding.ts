/** Which proxies are trusted to name the client of a request. Source: docs/protocol.md, "Client address"; docs/protocol.md,
 *  "System settings", `OverrideAuthorizationClient`. */
import type { AddressClaims } from '../../vocabulary.ts'
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

/** The address that policies, texts, limits and the audit go by. */
export interface BelievedAddress {
  readonly address: string
  /** Whether it is the address of an end user: never that of a service, a proxy or a NAS. */
  readonly isEndUser: boolean
}

/** The believed address: the farthest of `claims` that a trusted path reaches. Each hop has to be trusted before the address it
 *  names counts. Without a trusted claim it is `peer`, which connected to Nod.
 *  It is an end user's where the path ends in a network (not at one address, which is a service's), where no path names it as a hop,
 *  and where the service names nobody else behind it. */
export function believedAddress(paths: ProxyPaths, peer: string, claims: AddressClaims): BelievedAddress {
  const { client, isRadius = false } = claims
  // A proxy of the platform adds the address it saw, which is `peer`: that is the same hop.
  const own = claims.forwarded.findIndex((hop) => !isSameAddress(hop, peer))
  const forwarded = own < 0 ? [] : claims.forwarded.slice(own)
  const chain = client === undefined ? forwarded : [...forwarded, client]
  const reached = paths.map((path) => ({ path, hops: hopsReached(path, [peer, ...chain]) }))
  const farthest = Math.max(0, ...reached.map(({ hops }) => hops))
  const address = chain[farthest - 1]
  if (address === undefined) return { address: peer, isEndUser: false }
  const block = parseAddress(address)
  const isNamedHop = paths.some((path) =>
    (path.length === 1 ? path : path.slice(0, -1)).some((hop) => block !== undefined && contains(hop, block)),
  )
  const endsInNetwork = reached.some(({ path, hops }) => hops === farthest && !isOneAddress(path))
  const isClient = client === undefined || isSameAddress(client, address)
  return { address, isEndUser: !isRadius && !isNamedHop && endsInNetwork && isClient }
}

/** How many hops behind the peer this path reaches. */
function hopsReached(path: readonly AddressBlock[], hops: readonly string[]): number {
  const networks = path.length === 1 ? [...path.map((block) => [block]), EVERYWHERE] : path.map((block) => [block])
  const trusted = networks.findIndex((network, hop) => {
    const address = parseAddress(hops[hop] ?? '')
    return address === undefined || !network.some((block) => contains(block, address))
  })
  return (trusted < 0 ? networks.length : trusted) - 1
}

/** Whether the path leads to one address: a service behind a proxy. A path of one hop leads anywhere. */
const isOneAddress = (path: readonly AddressBlock[]): boolean => {
  const end = path.at(-1)
  return path.length > 1 && end !== undefined && end.prefix === end.bits
}

function isSameAddress(one: string, other: string): boolean {
  const [a, b] = [parseAddress(one), parseAddress(other)]
  return a !== undefined && b !== undefined && contains(a, b)
}
