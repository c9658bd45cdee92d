import { present } from '../present.ts'
import type { Ports } from '../ports/ports.ts'
import type { Source } from '../vocabulary.ts'

interface Refused {
  readonly action: string
  /** The true reason, which the caller may not have been told. */
  readonly reason: string
  readonly user?: string
  readonly realm?: string
  readonly serial?: string
}

/** A request that was refused and opened nothing is in the audit; in the outbox of a shard drawn at random. Never throws. */
export async function recordRefusal(
  ports: Pick<Ports, 'transactions' | 'limits' | 'random' | 'now' | 'log'>,
  source: Source,
  refused: Refused,
): Promise<void> {
  const { action, reason, user, realm, serial } = refused
  const number = (ports.random(1)[0] ?? 0) % ports.limits.shards
  const recorded = ports.transactions.in({ region: source.region, number }).record({
    at: ports.now(),
    action,
    success: false,
    authentication: 'REJECT',
    ...(user === undefined ? {} : { owner: { login: user, realm: realm ?? '' } }),
    ...present({ serial }),
    address: source.address,
    userAgent: source.userAgent,
    info: reason,
  })
  await recorded.catch((error: unknown) => ports.log('record_failed', { action, error: String(error) }))
}
