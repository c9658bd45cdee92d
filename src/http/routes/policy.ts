import { deletePolicy, renamePolicy, savePolicy, setPolicyActive } from '../../operations/administration/policies.ts'
import { listPolicies } from '../../operations/administration/read-policies.ts'
import { policyDefinitions } from '../../operations/administration/policy-definitions.ts'
import { importPolicies } from '../../operations/administration/policy-files.ts'
import { parseNothing, type RequestParser } from '../../protocol/parameters.ts'
import { renderPolicyFile } from '../../protocol/policy/policy-file.ts'
import { definitionsOfShape, definitionsShape, policyShape, renderPolicy } from '../../protocol/policy/policy-form.ts'
import {
  parseDefinitionsOf,
  parseNamedPolicyFilter,
  parsePolicyEnabling,
  parsePolicyExport,
  parsePolicyFilter,
  parsePolicyImport,
  parsePolicyName,
  parsePolicySaving,
  parseRenaming,
} from '../../protocol/policy/policy-request.ts'
import { mapOf, integer, listOf, object, string } from '../../protocol/shape.ts'
import { protectedRoute } from '../protected-route.ts'
import { sendValue, sendRefusal, sendOutcome } from '../send.ts'
import { Router } from '../router.ts'
import { addRoutes } from '../route.ts'

export const policyRoutes = new Router()

const FILE = /^[\w.-]{1,100}$/

const listRoute = (summary: string, parser: RequestParser<Parameters<typeof listPolicies>[2]>) =>
  protectedRoute({ summary, access: 'admin', parser, value: listOf(policyShape) }, async (c, credential, filter) =>
    sendOutcome(c, await listPolicies(c.var.ports, credential, filter), (policies) => policies.map(renderPolicy)),
  )

const value = integer('Number of the policy')

const rename = protectedRoute(
  { summary: 'Rename a policy', access: 'admin', parser: parseRenaming, value },
  async (c, credential, { name, newName }) =>
    sendOutcome(c, await renamePolicy(c.var.ports, credential, c.var.source, name, newName), (id) => id),
)

const enable = protectedRoute(
  { summary: 'Enable a policy', access: 'admin', parser: parsePolicyEnabling, value },
  async (c, credential, { name, confirm }) =>
    sendOutcome(c, await setPolicyActive(c.var.ports, credential, c.var.source, name, true, confirm), (id) => id),
)

const disable = protectedRoute(
  { summary: 'Disable a policy', access: 'admin', parser: parsePolicyName, value },
  async (c, credential, name) =>
    sendOutcome(c, await setPolicyActive(c.var.ports, credential, c.var.source, name, false), (id) => id),
)

addRoutes(policyRoutes, '/policy', { GET: listRoute('List the policies', parsePolicyFilter) })
addRoutes(policyRoutes, '/policy/defs', {
  GET: protectedRoute(
    { summary: 'List the actions of all scopes', access: 'admin', parser: parseNothing, value: definitionsShape },
    async (c, credential) =>
      sendOutcome(c, await policyDefinitions(c.var.ports, credential), (definitions) => definitions),
  ),
})
addRoutes(policyRoutes, '/policy/defs/:scope', {
  GET: protectedRoute(
    {
      summary: 'List the actions of one scope, or what conditions can refer to',
      access: 'admin',
      parser: parseDefinitionsOf,
      value: definitionsOfShape,
    },
    async (c, credential, about) =>
      sendOutcome(c, await policyDefinitions(c.var.ports, credential, about), (definitions) => definitions),
  ),
})
addRoutes(policyRoutes, '/policy/export/:filename', {
  GET: protectedRoute(
    {
      summary: 'Export all policies as a file in privacyIDEA’s format',
      access: 'admin',
      parser: parsePolicyExport,
      body: { 'text/plain': string('A section for each policy') },
      refuses: [404],
      example: { filename: 'policies.cfg' },
    },
    async (c, credential, file) => {
      const found = await listPolicies(c.var.ports, credential, {})
      if (!found.ok) return sendRefusal(c, found.refusal)
      if (!FILE.test(file)) return sendRefusal(c, { reason: 'path_unknown' })
      return c.body(renderPolicyFile(found.value), 200, {
        'Content-Type': 'text/plain; charset=utf-8',
        'Content-Disposition': `attachment; filename=${file}`,
      })
    },
  ),
})
addRoutes(policyRoutes, '/policy/import/:filename', {
  POST: protectedRoute(
    {
      summary: 'Import all policies of a file, or none',
      description:
        "privacyIDEA's export, or JSON. Actions that Nod does not support are refused by name; `skip=1` leaves them out.",
      access: 'admin',
      parser: parsePolicyImport,
      value: integer('Number of policies written'),
      detail: object({
        policies: listOf(string('Name of a policy')),
        left_out: listOf(object({ policy: string('Name'), why: string('Why') }, { action: string('The action') })),
      }),
      example: { filename: 'policies.cfg', file: '[all]\nscope = authentication\naction = {"push_wait": "20"}' },
    },
    async (c, credential, { filename, sent }) => {
      const imported = await importPolicies(c.var.ports, credential, c.var.source, filename, sent)
      if (!imported.ok) return sendRefusal(c, imported.refusal)
      const { policies, omitted } = imported.value
      return sendValue(c, policies.length, { policies, left_out: omitted })
    },
  ),
})
addRoutes(policyRoutes, '/policy/enable/:name', { POST: enable })
addRoutes(policyRoutes, '/policy/disable/:name', { POST: disable })
addRoutes(
  policyRoutes,
  '/policy/:name',
  {
    GET: listRoute('Show one policy', parseNamedPolicyFilter),
    POST: protectedRoute(
      {
        summary: 'Create or change a policy',
        description:
          'Takes effect with the next login. Fields that are not sent keep their value, except the priority, which becomes 1, and `confirm`, which becomes empty. With `revision`, it is refused with 409 if the policy has been changed since.',
        access: 'admin',
        parser: parsePolicySaving,
        refuses: [409],
        value: mapOf(integer('Number of the policy'), 'Under `setPolicy <name>`'),
        example: { name: 'number-matching', scope: 'authentication', action: 'push_require_presence=1' },
      },
      async (c, credential, { name, fields, revision }) =>
        sendOutcome(c, await savePolicy(c.var.ports, credential, c.var.source, name, fields, revision), (id) => ({
          [`setPolicy ${name}`]: id,
        })),
    ),
    DELETE: protectedRoute(
      { summary: 'Delete a policy', access: 'admin', parser: parsePolicyName, value },
      async (c, credential, name) =>
        sendOutcome(c, await deletePolicy(c.var.ports, credential, c.var.source, name), (id) => id),
    ),
  },
  // The path has the old name and the body the new one. With one name for both, the path would win.
  { PATCH: ['/policy/:old_name', rename] },
)
