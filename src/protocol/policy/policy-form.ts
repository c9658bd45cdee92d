/** How a policy is spelled: the parameters of `POST /policy/<name>`, and the object `GET /policy/` shows. */
import { done, refuse, type Outcome } from '../../refusal.ts'
import type { Policy } from '../../vocabulary.ts'
import { isPathSegment } from '../parameters.ts'
import type { PolicyFields } from './policy-request.ts'
import { mapOf, integer, listOf, object, orNull, string, boolean } from '../shape.ts'

type Action = Readonly<Record<string, string | true>>

const LISTS = ['realm', 'resolver', 'user', 'client', 'adminrealm', 'adminuser', 'pinode'] as const

/** The policy as parameters and, for what they leave out, the existing one say; defaults where there is none. A priority left out is 1 again.
 *  Lists come as such or with commas; a null or empty one is emptied.
 *  Refuses: unfit names, a new policy without scope or action, values of no fit type. Source: docs/protocol.md, "Policy object", golden 27-policy-api. */
export function parsePolicyForm(name: string, params: PolicyFields, existing?: Policy): Outcome<Policy> {
  const fault = policyNameFault(name)
  if (fault !== undefined) return invalid(fault)

  const scope = param(params, 'scope') ?? existing?.scope
  if (scope === undefined) return refuse({ reason: 'parameter_missing', name: 'scope' })
  const given = param(params, 'action')
  const action = given === undefined ? done(existing?.action) : readAction(given)
  if (!action.ok) return action
  if (action.value === undefined && scope !== 'user') return refuse({ reason: 'parameter_missing', name: 'action' })

  const lists: { [Field in (typeof LISTS)[number] | 'user_agents']?: readonly string[] } = {}
  for (const field of [...LISTS, 'user_agents'] as const) {
    const list = params[field] !== undefined ? readList(params[field]) : undefined
    if (list === 'unfit') return wrong(field, 'neither a list of texts nor a text with commas')
    if (list !== undefined) lists[field] = list
  }
  const switches: { [Field in (typeof SWITCHES)[number]]?: boolean } = {}
  for (const field of SWITCHES) {
    const value = param(params, field)
    const state = value === undefined ? undefined : readSwitch(value)
    if (state === 'unfit') return wrong(field, 'neither true nor false')
    if (state !== undefined) switches[field] = state
  }
  const priority = readPriority(param(params, 'priority') ?? 1)
  if (priority === undefined) return wrong('priority', 'not a whole number of 1 or more')
  const conditions = params.conditions !== undefined ? readConditions(params.conditions) : (existing?.conditions ?? [])
  if (conditions === undefined) return wrong('conditions', 'not a list')
  const time = readText(params.time, existing?.time)
  const description = readText(params.description, existing?.description)

  return done({
    name,
    scope: scope.trim(),
    action: action.value ?? {},
    realm: lists.realm ?? existing?.realm ?? [],
    resolver: lists.resolver ?? existing?.resolver ?? [],
    user: lists.user ?? existing?.user ?? [],
    client: lists.client ?? existing?.client ?? [],
    adminrealm: lists.adminrealm ?? existing?.adminrealm ?? [],
    adminuser: lists.adminuser ?? existing?.adminuser ?? [],
    pinode: lists.pinode ?? existing?.pinode ?? [],
    userAgents: lists.user_agents ?? existing?.userAgents ?? [],
    time,
    conditions,
    priority,
    active: switches.active ?? existing?.active ?? true,
    description,
    checkAllResolvers: switches.check_all_resolvers ?? existing?.checkAllResolvers ?? false,
    userCaseInsensitive: switches.user_case_insensitive ?? existing?.userCaseInsensitive ?? false,
  })
}

/** What keeps a policy from having this name, in privacyIDEA's words where it has any (golden 27-policy-api). */
export function policyNameFault(name: string): string | undefined {
  if (!/^[A-Za-z0-9_.-]+$/.test(name)) return 'The name of the policy may only contain the characters a-zA-Z0-9_. -'
  return RESERVED.includes(name) || !isPathSegment(name)
    ? `'${name}' is not a name for a policy: /policy/${name} is something else`
    : undefined
}

/** The policy as `GET /policy/` shows it. Source: golden 27-policy-api. */
export function renderPolicy(policy: Policy): Readonly<Record<string, unknown>> {
  return {
    action: policy.action,
    active: policy.active,
    adminrealm: policy.adminrealm,
    adminuser: policy.adminuser,
    check_all_resolvers: policy.checkAllResolvers,
    client: policy.client,
    conditions: policy.conditions,
    description: policy.description === '' ? null : policy.description,
    name: policy.name,
    pinode: policy.pinode,
    priority: policy.priority,
    realm: policy.realm,
    resolver: policy.resolver,
    scope: policy.scope,
    time: policy.time,
    user: policy.user,
    user_agents: policy.userAgents,
    user_case_insensitive: policy.userCaseInsensitive,
  }
}

/** What other endpoints of `/policy/` are called. */
const RESERVED: readonly string[] = ['check', 'defs', 'simulate']

const SWITCHES = ['active', 'check_all_resolvers', 'user_case_insensitive'] as const

const invalid = (why: string): Outcome<never> => refuse({ reason: 'policy_invalid', why })
const wrong = (name: string, why: string): Outcome<never> => refuse({ reason: 'parameter_invalid', name, why })

/** A parameter, where null and empty text are as good as none. */
function param<Name extends keyof PolicyFields>(params: PolicyFields, name: Name) {
  const value = params[name]
  return value === null || (typeof value === 'string' && value.trim() === '') ? undefined : value
}

/** `a, b=c, d='with spaces'`, a list of such parts, or an object. Of the object, false and null are switches that are off. */
function readAction(given: unknown): Outcome<Action | undefined> {
  if (typeof given === 'string') return joined(given.split(/(?<!\\),/).filter((part) => part.trim() !== ''))
  if (Array.isArray(given)) {
    const parts = readList(given)
    return parts === 'unfit' ? wrong('action', 'not a list of texts') : joined(parts)
  }
  if (typeof given !== 'object' || given === null) return wrong('action', 'not a text, a list or an object')
  const pairs: [string, string | true][] = []
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === 'string' || typeof value === 'number') pairs.push([name, String(value)])
    else if (value === true) pairs.push([name, true])
    else if (value !== false && value !== null)
      return wrong('action', `the value of ${name} is neither a text nor true`)
  }
  return pairs.length === 0 ? done(undefined) : done(Object.fromEntries(pairs))
}

function joined(parts: readonly string[]): Outcome<Action | undefined> {
  const found = new Map<string, string | true>()
  for (const part of parts) {
    const equals = part.indexOf('=')
    const name = (equals < 0 ? part : part.slice(0, equals)).trim()
    if (found.has(name)) return wrong('action', `${name} stands there twice`)
    const value = part.slice(equals + 1).trim()
    found.set(name, equals < 0 ? true : (/^'(.*)'$/s.exec(value)?.[1] ?? value))
  }
  return done(found.size === 0 ? undefined : Object.fromEntries(found))
}

function readList(value: unknown): readonly string[] | 'unfit' {
  if (value === null || value === undefined) return []
  const entries: unknown = typeof value === 'string' ? value.split(',') : value
  if (!Array.isArray(entries) || !entries.every((entry) => typeof entry === 'string')) return 'unfit'
  return entries.map((entry) => entry.trim()).filter((entry) => entry !== '')
}

function readSwitch(value: unknown): boolean | 'unfit' {
  if (value === true || value === 1 || /^(?:1|true)$/i.test(String(value))) return true
  return value === false || value === 0 || /^(?:0|false)$/i.test(String(value)) ? false : 'unfit'
}

function readPriority(value: unknown): number | undefined {
  const digits = typeof value === 'number' || typeof value === 'string' ? String(value).trim() : ''
  return /^[1-9]\d{0,8}$/.test(digits) ? Number(digits) : undefined
}

/** A list, or the JSON of one, as forms send it. */
function readConditions(value: unknown): readonly unknown[] | undefined {
  if (value === null || value === undefined || value === '') return []
  if (Array.isArray(value)) return value
  if (typeof value !== 'string') return undefined
  try {
    const parsed: unknown = JSON.parse(value)
    return Array.isArray(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

const readText = (given: string | null | undefined, existing = ''): string =>
  (given === undefined ? existing : (given ?? '')).trim()

const names = listOf({ type: 'string' })
export const policyShape = object({
  action: mapOf({ type: ['string', 'boolean'] }, 'What it sets'),
  active: boolean('Whether it counts'),
  adminrealm: names,
  adminuser: names,
  check_all_resolvers: boolean('Of privacyIDEA'),
  client: names,
  conditions: listOf({}),
  description: orNull(string('For people')),
  name: string('Name'),
  pinode: names,
  priority: integer('The lowest counts'),
  realm: names,
  resolver: names,
  scope: string('authentication, enrollment and the like'),
  time: string('When it holds'),
  user: names,
  user_agents: names,
  user_case_insensitive: boolean('Whether login names are compared in any case'),
})

/** The actions policies may have, as they are told. */
export const definitionsShape = mapOf(
  mapOf(
    object(
      { type: string('bool, int or str'), desc: string('What it does') },
      {
        group: string('What it belongs to'),
        value: listOf(string('A value it may have')),
        default: string('What holds where no policy says anything'),
      },
    ),
    'By action',
  ),
  'By scope',
)
