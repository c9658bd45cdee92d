import type { Region, Source } from '../vocabulary.ts'

/** Where a request came from, by what the platform says; nothing a caller writes changes it. */
export function sourceOf(request: Request, { origin }: URL): Source {
  return {
    address: request.headers.get('CF-Connecting-IP') ?? '127.0.0.1',
    userAgent: (request.headers.get('User-Agent') ?? '').slice(0, 256),
    // Only who opens a login needs it, and reading `cf` means parsing it.
    get region() {
      return regionOf(request.cf)
    },
    header: (name) => request.headers.get(name) ?? undefined,
    origin,
  }
}

/** The same, with what is said of where the request came from, the nearest first: the way in `X-Forwarded-For`, and at its
 *  far end the parameter `client`, of a list its first. What of it is believed is for the deployment to say: whoever comes
 *  through a proxy that is may write a `client` too. Source: docs/protocol.md, "Client address"; privacyIDEA reads it so. */
export function withAddressClaims(source: Source, client: string | undefined): Source {
  const claims = [...wayOf(source), ...(client === undefined ? [] : [client.split(',')[0]?.trim() ?? ''])]
  return claims.length === 0 ? source : { ...source, claims }
}

/** The address that the nearest proxy has seen stands last. */
const wayOf = ({ header }: Source): readonly string[] =>
  (header?.('X-Forwarded-For') ?? '')
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '')
    .toReversed()
    .slice(0, MOST_HOPS)
const MOST_HOPS = 8

/** The region whose objects are nearest: Durable Objects know no finer places than these. */
function regionOf(cf: Request['cf']): Region {
  const continent = text(cf?.['continent'])
  const longitude = Number(text(cf?.['longitude']) ?? Number.NaN)
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
