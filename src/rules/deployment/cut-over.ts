/** Which users Nod serves while they move here from the upstream: a share of each realm. The same users are in a share of 20 percent and
 *  in every larger one, so raising it moves users and never moves one back. Source: decision 0073. */
import { done, type Outcome, refuse } from '../../refusal.ts'
import { addSeconds, ADMINISTRATOR_REALM, instant, type Instant, type Owner, seconds } from '../../vocabulary.ts'

/** The cut-over of one realm. */
export interface RealmCutOver {
  /** Percent of the realm's users that Nod serves, 0 to 100. */
  readonly share: number
  /** The share before the last change. */
  readonly before: number
  /** When the share was changed. */
  readonly at: Instant
  /** Whether users whom Nod serves may also log in with tokens that only the upstream has. */
  readonly otherTokens: boolean
}

/** By realm; `*`: all realms that are not named. */
export type CutOver = Readonly<Record<string, RealmCutOver>>

/** Stands for all realms that are not named: no realm can have this name. */
export const OTHER_REALMS = '*'

/** Begins the key of the stored setting of a realm. It is no system setting, and not changed as one. */
const SETTING_PREFIX = 'upstream_cut_over:'

/** The stored setting of a realm. Each realm has its own, so that two changes at once do not undo each other. */
export const cutOverSetting = (realm: string, cutOver: RealmCutOver): Readonly<Record<string, string>> => ({
  [SETTING_PREFIX + realm]: JSON.stringify(cutOver),
})

/** Applies until somebody decides: the upstream serves everybody. */
const NOBODY: RealmCutOver = { share: 0, before: 0, at: instant(0), otherTokens: true }

/** How long a login that the upstream opened before a cut-over may be answered and finalized there. */
const TRANSITION = seconds(600)

type Settings = Readonly<Record<string, string>>

const alreadyRead = new WeakMap<Settings, CutOver>()

/** Reads the stored cut-over. The record must not change afterwards: it is read once. */
export function readCutOver(settings: Settings): CutOver {
  const known = alreadyRead.get(settings)
  if (known !== undefined) return known
  const stored = Object.entries(settings).filter(([key]) => key.startsWith(SETTING_PREFIX))
  const cutOver: CutOver = Object.fromEntries(
    stored.map(([key, text]) => [key.slice(SETTING_PREFIX.length), JSON.parse(text) as RealmCutOver]),
  )
  alreadyRead.set(settings, cutOver)
  return cutOver
}

/** Returns the cut-over of this realm. */
export function cutOverOf(cutOver: CutOver, realm: string): RealmCutOver {
  const own = Object.hasOwn(cutOver, realm) ? cutOver[realm] : undefined
  return own ?? cutOver[OTHER_REALMS] ?? NOBODY
}

/** Whether Nod serves this user. Administrators' phones are Nod's; a token without an owner counts to the realms that are not named. */
export function isServedHere(settings: Settings, owner: Owner | undefined): boolean {
  if (owner?.realm === ADMINISTRATOR_REALM) return true
  const { login, realm } = owner ?? { login: '', realm: OTHER_REALMS }
  return placeInRealm(login, realm) < cutOverOf(readCutOver(settings), realm).share
}

/** Whether the upstream served this user a moment ago, so that a login there may still be open. */
export function wasElsewhereLately(settings: Settings, owner: Owner | undefined, now: Instant): boolean {
  const { login, realm } = owner ?? { login: '', realm: OTHER_REALMS }
  const { before, at } = cutOverOf(readCutOver(settings), realm)
  return now < addSeconds(at, TRANSITION) && placeInRealm(login, realm) >= before
}

/** Whether the upstream may have prompts for phones that Nod knows: while it serves a part of any realm, or did so a moment ago. */
export function mayRingPhones(settings: Settings, now: Instant): boolean {
  const cutOver = readCutOver(settings)
  const realms = Object.hasOwn(cutOver, OTHER_REALMS) ? Object.values(cutOver) : [NOBODY]
  return realms.some(({ share, before, at }) => share < 100 || (before < 100 && now < addSeconds(at, TRANSITION)))
}

/** Returns the cut-over of this realm with another share or `otherTokens`. Refuses: `parameter_invalid`. */
export function changeCutOver(
  cutOver: CutOver,
  realm: string,
  { share, otherTokens }: { readonly share?: number | undefined; readonly otherTokens?: boolean | undefined },
  now: Instant,
): Outcome<RealmCutOver> {
  if (share !== undefined && !(share >= 0 && share <= 100))
    return refuse({ reason: 'parameter_invalid', name: 'share', why: 'expected a percentage from 0 to 100' })
  const current = cutOverOf(cutOver, realm)
  const moved = share === undefined || share === current.share ? {} : { share, before: current.share, at: now }
  return done({ ...current, ...moved, otherTokens: otherTokens ?? current.otherTokens })
}

/** Where a user stands in the order in which a realm is moved, from 0 to below 100: the same for every share, spelling of the login in
 *  capitals or small letters, and time. */
function placeInRealm(login: string, realm: string): number {
  // FNV-1a, whose last bits hardly depend on the first letters, and MurmurHash3's finalizer, after which every bit does.
  let hash = 0x811c9dc5
  for (const character of `${realm}\n${login.toLowerCase()}`)
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32) * 100
}
