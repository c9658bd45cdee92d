import { exportTokens } from '../../operations/administration/export-tokens.ts'
import { exportItem, parseExport } from '../../protocol/administration/export-request.ts'
import { boolean, listOf, mapOf, object, orNull, string } from '../../protocol/shape.ts'
import { protectedRoute } from '../protected-route.ts'
import { addRoutes } from '../route.ts'
import { Router } from '../router.ts'
import { sendOutcome } from '../send.ts'

/** Tokens that go back to the server that others came from. Source: docs/protocol.md, "Exports". */
export const deploymentExportRoutes = new Router()

addRoutes(deploymentExportRoutes, '/deployment/export', {
  POST: protectedRoute(
    {
      summary: 'Export tokens to the server that others came from',
      description:
        'A page of tokens, with the secrets that the other server lacks: PIN hashes of tokens that were changed or enrolled here, and the signing keys that phones enrolled here believe. Whoever has these keys can show those phones prompts. `npm run nod -- export` sends it.',
      access: 'admin',
      parser: parseExport,
      value: object({
        tokens: listOf(
          object({
            serial: string('Serial'),
            changed: boolean('Whether it was changed or enrolled here since it was imported'),
            origin: orNull(mapOf({}, 'What was remembered by the import; null: it was enrolled here')),
            token: orNull(
              mapOf({}, 'As the token list has it, with what its phone is reached by; null: it was deleted'),
            ),
          }),
        ),
        secrets: string(
          'A JWE for the recipient (RSA-OAEP-256, A256GCM) of `{pins, keys}`: by serial, and by the id of a signing key',
        ),
        next: orNull(string('`after` of the next page')),
      }),
      example: { recipient: 'MIIBojANBgkqhkiG9w0BAQEFAAOCAY8A' },
    },
    async (c, credential, request) =>
      sendOutcome(
        c,
        await exportTokens(c.var.ports, credential, c.var.source, request),
        ({ tokens, secrets, next }) => ({
          tokens: tokens.map(exportItem),
          secrets,
          next: next ?? null,
        }),
      ),
  ),
})
