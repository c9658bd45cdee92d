import { present } from '../../present.ts'
import type { PhoneReport } from '../../ports/phone-reports.ts'
import type { Ports } from '../../ports/ports.ts'
import type { PhoneReportRequest } from '../../protocol/administration/phone-report-request.ts'
import type { Outcome } from '../../refusal.ts'
import { done } from '../../refusal.ts'
import type { Support } from '../../rules/login/app-support.ts'
import { codeToPhoneSupport } from '../../rules/login/app-support.ts'
import { POLL_ONLY } from '../../vocabulary.ts'
import type { PhoneLine, UnreachedCause } from '../../vocabulary/phones.ts'
import type { Credential } from '../access/identify.ts'
import { authorizeOwnerRight } from '../access/identify.ts'
import { ownerOf } from '../login/login-subject.ts'

interface Report {
  readonly phones: readonly (PhoneLine & { readonly ability: Support })[]
  readonly count: number
  readonly summary: Summary
}

/** Of all phones that hold a token which is not revoked, as far as the caller may see them. */
interface Summary {
  readonly phones: number
  readonly reached: number
  readonly unreached: Readonly<Record<UnreachedCause, number>>
  readonly codeToPhone: Readonly<Record<Support, number>>
  /** By the app's own name. */
  readonly apps: Readonly<Record<string, number>>
}

/** A page of the phones that push does not reach, and why, or of all; and how many there are of each kind. Of those realms
 *  only that policy lets the caller see.
 *  Refuses: who may not; `parameter_invalid`; `storage_unavailable`. */
export async function reportPhones(
  ports: Ports,
  credential: Credential,
  listing: PhoneReportRequest,
): Promise<Outcome<Report>> {
  const authorized = await authorizeOwnerRight(ports, credential, 'phones_read')
  if (!authorized.ok) return authorized
  const { snapshot, visibleRealms: listed } = authorized.value
  const realms = listed()
  if (!realms.ok) return realms
  const { user, realm, ...filter } = listing
  const owner = user === undefined ? undefined : ownerOf({ user, ...present({ realm }) }, snapshot)
  const used = await ports.phoneReports.firebasesInUse()
  if (!used.ok) return used
  const missing = used.value.filter((name) => name !== POLL_ONLY && !ports.delivery.knows(name))
  const found = await ports.phoneReports.page({ ...filter, ...present({ owner, realms: realms.value }), missing })
  if (!found.ok) return found
  const { phones, count, groups } = found.value
  return done({
    phones: phones.map((phone) => ({ ...phone, ability: codeToPhoneSupport(phone.app) })),
    count,
    summary: summaryOf(groups),
  })
}

function summaryOf(groups: PhoneReport['groups']): Summary {
  const counted = (fits: (group: PhoneReport['groups'][number]) => boolean): number =>
    groups.filter(fits).reduce((sum, { count }) => sum + count, 0)
  const of = (cause: UnreachedCause): number => counted((group) => group.cause === cause)
  const which = (ability: Support): number => counted(({ app }) => codeToPhoneSupport(app) === ability)
  const apps = new Set(groups.flatMap(({ app }) => app ?? []))
  return {
    phones: counted(() => true),
    reached: counted(({ cause }) => cause === undefined),
    unreached: {
      quarantined: of('quarantined'),
      no_registration_token: of('no_registration_token'),
      poll_only: of('poll_only'),
      gateway_missing: of('gateway_missing'),
    },
    codeToPhone: { able: which('able'), unable: which('unable'), unknown: which('unknown') },
    apps: Object.fromEntries([...apps].toSorted().map((name) => [name, counted(({ app }) => app === name)])),
  }
}
