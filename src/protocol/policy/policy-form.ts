/** How a policy is written: as the parameters of `POST /policy/<name>`, and as the object of `GET /policy/`. */
import { present } from '../../present.ts'
import { done, refuse, type Outcome } from '../../refusal.ts'
import type { Policy } from '../../vocabulary.ts'
import { type PolicyFields, policyNameFault, readConfirmations } from './policy-request.ts'
import { mapOf, integer, listOf, object, orNull, string, boolean } from '../shape.ts'

type Action = Readonly<Record<string, string | true>>

const LISTS = ['realm', 'resolver', 'user', 'client', 'adminrealm', 'adminuser', 'pinode'] as const

/** Makes a policy of the parameters. A field that is left out keeps the existing policy's value, or has its default; only the
 *  priority becomes 1, and nothing stays confirmed. A list is a list, or text with commas; null or empty, it becomes empty.
 *  Refuses: `policy_invalid`: the name; `parameter_missing`: the scope or action of a new policy; `parameter_invalid`.
 *  Source: docs/protocol.md, "Policy object"; golden 27-policy-api. */
export function parsePolicyForm(name: string, params: PolicyFields, existing?: Policy): Outcome<Policy> {
  const fault = policyNameFault(name)
  if (fault !== undefined) return refuse({ reason: 'policy_invalid', why: fault, field: 'name' })

  const scope = param(params, 'scope') ?? existing?.scope
  if (scope === undefined) return refuse({ reason: 'parameter_missing', name: 'scope' })
  const sentAction = param(params, 'action')
  const action = sentAction === undefined ? done(existing?.action) : readAction(sentAction)
  if (!action.ok) return action
  if (action.value === undefined && scope !== 'user') return refuse({ reason: 'parameter_missing', name: 'action' })

  const lists: { [Field in (typeof LISTS)[number] | 'user_agents']?: readonly string[] } = {}
  for (const field of [...LISTS, 'user_agents'] as const) {
    const list = params[field] !== undefined ? readList(params[field]) : undefined
    if (list === 'invalid') return invalidField(field, 'neither a list of texts nor a text with commas')
    if (list !== undefined) lists[field] = list
  }
  const switches: { [Field in (typeof SWITCHES)[number]]?: boolean } = {}
  for (const field of SWITCHES) {
    const value = param(params, field)
    const state = value === undefined ? undefined : readSwitch(value)
    if (state === 'invalid') return invalidField(field, 'neither true nor false')
    if (state !== undefined) switches[field] = state
  }
  const priority = readPriority(param(params, 'priority') ?? 1)
  if (priority === undefined) return invalidField('priority', 'not a whole number of 1 or more')
  const conditions = params.conditions !== undefined ? readConditions(params.conditions) : (existing?.conditions ?? [])
  if (conditions === undefined) return invalidField('conditions', 'not a list')
  const words = readList(params.confirm)
  const confirm = readConfirmations(words === 'invalid' ? [''] : words)
  if (!confirm.ok) return confirm
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
    ...(confirm.value.length === 0 ? {} : { confirm: confirm.value }),
  })
}

/** The object of `GET /policy/`. Source: docs/protocol.md, "Policy object"; golden 27-policy-api. */
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
    ...present({ confirm: policy.confirm }),
  }
}

const SWITCHES = ['active', 'check_all_resolvers', 'user_case_insensitive'] as const

const invalidField = (name: string, why: string): Outcome<never> => refuse({ reason: 'parameter_invalid', name, why })

/** A parameter; undefined if it is null or empty. */
function param<Name extends keyof PolicyFields>(params: PolicyFields, name: Name) {
  const value = params[name]
  return value === null || (typeof value === 'string' && value.trim() === '') ? undefined : value
}

/** Reads `a, b=c, d='with spaces'`, a list of such parts, or an object. In an object, false and null turn a switch off. */
function readAction(value: unknown): Outcome<Action | undefined> {
  if (typeof value === 'string') return actionOf(value.split(/(?<!\\),/).filter((part) => part.trim() !== ''))
  if (Array.isArray(value)) {
    const parts = readList(value)
    return parts === 'invalid' ? invalidField('action', 'not a list of texts') : actionOf(parts)
  }
  if (typeof value !== 'object' || value === null) return invalidField('action', 'not a text, a list or an object')
  const pairs: [string, string | true][] = []
  for (const [name, setting] of Object.entries(value)) {
    if (typeof setting === 'string' || typeof setting === 'number') pairs.push([name, String(setting)])
    else if (setting === true) pairs.push([name, true])
    else if (setting !== false && setting !== null)
      return invalidField('action', `the value of ${name} is neither a text nor true`)
  }
  return pairs.length === 0 ? done(undefined) : done(Object.fromEntries(pairs))
}

/** The action that parts such as `a` and `b=c` make. */
function actionOf(parts: readonly string[]): Outcome<Action | undefined> {
  const found = new Map<string, string | true>()
  for (const part of parts) {
    const equals = part.indexOf('=')
    const name = (equals < 0 ? part : part.slice(0, equals)).trim()
    if (found.has(name)) return invalidField('action', `${name} stands there twice`)
    const value = part.slice(equals + 1).trim()
    found.set(name, equals < 0 ? true : (/^'(.*)'$/s.exec(value)?.[1] ?? value))
  }
  return done(found.size === 0 ? undefined : Object.fromEntries(found))
}

function readList(value: unknown): readonly string[] | 'invalid' {
  if (value === null || value === undefined) return []
  const entries: unknown = typeof value === 'string' ? value.split(',') : value
  if (!Array.isArray(entries) || !entries.every((entry) => typeof entry === 'string')) return 'invalid'
  return entries.map((entry) => entry.trim()).filter((entry) => entry !== '')
}

function readSwitch(value: unknown): boolean | 'invalid' {
  if (value === true || value === 1 || /^(?:1|true)$/i.test(String(value))) return true
  return value === false || value === 0 || /^(?:0|false)$/i.test(String(value)) ? false : 'invalid'
}

function readPriority(value: unknown): number | undefined {
  const digits = typeof value === 'number' || typeof value === 'string' ? String(value).trim() : ''
  return /^[1-9]\d{0,8}$/.test(digits) ? Number(digits) : undefined
}

/** Reads a list, or its JSON, as forms send it. */
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

const readText = (value: string | null | undefined, existing = ''): string =>
  (value === undefined ? existing : (value ?? '')).trim()

const names = listOf({ type: 'string' })
export const policyShape = object(
  {
    action: mapOf({ type: ['string', 'boolean'] }, 'What the policy sets'),
    active: boolean('Whether it applies at all'),
    adminrealm: names,
    adminuser: names,
    check_all_resolvers: boolean('Of privacyIDEA; without effect'),
    client: names,
    conditions: listOf(listOf({}), 'Section, key, comparator, value, active, handle_missing'),
    description: orNull(string('For people')),
    name: string('Name'),
    pinode: names,
    priority: integer('The lowest number takes precedence'),
    realm: names,
    resolver: names,
    scope: string('authentication, enrollment and the like'),
    time: string('When it applies'),
    user: names,
    user_agents: names,
    user_case_insensitive: boolean('Whether upper and lower case are the same in login names'),
  },
  { confirm: listOf(string('What its author confirmed')) },
)

const actionsShape = mapOf(
  object(
    { type: string('bool, int or str'), desc: string('What it does') },
    {
      group: string('What it belongs to'),
      value: listOf(string('A value it may have')),
      default: string('What applies where no policy sets the action'),
    },
  ),
  'By action',
)
/** The answer of `GET /policy/defs`. */
export const definitionsShape = mapOf(actionsShape, 'By scope')
const ANYTHING = mapOf({}, 'By name')
/** The answer of `GET /policy/defs/<scope>`. */
export const definitionsOfShape = {
  description: 'The actions of the scope; of `conditions` what they compare; of `pinodes` no nodes; null for no scope',
  anyOf: [
    object({ sections: ANYTHING, comparators: ANYTHING, handle_missing_data: ANYTHING }),
    actionsShape,
    listOf({ type: 'string' }),
    { type: 'null' },
  ],
}
