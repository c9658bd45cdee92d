import { formatTimestampMicros } from '../../timestamps.ts'
import type { AuditRecord } from '../../vocabulary/audit.ts'
import { listOf, object, string } from '../shape.ts'
import { eventText } from './step-texts.ts'

// The timeline of a login. privacyIDEA has no such endpoint.

/** Renders the timeline of a login. `status` is that of the login, times are ISO 8601 in UTC. */
export const timelineAnswer = ({
  transaction,
  owner,
  service,
  action,
  address,
  userAgent,
  info,
  steps,
}: AuditRecord) => ({
  transaction_id: transaction ?? '',
  user: owner?.login ?? '',
  realm: owner?.realm ?? '',
  service: service ?? '',
  opened_by: action,
  status: info ?? '',
  // The source of the opening request is stored once, with the login.
  steps: (steps ?? []).map((step, index) => ({
    time: formatTimestampMicros(step.at),
    event: eventText(step),
    serial: step.serial ?? '',
    request: step.action ?? '',
    client: step.address ?? (index === 0 ? address : undefined) ?? '',
    user_agent: step.userAgent ?? (index === 0 ? userAgent : undefined) ?? '',
  })),
})

export const timelineShape = object({
  transaction_id: string('The login'),
  user: string('Login name of the owner'),
  realm: string('Realm of the owner'),
  service: string('Name of the service key that opened it, or empty'),
  opened_by: string('The request that opened it'),
  status: string('How it stands'),
  steps: listOf(
    object({
      time: string('UTC, without a zone'),
      event: string('What happened'),
      serial: string('Serial of the token it happened with'),
      request: string('The request it came by'),
      client: string('Address that came from'),
      user_agent: string('Program that came from'),
    }),
  ),
})
