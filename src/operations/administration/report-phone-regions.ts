import type { PhonesInRegion } from '../../ports/phone-reports.ts'
import type { Ports } from '../../ports/ports.ts'
import { done, type Outcome } from '../../refusal.ts'
import { isFar } from '../../rules/token/phone-home.ts'
import { authorize, type Credential } from '../access/identify.ts'

interface Report {
  readonly phones: number
  readonly far: number
  /** The most phones first. */
  readonly regions: readonly (PhonesInRegion & { readonly isFar: boolean })[]
}

/** Counts phones by the region where their object lives and the one that their requests come from. Reads the counts that D1 keeps, no
 *  token and no phone object. Refuses: as `authorize`; `storage_unavailable`. */
export async function reportPhoneRegions(ports: Ports, credential: Credential): Promise<Outcome<Report>> {
  const authorized = await authorize(ports, credential, 'configread')
  if (!authorized.ok) return authorized
  const counted = await ports.phoneReports.regions()
  if (!counted.ok) return counted
  const regions = counted.value
    .map((one) => ({ ...one, isFar: isFar(one.home, one.seen) }))
    .toSorted((one, other) => other.count - one.count)
  return done({ phones: sum(regions), far: sum(regions.filter((one) => one.isFar)), regions })
}

const sum = (list: readonly PhonesInRegion[]): number => list.reduce((total, { count }) => total + count, 0)
