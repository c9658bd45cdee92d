import type { Limits } from '../ports/ports.ts'
import { present } from '../present.ts'
import type { Instant, Region, Source } from '../vocabulary.ts'
import { regionWithin } from '../vocabulary/jurisdictions.ts'

/** Reads where a request comes from. On Cloudflare address and region are the platform's word, which no caller can forge.
 *  Elsewhere the address is in the header that the configuration names, and the region is always the same: `cf` would be read
 *  from a header that any caller can send. */
export function sourceOf(
  request: { readonly headers: Headers; readonly cf?: unknown },
  { origin }: URL,
  { onCloudflare, addressHeader, jurisdiction }: Pick<Limits, 'onCloudflare' | 'addressHeader' | 'jurisdiction'>,
  receivedAt?: Instant,
): Source {
  const peer = addressIn(request.headers, addressHeader)
  return {
    address: peer ?? NO_ADDRESS,
    ...present({ peer }),
    userAgent: (request.headers.get('User-Agent') ?? '').slice(0, 256),
    // A getter, because reading `cf` parses it, and only logins that open and phones need the region.
    get region() {
      return regionWithin(regionOf(onCloudflare ? request.cf : undefined), jurisdiction)
    },
    header: (name) => request.headers.get(name) ?? undefined,
    origin,
    ...present({ receivedAt }),
  }
}

/** The address of every caller where nobody tells one. */
const NO_ADDRESS = '127.0.0.1'

/** The last address of the header, which is the one that the nearest proxy has added. */
const addressIn = (headers: Headers, name: string | undefined): string | undefined =>
  (name === undefined ? undefined : headers.get(name)?.split(',').at(-1)?.trim().slice(0, MAX_ADDRESS)) || undefined
/** Characters of the longest address, `0000:…:255.255.255.255%zone`. */
const MAX_ADDRESS = 64

/** Adds what the request claims of the way it came: `X-Forwarded-For`, and behind that the first address of the parameter
 *  `client`. Anyone can write these; `believedAddress` decides what of them counts. `path`: of the request.
 *  Source: docs/protocol.md, "Client address". */
export function withAddressClaims(source: Source, client: string | undefined, path: string): Source {
  const forwarded = forwardedAddresses(source)
  const named = client?.split(',')[0]?.trim()
  if (forwarded.length === 0 && named === undefined) return source
  const isRadius = path === RADIUS_PATH || RADIUS_AGENT.test(source.userAgent)
  return { ...source, claims: { forwarded, ...present({ client: named }), isRadius } }
}
const RADIUS_PATH = '/validate/radiuscheck'
/** The User-Agent of the plugin. Source: docs/protocol.md, "FreeRADIUS". */
const RADIUS_AGENT = /^FreeRADIUS\b/i

/** The addresses in `X-Forwarded-For`, nearest first. Each proxy appends the address it saw. */
const forwardedAddresses = ({ header }: Source): readonly string[] =>
  (header?.('X-Forwarded-For') ?? '')
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '')
    .toReversed()
    .slice(0, MAX_HOPS)
const MAX_HOPS = 8

/** The Durable Object location hint nearest to the caller. */
function regionOf(cf: unknown): Region {
  const fields = (cf ?? {}) as Readonly<Record<string, unknown>>
  const continent = text(fields['continent'])
  const longitude = Number(text(fields['longitude']) ?? Number.NaN)
  switch (continent) {
    case 'NA':
      return longitude < -100 ? 'wnam' : 'enam'
    case 'SA':
      return 'sam'
    case 'EU':
      return longitude > 16 ? 'eeur' : 'weur'
    case 'AF':
      return 'afr'
    case 'OC':
      return 'oc'
    case 'AS':
      return longitude < 60 ? 'me' : 'apac'
    default:
      return 'weur'
  }
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
