/** IP addresses and blocks of them, as policies name clients. */

/** A block of addresses. A single address is a block whose prefix is its full length. */
export interface AddressBlock {
  readonly bits: 32 | 128
  readonly value: bigint
  /** How many leading bits the addresses of the block share. */
  readonly prefix: number
}

/** Reads an address as a block of one; undefined for any other text. An IPv4-mapped address (`::ffff:192.0.2.1`) is the IPv4
 *  address. Zone identifiers and numbers with leading zeros are refused: other programs read them differently. */
export function parseAddress(text: string): AddressBlock | undefined {
  const ipv4 = parseIpv4(text)
  if (ipv4 !== undefined) return { bits: 32, value: ipv4, prefix: 32 }
  const ipv6 = parseIpv6(text)
  if (ipv6 === undefined) return undefined
  if (ipv6 >> 32n === 0xffffn) return { bits: 32, value: ipv6 & 0xffffffffn, prefix: 32 }
  return { bits: 128, value: ipv6, prefix: 128 }
}

/** Reads an address or `<address>/<prefix length>`; undefined for any other text. Bits after the prefix are ignored. */
export function parseAddressBlock(text: string): AddressBlock | undefined {
  const slash = text.indexOf('/')
  if (slash < 0) return parseAddress(text)
  const address = parseAddress(text.slice(0, slash))
  const length = text.slice(slash + 1)
  if (address === undefined || !/^\d{1,3}$/.test(length)) return undefined
  // A mapped block counts its prefix from the front of the IPv6 form: ::ffff:10.0.0.0/104 is 10.0.0.0/8.
  const isMapped = address.bits === 32 && text.includes(':')
  const prefix = isMapped ? Number(length) - 96 : Number(length)
  return prefix < 0 || prefix > address.bits ? undefined : { ...address, prefix }
}

/** Whether the address is in the block. An IPv4 address is in no IPv6 block, and the other way round. */
export function contains(block: AddressBlock, address: AddressBlock): boolean {
  return block.bits === address.bits && (block.value ^ address.value) >> BigInt(block.bits - block.prefix) === 0n
}

/** The network that one user's addresses share: the first 64 bits of an IPv6 address; an IPv4 address in its usual form, because it may
 *  be written as an IPv6 address in several; any other text as it is. */
export function networkOf(text: string): string {
  const address = parseAddress(text)
  if (address === undefined) return text
  if (address.bits === 128) return `${(address.value >> 64n).toString(16)}/64`
  return [24n, 16n, 8n, 0n].map((shift) => (address.value >> shift) & 255n).join('.')
}

/** The first 48 bits of a network that `networkOf` has made of an IPv6 address: the most that one customer is usually given. Undefined
 *  for any other. */
export const wideNetworkOf = (network: string): string | undefined =>
  network.endsWith('/64') ? `${(BigInt(`0x${network.slice(0, -3)}`) >> 16n).toString(16)}/48` : undefined

/** The 32 bits of four decimal numbers. */
function parseIpv4(text: string): bigint | undefined {
  const parts = text.split('.')
  // A leading zero means octal to some programs and nothing to others.
  const isIpv4 = parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)
  return isIpv4 ? parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n) : undefined
}

/** The 128 bits of an IPv6 address. The URL parser reads it and writes it in its shortest form, so that only `::` is left to
 *  fill in. */
function parseIpv6(text: string): bigint | undefined {
  const url = `http://[${text}]/`
  if (!/^[\da-f:.]+$/i.test(text) || !URL.canParse(url)) return undefined
  const [head = '', tail] = new URL(url).hostname.slice(1, -1).split('::')
  const [front, back] = [groupsOf(head), groupsOf(tail ?? '')]
  const groups = [...front, ...Array.from({ length: 8 - front.length - back.length }, () => '0'), ...back]
  return groups.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n)
}

const groupsOf = (part: string): readonly string[] => (part === '' ? [] : part.split(':'))

// After what reads them.
const LOOPBACK = ['127.0.0.0/8', '::1'].flatMap((text) => parseAddressBlock(text) ?? [])

/** Whether a text is an address of this machine itself. */
export function isLoopback(text: string): boolean {
  const address = parseAddress(text)
  return address !== undefined && LOOPBACK.some((block) => contains(block, address))
}
