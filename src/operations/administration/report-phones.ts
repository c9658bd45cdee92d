import type { PhoneReport } from '../../ports/phone-reports.ts'
import type { Ports } from '../../ports/ports.ts'
import type { PhoneReportRequest } from '../../protocol/administration/phone-report.ts'
import { done, type Outcome } from '../../refusal.ts'
import { codeToPhoneSupport, type Support } from '../../rules/login/app-support.ts'
import { POLL_ONLY } from '../../vocabulary.ts'
import type { PhoneLine, UnreachedCause } from '../../vocabulary/phones.ts'
import { authorizeOwnerRight, type Credential } from '../access/identify.ts'
import { ownerOf } from '../login/login-subject.ts'

interface Report {
  readonly phones: readonly (PhoneLine & { readonly ability: Support })[]
  readonly count: number
  readonly summary: Summary
}

/** Counts all phones with an enrolled token that is not revoked, as far as the caller may see them. */
interface Summary {
  readonly phones: number
  readonly reached: number
  readonly unreached: Readonly<Record<UnreachedCause, number>>
  readonly codeToPhone: Readonly<Record<Support, number>>
  /** By the name the app gives itself. */
  readonly apps: Readonly<Record<string, number>>
}

/** Reports a page of phones, which of them push does not reach and why, and counts of all. Only phones in realms that policy lets the
 *  caller see. Refuses: as `authorizeOwnerRight`; `parameter_invalid`, `storage_unavailable`. */
export async function reportPhones(
  ports: Ports,
  credential: Credential,
  request: PhoneReportRequest,
): Promise<Outcome<Report>> {
  const authorized = await authorizeOwnerRight(ports, credential, 'phones_read')
  if (!authorized.ok) return authorized
  const { snapshot, visibleRealms } = authorized.value
  const realms = visibleRealms()
  if (!realms.ok) return realms
  const { user, realm, ...filter } = request
  const owner = user === undefined ? undefined : ownerOf({ user, realm }, snapshot)
  const used = await ports.phoneReports.firebasesInUse()
  if (!used.ok) return used
  const missing = used.value.filter((name) => name !== POLL_ONLY && !ports.delivery.knows(name))
  const found = await ports.phoneReports.page({ ...filter, owner, realms: realms.value, missing })
  if (!found.ok) return found
  const { phones, count, groups } = found.value
  return done({
    phones: phones.map((phone) => ({ ...phone, ability: codeToPhoneSupport(phone.app) })),
    count,
    summary: summaryOf(groups),
  })
}

function summaryOf(groups: PhoneReport['groups']): Summary {
  const countWhere = (matches: (group: PhoneReport['groups'][number]) => boolean): number =>
    groups.filter(matches).reduce((sum, { count }) => sum + count, 0)
  const withCause = (cause: UnreachedCause): number => countWhere((group) => group.cause === cause)
  const withAbility = (ability: Support): number => countWhere(({ app }) => codeToPhoneSupport(app) === ability)
  const apps = new Set(groups.flatMap(({ app }) => app ?? []))
  return {
    phones: countWhere(() => true),
    reached: countWhere(({ cause }) => cause === undefined),
    unreached: {
      quarantined: withCause('quarantined'),
      no_registration_token: withCause('no_registration_token'),
      poll_only: withCause('poll_only'),
      gateway_missing: withCause('gateway_missing'),
    },
    codeToPhone: { able: withAbility('able'), unable: withAbility('unable'), unknown: withAbility('unknown') },
    apps: Object.fromEntries([...apps].toSorted().map((name) => [name, countWhere(({ app }) => app === name)])),
  }
}
