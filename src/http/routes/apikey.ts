import {
  addServiceKey,
  deleteServiceKey,
  listServiceKeys,
  rotateServiceKey,
} from '../../operations/administration/service-keys.ts'
import {
  parseName,
  parseServiceKey,
  parseServiceKeyRotation,
} from '../../protocol/administration/deployment-request.ts'
import { parseNothing } from '../../protocol/parameters.ts'
import { integer, listOf, object, oneOf, orNull, string } from '../../protocol/shape.ts'
import { ROLES } from '../../vocabulary.ts'
import { protectedRoute } from '../protected-route.ts'
import { sendOutcome } from '../send.ts'
import { addRoutes } from '../route.ts'
import { Router } from '../router.ts'

/** Service keys. Source: docs/protocol.md, "Service keys and administrators". */
export const apiKeyRoutes = new Router()

const secret = string('The key, which the service sends in place of an API token')
const end = orNull(integer('When it expires, in milliseconds since 1970; null: never'))
const use = orNull(integer('When it was last used, up to an hour behind; null: never'))

addRoutes(apiKeyRoutes, '/apikey', {
  GET: protectedRoute(
    {
      summary: 'List the service keys',
      description: 'Without the keys themselves.',
      access: 'admin',
      parser: parseNothing,
      value: listOf(
        object({
          name: string('Name'),
          role: oneOf('Role', ...ROLES),
          created_at: integer('Milliseconds since 1970'),
          rotated_at: orNull(integer('When it was last rotated; null: never')),
          expires_at: end,
          last_used_at: use,
          earlier: listOf(object({ expires_at: integer('When it ends or ended'), last_used_at: use }, {})),
        }),
      ),
    },
    async (c, credential) =>
      sendOutcome(c, await listServiceKeys(c.var.ports, credential), (keys) =>
        keys.map(({ name, role, createdAt, rotatedAt = null, secrets }) => {
          const [newest, ...earlier] = secrets.map(({ validUntil = null, lastUsedAt = null }) => ({
            expires_at: validUntil,
            last_used_at: lastUsedAt,
          }))
          return { name, role, created_at: createdAt, rotated_at: rotatedAt, ...newest, earlier }
        }),
      ),
  ),
  POST: protectedRoute(
    {
      summary: 'Create a service key',
      description: 'The key is shown only once: Nod stores its hash.',
      access: 'admin',
      parser: parseServiceKey,
      value: object({ key: secret, expires_at: end }),
      example: { name: 'vpn', role: 'validate' },
    },
    async (c, credential, request) =>
      sendOutcome(
        c,
        await addServiceKey(c.var.ports, credential, c.var.source, request),
        ({ key, validUntil = null }) => ({ key, expires_at: validUntil }),
      ),
  ),
})
addRoutes(apiKeyRoutes, '/apikey/:name', {
  DELETE: protectedRoute(
    {
      summary: 'Revoke a service key and withdraw the logins it opened',
      access: 'admin',
      parser: parseName,
      value: integer('1'),
    },
    async (c, credential, name) =>
      sendOutcome(c, await deleteServiceKey(c.var.ports, credential, c.var.source, name), () => 1),
  ),
})
addRoutes(apiKeyRoutes, '/apikey/:name/rotate', {
  POST: protectedRoute(
    {
      summary: 'Give a service key another secret',
      description: 'The one before stays valid for the overlap; open logins stay the key’s own under both.',
      access: 'admin',
      parser: parseServiceKeyRotation,
      value: object({
        key: secret,
        expires_at: end,
        previous_until: integer('When the secrets so far end at the latest'),
      }),
    },
    async (c, credential, request) =>
      sendOutcome(
        c,
        await rotateServiceKey(c.var.ports, credential, c.var.source, request),
        ({ key, validUntil = null, previousUntil }) => ({ key, expires_at: validUntil, previous_until: previousUntil }),
      ),
  ),
})
