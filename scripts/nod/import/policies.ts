/** The policies and settings of the other server. */
import { parsePolicyFile } from '../../../src/protocol/policy/policy-file.ts'
import { actionNameFor } from '../../../src/rules/policy/actions/apps.ts'
import { ENROLLMENT_ACTIONS } from '../../../src/rules/policy/actions/enrollment.ts'
import { compilePolicies } from '../../../src/rules/policy/policy-set.ts'
import { only, readActions } from '../../../src/rules/policy/read-actions.ts'
import { instant, type Policy } from '../../../src/vocabulary.ts'
import { type Row, type SourceDatabase, text, truth } from './database.ts'
import type { Owner } from './token.ts'

/** What an import sends, and what it reads of it itself. */
export interface SourcePolicies {
  /** As `POST /policy/import` takes them: the JSON of `GET /policy/`. */
  readonly entries: readonly Readonly<Record<string, unknown>>[]
  /** The settings that Nod has as well. */
  readonly settings: Readonly<Record<string, string>>
}

/** Settings that mean the same in Nod. */
const SETTINGS: readonly string[] = [
  'PushChallengeValidityTime',
  'DefaultChallengeValidityTime',
  'PushChallengeFinalizeGrace',
  'DefaultMaxFailCount',
  'failcounter_clear_timeout',
  'splitAtSign',
]

const LISTS = ['realm', 'adminrealm', 'adminuser', 'resolver', 'user', 'client', 'user_agents', 'pinode', 'edumfanode']

export async function readPolicies(db: SourceDatabase): Promise<SourcePolicies> {
  const conditions = Map.groupBy(await db.query('SELECT * FROM policycondition ORDER BY id'), (row) =>
    text(row['policy_id']),
  )
  const rows = await db.query('SELECT * FROM policy ORDER BY id')
  const config = await db.query('SELECT * FROM config')
  const settings = config
    .map((row): [string, string] => [text(row['key']), text(row['value'])])
    .filter(([key, value]) => value !== '' && SETTINGS.includes(key))
  return {
    entries: rows.map((row) => entryOf(row, conditions.get(text(row['id'])) ?? [])),
    settings: Object.fromEntries(settings),
  }
}

const entryOf = (row: Row, conditions: readonly Row[]): Readonly<Record<string, unknown>> => ({
  name: text(row['name']),
  scope: text(row['scope']),
  action: text(row['action']),
  active: truth(row['active']),
  priority: Number(row['priority'] ?? 1),
  ...Object.fromEntries(LISTS.flatMap((name) => (text(row[name]) === '' ? [] : [[name, text(row[name])]]))),
  ...(text(row['time']) === '' ? {} : { time: text(row['time']) }),
  ...(truth(row['user_case_insensitive']) ? { user_case_insensitive: true } : {}),
  ...(conditions.length === 0 ? {} : { conditions: conditions.map(conditionOf) }),
})

const conditionOf = (row: Row): readonly unknown[] => [
  text(row['section']),
  text(row['key']),
  text(row['comparator']),
  text(row['value']),
  truth(row['active']),
  ...(text(row['handle_missing_data']) === '' ? [] : [text(row['handle_missing_data'])]),
]

/** Finds where phones of an owner were told to register, by the policies as they are now. The address of a phone is that of the day on
 *  which it was enrolled: nothing in the database tells it. */
export function registrationUrls({ entries }: SourcePolicies, now: number) {
  const enrolling = entries.flatMap((entry) => {
    if (entry['scope'] !== 'enrollment' || !text(entry['action']).includes('_registration_url')) return []
    const read = parsePolicyFile({ file: JSON.stringify([entry]) })
    return read.ok ? read.value : []
  })
  const found = new Map<string, string | undefined>()
  return (type: string, owner: Owner | undefined): string | undefined => {
    const key = JSON.stringify([type, owner])
    if (!found.has(key)) found.set(key, urlOf(enrolling, type, owner, now))
    return found.get(key)
  }
}

function urlOf(policies: readonly Policy[], type: string, owner: Owner | undefined, now: number): string | undefined {
  const own = policies
    .filter(({ resolver }) => resolver.length === 0 || (owner !== undefined && resolver.includes(owner.resolver)))
    // Nod has one resolver: which of the other server's a policy is for is decided here.
    .map((policy) => ({ ...policy, resolver: [] }))
  const situation = {
    owner: owner && { login: owner.login, realm: owner.realm },
    address: '',
    userAgent: '',
    now: instant(now),
  }
  const app = type === 'edupush' ? 'edupush' : 'push'
  const name = actionNameFor(app, 'push_registration_url')
  const read = readActions(compilePolicies(own), only(ENROLLMENT_ACTIONS, 'push_registration_url'), situation, { app })
  // Nobody has told what applies to a token without an owner; where there is one address, it is that.
  if (read.ok)
    return (
      read.value.push_registration_url ??
      onlyOne(policies.flatMap(({ active, action }) => (active ? (action[name] ?? []) : [])))
    )
  const values = 'values' in read.refusal ? `: ${read.refusal.values.join(', ')}` : ''
  return `!its owner’s policies do not agree about ${name}${values} (--registration-url)`
}

function onlyOne(values: readonly (string | true)[]): string | undefined {
  const [first, another] = [...new Set(values)]
  return typeof first === 'string' && another === undefined ? first : undefined
}
