/** The round trips between the six regions in which D1 and Durable Objects live: a published table, see `source` in
 *  `round-trips.json`. The regions of another provider stand for them, because Cloudflare publishes no such table. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const WORLD_REGIONS = ['wnam', 'enam', 'weur', 'eeur', 'apac', 'oc'] as const
export type WorldRegion = (typeof WORLD_REGIONS)[number]

interface Published {
  readonly source: string
  readonly standIns: Readonly<Record<WorldRegion, string>>
  /** Milliseconds between two data centers of one region: between "East US" and "East US 2". */
  readonly within: number
  /** Milliseconds, by the two regions. */
  readonly between: Readonly<Record<string, number>>
}

export const PUBLISHED = JSON.parse(readFileSync(join(import.meta.dirname, 'round-trips.json'), 'utf8')) as Published

/** Returns the round trip between two regions, in milliseconds. */
export const roundTrip = (from: WorldRegion, to: WorldRegion): number =>
  from === to
    ? PUBLISHED.within
    : (PUBLISHED.between[`${from} ${to}`] ?? PUBLISHED.between[`${to} ${from}`] ?? Number.NaN)
