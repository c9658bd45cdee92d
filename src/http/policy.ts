import { present } from '../present.ts'
import { Hono } from 'hono'
import { deletePolicy, listPolicies, renamePolicy, savePolicy, switchPolicy } from '../operations/policies.ts'
import { importPolicies } from '../operations/policy-files.ts'
import { policyDefinitions } from '../operations/policy-definitions.ts'
import { matchingPolicies, simulate } from '../operations/simulate.ts'
import type { Parameters } from '../protocol/parameters.ts'
import { isTrue } from '../protocol/parameters.ts'
import { renderPolicyFile } from '../protocol/policy-file.ts'
import { parsePolicyName, renderPolicy } from '../protocol/policy-form.ts'
import { parsePolicyCheck, parseSimulation } from '../protocol/simulation-request.ts'
import { administered } from './administered.ts'
import type { Asked, Known } from './context.ts'
import { answered, refused, replied } from './respond.ts'
import { methods } from './routes.ts'
import { simulated } from './simulated.ts'

export const policy = new Hono<Known>()

const FILE = /^[\w.-]{1,100}$/

const nameIn = (c: Asked): string => c.req.param('name') ?? ''
const text = (params: Parameters, name: string): string | undefined => {
  const value = params[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

const list = administered(async (c, credential, params) => {
  const name = c.req.param('name')
  const scope = text(params, 'scope')
  const realm = text(params, 'realm')
  const active = params['active']
  const found = await listPolicies(c.var.ports, credential, {
    ...present({ name, scope }),
    ...(realm === undefined ? {} : { realm: realm.toLowerCase() }),
    ...(active === undefined ? {} : { active: isTrue(active) }),
  })
  return found.ok ? answered(c, found.value.map(renderPolicy)) : refused(c, found.refusal)
})

const turn = (active: boolean) =>
  administered(async (c, credential) => {
    const switched = await switchPolicy(c.var.ports, credential, c.var.source, nameIn(c), active)
    return switched.ok ? answered(c, switched.value) : refused(c, switched.refusal)
  })

const definitions = administered(async (c, credential) =>
  replied(c, await policyDefinitions(c.var.ports, credential, c.req.param('scope')), (all) => all),
)

const rename = administered(async (c, credential, params) => {
  const name = c.req.param('old_name') ?? ''
  return replied(
    c,
    await renamePolicy(c.var.ports, credential, c.var.source, name, parsePolicyName(params)),
    (id) => id,
  )
})

methods(policy, '/policy', { GET: list })
methods(policy, '/policy/defs', { GET: definitions })
methods(policy, '/policy/defs/:scope', { GET: definitions })
methods(policy, '/policy/check', {
  GET: administered(async (c, credential, params) => {
    const asked = parsePolicyCheck(params)
    const found = asked.ok ? await matchingPolicies(c.var.ports, credential, c.var.source, asked.value) : asked
    return replied(c, found, (policies) =>
      policies.length === 0
        ? { allowed: false, info: 'No policies found' }
        : { allowed: true, policy: policies.map(renderPolicy) },
    )
  }),
})
methods(policy, '/policy/simulate', {
  POST: administered(async (c, credential, params) => {
    const asked = parseSimulation(params)
    const found = asked.ok ? await simulate(c.var.ports, credential, c.var.source, asked.value) : asked
    return replied(c, found, simulated)
  }),
})
methods(policy, '/policy/export/:filename', {
  GET: administered(async (c, credential) => {
    const found = await listPolicies(c.var.ports, credential, {})
    if (!found.ok) return refused(c, found.refusal)
    const file = c.req.param('filename') ?? ''
    if (!FILE.test(file)) return refused(c, { reason: 'path_unknown' })
    return c.body(renderPolicyFile(found.value), 200, {
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Disposition': `attachment; filename=${file}`,
    })
  }),
})
methods(policy, '/policy/import/:filename', {
  POST: administered(async (c, credential, params) => {
    const name = c.req.param('filename') ?? ''
    const imported = await importPolicies(c.var.ports, credential, c.var.source, name, params)
    if (!imported.ok) return refused(c, imported.refusal)
    const { policies, leftOut } = imported.value
    return answered(c, policies.length, { policies, left_out: leftOut })
  }),
})
methods(policy, '/policy/enable/:name', { POST: turn(true) })
methods(policy, '/policy/disable/:name', { POST: turn(false) })
// The old name is in the path and the new one in the body: were they called the same, the path would win.
policy.on('PATCH', '/policy/:old_name', rename)
methods(policy, '/policy/:name', {
  GET: list,
  POST: administered(async (c, credential, params) => {
    const name = nameIn(c)
    const saved = await savePolicy(c.var.ports, credential, c.var.source, name, params)
    return saved.ok ? answered(c, { [`setPolicy ${name}`]: saved.value }) : refused(c, saved.refusal)
  }),
  PATCH: rename,
  DELETE: administered(async (c, credential) => {
    const deleted = await deletePolicy(c.var.ports, credential, c.var.source, nameIn(c))
    return deleted.ok ? answered(c, deleted.value) : refused(c, deleted.refusal)
  }),
})
