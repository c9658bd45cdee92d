import type { Policy } from '../../../../client/src/index.ts'
import { t } from './editor-texts.ts'

const LISTS = ['realm', 'user', 'client', 'user_agents', 'adminuser', 'adminrealm', 'resolver'] as const
export type ListField = (typeof LISTS)[number]

/** A policy as it is typed. Lists are text with commas. */
export interface Draft extends Readonly<Record<ListField, string>> {
  readonly name: string
  readonly scope: string
  readonly description: string
  readonly priority: string
  readonly time: string
  readonly active: boolean
  readonly user_case_insensitive: boolean
  readonly confirm: boolean
  readonly action: Readonly<Record<string, string | true>>
  readonly conditions: readonly (readonly unknown[])[]
}

/** The address of the page on which a policy is made: `+` is in no name. */
export const NEW_POLICY = '/policies/+'

export const NEW: Draft = {
  name: '',
  scope: 'authentication',
  description: '',
  priority: '1',
  time: '',
  active: true,
  user_case_insensitive: false,
  confirm: false,
  action: {},
  conditions: [],
  realm: '',
  user: '',
  client: '',
  user_agents: '',
  adminuser: '',
  adminrealm: '',
  resolver: '',
}

export const draftOf = (policy: Policy): Draft => ({
  name: policy.name,
  scope: policy.scope,
  description: policy.description ?? '',
  priority: String(policy.priority),
  time: policy.time,
  active: policy.active,
  user_case_insensitive: policy.user_case_insensitive,
  confirm: (policy.confirm ?? []).length > 0,
  action: policy.action as Draft['action'],
  conditions: policy.conditions,
  ...(Object.fromEntries(LISTS.map((field) => [field, policy[field].join(', ')])) as Record<ListField, string>),
})

const entries = (text: string) =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')

/** The parameters that save it. */
export const parametersOf = ({ name, priority, confirm, ...draft }: Draft) => ({
  ...draft,
  name: name.trim(),
  priority: priority.trim(),
  confirm: confirm ? ['anonymous_enrollment'] : [],
  ...Object.fromEntries(LISTS.map((field) => [field, entries(draft[field])])),
})

export interface Difference {
  readonly name: string
  readonly before: string
  readonly after: string
}

export const textOf = (value: unknown): string => {
  if (value === true) return '✓'
  if (value === undefined || value === '' || value === false) return t().nothing
  if (Array.isArray(value)) return value.length === 0 ? t().nothing : JSON.stringify(value)
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** What differs between two versions: fields, and each action. */
export function differences(before: Draft, after: Draft): readonly Difference[] {
  const { fields } = t()
  const found: Difference[] = []
  const compare = (name: string, one: unknown, other: unknown) => {
    if (JSON.stringify(one) !== JSON.stringify(other)) found.push({ name, before: textOf(one), after: textOf(other) })
  }
  for (const [field, label] of Object.entries(fields)) {
    const key = field as keyof typeof fields
    if ((LISTS as readonly string[]).includes(key)) {
      compare(label, entries(before[key as ListField]).join(', '), entries(after[key as ListField]).join(', '))
    } else compare(label, before[key], after[key])
  }
  for (const action of new Set([...Object.keys(before.action), ...Object.keys(after.action)]))
    compare(action, before.action[action], after.action[action])
  return found
}

/** Whom, from where and when a policy is about, in a few words each. */
export const restrictionsOf = (policy: Policy): readonly string[] =>
  [
    ...LISTS.map((field) => [t().fields[field], policy[field].join(', ')] as const),
    [t().fields.time, policy.time] as const,
    [t().fields.conditions, policy.conditions.length === 0 ? '' : String(policy.conditions.length)] as const,
  ].flatMap(([label, value]) => (value === '' ? [] : [`${label}: ${value}`]))

/** Whether it is one half of an enrollment during a login, which its author may have to confirm. */
export const needsConfirmation = ({ scope, action }: Draft): boolean =>
  scope === 'authentication' && ('passOnNoToken' in action || 'enroll_via_multichallenge' in action)
