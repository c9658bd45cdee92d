import { handOverAudit } from '../../operations/administration/audit-hand-over.ts'
import { listRawLinks, listRawRecords, signAuditHead } from '../../operations/administration/audit-proof.ts'
import { nextOf, parseLinkPage, parseRecordPage } from '../../protocol/administration/audit-proof-request.ts'
import { parseNothing } from '../../protocol/parameters.ts'
import { integer, listOf, object, orNull, string } from '../../protocol/shape.ts'
import { protectedRoute } from '../protected-route.ts'
import { sendOutcome } from '../send.ts'
import { addRoutes } from '../route.ts'
import { Router } from '../router.ts'

/** What proves the audit, for `npm run nod -- verify-audit`. Source: docs/audit-format.md. */
export const auditProofRoutes = new Router()

const next = orNull(string('Goes into `after`, for the rows behind'))
const row = (what: string) => ({ type: 'object', description: `A row of \`${what}\`: docs/audit-format.md` }) as const

addRoutes(auditProofRoutes, '/deployment/audit/head', {
  GET: protectedRoute(
    {
      summary: 'Sign where the audit ends now',
      description: 'Keep the answer elsewhere: it shows later whether the audit was cut off or written anew.',
      access: 'admin',
      parser: parseNothing,
      value: object({
        head: string('JWS in compact form, ES256'),
        at: integer('Milliseconds since 1970'),
        keys: listOf(
          object({
            kid: string('JWK thumbprint'),
            created_at: integer('Milliseconds since 1970'),
            jwk: { type: 'object', description: 'The public key' },
          }),
          'The keys that sign heads, the newest first',
        ),
        numbers: object({ catalogue: integer('Records of changes'), bypass: integer('Records of used bypass codes') }),
        deleted_before: integer('Retention has deleted records before; milliseconds since 1970'),
        days: orNull(integer('AUDIT_DAYS; null: for ever')),
      }),
    },
    async (c, credential) =>
      sendOutcome(
        c,
        await signAuditHead(c.var.ports, credential),
        ({ jws, at, keys, numbers, deletedBefore, days }) => ({
          head: jws,
          at,
          keys: keys.map(({ kid, createdAt, jwk }) => ({ kid, created_at: createdAt, jwk })),
          numbers,
          deleted_before: deletedBefore,
          days: days ?? null,
        }),
      ),
  ),
})
addRoutes(auditProofRoutes, '/deployment/audit/flush', {
  POST: protectedRoute(
    {
      summary: 'Store the audit records that are on their way to the database',
      description: 'Before a backup. Otherwise it takes two minutes at most.',
      access: 'admin',
      parser: parseNothing,
      value: object({
        left: integer('How many records are still on their way'),
        incomplete: listOf(string('A shard'), 'The shards that did not answer'),
      }),
    },
    async (c, credential) => sendOutcome(c, await handOverAudit(c.var.ports, credential), (handOver) => handOver),
  ),
})
addRoutes(auditProofRoutes, '/deployment/audit/records', {
  GET: protectedRoute(
    {
      summary: 'Read audit records as they are stored',
      description: 'With their salts, a thousand at a time.',
      access: 'admin',
      parser: parseRecordPage,
      value: object({ rows: listOf(row('audit')), next }),
    },
    async (c, credential, after) =>
      sendOutcome(c, await listRawRecords(c.var.ports, credential, after), ({ rows, last }) => ({
        rows,
        next: nextOf(last),
      })),
  ),
})
addRoutes(auditProofRoutes, '/deployment/audit/links', {
  GET: protectedRoute(
    {
      summary: 'Read the links of the audit’s chains as they are stored',
      description: 'Two hundred at a time.',
      access: 'admin',
      parser: parseLinkPage,
      value: object({ rows: listOf(row('audit_chain')), next }),
    },
    async (c, credential, after) =>
      sendOutcome(c, await listRawLinks(c.var.ports, credential, after), ({ rows, last }) => ({
        rows,
        next: nextOf(last),
      })),
  ),
})
