/** The system settings (privacyIDEA's names, docs/protocol.md, "System settings"): which may be set, and what they come to. */
import { done, refuse, type Outcome } from '../../refusal.ts'
import { readProxyPaths, type ProxyPaths } from './forwarding.ts'
import { utcClock, type WallClock, wallClock } from '../policy/wall-clock.ts'
import { type Seconds, seconds } from '../../vocabulary.ts'

export interface SystemSettings {
  /** How long a phone may answer. */
  readonly validFor: Seconds
  /** How long after an answer a service may finalize. */
  readonly grace: Seconds
  /** Attempts of a new token before it is locked. */
  readonly maxAttempts: number
  /** How long a lock lasts that failed attempts led to; absent: until somebody ends it. */
  readonly forgivenAfter?: Seconds
  /** Whether `ada@realm` names a realm. */
  readonly splitAtSign: boolean
  /** Who may say where a request came from. */
  readonly proxyPaths: ProxyPaths
}

/** What a setting may be: the value as it is kept, or undefined if it is unfit; `expected` says what would be fit. */
interface SettingKind {
  readonly read: (value: string) => string | undefined
  readonly expected: string
}

const SETTINGS: Readonly<Record<string, SettingKind>> = {
  PushChallengeValidityTime: whole(1, 600),
  DefaultChallengeValidityTime: whole(1, 600),
  PushChallengeFinalizeGrace: whole(0, 600),
  DefaultMaxFailCount: whole(1, 1000),
  splitAtSign: { read: (value) => truth(value)?.toString(), expected: 'True or False' },
  // Nod's own: privacyIDEA goes by the clock of its server.
  PolicyTimeZone: {
    read: (value) => (wallClock(value) === undefined ? undefined : value),
    expected: 'a time zone such as Europe/Berlin',
  },
  // Known to privacyIDEA and not settable here: only the value that says what Nod does anyway is taken.
  IncFailCountOnFalsePin: fixed(true, 'Nod counts every wrong PIN'),
  no_auth_counter: fixed(false, 'Nod counts every login'),
  // In minutes; 0: never.
  failcounter_clear_timeout: whole(0, 525_600),
  OverrideAuthorizationClient: {
    read: (value) => (readProxyPaths(value) === undefined ? undefined : value),
    expected: 'addresses or networks of proxies and services, such as 10.1.2.3, 10.0.0.0/8 > 192.168.0.0/16',
  },
}

/** The names of all there are. */
export const SYSTEM_SETTINGS: readonly string[] = Object.keys(SETTINGS)

/** The settings as entries say, defaults for the rest. Never refuses: an entry unfit for its key is as good as none. */
export function readSystemSettings(entries: Readonly<Record<string, string>>): SystemSettings {
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

/** By which clock the times of day in policies are read: that of `PolicyTimeZone`, else UTC. */
export const policyClock = (entries: Readonly<Record<string, string>>): WallClock =>
  wallClock(entries['PolicyTimeZone'] ?? 'UTC') ?? utcClock

/** The value fit to be kept under the key, as the caller wrote it but for spaces around it.
 *  Refuses: keys Nod does not know, and values out of range, saying the range. */
export function checkSystemSetting(key: string, value: string): Outcome<string> {
  const kind = Object.hasOwn(SETTINGS, key) ? SETTINGS[key] : undefined
  const text = value.trim()
  if (kind === undefined) return refuse({ reason: 'parameter_invalid', name: key, why: 'Nod has no such setting' })
  if (kind.read(text) !== undefined) return done(text)
  return refuse({ reason: 'parameter_invalid', name: key, why: `'${text}' is not ${kind.expected}` })
}

function whole(least: number, most: number): SettingKind {
  const fits = (value: string): boolean => /^\d{1,9}$/.test(value) && Number(value) >= least && Number(value) <= most
  return { read: (value) => (fits(value) ? value : undefined), expected: `a whole number from ${least} to ${most}` }
}

function fixed(only: boolean, why: string): SettingKind {
  return {
    read: (value) => (truth(value) === only ? value : undefined),
    expected: `${only ? 'True' : 'False'}: ${why}`,
  }
}

function truth(value: string): boolean | undefined {
  if (/^(?:true|1)$/i.test(value)) return true
  return /^(?:false|0)$/i.test(value) ? false : undefined
}
