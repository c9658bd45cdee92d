import { present } from '../present.ts'
import type { Ports } from '../ports/ports.ts'
import type { Source } from '../vocabulary.ts'

interface Asked {
  readonly action: string
  readonly user?: string
  readonly realm?: string
  readonly serial?: string
}

interface Refused extends Asked {
  /** The true reason, which the caller may not have been told. */
  readonly reason: string
}

type Recording = Pick<Ports, 'transactions' | 'limits' | 'random' | 'now' | 'log'>

/** A request that was refused and opened nothing is in the audit; in the outbox of a shard drawn at random. Never throws. */
export const recordRefusal = (ports: Recording, source: Source, { reason, ...asked }: Refused): Promise<void> =>
  record(ports, source, asked, { success: false, authentication: 'REJECT', info: reason })

/** So is a login that passed without opening anything, by the policy that let it. Never throws. */
export const recordPass = (
  ports: Recording,
  source: Source,
  { policy, ...asked }: Asked & { readonly policy: string },
): Promise<void> =>
  record(ports, source, asked, { success: true, authentication: 'ACCEPT', info: `no token, policy ${policy}` })

async function record(
  ports: Recording,
  source: Source,
  { action, user, realm, serial }: Asked,
  outcome: { readonly success: boolean; readonly authentication: string; readonly info: string },
): Promise<void> {
  const number = (ports.random(1)[0] ?? 0) % ports.limits.shards
  const recorded = ports.transactions.in({ region: source.region, number }).record({
    at: ports.now(),
    action,
    ...outcome,
    ...(user === undefined ? {} : { owner: { login: user, realm: realm ?? '' } }),
    ...present({ serial }),
    address: source.address,
    userAgent: source.userAgent,
  })
  await recorded.catch((error: unknown) => ports.log('record_failed', { action, error: String(error) }))
}
