import {
  deletePolicy,
  listPolicies,
  renamePolicy,
  savePolicy,
  switchPolicy,
} from '../operations/administration/policies.ts'
import { policyDefinitions } from '../operations/administration/policy-definitions.ts'
import { importPolicies } from '../operations/administration/policy-files.ts'
import { matchingPolicies, simulate } from '../operations/administration/simulate.ts'
import type { Reader } from '../protocol/parameters.ts'
import { readingNothing } from '../protocol/parameters.ts'
import { renderPolicyFile } from '../protocol/policy/policy-file.ts'
import { definitionsShape, policyShape, renderPolicy } from '../protocol/policy/policy-form.ts'
import {
  parseDefinitionsOf,
  parseNamedPolicyFilter,
  parsePolicy,
  parsePolicyExport,
  parsePolicyFilter,
  parsePolicyImport,
  parsePolicyName,
  parseRenaming,
} from '../protocol/policy/policy-request.ts'
import { boolean, byName, integer, listOf, object, string } from '../protocol/shape.ts'
import { parsePolicyCheck, parseSimulation } from '../protocol/policy/simulation-request.ts'
import { administered } from './administered.ts'
import { answered, refused, replied } from './respond.ts'
import { Room } from './room.ts'
import { methods } from './routes.ts'
import { simulated } from './simulated.ts'

export const policy = new Room()

const FILE = /^[\w.-]{1,100}$/

const list = (summary: string, reads: Reader<Parameters<typeof listPolicies>[2]>) =>
  administered({ summary, who: 'admin', reads, value: listOf(policyShape) }, async (c, credential, filter) =>
    replied(c, await listPolicies(c.var.ports, credential, filter), (found) => found.map(renderPolicy)),
  )

const value = integer('Number of the policy')

const rename = administered(
  { summary: 'Call a policy something else', who: 'admin', reads: parseRenaming, value },
  async (c, credential, { from, to }) =>
    replied(c, await renamePolicy(c.var.ports, credential, c.var.source, from, to), (id) => id),
)

const turn = (active: boolean, summary: string) =>
  administered({ summary, who: 'admin', reads: parsePolicyName, value }, async (c, credential, name) =>
    replied(c, await switchPolicy(c.var.ports, credential, c.var.source, name, active), (id) => id),
  )

methods(policy, '/policy', { GET: list('List the policies', parsePolicyFilter) })
methods(policy, '/policy/defs', {
  GET: administered(
    { summary: 'Tell which actions policies may have', who: 'admin', reads: readingNothing, value: definitionsShape },
    async (c, credential) => replied(c, await policyDefinitions(c.var.ports, credential), (all) => all),
  ),
})
methods(policy, '/policy/defs/:scope', {
  GET: administered(
    {
      summary: 'Tell which actions the policies of one scope may have, or what conditions may ask about',
      who: 'admin',
      reads: parseDefinitionsOf,
    },
    async (c, credential, about) => replied(c, await policyDefinitions(c.var.ports, credential, about), (all) => all),
  ),
})
methods(policy, '/policy/check', {
  GET: administered(
    {
      summary: 'Tell whether an action is set for a user',
      who: 'admin',
      reads: parsePolicyCheck,
      value: object({ allowed: boolean('Whether a policy sets it') }, { policy: listOf(policyShape) }),
    },
    async (c, credential, asked) =>
      replied(c, await matchingPolicies(c.var.ports, credential, c.var.source, asked), (policies) =>
        policies.length === 0
          ? { allowed: false, info: 'No policies found' }
          : { allowed: true, policy: policies.map(renderPolicy) },
      ),
  ),
})
methods(policy, '/policy/simulate', {
  POST: administered(
    {
      summary: 'Tell what policies come to for a request that nobody makes, and why',
      description: 'The settings of each scope, the policies that gave them, and of all others what kept them out.',
      who: 'admin',
      reads: parseSimulation,
      value: object({
        situation: byName({}, 'The request as it was understood'),
        login: byName({}, 'By type of token, what a login would be'),
        scopes: byName({}, 'By scope, the settings and the policies'),
      }),
    },
    async (c, credential, asked) => replied(c, await simulate(c.var.ports, credential, c.var.source, asked), simulated),
  ),
})
methods(policy, '/policy/export/:filename', {
  GET: administered(
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
      if (!found.ok) return refused(c, found.refusal)
      if (!FILE.test(file)) return refused(c, { reason: 'path_unknown' })
      return c.body(renderPolicyFile(found.value), 200, {
        'Content-Type': 'text/plain; charset=utf-8',
        'Content-Disposition': `attachment; filename=${file}`,
      })
    },
  ),
})
methods(policy, '/policy/import/:filename', {
  POST: administered(
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
      if (!imported.ok) return refused(c, imported.refusal)
      const { policies, leftOut } = imported.value
      return answered(c, policies.length, { policies, left_out: leftOut })
    },
  ),
})
methods(policy, '/policy/enable/:name', { POST: turn(true, 'Let a policy count again') })
methods(policy, '/policy/disable/:name', { POST: turn(false, 'Let a policy not count for now') })
methods(
  policy,
  '/policy/:name',
  {
    GET: list('Show one policy', parseNamedPolicyFilter),
    POST: administered(
      {
        summary: 'Write a policy',
        description: 'It holds from the next login on. What is not sent stays as it is; the priority becomes 1 again.',
        who: 'admin',
        reads: parsePolicy,
        value: byName(integer('Number of the policy'), 'Under `setPolicy <name>`'),
        example: { name: 'number-matching', scope: 'authentication', action: 'push_require_presence=1' },
      },
      async (c, credential, { name, fields }) =>
        replied(c, await savePolicy(c.var.ports, credential, c.var.source, name, fields), (id) => ({
          [`setPolicy ${name}`]: id,
        })),
    ),
    DELETE: administered(
      { summary: 'Delete a policy', who: 'admin', reads: parsePolicyName, value },
      async (c, credential, name) =>
        replied(c, await deletePolicy(c.var.ports, credential, c.var.source, name), (id) => id),
    ),
  },
  // The old name is in the path and the new one in the body: were they called the same, the path would win.
  { PATCH: ['/policy/:old_name', rename] },
)
