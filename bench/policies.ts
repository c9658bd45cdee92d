/** Measures what a thousand policies cost: they are compiled once for each revision and evaluated by every login and dry
 *  run. */
import { explainPolicies } from '../src/rules/policy/explain.ts'
import { SCOPES } from '../src/rules/policy/actions/all.ts'
import { authenticationPolicy } from '../src/rules/login/authentication-policy.ts'
import { compilePolicies, type Situation } from '../src/rules/policy/policy-set.ts'
import { readSystemSettings } from '../src/rules/deployment/system-settings.ts'
import { instant, type Policy } from '../src/vocabulary.ts'

const COUNT = 1000
const ROUNDS = 200

const actionsOf = (number: number): Policy['action'] =>
  number % 3 === 0 ? { push_ttl: '10' } : { push_text_on_mobile: 'Is it you?', push_wait: '0' }

/** Policies with names, patterns, networks, hours and conditions, as a large site has them, without conflicts. */
const policies: readonly Policy[] = Array.from({ length: COUNT }, (_, number) => ({
  name: `policy-${number}`,
  scope: number % 3 === 0 ? 'enrollment' : 'authentication',
  action: actionsOf(number),
  realm: [`realm-${number % 50}`],
  resolver: [],
  user: number % 5 === 0 ? [`user-${number}.*`] : number % 5 === 1 ? ['*', '!guest'] : [],
  client: number % 4 === 0 ? [`10.${number % 256}.0.0/16`] : [],
  adminrealm: [],
  adminuser: [],
  pinode: [],
  userAgents: number % 7 === 0 ? ['FreeRADIUS'] : [],
  time: number % 6 === 0 ? 'Mon-Fri: 8-18' : '',
  conditions: number % 10 === 0 ? [['userinfo', 'email', 'equals', 'x', true, 'condition_is_false']] : [],
  priority: 1,
  active: true,
  description: '',
  checkAllResolvers: false,
  userCaseInsensitive: false,
}))

/** A new situation for each measurement, since a situation caches its matches. */
const situation = (number: number): Situation => ({
  owner: { login: `user-${number}`, realm: `realm-${number % 50}` },
  address: `10.${number % 256}.1.2`,
  userAgent: 'FreeRADIUS',
  now: instant(1_795_000_000_000),
})

/** Measures and prints a dry run, the authentication policy of one login, and the compilation. */
export function policyRow(): void {
  const set = compilePolicies(policies)
  const system = readSystemSettings({})
  const simulated = cpuOf((number) => SCOPES.map((scope) => explainPolicies(set, policies, scope, situation(number))))
  const login = cpuOf((number) => authenticationPolicy(set, 'push', situation(number), system, true, 'en'))
  const made = cpuOf(() => compilePolicies(policies), 5)
  console.log(
    `\n${COUNT} policies: a dry run takes ${simulated} ms of CPU, the authentication policy of a login ${login}, compiling them ${made} (median/p99)`,
  )
}

function cpuOf(work: (number: number) => unknown, rounds = ROUNDS): string {
  const times = Array.from({ length: rounds }, (_, number) => {
    const before = process.cpuUsage()
    work(number)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  }).toSorted((a, b) => a - b)
  const share = (part: number): string => (times[Math.min(rounds - 1, Math.floor(rounds * part))] ?? 0).toFixed(1)
  return `${share(0.5)}/${share(0.99)}`
}
