import {
  addWebhook,
  deleteWebhook,
  type ListedWebhook,
  listWebhooks,
  testWebhook,
  withoutQuery,
} from '../../operations/administration/webhooks.ts'
import { parseName } from '../../protocol/administration/deployment-request.ts'
import { parseWebhook } from '../../protocol/administration/webhook-request.ts'
import { parseNothing } from '../../protocol/parameters.ts'
import { boolean, integer, listOf, object, oneOf, orNull, string, time } from '../../protocol/shape.ts'
import { SECURITY_EVENT_TYPES } from '../../vocabulary/security-events.ts'
import { protectedRoute } from '../protected-route.ts'
import { addRoutes, route } from '../route.ts'
import { Router } from '../router.ts'
import { sendOutcome, sendRefusal } from '../send.ts'

/** Webhooks, and the keys that their receivers verify with. Source: docs/webhooks.md. */
export const webhookRoutes = new Router()

const webhookShape = object({
  name: string('Name'),
  url: string('Address, without its query'),
  audience: string('The `aud` of its tokens'),
  events: orNull(listOf(oneOf('Type', ...SECURITY_EVENT_TYPES), 'Types that it hears of; null: all')),
  service: orNull(string('The service key whose logins it hears of; null: all')),
  active: boolean('False: its service key is revoked or deleted, and it hears of nothing'),
  created_at: time('When it was added'),
  waiting: integer('Events that it is still to get'),
  failures: integer('Failures in a row'),
  failure: orNull(string('Why the receiver failed last')),
  failed_at: orNull(time('When that was')),
  delivered_at: orNull(time('When it accepted an event last')),
  given_up: integer('Events that did not arrive within 72 hours'),
  dropped: integer('Events that were dropped because too many of their type waited'),
})

addRoutes(webhookRoutes, '/webhook', {
  GET: protectedRoute(
    {
      summary: 'List the webhooks, and how their receivers do',
      access: 'admin',
      parser: parseNothing,
      value: listOf(webhookShape),
    },
    async (c, credential) =>
      sendOutcome(c, await listWebhooks(c.var.ports, credential), (webhooks) => webhooks.map(webhookItem)),
  ),
  POST: protectedRoute(
    {
      summary: 'Add a webhook',
      description: 'Security events are pushed to its address as signed tokens (RFC 8417, RFC 8935): docs/webhooks.md.',
      access: 'admin',
      parser: parseWebhook,
      value: object({ issuer: string('The `iss` of its tokens'), audience: string('Their `aud`') }),
      refuses: [404],
      example: { name: 'siem', url: 'https://events.example.com/nod' },
    },
    async (c, credential, request) =>
      sendOutcome(c, await addWebhook(c.var.ports, credential, c.var.source, request), ({ issuer, audience }) => ({
        issuer: c.var.ports.limits.publicUrl ?? issuer,
        audience,
      })),
  ),
})
addRoutes(webhookRoutes, '/webhook/:name', {
  DELETE: protectedRoute(
    {
      summary: 'Delete a webhook, and what waits for it',
      access: 'admin',
      parser: parseName,
      value: integer('1'),
    },
    async (c, credential, name) =>
      sendOutcome(c, await deleteWebhook(c.var.ports, credential, c.var.source, name), () => 1),
  ),
})
addRoutes(webhookRoutes, '/webhook/:name/test', {
  POST: protectedRoute(
    {
      summary: 'Push a test event, and tell what the receiver has answered',
      access: 'admin',
      parser: parseName,
      value: object({
        accepted: boolean('Whether it has answered 202'),
        status: orNull(integer('HTTP status; null: none came')),
        error: orNull(string('Its error code, if it sent one of RFC 8935')),
        failure: orNull(string('Why it failed')),
      }),
    },
    async (c, credential, name) =>
      sendOutcome(c, await testWebhook(c.var.ports, credential, name), (result) =>
        result.kind === 'accepted'
          ? { accepted: true, status: 202, error: null, failure: null }
          : { accepted: false, status: result.status ?? null, error: result.error ?? null, failure: result.why },
      ),
  ),
})

/** Receivers ask at every key that they do not know; a cache answers them for five minutes. */
const CACHED = { 'Cache-Control': 'public, max-age=300' }

addRoutes(webhookRoutes, '/.well-known/jwks.json', {
  GET: route(
    {
      summary: 'Get the public keys of security event tokens, as a JSON Web Key Set',
      access: 'anyone',
      parser: parseNothing,
      body: { 'application/json': object({ keys: listOf(object({ kid: string('Its id'), kty: string('EC') })) }) },
      refuses: [503],
    },
    async (c) => {
      const keys = await c.var.ports.webhookKeys.published()
      if (!keys.ok) return sendRefusal(c, keys.refusal)
      const shown = keys.value.map(({ id, jwk }) => ({ ...jwk, kid: id, alg: 'ES256', use: 'sig' }))
      return c.json({ keys: shown }, 200, CACHED)
    },
  ),
})

const webhookItem = ({ name, url, audience, events, service, isActive, createdAt, receiver }: ListedWebhook) => ({
  name,
  url: withoutQuery(url),
  audience,
  events: events ?? null,
  service: service ?? null,
  active: isActive,
  created_at: createdAt,
  waiting: receiver.waiting,
  failures: receiver.failures,
  failure: receiver.why ?? null,
  failed_at: receiver.failedAt ?? null,
  delivered_at: receiver.deliveredAt ?? null,
  given_up: receiver.givenUp,
  dropped: receiver.dropped,
})
