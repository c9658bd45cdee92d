import { present } from '../../present.ts'
import type { CatalogueCopy, UserCandidate, SubjectRecords } from '../../ports/subjects.ts'
import type { Ports, Snapshot } from '../../ports/ports.ts'
import { possibleSplits, splitUser, type SubjectFields } from '../../protocol/login/client-request.ts'
import { tokenItem } from '../../protocol/token/token-item.ts'
import { done, type Outcome } from '../../refusal.ts'
import type { ConditionLookup } from '../../rules/policy/conditions.ts'
import type { Situation } from '../../rules/policy/policy-set.ts'
import { readSystemSettings } from '../../rules/deployment/system-settings.ts'
import { isSameOwner } from '../../rules/token/token.ts'
import { realmOverride } from '../../rules/login/authorization-policy.ts'
import type { UserInput } from '../../rules/login/transaction.ts'
import { ADMINISTRATOR_REALM, type Instant, type Owner, type Person, type Source } from '../../vocabulary.ts'
import { type CatalogueVersion, isEarlier } from '../../vocabulary/catalogue.ts'
import type { Token } from '../../vocabulary/tokens.ts'
import { resolveSource } from '../access/believed-address.ts'

/** The part of a source that policies look at. */
export type PolicySource = Pick<Source, 'address' | 'userAgent' | 'header'>

/** Resolves a user's name to an owner in this deployment. */
export function ownerOf(userInput: UserInput, snapshot: Snapshot): Owner {
  const splits = readSystemSettings(snapshot.settings).splitAtSign
  const { login, realm } = splitUser(userInput.user, userInput.realm, (name) => splits && snapshot.realms.has(name))
  return { login, realm: realm ?? snapshot.defaultRealm }
}

/** Resolves the owner of a login, with the realm that `set_realm` names; undefined if policies conflict. */
export function loginOwner(userInput: UserInput, snapshot: Snapshot, source: PolicySource, now: Instant): Owner {
  const owner = ownerOf(userInput, snapshot)
  const realm = realmOverride(snapshot.policySet, situationOf({ owner, userInput }, source, now))
  return realm.ok && realm.value !== undefined ? { ...owner, realm: realm.value } : owner
}

/** Finds the owner of a call: the named user, or the owner of the named token. Refuses: `storage_unavailable`. */
export async function findOwner(
  { tokens, now }: Pick<Ports, 'tokens' | 'now'>,
  subject: SubjectFields,
  snapshot: Snapshot,
  source: PolicySource,
): Promise<Outcome<Owner | undefined>> {
  const userInput = userInputOf(subject)
  if (userInput !== undefined) return done(loginOwner(userInput, snapshot, source, now()))
  if (subject.serial === undefined) return done(undefined)
  const token = await tokens.record(subject.serial)
  return token.ok ? done(token.value?.owner) : token
}

/** Finds the subject of a login, as `findSubject`, in this copy of the catalogue. If a policy looks up the user in another realm, it
 *  costs one more round trip.
 *  Refuses: `storage_unavailable`, `policy_conflict`, `condition_unknown`. */
export async function findLoginSubject(
  ports: Pick<Ports, 'subjects' | 'deployment' | 'now'>,
  subject: SubjectFields,
  peer: PolicySource & Pick<Source, 'claims'>,
  from: CatalogueCopy = 'primary',
): Promise<Outcome<LoginSubject>> {
  const first = await findSubject(ports, subject, undefined, from)
  if (!first.ok || first.value.userInput === undefined || first.value.owner === undefined) return first
  const { owner, snapshot } = first.value
  const source = resolveSource(peer, snapshot)
  const realm = realmOverride(snapshot.policySet, situationOf(first.value, source, ports.now()))
  if (!realm.ok) return realm
  if (realm.value === undefined || realm.value === owner.realm) return first
  const second = await findSubject(ports, subject, { ...owner, realm: realm.value }, from)
  if (!second.ok) return second
  // The realm was chosen by what the first read told.
  const { settings, isCurrent } = first.value
  const isBehind = isEarlier(settings, second.value.settings)
  return done({ ...second.value, ...(isBehind ? { settings } : {}), isCurrent: isCurrent && second.value.isCurrent })
}

/** Every user that a name may mean, so that one round trip finds the right one. */
function candidatesOf({ user, realm }: UserInput): readonly UserCandidate[] {
  const namedRealm = realm?.toLowerCase()
  const splits = possibleSplits(user).map((split) => ({ login: split.login, realm: namedRealm ?? split.realm }))
  return [{ login: user, realm: namedRealm }, ...splits]
}

/** The user and tokens that a call is about. */
export interface LoginSubject {
  readonly snapshot: Snapshot
  /** The version by which the user was read. The snapshot may be newer, if this isolate has heard of more than a replica. */
  readonly settings: CatalogueVersion
  /** Whether D1's primary told this; a replica may be late, so it alone refuses nobody. */
  readonly isCurrent: boolean
  readonly userInput?: UserInput
  /** The named user, or the owner of the named token. */
  readonly owner?: Owner
  readonly person?: Person
  /** Whether the named user exists: a token or `POST /user/` has named them. */
  readonly isUserKnown: boolean
  readonly tokens: readonly Token[]
  /** The named token exists and belongs to another owner. */
  readonly isOfAnotherOwner: boolean
}

/** The user as the caller wrote them. */
export const userInputOf = (subject: Pick<SubjectFields, 'user' | 'realm'>): UserInput | undefined =>
  subject.user === undefined ? undefined : { user: subject.user, ...present({ realm: subject.realm }) }

/** Looks up the user and tokens of a call, in one round trip if this isolate has the current revision of the deployment. `owner`: the
 *  user's owner, if it is resolved already. `from`: the copy of the catalogue. Refuses: `storage_unavailable`. */
export async function findSubject(
  ports: Pick<Ports, 'subjects' | 'deployment'>,
  subject: SubjectFields,
  owner?: Owner,
  from: CatalogueCopy = 'primary',
): Promise<Outcome<LoginSubject>> {
  const userInput = userInputOf(subject)
  const found = await ports.subjects.find({
    candidates: owner !== undefined ? [owner] : userInput === undefined ? [] : candidatesOf(userInput),
    ...present({ serial: subject.serial }),
    from,
  })
  if (!found.ok) return found
  const { settings, isCurrent } = found.value
  const snapshot = await ports.deployment.atRevision(settings.revision, isCurrent)
  return snapshot.ok ? done(subjectOf(subject, userInput, found.value, snapshot.value, owner)) : snapshot
}

function subjectOf(
  subject: SubjectFields,
  userInput: UserInput | undefined,
  found: SubjectRecords,
  snapshot: Snapshot,
  settled: Owner | undefined,
): LoginSubject {
  const reachable = found.tokens.filter((token) => settled !== undefined || token.owner?.realm !== ADMINISTRATOR_REALM)
  const bySerial = reachable.filter(({ serial }) => serial === subject.serial)
  const owner = settled ?? (userInput === undefined ? bySerial[0]?.owner : ownerOf(userInput, snapshot))
  const person = found.people.find((one) => same(one, owner))
  const ofOwner = reachable.filter((token) => same(token.owner, owner))
  const named = subject.serial === undefined ? ofOwner : bySerial
  const tokens = userInput === undefined ? named : named.filter((token) => same(token.owner, owner))
  return {
    snapshot,
    settings: found.settings,
    isCurrent: found.isCurrent,
    ...present({ userInput, owner, person }),
    isUserKnown: person !== undefined,
    tokens,
    isOfAnotherOwner: tokens.length < named.length,
  }
}

/** What policies can look at besides the source. */
interface SituationSubject {
  readonly owner?: Owner | undefined
  readonly person?: Person | undefined
  readonly userInput?: UserInput | undefined
  readonly token?: Token | undefined
  /** The acting administrator. */
  readonly administrator?: string | undefined
}

/** The situation that policies are evaluated for: whom a request concerns, from where and when it came. Values of conditions are
 *  computed when a condition needs them. */
export function situationOf(
  { owner, person, userInput, token, administrator }: SituationSubject,
  source: PolicySource,
  now: Instant,
): Situation {
  const { address, userAgent } = source
  const lookup: ConditionLookup = (section, key) => {
    switch (section) {
      case 'userinfo':
        return valueIn(person && userInfo(person), key) || undefined
      case 'token':
        return valueIn(token && tokenItem(token), key)
      case 'tokeninfo':
        return valueIn(token && tokenItem(token).info, key)
      case 'HTTP Request header':
        return source.header?.(key)
      case 'HTTP Environment':
        return key === 'REMOTE_ADDR' ? address : source.header?.(key.replace(/^HTTP_/, '').replaceAll('_', '-'))
      case 'Request Data':
        return valueIn(userInput, key)
    }
  }
  return { ...present({ owner, administrator }), address, userAgent, now, lookup }
}

/** The keys are privacyIDEA's names. */
const userInfo = ({ login, givenName, surname, email }: Person): Readonly<Record<string, unknown>> => ({
  username: login,
  userid: login,
  givenname: givenName,
  surname,
  email,
})

const valueIn = (fields: object | undefined, key: string): unknown =>
  fields === undefined ? undefined : new Map<string, unknown>(Object.entries(fields)).get(key)

const same = (one: Owner | undefined, other: Owner | undefined): boolean => one !== undefined && isSameOwner(one, other)
