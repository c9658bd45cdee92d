/** R2: buckets by name, each in a jurisdiction or none. Source: wrangler, src/r2/helpers/bucket.ts. */
import { ApiError, type Call, jsonOf, noRoute } from './api.ts'

export class Buckets {
  /** The names, each with its jurisdiction in front: `eu/nod-audit`, `default/nod-audit`. */
  readonly names = new Set<string>()

  answer(call: Call, jurisdiction: string): unknown {
    const [name] = call.path.split('/').slice(2)
    if (call.method === 'GET' && name === undefined) {
      const own = [...this.names].filter((one) => one.startsWith(`${jurisdiction}/`))
      return { buckets: own.map((one) => ({ name: one.split('/')[1] })) }
    }
    if (call.method === 'GET') {
      if (!this.names.has(`${jurisdiction}/${name}`))
        throw new ApiError(404, 10_006, 'The specified bucket does not exist.')
      return { name, jurisdiction }
    }
    if (call.method !== 'POST') throw noRoute(call)
    const wanted = `${jurisdiction}/${(jsonOf(call) as { name: string }).name}`
    if (this.names.has(wanted))
      throw new ApiError(409, 10_004, 'The bucket you tried to create already exists, and you own it.')
    this.names.add(wanted)
    return { name: wanted.split('/')[1], jurisdiction }
  }
}
