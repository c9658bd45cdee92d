import {
  deleteSigningKey,
  listApiTokenKeys,
  listSigningKeys,
  rotateApiTokenKey,
  rotateSigningKey,
} from '../../operations/administration/deployment-keys.ts'
import { listWebhookKeys, rotateWebhookKey } from '../../operations/administration/webhook-keys.ts'
import { parseKeyRotation, parseSigningKeyId } from '../../protocol/administration/deployment-request.ts'
import { parseNothing } from '../../protocol/parameters.ts'
import { boolean, integer, listOf, object, orNull, string, time } from '../../protocol/shape.ts'
import { protectedRoute } from '../protected-route.ts'
import { sendOutcome } from '../send.ts'
import { addRoutes } from '../route.ts'
import { Router } from '../router.ts'

/** The keys that sign API tokens and prompts. Source: docs/protocol.md, "Keys of the deployment". */
export const deploymentKeyRoutes = new Router()

addRoutes(deploymentKeyRoutes, '/deployment/keys/api-token', {
  GET: protectedRoute(
    {
      summary: 'List the keys that sign API tokens',
      description: 'The current one, and those before it that signed API tokens which may still be valid.',
      access: 'admin',
      parser: parseNothing,
      value: listOf(
        object({
          id: string('The `kid` of its API tokens'),
          current: boolean('Whether it signs new API tokens'),
          created_at: time('When it was made'),
          retired_at: orNull(time('When it was replaced')),
          verifies_until: orNull(time('Until when API tokens that it signed are accepted; null: without end')),
        }),
      ),
    },
    async (c, credential) =>
      sendOutcome(c, await listApiTokenKeys(c.var.ports, credential), (keys) =>
        keys.map(({ id, createdAt, retiredAt, tokensValidUntil }) => ({
          id,
          current: retiredAt === undefined,
          created_at: createdAt,
          retired_at: retiredAt ?? null,
          verifies_until: retiredAt === undefined ? null : Math.max(retiredAt, tokensValidUntil),
        })),
      ),
  ),
})
addRoutes(deploymentKeyRoutes, '/deployment/keys/api-token/rotate', {
  POST: protectedRoute(
    {
      summary: 'Sign API tokens with a new key',
      description: 'API tokens of the keys before stay valid until they expire, unless the keys are compromised.',
      access: 'admin',
      parser: parseKeyRotation,
      value: object({ id: string('The new key') }),
    },
    async (c, credential, compromised) =>
      sendOutcome(c, await rotateApiTokenKey(c.var.ports, credential, c.var.source, compromised), (id) => ({ id })),
  ),
})

addRoutes(deploymentKeyRoutes, '/deployment/keys/signing', {
  GET: protectedRoute(
    {
      summary: 'List the signing keys, and how many tokens have each',
      description: 'The newest thousand. Reads every token.',
      access: 'admin',
      parser: parseNothing,
      value: listOf(
        object({
          id: string('Name'),
          bits: integer('Size of the RSA key'),
          current: boolean('Whether new tokens get it'),
          created_at: time('When it was made'),
          fingerprint: string('SHA-256 of the public key (SubjectPublicKeyInfo), in hexadecimal'),
          tokens: integer('Tokens whose prompts it signs'),
        }),
      ),
    },
    async (c, credential) =>
      sendOutcome(c, await listSigningKeys(c.var.ports, credential), (keys) =>
        keys.map(({ id, bits, isCurrent, createdAt, fingerprint, tokens }) => ({
          id,
          bits,
          current: isCurrent,
          created_at: createdAt,
          fingerprint,
          tokens,
        })),
      ),
  ),
})
addRoutes(deploymentKeyRoutes, '/deployment/keys/signing/rotate', {
  POST: protectedRoute(
    {
      summary: 'Give new tokens a new signing key',
      description: 'Enrolled phones keep the key that they know until they are enrolled again.',
      access: 'admin',
      parser: parseNothing,
      value: object({ id: string('The new key') }),
    },
    async (c, credential) =>
      sendOutcome(c, await rotateSigningKey(c.var.ports, credential, c.var.source), (id) => ({ id })),
  ),
})
addRoutes(deploymentKeyRoutes, '/deployment/keys/signing/:id', {
  DELETE: protectedRoute(
    {
      summary: 'Delete a signing key that no token has',
      access: 'admin',
      parser: parseSigningKeyId,
      value: integer('1'),
    },
    async (c, credential, id) =>
      sendOutcome(c, await deleteSigningKey(c.var.ports, credential, c.var.source, id), () => 1),
  ),
})

addRoutes(deploymentKeyRoutes, '/deployment/keys/webhook', {
  GET: protectedRoute(
    {
      summary: 'List the keys that sign security event tokens',
      description: 'The one that signs, one that is to sign, and those that did until a week ago.',
      access: 'admin',
      parser: parseNothing,
      value: listOf(
        object({
          id: string('The `kid` of its tokens'),
          created_at: time('When it was made'),
          signs_from: time('From when on it signs'),
          replaced_at: orNull(time('From when on the next one signs')),
        }),
      ),
    },
    async (c, credential) =>
      sendOutcome(c, await listWebhookKeys(c.var.ports, credential), (keys) =>
        keys.map(({ id, createdAt, signsFrom, replacedAt = null }) => ({
          id,
          created_at: createdAt,
          signs_from: signsFrom,
          replaced_at: replacedAt,
        })),
      ),
  ),
})
addRoutes(deploymentKeyRoutes, '/deployment/keys/webhook/rotate', {
  POST: protectedRoute(
    {
      summary: 'Sign security event tokens with a new key',
      description:
        'The new key signs ten minutes later, and the one before is published for a week. If the keys so far are compromised, they ' +
        'are not published any more, and the new one signs at once.',
      access: 'admin',
      parser: parseKeyRotation,
      value: object({ id: string('The new key'), signs_from: time('From when on it signs') }),
    },
    async (c, credential, compromised) =>
      sendOutcome(
        c,
        await rotateWebhookKey(c.var.ports, credential, c.var.source, compromised),
        ({ id, signsFrom }) => ({ id, signs_from: signsFrom }),
      ),
  ),
})
