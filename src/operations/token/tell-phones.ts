import type { Ports, Snapshot } from '../../ports/ports.ts'
import { phonesToTell, tellsOtherPhones } from '../../rules/token/notice-policy.ts'
import { type Instant, type Owner, seconds } from '../../vocabulary.ts'
import type { Notice } from '../../vocabulary/notices.ts'
import type { Token } from '../../vocabulary/tokens.ts'
import { withTimeLimit } from '../../time-limit.ts'

/** The time in which a phone's object has to keep a notice. */
const TIME_LIMIT = seconds(2)

interface UserTokens {
  readonly owner: Owner
  readonly tokens: readonly Token[]
  readonly snapshot: Snapshot
}

/** Gives the notice to all phones of the user. The request that caused it waits for this, so nobody profits from the change before a
 *  phone knows of it. A phone that does not keep the notice is logged, and stops nothing. Never refuses. */
export async function tellPhones(
  { phones, log }: Pick<Ports, 'phones' | 'log'>,
  { owner, tokens, snapshot }: UserTokens,
  notice: Notice,
  now: Instant,
): Promise<void> {
  if (!tellsOtherPhones(snapshot.policySet, { owner }, now)) return
  await Promise.all(
    phonesToTell(tokens).map(async ({ serial, home }) => {
      const kept = await withTimeLimit(phones.of(serial, home).giveNotice({ notice }), TIME_LIMIT)
      if (kept !== 'late' && kept.ok && kept.value) return
      const error = kept === 'late' ? 'late' : kept.ok ? 'full' : kept.refusal.reason
      log('notice_not_kept', { serial, notice: notice.subject.kind, error })
    }),
  )
}

/** Looks up the user's tokens, then does as `tellPhones`. */
export async function tellPhonesOf(
  ports: Pick<Ports, 'phones' | 'log' | 'subjects' | 'deployment'>,
  owner: Owner,
  notice: Notice,
  now: Instant,
): Promise<void> {
  const found = await ports.subjects.find({ candidates: [owner] })
  const snapshot = found.ok ? await ports.deployment.atRevision(found.value.settings.revision) : found
  if (found.ok && snapshot.ok)
    return tellPhones(ports, { owner, tokens: found.value.tokens, snapshot: snapshot.value }, notice, now)
  ports.log('notice_not_kept', { notice: notice.subject.kind, error: 'storage_unavailable' })
}
