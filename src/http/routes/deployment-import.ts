import { encodeBase64 } from '../../bytes.ts'
import {
  compareImport,
  countImports,
  importTokens,
  tryImportedKeys,
} from '../../operations/administration/import-tokens.ts'
import { parseImport, parseImportMarks, parseImportTrial } from '../../protocol/administration/import-request.ts'
import { parseNothing } from '../../protocol/parameters.ts'
import { integer, listOf, mapOf, object, oneOf, orNull, string } from '../../protocol/shape.ts'
import { IMPORT_SOURCES, IMPORT_STATES } from '../../vocabulary/imports.ts'
import { protectedRoute, protectedRouteAuthorizingFirst } from '../protected-route.ts'
import { sendOutcome } from '../send.ts'
import { addRoutes } from '../route.ts'
import { Router } from '../router.ts'

/** Tokens that come from another server. Source: docs/protocol.md, "Imports". */
export const deploymentImportRoutes = new Router()

const statesShape = mapOf(oneOf('What becomes of the token', ...IMPORT_STATES), 'By serial')

addRoutes(deploymentImportRoutes, '/deployment/import', {
  GET: protectedRoute(
    {
      summary: 'Count the tokens that were imported',
      description: 'By the server they came from. Reads all of them.',
      access: 'admin',
      parser: parseNothing,
      value: object({
        sources: listOf(
          object({
            source: oneOf('The other server', ...IMPORT_SOURCES),
            imported: integer('How many tokens ever came from there'),
            present: integer('Those that are still here'),
            changed: integer('Those that were changed here since'),
            pins_upstream: integer('Those whose PIN only the other server can check'),
            pins_unset: integer('Those that need a PIN'),
          }),
        ),
      }),
    },
    async (c, credential) =>
      sendOutcome(c, await countImports(c.var.ports, credential), (sources) => ({
        sources: sources.map(({ pinsUpstream, pinsUnset, ...counts }) => ({
          ...counts,
          pins_upstream: pinsUpstream,
          pins_unset: pinsUnset,
        })),
      })),
  ),
  POST: protectedRouteAuthorizingFirst(
    {
      summary: 'Import tokens of another server',
      description:
        'Stores what is new or was changed there and not here: all of the request, or nothing. Repeated, it changes nothing.',
      access: 'admin',
      parser: parseImport,
      value: object({
        states: statesShape,
        omitted: listOf(object({ serial: string('Serial'), why: string('What is wrong with it') })),
      }),
      example: { source: 'privacyidea' },
    },
    async (c, credential, request) =>
      sendOutcome(c, await importTokens(c.var.ports, credential, c.var.source, request), ({ states, omitted }) => ({
        states: Object.fromEntries(states),
        omitted,
      })),
  ),
})

addRoutes(deploymentImportRoutes, '/deployment/import/compare', {
  POST: protectedRouteAuthorizingFirst(
    {
      summary: 'Ask what an import would do',
      access: 'admin',
      parser: parseImportMarks,
      value: object({ states: statesShape }),
    },
    async (c, credential, marks) =>
      sendOutcome(c, await compareImport(c.var.ports, credential, marks), (states) => ({
        states: Object.fromEntries(states),
      })),
  ),
})

addRoutes(deploymentImportRoutes, '/deployment/import/try', {
  POST: protectedRoute(
    {
      summary: 'Sign with the keys of imported tokens',
      description: 'Each signs `imported key|<serial>|<challenge>`: RSASSA-PKCS1-v1_5, SHA-256.',
      access: 'admin',
      parser: parseImportTrial,
      value: object({
        signatures: listOf(
          object({ serial: string('Serial'), signature: orNull(string('Base64; null: the key does not open')) }),
        ),
      }),
      example: { tokens: 'PIPU7K2M9QXA', challenge: '5d2ed5c046edb4165d2ed5c046edb416' },
    },
    async (c, credential, request) =>
      sendOutcome(c, await tryImportedKeys(c.var.ports, credential, request), (signatures) => ({
        signatures: signatures.map(({ serial, signature }) => ({
          serial,
          signature: signature === undefined ? null : encodeBase64(signature),
        })),
      })),
  ),
})
