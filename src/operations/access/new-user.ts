/** Whether a user may be created, and whether a realm exists that a request puts somebody into. Nod has no directory, so a misspelled realm would be taken for
 *  another one, whose users no policy and no login page knows. */
import type { Ports, Snapshot } from '../../ports/ports.ts'
import { possibleSplits } from '../../protocol/login/client-request.ts'
import { isPathSegment } from '../../protocol/parameters.ts'
import { nearest } from '../../nearest.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { readSystemSettings } from '../../rules/deployment/system-settings.ts'
import type { UserInput } from '../../rules/login/transaction.ts'
import { findSubject, ownerOf } from '../login/login-subject.ts'

/** The realms that users and policies may be in. */
export const knownRealms = ({ realms, defaultRealm }: Pick<Snapshot, 'realms' | 'defaultRealm'>): ReadonlySet<string> =>
  new Set([...realms, defaultRealm])

/** Accepts realms that exist. Refuses: `realm_unknown`. */
export function requireRealms(names: readonly string[], snapshot: Snapshot): Outcome<void> {
  const known = knownRealms(snapshot)
  const realm = names.find((name) => !known.has(name.toLowerCase()))
  return realm === undefined
    ? done(undefined)
    : refuse({ reason: 'realm_unknown', realm, nearest: nearest(realm, known) })
}

/** Accepts the name of a user whom a request may create: one that a path can hold, in a realm that exists. `ada@slaes` without a realm beside it is a login of the default realm
 *  if `slaes` does not exist: that is accepted for a user who exists already, and refused else.
 *  Refuses: `parameter_invalid`, `realm_unknown`, `storage_unavailable`. */
export async function checkNewUser(
  ports: Pick<Ports, 'subjects' | 'deployment'>,
  input: UserInput,
  snapshot: Snapshot,
): Promise<Outcome<void>> {
  const { user, realm } = input
  // `DELETE /user/nod/<user>` could not reach such a user.
  if (!isPathSegment(ownerOf(input, snapshot).login))
    return refuse({ reason: 'parameter_invalid', name: 'user', why: 'not a login name' })
  const known = knownRealms(snapshot)
  if (realm !== undefined && realm !== '')
    return known.has(realm.toLowerCase())
      ? done(undefined)
      : refuse({ reason: 'realm_unknown', realm, user, nearest: nearest(realm, known) })
  const splits = readSystemSettings(snapshot.settings).splitAtSign ? possibleSplits(user) : []
  const [preferred] = splits
  if (preferred === undefined || splits.some((split) => known.has(split.realm))) return done(undefined)
  const found = await findSubject(ports, { user })
  if (!found.ok) return found
  if (found.value.isUserKnown) return done(undefined)
  const misspelled = preferred.realm
  return refuse({
    reason: 'realm_unknown',
    realm: misspelled,
    user,
    isSplit: true,
    nearest: nearest(misspelled, known),
  })
}
