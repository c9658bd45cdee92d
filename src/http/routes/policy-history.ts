/** What policies were, and what saving one would come to. */
import { validatePolicy } from '../../operations/administration/policies.ts'
import {
  listPolicyChanges,
  listPolicyConflicts,
  readPolicyHistory,
} from '../../operations/administration/read-policies.ts'
import type { PolicyVersion } from '../../ports/policies.ts'
import { present } from '../../present.ts'
import { parseNothing } from '../../protocol/parameters.ts'
import { policyShape, renderPolicy } from '../../protocol/policy/policy-form.ts'
import { parsePolicyChanges, parsePolicyName, parsePolicySaving } from '../../protocol/policy/policy-request.ts'
import { boolean, integer, listOf, object, oneOf, orNull, type Shape, string, time } from '../../protocol/shape.ts'
import type { Refusal } from '../../refusal.ts'
import { protectedRoute, protectedRouteAuthorizingFirst } from '../protected-route.ts'
import { wireForm } from '../respond.ts'
import { addRoutes } from '../route.ts'
import { Router } from '../router.ts'
import { sendOutcome } from '../send.ts'

export const policyHistoryRoutes = new Router()

const orNone = (shape: Shape): Shape => ({ anyOf: [shape, { type: 'null' }] })

const versionShape = object({
  name: string('Name of the policy'),
  revision: integer('Of the change; greater is later'),
  at: orNull(time('When; null: before Nod kept a history')),
  action: orNull(string('The request, as the audit names it')),
  administrator: orNull(string('Who')),
  policy: orNone(policyShape),
})

const versionOf = ({ name, revision, at, action, administrator, policy }: PolicyVersion) => ({
  name,
  revision,
  at: at ?? null,
  action: action ?? null,
  administrator: administrator ?? null,
  policy: policy === undefined ? null : renderPolicy(policy),
})

const conflictShape = object({
  kind: oneOf(
    'refused: requests that both are about are refused; never_counts: the first takes precedence wherever the second applies',
    'refused',
    'never_counts',
  ),
  action: string('What both set'),
  policies: listOf(string('Name of a policy')),
  values: listOf(string('What each sets')),
})

addRoutes(policyHistoryRoutes, '/policy/:name/history', {
  GET: protectedRoute(
    {
      summary: 'Show a policy and what it was',
      description:
        'Each version as a change left it, the newest first: at most 100, for two years. A policy of null: it was deleted or renamed. `revision` is for saving the policy only if nobody else has changed it.',
      access: 'admin',
      parser: parsePolicyName,
      value: object({
        policy: orNone(policyShape),
        revision: integer('Its revision; 0: there is no such policy'),
        versions: listOf(versionShape),
      }),
    },
    async (c, credential, name) =>
      sendOutcome(c, await readPolicyHistory(c.var.ports, credential, name), ({ policy, revision, versions }) => ({
        policy: policy === undefined ? null : renderPolicy(policy),
        revision,
        versions: versions.map(versionOf),
      })),
  ),
})

addRoutes(policyHistoryRoutes, '/policy/:name/validate', {
  POST: protectedRouteAuthorizingFirst(
    {
      summary: 'Check a policy as saving it would, without saving it',
      description:
        'A policy that would be refused is no error here: `refusal` has the status, code and message that saving it would answer, and the field that it is about.',
      access: 'admin',
      parser: parsePolicySaving,
      value: object(
        {
          valid: boolean('Whether it could be saved'),
          conflicts: listOf(conflictShape, 'Other policies that set an action differently for the same requests'),
        },
        {
          refusal: object(
            { status: integer('HTTP status'), code: integer('Code of the error'), message: string('Why') },
            { field: string('The parameter'), action: string('The action within `action`') },
          ),
        },
      ),
      example: { name: 'number-matching', scope: 'authentication', action: 'push_require_presence=1' },
    },
    async (c, credential, request) => {
      return sendOutcome(
        c,
        await validatePolicy(c.var.ports, credential, c.var.source, request),
        ({ refusal, conflicts }) => ({
          valid: refusal === undefined,
          conflicts,
          ...(refusal === undefined ? {} : { refusal: refusalValue(refusal) }),
        }),
      )
    },
  ),
})

function refusalValue(refusal: Refusal) {
  const wire = wireForm(refusal)
  const status = wire.kind === 'error' ? wire.status : 400
  const code = wire.kind === 'error' ? wire.code : 905
  const field = 'field' in refusal ? refusal.field : fieldOf(refusal)
  const action = refusal.reason === 'policy_invalid' ? refusal.action : undefined
  return { status, code, message: wire.message.replace(/^ERR\d+: /, ''), ...present({ field, action }) }
}

const fieldOf = (refusal: Refusal): string | undefined =>
  refusal.reason.startsWith('parameter_') && 'name' in refusal ? refusal.name : undefined

addRoutes(policyHistoryRoutes, '/deployment/policies/changes', {
  GET: protectedRoute(
    {
      summary: 'List the changes of all policies, the newest first',
      access: 'admin',
      parser: parsePolicyChanges,
      value: object({ changes: listOf(versionShape), next: orNull(integer('Send it as `before` for the next page')) }),
    },
    async (c, credential, before) =>
      sendOutcome(c, await listPolicyChanges(c.var.ports, credential, before), ({ changes, next }) => ({
        changes: changes.map(versionOf),
        next,
      })),
  ),
})

addRoutes(policyHistoryRoutes, '/deployment/policies/conflicts', {
  GET: protectedRoute(
    {
      summary: 'List the policies that contradict each other',
      description: 'Pairs of active policies that set an action differently.',
      access: 'admin',
      parser: parseNothing,
      value: listOf(conflictShape),
    },
    async (c, credential) =>
      sendOutcome(c, await listPolicyConflicts(c.var.ports, credential), (conflicts) => conflicts),
  ),
})
