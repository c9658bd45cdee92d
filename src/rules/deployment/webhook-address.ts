/** Which addresses a webhook may have. */
import { contains, parseAddress, parseAddressBlock } from './addresses.ts'

const MOST_CHARACTERS = 2048

/** Networks that are not the public internet. Source: the IANA registries of special-purpose addresses. */
const NOT_PUBLIC = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
].map(parseAddressBlock)

/** All of IPv6 that is public, but for these. Addresses that contain an IPv4 address (NAT64, 6to4, Teredo) are no receiver's. */
const PUBLIC_IPV6 = parseAddressBlock('2000::/3')
const NOT_PUBLIC_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'].map(parseAddressBlock)

/** Names that are looked up on a local network only. Source: RFC 6761, RFC 6762, RFC 8375, RFC 9476, ICANN's `internal`. */
const LOCAL_NAME =
  /(?:^|\.)(?:localhost|local|internal|intranet|lan|home|corp|private|home\.arpa|test|invalid|alt|onion)$/

const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/

/** Whether a Nod at this address serves its own machine only. On Cloudflare it never does. */
export const servesOwnMachine = ({ onCloudflare }: { readonly onCloudflare: boolean }, publicUrl: string): boolean =>
  !onCloudflare && LOOPBACK.test(URL.parse(publicUrl)?.hostname ?? '')

/**
 * Says why a webhook may not have this address; undefined if it may. `isLocal`: this Nod serves its own machine only, so http to that
 * machine is allowed. The address that a name has is not known here: docs/webhooks.md says what that means. The URL parser has
 * written numbers such as 0x7f000001 or 127.1 as four decimals by now.
 */
export function webhookAddressFault(text: string, isLocal: boolean): string | undefined {
  const url = URL.parse(text)
  if (url === null || text.length > MOST_CHARACTERS)
    return `expected an https address of at most ${MOST_CHARACTERS} characters`
  if (url.username !== '' || url.password !== '') return 'has a login in it; receivers verify the signature'
  if (url.hash !== '') return 'has a fragment in it'
  if (isLocal && LOOPBACK.test(url.hostname))
    return /^https?:$/.test(url.protocol) ? undefined : 'expected http or https'
  if (url.protocol !== 'https:') return 'expected https'
  return isPublicHost(url.hostname) ? undefined : 'expected an address on the public internet'
}

function isPublicHost(host: string): boolean {
  const address = parseAddress(host.replace(/^\[(.*)\]$/, '$1'))
  if (address === undefined) {
    const name = host.replace(/\.$/, '')
    return name.includes('.') && !LOCAL_NAME.test(name)
  }
  const isIn = (block: ReturnType<typeof parseAddressBlock>): boolean => block !== undefined && contains(block, address)
  return address.bits === 32 ? !NOT_PUBLIC.some(isIn) : isIn(PUBLIC_IPV6) && !NOT_PUBLIC_IPV6.some(isIn)
}
