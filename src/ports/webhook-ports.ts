/** Security events, and what pushes them to webhooks. */
import type { PushedEvent } from '../protocol/administration/security-event-token.ts'
import type { Outcome } from '../refusal.ts'
import type { Instant } from '../vocabulary.ts'
import type { SecurityEvent } from '../vocabulary/security-events.ts'
import type { WebhookKeys } from './webhook-keys.ts'
import type { PushResult, Webhook } from './webhooks.ts'

export interface WebhookPorts {
  readonly events: SecurityEvents
  readonly webhookKeys: WebhookKeys
  /** Signs the event's token for this webhook and pushes it. `keptAt`: when the event was reported.
   *  Refuses: `storage_unavailable` if the token could not be signed. */
  readonly pushEvent: (webhook: Webhook, event: PushedEvent, keptAt: Instant) => Promise<Outcome<PushResult>>
}

/** Reports security events, for callers in the Worker. Objects keep theirs with `EventKeeper` until the journal has them. */
interface SecurityEvents {
  /** Hands the event to the journal, which keeps it until every webhook has it. Tries for some seconds, also after the response, so callers
   *  need not wait. Logs an event that the journal did not take as `security_event_lost`.
   *  Refuses: `storage_unavailable`. */
  report(event: SecurityEvent): Promise<Outcome<void>>
}
