import { type Region, REGIONS } from '../vocabulary.ts'

/** A jurisdiction that Cloudflare keeps objects and databases in: the European Union, the United States, or data centers with a FedRAMP
 *  authorization. */
export const JURISDICTIONS = ['eu', 'us', 'fedramp'] as const
export type Jurisdiction = (typeof JURISDICTIONS)[number]

/** The nearest region inside, for callers of each region. Source: docs/world.md, "Jurisdictions". */
const EUROPE: Readonly<Record<Region, Region>> = {
  wnam: 'weur',
  enam: 'weur',
  sam: 'weur',
  weur: 'weur',
  eeur: 'eeur',
  apac: 'weur',
  oc: 'weur',
  afr: 'weur',
  me: 'eeur',
}
const UNITED_STATES: Readonly<Record<Region, Region>> = {
  wnam: 'wnam',
  enam: 'enam',
  sam: 'enam',
  weur: 'enam',
  eeur: 'enam',
  apac: 'wnam',
  oc: 'wnam',
  afr: 'enam',
  me: 'enam',
}
const INSIDE = { eu: EUROPE, us: UNITED_STATES, fedramp: UNITED_STATES } as const

/** Returns the region inside the jurisdiction that serves callers of this one; without a jurisdiction, the same. */
export const regionWithin = (region: Region, jurisdiction: Jurisdiction | undefined): Region =>
  jurisdiction === undefined ? region : INSIDE[jurisdiction][region]

/** Returns the regions where objects may be. */
export const regionsWithin = (jurisdiction: Jurisdiction | undefined): readonly Region[] =>
  REGIONS.filter((region) => regionWithin(region, jurisdiction) === region)
