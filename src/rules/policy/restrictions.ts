/** The restrictions of a policy: for whom, from where and when it applies. Each is read once and then compared with situations. */
import { type Instant, type Owner, type Policy, RESOLVER } from '../../vocabulary.ts'
import { type AddressBlock, parseAddress } from '../deployment/addresses.ts'
import { concernsToken, type ConditionLookup, isMet, readConditions } from './conditions.ts'
import { matchesClientList, matchesNameList, readClientList, readNameList } from './name-and-client-lists.ts'
import { includesTime, readTimeWindows } from './time-windows.ts'
import { DAYS, type WallClock, type WallTime } from './wall-clock.ts'

/** The user, address, time and request a decision is about. Use one object for one decision: a policy set remembers by it which
 *  policies matched. */
export interface Situation {
  readonly owner?: Owner | undefined
  /** The decision is about no user. Restrictions to users and realms are then ignored. */
  readonly concernsNoUser?: true
  /** The login of the acting administrator. */
  readonly administrator?: string | undefined
  readonly address: string
  readonly userAgent: string
  readonly now: Instant
  /** Looks up what conditions compare; without it they find no value. */
  readonly lookup?: ConditionLookup
}

/** A situation with its names in lower case, its address parsed and the clock of the deployment. */
export interface PreparedSituation {
  readonly situation: Situation
  readonly lowerCase: { readonly login: string; readonly realm: string } | undefined
  readonly address: AddressBlock | undefined
  readonly clock: WallClock
}

export const prepareSituation = (situation: Situation, clock: WallClock): PreparedSituation => {
  const { owner } = situation
  return {
    situation,
    lowerCase: owner && { login: owner.login.toLowerCase(), realm: owner.realm.toLowerCase() },
    address: parseAddress(situation.address),
    clock,
  }
}

export interface Restriction {
  /** The policy's field. */
  readonly field: string
  /** The value of that field, as text. */
  readonly expected: string
  /** Whether the situation meets it. Not where the situation lacks what is compared; `unknown` where the policy makes that an
   *  error. */
  readonly isMet: (prepared: PreparedSituation) => boolean | 'unknown'
  /** What the situation has, as text; undefined where it has nothing to compare. */
  readonly actual: (prepared: PreparedSituation) => string | undefined
  /** The section and key a condition compares. */
  readonly subject?: string
}

/** The name in front of the version in a User-Agent. */
const clientName = (userAgent: string): string => /^[\w-]+(?=[/ ]|$)/.exec(userAgent)?.[0] ?? ''

/** Reads the restrictions of a policy that has passed `checkPolicy`, the cheapest to compare first. */
export function readRestrictions(policy: Policy): readonly Restriction[] {
  return [...ofUsers(policy), ...ofAdministrators(policy), ...ofRequests(policy), ...ofConditions(policy)]
}

type Actual = Restriction['actual']

/** The restriction to a list of names, if the list has any. With `anyCase`, `actual` is in lower case. */
function ofNames(field: string, entries: readonly string[], anyCase: boolean, actual: Actual): readonly Restriction[] {
  if (entries.length === 0) return []
  const list = readNameList(entries, anyCase)
  const matches = (prepared: PreparedSituation): boolean => {
    const name = actual(prepared)
    return name !== undefined && matchesNameList(list, name)
  }
  return [{ field, expected: entries.join(', '), isMet: matches, actual }]
}

function ofUsers({ realm, user, resolver, userCaseInsensitive }: Policy): readonly Restriction[] {
  const restrictions = [
    ...ofNames('realm', realm, true, ({ lowerCase }) => lowerCase?.realm),
    ...ofNames('user', user, userCaseInsensitive, ({ lowerCase, situation }) =>
      userCaseInsensitive ? lowerCase?.login : situation.owner?.login,
    ),
    ...ofNames('resolver', resolver, false, ({ situation }) => situation.owner && RESOLVER),
  ]
  return restrictions.map((restriction) => ({
    ...restriction,
    isMet: (prepared) => prepared.situation.concernsNoUser === true || restriction.isMet(prepared),
  }))
}

/** Nod's administrators have no realm; only `*` and patterns match that. */
function ofAdministrators({ adminrealm, adminuser, userCaseInsensitive }: Policy): readonly Restriction[] {
  const login: Actual = ({ situation: { administrator } }) =>
    userCaseInsensitive ? administrator?.toLowerCase() : administrator
  return [
    ...ofNames('adminrealm', adminrealm, true, (prepared) => (login(prepared) === undefined ? undefined : '')),
    ...ofNames('adminuser', adminuser, userCaseInsensitive, login),
  ]
}

function ofRequests({ client, userAgents, time }: Policy): readonly Restriction[] {
  const restrictions = [
    ...ofNames('user_agents', userAgents, true, ({ situation }) => clientName(situation.userAgent).toLowerCase()),
  ]
  if (client.length > 0) {
    const clients = readClientList(client)
    restrictions.push({
      field: 'client',
      expected: client.join(', '),
      isMet: ({ address }) => address !== undefined && matchesClientList(clients, address),
      actual: ({ situation }) => situation.address,
    })
  }
  const read = time === '' ? undefined : readTimeWindows(time)
  if (read !== undefined) {
    const windows = 'windows' in read ? read.windows : []
    restrictions.push({
      field: 'time',
      expected: time,
      isMet: ({ situation, clock }) => includesTime(windows, clock(situation.now)),
      actual: ({ situation, clock }) => timeText(clock(situation.now)),
    })
  }
  return restrictions
}

const timeText = ({ day, minute }: WallTime): string =>
  `${DAYS[day] ?? ''} ${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, '0')}`

/** Whether the policy may match one token of an owner and not the next. */
export function policyConcernsToken({ conditions }: Policy): boolean {
  if (conditions.length === 0) return false
  const read = readConditions(conditions)
  return 'conditions' in read && read.conditions.some(concernsToken)
}

function ofConditions(policy: Policy): readonly Restriction[] {
  const read = readConditions(policy.conditions)
  // Conditions that cannot be read are never met. Without them the policy would apply to more than it says.
  if ('fault' in read)
    return [{ field: 'conditions', expected: read.fault, isMet: () => false, actual: () => undefined }]
  return read.conditions.map((condition) => {
    const { section, key, text } = condition
    return {
      field: 'conditions',
      expected: text,
      subject: `${section} '${key}'`,
      isMet: ({ situation }) => isMet(condition, situation.lookup ?? noValue, situation.now),
      actual: ({ situation }) => {
        const value = situation.lookup?.(section, key)
        return value === undefined ? undefined : JSON.stringify(value)
      },
    }
  })
}

const noValue: ConditionLookup = () => undefined
