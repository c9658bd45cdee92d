/** Webhooks: addresses that security events are pushed to. */
import { encodeHex } from '../../bytes.ts'
import type { OutboxState, ReceiverState } from '../../ports/journal-object.ts'
import type { Ports } from '../../ports/ports.ts'
import type { PushResult, Webhook } from '../../ports/webhooks.ts'
import { present } from '../../present.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { withChange } from '../../rules/deployment/audited-change.ts'
import { servesOwnMachine, webhookAddressFault } from '../../rules/deployment/webhook-address.ts'
import type { Source } from '../../vocabulary.ts'
import type { SecurityEventType } from '../../vocabulary/security-events.ts'
import { authorizeDeploymentChange } from '../access/authorize-deployment-change.ts'
import { authorize, type Credential } from '../access/identify.ts'
import { publicUrlOf } from '../public-url.ts'

/** How many webhooks a deployment may have. */
const MOST_WEBHOOKS = 20

/** Adds a webhook, which hears of events from now on.
 *  Refuses: as `authorizeDeploymentChange`; `parameter_invalid` for an address that is not allowed, and if there are twenty already;
 *  `public_url_missing`, `entry_unknown` for a service key that does not exist, `name_taken`; `storage_unavailable`. */
export async function addWebhook(
  ports: Ports,
  credential: Credential,
  source: Source,
  request: {
    readonly name: string
    readonly url: string
    readonly events?: readonly SecurityEventType[]
    readonly service?: string
    readonly audience?: string
  },
): Promise<Outcome<Webhook>> {
  const { name, service, events } = request
  const change = await authorizeDeploymentChange(ports, credential, source, 'webhook_write', 'POST /webhook', name)
  if (!change.ok) return change
  const issuer = publicUrlOf(ports.limits, source)
  if (issuer === undefined) return refuse({ reason: 'public_url_missing' })
  const fault = webhookAddressFault(request.url, servesOwnMachine(ports.limits, issuer))
  if (fault !== undefined) return refuse({ reason: 'parameter_invalid', name: 'url', why: fault })
  const { href: url } = new URL(request.url)
  const { entry, snapshot } = change.value
  if (service !== undefined && [...snapshot.serviceKeys.values()].every((key) => key.name !== service))
    return refuse({ reason: 'entry_unknown', entry: 'service key', name: service })
  // The receiver fetches the key when the first token arrives.
  const key = await ports.webhookKeys.ensure()
  if (!key.ok) return key
  const webhook: Webhook = {
    id: encodeHex(ports.random(8)),
    name,
    url,
    audience: request.audience ?? withoutQuery(url),
    issuer,
    createdAt: entry.at,
    isActive: true,
    ...present({ events, service }),
  }
  const added = await ports.webhooks.add(webhook, MOST_WEBHOOKS, withChange(entry, undefined, shown(webhook)))
  if (!added.ok) return added
  if (added.value) return done(webhook)
  const existing = await ports.webhooks.list()
  if (existing.ok && existing.value.length >= MOST_WEBHOOKS && existing.value.every((one) => one.name !== name))
    return refuse({ reason: 'parameter_invalid', name: 'name', why: `there are ${MOST_WEBHOOKS} webhooks already` })
  return refuse({ reason: 'name_taken', name })
}

/** The address without its query, which may hold a secret. */
export const withoutQuery = (url: string): string => url.split('?', 1)[0] ?? ''

/** What the audit tells of a webhook. */
const shown = ({ url, events, service, audience }: Webhook) => ({
  url: withoutQuery(url),
  ...present({ events, service }),
  audience,
})

/** Deletes a webhook. Its waiting events are not sent. Refuses: as `authorizeDeploymentChange`; `entry_unknown`;
 *  `storage_unavailable`. */
export async function deleteWebhook(
  ports: Ports,
  credential: Credential,
  source: Source,
  name: string,
): Promise<Outcome<void>> {
  const action = 'DELETE /webhook/<name>'
  const change = await authorizeDeploymentChange(ports, credential, source, 'webhook_write', action, name)
  if (!change.ok) return change
  const webhook = await webhookNamed(ports, name)
  if (!webhook.ok) return webhook
  const deleted = await ports.webhooks.delete(name, withChange(change.value.entry, shown(webhook.value), undefined))
  if (!deleted.ok) return deleted
  if (!deleted.value) return unknownWebhook(name)
  // A journal that cannot be told finds out when it sends the next event.
  await ports.journal.forgetWebhook({ webhook: webhook.value.id })
  return done(undefined)
}

const unknownWebhook = (name: string) => refuse({ reason: 'entry_unknown', entry: 'webhook', name })

async function webhookNamed({ webhooks }: Ports, name: string): Promise<Outcome<Webhook>> {
  const all = await webhooks.list()
  if (!all.ok) return all
  const webhook = all.value.find((one) => one.name === name)
  return webhook === undefined ? unknownWebhook(name) : done(webhook)
}

/** A webhook, and the state of its receiver. */
export interface ListedWebhook extends Webhook {
  readonly receiver: ReceiverState
}

/** Lists the webhooks. Refuses: as `authorize`; `storage_unavailable`. */
export async function listWebhooks(ports: Ports, credential: Credential): Promise<Outcome<readonly ListedWebhook[]>> {
  const authorized = await authorize(ports, credential, 'webhook_read')
  if (!authorized.ok) return authorized
  const state = await webhookStates(ports)
  return state.ok ? done(state.value.webhooks) : state
}

/** Reads all webhooks, the state of their receivers, and the events that the outbox had no room for.
 *  Refuses: `storage_unavailable`. */
export async function webhookStates({
  webhooks,
  journal,
}: Ports): Promise<Outcome<Pick<OutboxState, 'lost'> & { readonly webhooks: readonly ListedWebhook[] }>> {
  const [all, outbox] = await Promise.all([webhooks.list(), journal.eventOutbox()])
  if (!all.ok) return all
  if (!outbox.ok) return outbox
  const { receivers, lost } = outbox.value
  const receiverOf = ({ id }: Webhook): ReceiverState =>
    receivers.find((one) => one.webhook === id) ?? { webhook: id, waiting: 0, failures: 0, givenUp: 0, dropped: 0 }
  return done({ webhooks: all.value.map((one) => ({ ...one, receiver: receiverOf(one) })), ...present({ lost }) })
}

/** Pushes a test event to the webhook, and answers the result. The event is sent once, without the outbox.
 *  Refuses: as `authorize`; `entry_unknown`; `storage_unavailable`. */
export async function testWebhook(ports: Ports, credential: Credential, name: string): Promise<Outcome<PushResult>> {
  const authorized = await authorize(ports, credential, 'webhook_write')
  if (!authorized.ok) return authorized
  const webhook = await webhookNamed(ports, name)
  if (!webhook.ok) return webhook
  const at = ports.now()
  return ports.pushEvent(webhook.value, { type: 'verification', id: encodeHex(ports.random(16)), at }, at)
}
