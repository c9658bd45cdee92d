/** The system settings: which there are, which values they take, and what applies without them. The names are privacyIDEA's.
 *  Source: docs/protocol.md, "System settings". */
import { nearest, suggestion } from '../../nearest.ts'
import { done, refuse, type Outcome } from '../../refusal.ts'
import { readProxyPaths, type ProxyPaths } from './forwarding.ts'
import { timeOfDay, utcClock, type WallClock, wallClock } from '../policy/wall-clock.ts'
import { type Instant, type Seconds, seconds } from '../../vocabulary.ts'

export interface SystemSettings {
  /** How long a phone may answer. */
  readonly validFor: Seconds
  /** How long after the phone's answer a service may finalize. */
  readonly grace: Seconds
  /** Attempts of a new token before it is locked. */
  readonly maxAttempts: number
  /** How long failed attempts lock a token; absent: until an administrator resets it. */
  readonly forgivenAfter?: Seconds
  /** Whether `ada@realm` is the login ada in that realm. */
  readonly splitAtSign: boolean
  /** Which proxies may name the client of a request. */
  readonly proxyPaths: ProxyPaths
}

interface SettingKind {
  /** The value as it is stored; undefined if it is not valid. */
  readonly read: (value: string) => string | undefined
  /** Which values are valid, as text. */
  readonly expected: string
}

const SETTINGS: Readonly<Record<string, SettingKind>> = {
  PushChallengeValidityTime: whole(1, 600),
  DefaultChallengeValidityTime: whole(1, 600),
  PushChallengeFinalizeGrace: whole(0, 600),
  DefaultMaxFailCount: whole(1, 1000),
  splitAtSign: { read: (value) => parseBoolean(value)?.toString(), expected: 'True or False' },
  // Nod's own setting: privacyIDEA uses the time zone of its server.
  PolicyTimeZone: {
    read: (value) => (wallClock(value) === undefined ? undefined : value),
    expected: 'a time zone such as Europe/Berlin',
  },
  // Nod's behavior is fixed: only the value that describes it is accepted.
  IncFailCountOnFalsePin: onlyBoolean(true, 'Nod counts every wrong PIN'),
  no_auth_counter: onlyBoolean(false, 'Nod counts every login'),
  // Minutes; 0: never.
  failcounter_clear_timeout: whole(0, 525_600),
  OverrideAuthorizationClient: {
    read: (value) => (readProxyPaths(value) === undefined ? undefined : value),
    expected: 'addresses or networks of proxies and services, such as 10.1.2.3, 10.0.0.0/8 > 192.168.0.0/16',
  },
}

/** The names of all settings. */
export const SYSTEM_SETTINGS: readonly string[] = Object.keys(SETTINGS)

/** What was read of each record of stored settings: a login asks several times for those of one snapshot, which never change. */
const alreadyRead = new WeakMap<Readonly<Record<string, string>>, SystemSettings>()

/** Reads stored settings. A setting that is absent, or whose value is not valid, has its default. The record must not change
 *  afterwards: it is read once. */
export function readSystemSettings(entries: Readonly<Record<string, string>>): SystemSettings {
  const settings = alreadyRead.get(entries) ?? parseSettings(entries)
  alreadyRead.set(entries, settings)
  return settings
}

function parseSettings(entries: Readonly<Record<string, string>>): SystemSettings {
  const read = (key: string): string | undefined => {
    const value = Object.hasOwn(entries, key) ? entries[key] : undefined
    return value === undefined ? undefined : SETTINGS[key]?.read(value)
  }
  const clearAfter = Number(read('failcounter_clear_timeout') ?? 0)
  return {
    ...(clearAfter > 0 ? { forgivenAfter: seconds(clearAfter * 60) } : {}),
    validFor: seconds(Number(read('PushChallengeValidityTime') ?? read('DefaultChallengeValidityTime') ?? 120)),
    grace: seconds(Number(read('PushChallengeFinalizeGrace') ?? 300)),
    maxAttempts: Number(read('DefaultMaxFailCount') ?? 10),
    splitAtSign: read('splitAtSign') !== 'false',
    proxyPaths: readProxyPaths(read('OverrideAuthorizationClient') ?? '') ?? [],
  }
}

/** The clock of the times in policies: in the time zone of `PolicyTimeZone`, else in UTC. */
export const policyClock = (entries: Readonly<Record<string, string>>): WallClock =>
  wallClock(entries['PolicyTimeZone'] ?? 'UTC') ?? utcClock

/** What the clocks in that time zone show, as users read it on their phones. */
export const localTime = (entries: Readonly<Record<string, string>>, at: Instant, exact: boolean): string =>
  timeOfDay(entries['PolicyTimeZone'] ?? 'UTC', at, exact)

/** Accepts a setting and returns the value to store: as the caller wrote it, without spaces around it.
 *  Refuses: `parameter_invalid`: an unknown setting, or a value that is not valid, with those that are. */
export function checkSystemSetting(key: string, value: string): Outcome<string> {
  const kind = Object.hasOwn(SETTINGS, key) ? SETTINGS[key] : undefined
  const text = value.trim()
  if (kind === undefined) {
    const meant = suggestion(nearest(key, Object.keys(SETTINGS)))
    return refuse({
      reason: 'parameter_invalid',
      name: key,
      why: `Nod has no such setting${meant === '' ? '' : `.${meant}`}`,
    })
  }
  if (kind.read(text) !== undefined) return done(text)
  return refuse({ reason: 'parameter_invalid', name: key, why: `'${text}' is not ${kind.expected}` })
}

function whole(least: number, most: number): SettingKind {
  const fits = (value: string): boolean => /^\d{1,9}$/.test(value) && Number(value) >= least && Number(value) <= most
  return { read: (value) => (fits(value) ? value : undefined), expected: `a whole number from ${least} to ${most}` }
}

function onlyBoolean(only: boolean, why: string): SettingKind {
  return {
    read: (value) => (parseBoolean(value) === only ? value : undefined),
    expected: `${only ? 'True' : 'False'}: ${why}`,
  }
}

function parseBoolean(value: string): boolean | undefined {
  if (/^(?:true|1)$/i.test(value)) return true
  return /^(?:false|0)$/i.test(value) ? false : undefined
}
