/** For whom, from where and when a policy holds: each of its restrictions made ready, to be asked of a situation. */
import type { Instant, Owner, Policy } from '../../vocabulary.ts'
import { RESOLVER } from '../../vocabulary.ts'
import { type AddressBlock, parseAddress } from '../deployment/addresses.ts'
import { DAYS, type WallClock, type WallTime } from './wall-clock.ts'
import { concernsToken, isMet, type ConditionLookup, readConditions } from './conditions.ts'
import { matchesClientList, matchesNameList, readClientList, readNameList } from './name-and-client-lists.ts'
import { includesTime, readTimeWindows } from './time-windows.ts'

/** Whom and what a decision is about. One object for one decision: what matched it is remembered by it. */
export interface Situation {
  readonly owner?: Owner
  /** It is about no user at all: that a policy is restricted to some is of no account. */
  readonly aboutNoUser?: true
  /** The administrator who acts. */
  readonly administrator?: string
  readonly address: string
  readonly userAgent: string
  readonly now: Instant
  /** What conditions ask about; without it nothing is known. */
  readonly known?: ConditionLookup
}

/** A situation made ready. */
export interface PreparedSituation {
  readonly situation: Situation
  readonly folded: { readonly login: string; readonly realm: string } | undefined
  readonly address: AddressBlock | undefined
  readonly clock: WallClock
}

export const prepareSituation = (situation: Situation, wall: WallClock): PreparedSituation => {
  const { owner } = situation
  return {
    situation,
    folded: owner && { login: owner.login.toLowerCase(), realm: owner.realm.toLowerCase() },
    address: parseAddress(situation.address),
    clock: wall,
  }
}

/** One restriction. What is restricted and not known is not met; `unknown` is what a policy wants to be an error. */
export interface Restriction {
  /** As the policy's field is called. */
  readonly field: string
  /** As the policy has it. */
  readonly wanted: string
  readonly met: (facts: PreparedSituation) => boolean | 'unknown'
  /** What it was compared with; undefined where that is not known. */
  readonly found: (facts: PreparedSituation) => string | undefined
  /** What a condition asks about. */
  readonly about?: string
  readonly asksForToken?: true
}

/** The name a client gives itself in front of its version. */
const clientName = (userAgent: string): string => /^[\w-]+(?=[/ ]|$)/.exec(userAgent)?.[0] ?? ''

/** What restricts the policy, the cheapest first. It has passed `checkPolicy`. */
export function readRestrictions(policy: Policy): readonly Restriction[] {
  return [...ofUsers(policy), ...ofAdministrators(policy), ...ofRequests(policy), ...ofConditions(policy)]
}

type Find = (facts: PreparedSituation) => string | undefined

/** A list of names, if there is any; what they are compared with comes folded where case is of no account. */
function names(field: string, entries: readonly string[], anyCase: boolean, found: Find): readonly Restriction[] {
  if (entries.length === 0) return []
  const ready = readNameList(entries, anyCase)
  const met = (facts: PreparedSituation): boolean => {
    const name = found(facts)
    return name !== undefined && matchesNameList(ready, name)
  }
  return [{ field, wanted: entries.join(', '), met, found }]
}

function ofUsers({ realm, user, resolver, userCaseInsensitive }: Policy): readonly Restriction[] {
  const all = [
    ...names('realm', realm, true, ({ folded }) => folded?.realm),
    ...names('user', user, userCaseInsensitive, ({ folded, situation }) =>
      userCaseInsensitive ? folded?.login : situation.owner?.login,
    ),
    ...names('resolver', resolver, false, ({ folded }) => folded && RESOLVER),
  ]
  return all.map((one) => ({ ...one, met: (facts) => facts.situation.aboutNoUser === true || one.met(facts) }))
}

/** Nod's administrators are of no realm, which none but `*` and patterns name. */
function ofAdministrators({ adminrealm, adminuser, userCaseInsensitive }: Policy): readonly Restriction[] {
  const acting: Find = ({ situation: { administrator } }) =>
    userCaseInsensitive ? administrator?.toLowerCase() : administrator
  return [
    ...names('adminrealm', adminrealm, true, (facts) => (acting(facts) === undefined ? undefined : '')),
    ...names('adminuser', adminuser, userCaseInsensitive, acting),
  ]
}

function ofRequests({ client, userAgents, time }: Policy): readonly Restriction[] {
  const restrictions = [
    ...names('user_agents', userAgents, true, ({ situation }) => clientName(situation.userAgent).toLowerCase()),
  ]
  if (client.length > 0) {
    const clients = readClientList(client)
    restrictions.push({
      field: 'client',
      wanted: client.join(', '),
      met: ({ address }) => address !== undefined && matchesClientList(clients, address),
      found: ({ situation }) => situation.address,
    })
  }
  const read = time === '' ? undefined : readTimeWindows(time)
  if (read !== undefined) {
    const windows = 'windows' in read ? read.windows : []
    restrictions.push({
      field: 'time',
      wanted: time,
      met: ({ situation, clock: wall }) => includesTime(windows, wall(situation.now)),
      found: ({ situation, clock: wall }) => shown(wall(situation.now)),
    })
  }
  return restrictions
}

const shown = ({ day, minute }: WallTime): string =>
  `${DAYS[day] ?? ''} ${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, '0')}`

function ofConditions(policy: Policy): readonly Restriction[] {
  const read = readConditions(policy.conditions)
  // What cannot be read holds for nobody: left out, it would widen the policy.
  if ('fault' in read) return [{ field: 'conditions', wanted: read.fault, met: () => false, found: () => undefined }]
  return read.conditions.map((condition) => {
    const known = (situation: Situation): unknown => situation.known?.(condition.section, condition.key)
    return {
      field: 'conditions',
      wanted: condition.text,
      about: `${condition.section} '${condition.key}'`,
      met: ({ situation }) => isMet(condition, () => known(situation), situation.now),
      found: ({ situation }) => {
        const value = known(situation)
        return value === undefined ? undefined : JSON.stringify(value)
      },
      ...(concernsToken(condition) ? { asksForToken: true } : {}),
    }
  })
}
