import type { Instant, Owner } from '../vocabulary.ts'
import { stamp } from './audit-line.ts'

// How a login's timeline is spelled. Nod's own: privacyIDEA has nothing like it.

interface Told {
  readonly transaction?: string
  readonly owner?: Owner
  readonly service?: string
  readonly action: string
  readonly info?: string
  readonly steps?: readonly {
    readonly at: Instant
    readonly what: string
    readonly serial?: string
    readonly action?: string
    readonly address?: string
    readonly userAgent?: string
  }[]
}

/** A login as its timeline tells it: `status` is how it stands, times are ISO 8601 in UTC. */
export const timelineAnswer = ({ transaction, owner, service, action, info, steps }: Told) => ({
  transaction_id: transaction ?? '',
  user: owner?.login ?? '',
  realm: owner?.realm ?? '',
  service: service ?? '',
  opened_by: action,
  status: info ?? '',
  steps: (steps ?? []).map((step) => ({
    time: stamp(step.at),
    event: step.what,
    serial: step.serial ?? '',
    request: step.action ?? '',
    client: step.address ?? '',
    user_agent: step.userAgent ?? '',
  })),
})
