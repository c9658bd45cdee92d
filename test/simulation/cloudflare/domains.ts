/** Where Workers are reached: the account's name below workers.dev, zones, custom domains and schedules. Source: wrangler,
 *  deploy-helpers/src/triggers. */
import { randomUUID } from 'node:crypto'
import { ApiError, type Call, jsonOf, noRoute, UNNAMED } from './api.ts'

interface Origin {
  readonly hostname: string
  readonly zone_name?: string
}
interface Domain {
  readonly id: string
  readonly hostname: string
  readonly service: string
  readonly zone_name: string
}

export class Domains {
  /** Undefined: nobody has chosen one yet. */
  subdomain: string | undefined = 'example'
  /** The zones of the account, by name, and the DNS records that each has. */
  readonly zones = new Map<string, Set<string>>()
  /** By hostname. */
  readonly domains = new Map<string, Domain>()
  readonly #ids = new Map<string, string>()

  /** `GET workers/subdomain` */
  account(): unknown {
    if (this.subdomain === undefined)
      throw new ApiError(404, 10_007, 'This account does not have a workers.dev subdomain yet')
    return { subdomain: this.subdomain }
  }

  /** `GET /zones` */
  list(query: URLSearchParams): readonly unknown[] {
    const name = query.get('name')
    return [...this.zones.keys()].flatMap((one) =>
      name === null || name === one ? [{ id: this.#idOf(one), name: one }] : [],
    )
  }

  /** `GET workers/domains` */
  attached(query: URLSearchParams): readonly Domain[] {
    const hostname = query.get('hostname')
    return [...this.domains.values()].filter((one) => hostname === null || one.hostname === hostname)
  }

  /** What stands below `workers/scripts/<name>/domains`. */
  ofWorker(service: string, call: Call): unknown {
    const { method, path } = call
    if (method === 'POST' && path.endsWith('/changeset')) return this.#changes(service, jsonOf(call) as Origin[])
    if (method !== 'PUT' || !path.endsWith('/records')) throw noRoute(call)
    const { origins, ...options } = jsonOf(call) as {
      origins: Origin[]
      override_existing_origin: boolean
      override_existing_dns_record: boolean
    }
    for (const { hostname } of origins) {
      const zone = this.#zoneOf(hostname)
      const other = this.domains.get(hostname)
      if (other !== undefined && other.service !== service && !options.override_existing_origin)
        throw new ApiError(409, UNNAMED, `The domain ${hostname} belongs to the Worker ${other.service}`)
      if (this.zones.get(zone)?.has(hostname) && other === undefined && !options.override_existing_dns_record)
        throw new ApiError(409, UNNAMED, `There is a DNS record for ${hostname} already`)
      this.domains.set(hostname, { id: other?.id ?? randomUUID(), hostname, service, zone_name: zone })
    }
    // The state is replaced: a domain that is no longer named is taken away.
    for (const one of this.domains.values())
      if (one.service === service && !origins.some(({ hostname }) => hostname === one.hostname))
        this.domains.delete(one.hostname)
    return null
  }

  #changes(service: string, origins: readonly Origin[]): unknown {
    const [added, updated, conflicting]: [unknown[], unknown[], unknown[]] = [[], [], []]
    for (const origin of origins) {
      const zone = this.#zoneOf(origin.hostname)
      const known = this.domains.get(origin.hostname)
      if (known !== undefined) updated.push({ ...known, modified: known.service !== service })
      else if (this.zones.get(zone)?.has(origin.hostname)) conflicting.push(origin)
      else added.push(origin)
    }
    return { added, removed: [], updated, conflicting }
  }

  #zoneOf(hostname: string): string {
    const zone = [...this.zones.keys()].find((one) => hostname === one || hostname.endsWith(`.${one}`))
    if (zone === undefined) throw new ApiError(404, UNNAMED, `There is no zone for ${hostname} in this account`)
    return zone
  }

  #idOf(zone: string): string {
    const id = this.#ids.get(zone) ?? randomUUID().replaceAll('-', '')
    this.#ids.set(zone, id)
    return id
  }
}
