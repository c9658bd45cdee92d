import { waitUntil } from 'cloudflare:workers'
import { eventPush } from '../delivery/event-push.ts'
import type { JournalObject } from '../ports/journal-object.ts'
import type { Ports } from '../ports/ports.ts'
import { eventClaims, signEventToken } from '../protocol/administration/security-event-token.ts'
import { done } from '../refusal.ts'
import { servesOwnMachine, webhookAddressFault } from '../rules/deployment/webhook-address.ts'
import { changeRunner } from '../storage/run-query.ts'
import type { Sealer } from '../storage/seal.ts'
import { webhookKeys } from '../storage/webhook-keys.ts'
import { type Instant, type Seconds, seconds } from '../vocabulary.ts'

/** The waits before each further try to report an event to the journal. */
const WAITS = [seconds(0), seconds(1), seconds(4)]

/** Connects the parts of webhooks: the keys, the push to receivers, and the journal, which keeps the events. */
export function connectWebhooks(options: {
  readonly world: Parameters<typeof changeRunner>
  readonly sealer: Sealer
  readonly journal: Pick<JournalObject, 'reportEvent'>
  readonly publicUrl?: string
  readonly onCloudflare: boolean
  readonly now: () => Instant
  readonly log: Ports['log']
}): Pick<Ports, 'events' | 'webhookKeys' | 'pushEvent'> {
  const { world, sealer, journal, publicUrl, onCloudflare, now, log } = options
  const keys = webhookKeys(changeRunner(...world), log, sealer, signEventToken)
  const receivers = eventPush({ fetch: (...request) => fetch(...request), now, faultOf: webhookAddressFault })
  return {
    webhookKeys: keys,
    events: {
      report(event) {
        const reported = report()
        waitUntil(reported)
        return reported

        async function report() {
          let outcome = await journal.reportEvent(event)
          for (const wait of WAITS) {
            if (outcome.ok) return outcome
            await pause(wait)
            outcome = await journal.reportEvent(event)
          }
          if (!outcome.ok) log('security_event_lost', { type: event.type, id: event.id, why: outcome.refusal.reason })
          return outcome
        }
      },
    },
    async pushEvent({ id, url, audience, issuer: storedIssuer }, event, keptAt) {
      const issuer = publicUrl ?? storedIssuer
      const token = await keys.sign(eventClaims(event, { issuer, audience, webhook: id, keptAt }))
      if (!token.ok) return token
      return done(await receivers.send(url, token.value, servesOwnMachine({ onCloudflare }, issuer)))
    },
  }
}

const pause = (span: Seconds): Promise<void> => new Promise((resolve) => setTimeout(resolve, span * 1000))
