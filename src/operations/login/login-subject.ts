import { present } from '../../present.ts'
import type { UserCandidate, SubjectRecords } from '../../ports/subjects.ts'
import type { Ports, Snapshot } from '../../ports/ports.ts'
import type { SubjectFields } from '../../protocol/login/client-request.ts'
import { possibleSplits, splitUser } from '../../protocol/login/client-request.ts'
import { tokenItem } from '../../protocol/token/token-item.ts'
import type { Outcome } from '../../refusal.ts'
import { done } from '../../refusal.ts'
import type { ConditionLookup } from '../../rules/policy/conditions.ts'
import { clientAddress } from '../../rules/deployment/forwarding.ts'
import type { Situation } from '../../rules/policy/policy-set.ts'
import { readSystemSettings } from '../../rules/deployment/system-settings.ts'
import { isSameOwner } from '../../rules/token/token.ts'
import { realmOverride } from '../../rules/login/authorization-policy.ts'
import type { UserInput } from '../../rules/login/transaction.ts'
import type { Instant, Owner, Person, Source } from '../../vocabulary.ts'
import type { Token } from '../../vocabulary/tokens.ts'

/** Where a request came from, as far as policies ask. */
export type PolicySource = Pick<Source, 'address' | 'userAgent' | 'header'>

/** The owner a user's name means in this deployment. */
export function ownerOf(userInput: UserInput, snapshot: Snapshot): Owner {
  const splits = readSystemSettings(snapshot.settings).splitAtSign
  const { login, realm } = splitUser(userInput.user, userInput.realm, (name) => splits && snapshot.realms.has(name))
  return { login, realm: realm ?? snapshot.defaultRealm }
}

/** The owner whose login it is: of another realm, where policy looks for users there. Where policies conflict, none. */
export function loginOwner(userInput: UserInput, snapshot: Snapshot, source: PolicySource, now: Instant): Owner {
  const owner = ownerOf(userInput, snapshot)
  const realm = realmOverride(snapshot.policySet, situationOf({ owner, userInput }, source, now))
  return realm.ok && realm.value !== undefined ? { ...owner, realm: realm.value } : owner
}

/** Whose login it is: the user's that is named, or the owner's of the token that is. Refuses: `storage_unavailable`. */
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

/** Where it came from, where the deployment believes who says so; asked once more, the same. */
export function resolveSource<Claiming extends PolicySource & Pick<Source, 'claims'>>(
  source: Claiming,
  snapshot: Snapshot,
): Claiming {
  const { address, claims = [] } = source
  if (claims.length === 0) return source
  return {
    ...source,
    claims: [],
    address: clientAddress(readSystemSettings(snapshot.settings).proxyPaths, address, claims),
  }
}

/** `believed`, as far as this isolate knows the deployment. */
export async function resolveKnownSource({ deployment }: Pick<Ports, 'deployment'>, source: Source): Promise<Source> {
  if (source.claims === undefined) return source
  const snapshot = await deployment.cachedOrReload()
  return snapshot.ok ? resolveSource(source, snapshot.value) : source
}

/** `findSubject` for a login: one round trip more where policy looks for its user in another realm, and once only.
 *  Refuses: `policy_conflict` besides. */
export async function findLoginSubject(
  ports: Pick<Ports, 'subjects' | 'deployment' | 'now'>,
  subject: SubjectFields,
  from: PolicySource & Pick<Source, 'claims'>,
): Promise<Outcome<LoginSubject>> {
  const first = await findSubject(ports, subject)
  if (!first.ok || first.value.userInput === undefined || first.value.owner === undefined) return first
  const { owner, snapshot } = first.value
  const source = resolveSource(from, snapshot)
  const realm = realmOverride(snapshot.policySet, situationOf(first.value, source, ports.now()))
  if (!realm.ok) return realm
  if (realm.value === undefined || realm.value === owner.realm) return first
  return findSubject(ports, subject, { ...owner, realm: realm.value })
}

/** Every way a name may be meant, so that one round trip answers whichever it turns out to be. */
function candidatesOf({ user, realm }: UserInput): readonly UserCandidate[] {
  const namedRealm = realm?.toLowerCase()
  const splits = possibleSplits(user).map((split) => ({ login: split.login, realm: namedRealm ?? split.realm }))
  return [{ login: user, realm: namedRealm }, ...splits]
}

/** Whom a call is about: who that is, and which tokens. */
export interface LoginSubject {
  readonly snapshot: Snapshot
  readonly userInput?: UserInput
  /** Named by the caller, or the owner of the token named. */
  readonly owner?: Owner
  readonly person?: Person
  /** Whether the user named exists: a token or `POST /user/` has named it. */
  readonly isUserKnown: boolean
  readonly tokens: readonly Token[]
  /** The token named exists and is another owner's. */
  readonly isOfAnotherOwner: boolean
}

/** The user a call names, as it names them. */
export const userInputOf = (subject: Pick<SubjectFields, 'user' | 'realm'>): UserInput | undefined =>
  subject.user === undefined ? undefined : { user: subject.user, ...present({ realm: subject.realm }) }

/** Read in one round trip, on an isolate that has seen this revision of the deployment. `owner`: whom the user's name means,
 *  where that is settled. Refuses: `storage_unavailable`. */
export async function findSubject(
  ports: Pick<Ports, 'subjects' | 'deployment'>,
  subject: SubjectFields,
  owner?: Owner,
): Promise<Outcome<LoginSubject>> {
  const userInput = userInputOf(subject)
  const found = await ports.subjects.find({
    candidates: owner !== undefined ? [owner] : userInput === undefined ? [] : candidatesOf(userInput),
    ...present({ serial: subject.serial }),
  })
  if (!found.ok) return found
  const snapshot = await ports.deployment.atRevision(found.value.settingsRevision)
  return snapshot.ok ? done(subjectOf(subject, userInput, found.value, snapshot.value, owner)) : snapshot
}

function subjectOf(
  subject: SubjectFields,
  userInput: UserInput | undefined,
  found: SubjectRecords,
  snapshot: Snapshot,
  settled: Owner | undefined,
): LoginSubject {
  const bySerial = found.tokens.filter(({ serial }) => serial === subject.serial)
  const owner = settled ?? (userInput === undefined ? bySerial[0]?.owner : ownerOf(userInput, snapshot))
  const person = found.people.find((one) => same(one, owner))
  const theirs = found.tokens.filter((token) => same(token.owner, owner))
  const named = subject.serial === undefined ? theirs : bySerial
  const tokens = userInput === undefined ? named : named.filter((token) => same(token.owner, owner))
  return {
    snapshot,
    ...present({ userInput, owner, person }),
    isUserKnown: person !== undefined,
    tokens,
    isOfAnotherOwner: tokens.length < named.length,
  }
}

/** Whom a request concerns, as far as policies may ask. */
interface SituationSubject {
  readonly owner?: Owner | undefined
  readonly person?: Person | undefined
  readonly userInput?: UserInput | undefined
  readonly token?: Token | undefined
  /** The administrator who acts. */
  readonly administrator?: string | undefined
}

/** What policies are asked about: whom a request concerns, from where and when it came. What conditions ask about is worked
 *  out when one does. */
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

/** Under the names privacyIDEA has for them. */
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
