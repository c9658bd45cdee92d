/** IP addresses and blocks of them, as policies name clients. */

/** A block of addresses; a single address is a block of its full length. */
export interface AddressBlock {
  readonly bits: 32 | 128
  readonly value: bigint
  readonly prefix: number
}

/** The address as a block of one, or undefined if it is none. An IPv4 address inside IPv6 (`::ffff:192.0.2.1`) is the IPv4 one. */
export function parseAddress(text: string): AddressBlock | undefined {
  const short = ipv4(text)
  if (short !== undefined) return { bits: 32, value: short, prefix: 32 }
  const long = ipv6(text)
  if (long === undefined) return undefined
  if (long >> 32n === 0xffffn) return { bits: 32, value: long & 0xffffffffn, prefix: 32 }
  return { bits: 128, value: long, prefix: 128 }
}

/** An address or `<address>/<prefix length>`; undefined if it is neither. Bits past the prefix are of no account. */
export function parseAddressBlock(text: string): AddressBlock | undefined {
  const slash = text.indexOf('/')
  if (slash < 0) return parseAddress(text)
  const address = parseAddress(text.slice(0, slash))
  const length = text.slice(slash + 1)
  if (address === undefined || !/^\d{1,3}$/.test(length)) return undefined
  // A mapped block counts its prefix from the front of the long form: ::ffff:10.0.0.0/104 is 10.0.0.0/8.
  const mapped = address.bits === 32 && text.includes(':')
  const prefix = mapped ? Number(length) - 96 : Number(length)
  return prefix < 0 || prefix > address.bits ? undefined : { ...address, prefix }
}

/** Whether the address lies in the block. IPv4 and IPv6 never meet. */
export function contains(block: AddressBlock, address: AddressBlock): boolean {
  return block.bits === address.bits && (block.value ^ address.value) >> BigInt(block.bits - block.prefix) === 0n
}

/** The network an address is of, as far as one user moves about in it: of IPv6 the first 64 bits, else the address. */
export function networkOf(text: string): string {
  const address = parseAddress(text)
  return address?.bits === 128 ? `${(address.value >> 64n).toString(16)}/64` : text
}

function ipv4(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let value = 0n
  for (const part of parts) {
    // A leading zero means octal to some and nothing to others: not an address.
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined
    value = (value << 8n) | BigInt(part)
  }
  return value
}

function ipv6(text: string): bigint | undefined {
  const [head, tail, ...more] = text.split('::')
  if (head === undefined || more.length > 0) return undefined
  const front = groups(head, tail === undefined)
  const back = tail === undefined ? [] : groups(tail, true)
  if (front === undefined || back === undefined) return undefined
  const missing = 8 - front.length - back.length
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined
  const all = [...front, ...Array.from({ length: missing }, () => 0n), ...back]
  return all.reduce((value, group) => (value << 16n) | group, 0n)
}

/** The 16-bit groups of one side of `::`; only the last side may end in an IPv4 address. */
function groups(side: string, last: boolean): readonly bigint[] | undefined {
  if (side === '') return []
  const found: bigint[] = []
  const parts = side.split(':')
  for (const [position, part] of parts.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(part)) {
      found.push(BigInt(`0x${part}`))
      continue
    }
    const embedded = last && position === parts.length - 1 ? ipv4(part) : undefined
    if (embedded === undefined) return undefined
    found.push(embedded >> 16n, embedded & 0xffffn)
  }
  return found
}
