import type { PhoneMoveResult } from '../../ports/phone-move.ts'
import type { FarPhone } from '../../ports/phone-reports.ts'
import type { Ports } from '../../ports/ports.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { isFar } from '../../rules/token/phone-home.ts'
import type { Region, Serial } from '../../vocabulary.ts'
import { regionWithin } from '../../vocabulary/jurisdictions.ts'
import { authorize, type Credential } from '../access/identify.ts'
import { findToken } from '../token/change-token.ts'

/** Moves the object of a token's phone to this region; without one to where most of the phone's requests come from, if that is on another
 *  continent. What has begun goes on by itself. Reads one token and calls its phone.
 *  Refuses: as `authorize`; `parameter_invalid` for a region outside the jurisdiction; `token_unknown`, also if no phone has registered; `storage_unavailable`. */
export async function movePhone(
  ports: Ports,
  credential: Credential,
  { serial, region }: { readonly serial: string; readonly region?: Region | undefined },
): Promise<Outcome<PhoneMoveResult>> {
  const authorized = await authorize(ports, credential, 'configwrite')
  if (!authorized.ok) return authorized
  const { jurisdiction } = ports.limits
  if (region !== undefined && regionWithin(region, jurisdiction) !== region)
    return refuse({ reason: 'parameter_invalid', name: 'region', why: `outside the jurisdiction ${jurisdiction}` })
  const found = await findToken(ports, serial)
  if (!found.ok) return found
  const { phoneKey, home, objectNumber } = found.value
  if (phoneKey === undefined) return refuse({ reason: 'token_unknown', serial })
  return ports.phones.of(found.value.serial, home, objectNumber).move({ region })
}

/** Lists the phones that are far from their objects, in the order of their serials, a page after this one. A page may be empty although
 *  there is a next one. Reads at most a hundred tokens, by index. Refuses: as `authorize`; `storage_unavailable`. */
export async function listFarPhones(
  ports: Ports,
  credential: Credential,
  after: Serial | undefined,
): Promise<Outcome<{ readonly phones: readonly FarPhone[]; readonly next?: Serial | undefined }>> {
  const authorized = await authorize(ports, credential, 'configread')
  if (!authorized.ok) return authorized
  const found = await ports.phoneReports.elsewhere(after)
  if (!found.ok) return found
  const { phones, next } = found.value
  return done({ phones: phones.filter(({ home, seen }) => isFar(home, seen)), next })
}
