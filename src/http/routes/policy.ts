import {
  deletePolicy,
  listPolicies,
  renamePolicy,
  savePolicy,
  setPolicyActive,
} from '../../operations/administration/policies.ts'
import { policyDefinitions } from '../../operations/administration/policy-definitions.ts'
import { importPolicies } from '../../operations/administration/policy-files.ts'
import { findMatchingPolicies, simulatePolicies } from '../../operations/administration/simulate-policies.ts'
import type { RequestParser } from '../../protocol/parameters.ts'
import { parseNothing } from '../../protocol/parameters.ts'
import { renderPolicyFile } from '../../protocol/policy/policy-file.ts'
import { definitionsShape, policyShape, renderPolicy } from '../../protocol/policy/policy-form.ts'
import {
  parseDefinitionsOf,
  parseNamedPolicyFilter,
  parsePolicy,
  parsePolicyExport,
  parsePolicyFilter,
  parsePolicyImport,
  parsePolicyName,
  parseRenaming,
} from '../../protocol/policy/policy-request.ts'
import { boolean, mapOf, integer, listOf, object, string } from '../../protocol/shape.ts'
import { parsePolicyCheck, parseSimulation } from '../../protocol/policy/simulation-request.ts'
import { protectedRoute } from '../protected-route.ts'
import { sendValue, sendRefusal, sendOutcome } from '../respond.ts'
import { Router } from '../router.ts'
import { addRoutes } from '../route.ts'
import { simulationAnswer } from './policy-simulation.ts'

export const policyRoutes = new Router()

const FILE = /^[\w.-]{1,100}$/

const list = (summary: string, reads: RequestParser<Parameters<typeof listPolicies>[2]>) =>
  protectedRoute({ summary, who: 'admin', reads, value: listOf(policyShape) }, async (c, credential, filter) =>
    sendOutcome(c, await listPolicies(c.var.ports, credential, filter), (found) => found.map(renderPolicy)),
  )

const value = integer('Number of the policy')

const rename = protectedRoute(
  { summary: 'Call a policy something else', who: 'admin', reads: parseRenaming, value },
  async (c, credential, { from, to }) =>
    sendOutcome(c, await renamePolicy(c.var.ports, credential, c.var.source, from, to), (id) => id),
)

const turn = (active: boolean, summary: string) =>
  protectedRoute({ summary, who: 'admin', reads: parsePolicyName, value }, async (c, credential, name) =>
    sendOutcome(c, await setPolicyActive(c.var.ports, credential, c.var.source, name, active), (id) => id),
  )

addRoutes(policyRoutes, '/policy', { GET: list('List the policies', parsePolicyFilter) })
addRoutes(policyRoutes, '/policy/defs', {
  GET: protectedRoute(
    { summary: 'Tell which actions policies may have', who: 'admin', reads: parseNothing, value: definitionsShape },
    async (c, credential) => sendOutcome(c, await policyDefinitions(c.var.ports, credential), (all) => all),
  ),
})
addRoutes(policyRoutes, '/policy/defs/:scope', {
  GET: protectedRoute(
    {
      summary: 'Tell which actions the policies of one scope may have, or what conditions may ask about',
      who: 'admin',
      reads: parseDefinitionsOf,
    },
    async (c, credential, about) =>
      sendOutcome(c, await policyDefinitions(c.var.ports, credential, about), (all) => all),
  ),
})
addRoutes(policyRoutes, '/policy/check', {
  GET: protectedRoute(
    {
      summary: 'Tell whether an action is set for a user',
      who: 'admin',
      reads: parsePolicyCheck,
      value: object({ allowed: boolean('Whether a policy sets it') }, { policy: listOf(policyShape) }),
    },
    async (c, credential, asked) =>
      sendOutcome(c, await findMatchingPolicies(c.var.ports, credential, c.var.source, asked), (policies) =>
        policies.length === 0
          ? { allowed: false, info: 'No policies found' }
          : { allowed: true, policy: policies.map(renderPolicy) },
      ),
  ),
})
addRoutes(policyRoutes, '/policy/simulate', {
  POST: protectedRoute(
    {
      summary: 'Tell what policies come to for a request that nobody makes, and why',
      description: 'The settings of each scope, the policies that gave them, and of all others what kept them out.',
      who: 'admin',
      reads: parseSimulation,
      value: object({
        situation: mapOf({}, 'The request as it was understood'),
        login: mapOf({}, 'By type of token, what a login would be'),
        scopes: mapOf({}, 'By scope, the settings and the policies'),
      }),
    },
    async (c, credential, asked) =>
      sendOutcome(c, await simulatePolicies(c.var.ports, credential, c.var.source, asked), simulationAnswer),
  ),
})
addRoutes(policyRoutes, '/policy/export/:filename', {
  GET: protectedRoute(
    {
      summary: 'All policies as a file, as privacyIDEA writes it',
      who: 'admin',
      reads: parsePolicyExport,
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
      summary: 'Write all policies of a file, or none',
      description:
        "privacyIDEA's own export, or JSON. What Nod does not carry out is refused by name, unless `skip` says otherwise.",
      who: 'admin',
      reads: parsePolicyImport,
      value: integer('How many policies were written'),
      detail: object({
        policies: listOf(string('Name of a policy')),
        left_out: listOf(object({ policy: string('Name'), why: string('Why') }, { action: string('Which action') })),
      }),
      example: { filename: 'policies.cfg', file: '[all]\nscope = authentication\naction = {"push_wait": "20"}' },
    },
    async (c, credential, { filename, sent }) => {
      const imported = await importPolicies(c.var.ports, credential, c.var.source, filename, sent)
      if (!imported.ok) return sendRefusal(c, imported.refusal)
      const { policies, leftOut } = imported.value
      return sendValue(c, policies.length, { policies, left_out: leftOut })
    },
  ),
})
addRoutes(policyRoutes, '/policy/enable/:name', { POST: turn(true, 'Let a policy count again') })
addRoutes(policyRoutes, '/policy/disable/:name', { POST: turn(false, 'Let a policy not count for now') })
addRoutes(
  policyRoutes,
  '/policy/:name',
  {
    GET: list('Show one policy', parseNamedPolicyFilter),
    POST: protectedRoute(
      {
        summary: 'Write a policy',
        description: 'It holds from the next login on. What is not sent stays as it is; the priority becomes 1 again.',
        who: 'admin',
        reads: parsePolicy,
        value: mapOf(integer('Number of the policy'), 'Under `setPolicy <name>`'),
        example: { name: 'number-matching', scope: 'authentication', action: 'push_require_presence=1' },
      },
      async (c, credential, { name, fields }) =>
        sendOutcome(c, await savePolicy(c.var.ports, credential, c.var.source, name, fields), (id) => ({
          [`setPolicy ${name}`]: id,
        })),
    ),
    DELETE: protectedRoute(
      { summary: 'Delete a policy', who: 'admin', reads: parsePolicyName, value },
      async (c, credential, name) =>
        sendOutcome(c, await deletePolicy(c.var.ports, credential, c.var.source, name), (id) => id),
    ),
  },
  // The old name is in the path and the new one in the body: were they called the same, the path would win.
  { PATCH: ['/policy/:old_name', rename] },
)
