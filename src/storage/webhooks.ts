/** The table of webhooks. */
import type { Webhook, WebhookTable } from '../ports/webhooks.ts'
import { present } from '../present.ts'
import { done } from '../refusal.ts'
import { instant } from '../vocabulary.ts'
import type { SecurityEventType } from '../vocabulary/security-events.ts'
import { fragment, tryChange } from './change.ts'
import type { RunQuery } from './run-query.ts'

interface WebhookRow {
  readonly name: string
  readonly id: string
  readonly url: string
  readonly audience: string
  readonly issuer: string
  readonly events: string | null
  readonly service: string | null
  readonly created_at: number
  readonly active: 0 | 1
}

const webhookOf = ({ events, service, created_at, active, ...row }: WebhookRow): Webhook => ({
  ...row,
  createdAt: instant(created_at),
  isActive: active === 1,
  ...present({
    events: events === null ? undefined : (JSON.parse(events) as readonly SecurityEventType[]),
    service: service ?? undefined,
  }),
})

const HAS_KEY = 'EXISTS (SELECT 1 FROM service_keys WHERE service_keys.name = ? AND revoked_at IS NULL)'

export const webhooks = (runQuery: RunQuery): WebhookTable => ({
  async list() {
    const outcome = await runQuery('webhooks', (db) =>
      db
        .prepare(
          `SELECT name, id, url, audience, issuer, events, service, created_at, service IS NULL OR EXISTS (
             SELECT 1 FROM service_keys AS key
             WHERE key.name = webhooks.service AND key.revoked_at IS NULL AND key.created_at <= webhooks.created_at
           ) AS active FROM webhooks ORDER BY name LIMIT 100`,
        )
        .all<WebhookRow>(),
    )
    return outcome.ok ? done(outcome.value.results.map(webhookOf)) : outcome
  },

  add: ({ name, id, url, audience, issuer, events, service, createdAt }, most, entry) =>
    tryChange(runQuery, 'add webhook', entry, {
      condition: fragment(
        `NOT EXISTS (SELECT 1 FROM webhooks WHERE name = ?) AND (SELECT count(*) FROM webhooks) < ?
         AND (? IS NULL OR ${HAS_KEY})`,
        name,
        most,
        service ?? null,
        service ?? null,
      ),
      statements: [
        fragment(
          `INSERT INTO webhooks (name, id, url, audience, issuer, events, service, created_at)
           SELECT ?, ?, ?, ?, ?, ?, ?, ? FROM due`,
          name,
          id,
          url,
          audience,
          issuer,
          events === undefined ? null : JSON.stringify(events),
          service ?? null,
          createdAt,
        ),
      ],
    }),

  delete: (name, entry) =>
    tryChange(runQuery, 'delete webhook', entry, {
      condition: fragment('EXISTS (SELECT 1 FROM webhooks WHERE name = ?)', name),
      statements: [fragment('DELETE FROM webhooks WHERE name = ? AND EXISTS (SELECT 1 FROM due)', name)],
    }),
})
