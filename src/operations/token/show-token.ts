import type { Ports } from '../../ports/ports.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { codeToPhoneSupport, type Support } from '../../rules/login/app-support.ts'
import { unreachedCause } from '../../rules/token/delivery-target.ts'
import { withoutPastPause } from '../../rules/token/ring-pause.ts'
import { statusOf } from '../../rules/token/token-status.ts'
import { type Instant, instant, type Serial } from '../../vocabulary.ts'
import type { PhoneCounters, UnreachedCause } from '../../vocabulary/phones.ts'
import type { TokenDetails, TokenStatus } from '../../vocabulary/tokens.ts'
import { authorizeOwnerRight, type Credential } from '../access/identify.ts'
import { askCounters } from './phone-counters.ts'

/** One token as its page shows it. */
export interface ShownToken extends TokenDetails, Pick<PhoneCounters, 'failedAt' | 'reportedAt' | 'suspendedAt'> {
  readonly status: TokenStatus
  /** Whether the phone itself has told the counters; else they are the catalogue's copy. */
  readonly isExact: boolean
  /** When the phone was last heard of, as far as is known. */
  readonly contactAt?: Instant
  /** Why push does not reach its phone; absent if it does, and before a phone has registered. */
  readonly unreached?: UnreachedCause | undefined
  readonly codeToPhone: Support
}

/** Shows one token with everything that is known of it. Reads its row in D1, with those of its realms and notes, and asks its phone, if one
 *  has registered, for the exact counters: one call, a second at most.
 *  Refuses: as `authorizeOwnerRight`; `token_unknown`, `right_missing`, `storage_unavailable`. */
export async function showToken(ports: Ports, credential: Credential, serial: string): Promise<Outcome<ShownToken>> {
  const authorized = await authorizeOwnerRight(ports, credential, 'tokenlist')
  if (!authorized.ok) return authorized
  const found = await ports.tokens.details(serial as Serial)
  if (!found.ok) return found
  if (found.value === undefined) return refuse({ reason: 'token_unknown', serial })
  const permitted = authorized.value.authorizeFor(found.value.owner)
  if (!permitted.ok)
    return permitted.refusal.reason === 'token_unknown' ? refuse({ reason: 'token_unknown', serial }) : permitted
  const token = withoutPastPause(found.value, ports.now())
  const [counters] = await askCounters(ports, [token])
  const known = { ...token, ...counters }
  const { lastUse, registeredAt, refreshedAt } = known
  const times = [counters?.contactAt, lastUse, registeredAt, refreshedAt].filter((at) => at !== undefined)
  return done({
    ...known,
    status: statusOf(known),
    isExact: counters !== undefined || token.phoneKey === undefined,
    codeToPhone: codeToPhoneSupport(token.app),
    ...(times.length === 0 ? {} : { contactAt: instant(Math.max(...times)) }),
    ...(token.state === 'enrolled'
      ? { unreached: unreachedCause(token, (firebase) => ports.delivery.knows(firebase)) }
      : {}),
  })
}
