import { present } from '../present.ts'
import { Hono } from 'hono'
import { deletePolicy, listPolicies, savePolicy, switchPolicy } from '../operations/policies.ts'
import type { Parameters } from '../protocol/parameters.ts'
import { isTrue } from '../protocol/parameters.ts'
import { renderPolicy } from '../protocol/policy-form.ts'
import { administered } from './administered.ts'
import type { Asked, Known } from './context.ts'
import { answered, refused } from './respond.ts'
import { methods } from './routes.ts'

export const policy = new Hono<Known>()

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

methods(policy, '/policy', { GET: list })
methods(policy, '/policy/enable/:name', { POST: turn(true) })
methods(policy, '/policy/disable/:name', { POST: turn(false) })
methods(policy, '/policy/:name', {
  GET: list,
  POST: administered(async (c, credential, params) => {
    const name = nameIn(c)
    const saved = await savePolicy(c.var.ports, credential, c.var.source, name, params)
    return saved.ok ? answered(c, { [`setPolicy ${name}`]: saved.value }) : refused(c, saved.refusal)
  }),
  DELETE: administered(async (c, credential) => {
    const deleted = await deletePolicy(c.var.ports, credential, c.var.source, nameIn(c))
    return deleted.ok ? answered(c, deleted.value) : refused(c, deleted.refusal)
  }),
})
