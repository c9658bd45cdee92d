import type { Ports, Snapshot } from '../../ports/ports.ts'
import { phonesToTell, tellsOtherPhones } from '../../rules/token/notice-policy.ts'
import { type Instant, type Owner, seconds } from '../../vocabulary.ts'
import type { Notice } from '../../vocabulary/notices.ts'
import type { Token } from '../../vocabulary/tokens.ts'
import { withTimeLimit } from '../../time-limit.ts'

/** The phones' objects have so long to keep a notice. */
const PATIENCE = seconds(2)

interface ToldUser {
  readonly owner: Owner
  readonly tokens: readonly Token[]
  readonly snapshot: Snapshot
}

/** Tells the user on all of their phones, before the request that caused it is answered: then nobody has had the use of it without
 *  a phone that knows. A phone that does not keep the notice holds nothing up; the log says so. Never refuses. */
export async function tellPhones(
  { phones, log }: Pick<Ports, 'phones' | 'log'>,
  { owner, tokens, snapshot }: ToldUser,
  notice: Notice,
  now: Instant,
): Promise<void> {
  if (!tellsOtherPhones(snapshot.policySet, { owner }, now)) return
  await Promise.all(
    phonesToTell(tokens).map(async ({ serial }) => {
      const kept = await withTimeLimit(phones.of(serial).giveNotice({ notice }), PATIENCE)
      if (kept !== 'late' && kept.ok && kept.value) return
      const error = kept === 'late' ? 'late' : kept.ok ? 'full' : kept.refusal.reason
      log('notice_not_kept', { serial, notice: notice.subject.kind, error })
    }),
  )
}

/** As `tellPhones`, for a user whose tokens are still to be looked up. */
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
