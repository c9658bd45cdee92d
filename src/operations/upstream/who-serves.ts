import type { Ports, Snapshot } from '../../ports/ports.ts'
import { isSerial } from '../../protocol/encoding/identifiers.ts'
import type { SignInRequest, SubjectFields } from '../../protocol/login/client-request.ts'
import { present } from '../../present.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { isActionUsed } from '../../rules/policy/policy-set.ts'
import {
  cutOverOf,
  isServedHere,
  mayRingPhones,
  readCutOver,
  wasElsewhereLately,
} from '../../rules/deployment/cut-over.ts'
import type { Owner, Serial, Source } from '../../vocabulary.ts'
import { findLoginSubject, loginOwner, userInputOf } from '../login/login-subject.ts'

type KnownDeployment = Pick<Ports, 'deployment' | 'settings' | 'now'>

/** The deployment, at most two seconds old; an older one while D1 does not answer. Undefined if this isolate has none. */
async function recentSnapshot({ deployment, settings }: KnownDeployment): Promise<Snapshot | undefined> {
  const recent = deployment.recent()
  if (recent !== undefined) return recent
  const version = await settings.version()
  const read = version.ok ? await deployment.atRevision(version.value.revision) : version
  return read.ok ? read.value : deployment.cached()
}

/** Who serves the user that a request names: by the cut-over alone, whatever tokens there are. A request that names no user is taken for one
 *  that Nod serves. */
export async function whoServes(
  ports: KnownDeployment,
  fields: Pick<SubjectFields, 'user' | 'realm'>,
  source: Source,
): Promise<'nod' | 'upstream'> {
  const userInput = userInputOf(fields)
  const snapshot = await recentSnapshot(ports)
  if (userInput === undefined || snapshot === undefined) return 'nod'
  return isServedHere(snapshot.settings, loginOwner(userInput, snapshot, source, ports.now())) ? 'nod' : 'upstream'
}

/** Who decides a sign-in: Nod for the names of its administrators, and for users whom it serves where a policy lets them sign in by phone;
 *  the upstream for all others. */
export async function servesSignIn(
  ports: KnownDeployment & Pick<Ports, 'credentials'>,
  { username, realm, byCode }: SignInRequest,
  source: Source,
): Promise<'nod' | 'upstream'> {
  const snapshot = await recentSnapshot(ports)
  if (snapshot === undefined || byCode === true) return 'nod'
  const isAdministrator = snapshot.administrators.has(username) || username === ports.credentials.bootstrap.login
  if (realm === undefined && isAdministrator) return 'nod'
  // A service may name the realm of its users with its own account.
  if (snapshot.administrators.get(username)?.role === 'validate') return 'nod'
  if (!isActionUsed(snapshot.policySet, 'webui', 'login_mode')) return 'upstream'
  const owner = loginOwner({ user: username, ...present({ realm }) }, snapshot, source, ports.now())
  return isServedHere(snapshot.settings, owner) ? 'nod' : 'upstream'
}

/** The user of a request, if they have a token here and may also log in with tokens that only the upstream has. */
export async function consultedOwner(
  ports: KnownDeployment,
  fields: SubjectFields,
  source: Source,
): Promise<Owner | undefined> {
  const userInput = userInputOf(fields)
  const snapshot = ports.deployment.cached()
  if (userInput === undefined || fields.serial !== undefined || snapshot === undefined) return undefined
  const owner = loginOwner(userInput, snapshot, source, ports.now())
  return cutOverOf(readCutOver(snapshot.settings), owner.realm).otherTokens ? owner : undefined
}

/** Whether this user, who has a token here, may also log in with tokens that only the upstream has. */
export const consultsUpstream = async (
  ports: KnownDeployment,
  fields: SubjectFields,
  source: Source,
): Promise<boolean> => (await consultedOwner(ports, fields, source)) !== undefined

/** Whether the upstream may have prompts for phones that Nod knows. */
export async function mayUpstreamRing(ports: KnownDeployment): Promise<boolean> {
  const snapshot = await recentSnapshot(ports)
  return snapshot === undefined || mayRingPhones(snapshot.settings, ports.now())
}

/**
 * Decides whether an acceptance by the upstream counts. It does for a token that Nod does not have. For one that Nod has, or has deleted
 * since it was imported, it counts while the upstream serves the owner, and ten minutes longer for a login that the upstream opened
 * (`isOpenedThere`): otherwise a token that was disabled or deleted here, or a prompt that was declined here, would let somebody in there. An
 * acceptance that names no token counts for a user who has none here.
 * Refuses: `no_suitable_token`; `storage_unavailable`.
 */
export async function checkAcceptance(
  ports: Pick<Ports, 'subjects' | 'imports' | 'deployment' | 'settings' | 'now' | 'log'>,
  fields: SubjectFields,
  source: Source,
  serial: string | undefined,
  isOpenedThere = false,
): Promise<Outcome<void>> {
  const held = serial === undefined ? await tokenOf(ports, fields, source) : await heldSerial(ports, serial)
  if (!held.ok) return held
  if (held.value === undefined) return done(undefined)
  const { owner } = held.value
  const snapshot = await recentSnapshot(ports)
  if (snapshot !== undefined) {
    const { settings } = snapshot
    if (!isServedHere(settings, owner)) return done(undefined)
    // The policies for users without a token would answer to any made-up id.
    if (serial !== undefined && isOpenedThere && wasElsewhereLately(settings, owner, ports.now()))
      return done(undefined)
  }
  ports.log('upstream_contradicted', { serial: serial ?? '' })
  return refuse({ reason: 'no_suitable_token' })
}

interface HeldToken {
  readonly owner?: Owner | undefined
}

/** A token that the user or token has here; undefined if there is none. */
async function tokenOf(
  ports: Pick<Ports, 'subjects' | 'deployment' | 'now'>,
  fields: SubjectFields,
  source: Source,
): Promise<Outcome<HeldToken | undefined>> {
  if (fields.user === undefined && fields.serial === undefined) return done(undefined)
  const subject = await findLoginSubject(ports, fields, source)
  return subject.ok ? done(subject.value.tokens[0]) : subject
}

/** Whether Nod has a token of this serial; true also while D1 does not answer. */
export async function isKnownSerial({ tokens }: Pick<Ports, 'tokens'>, serial: Serial): Promise<boolean> {
  const found = await tokens.record(serial)
  return !found.ok || found.value !== undefined
}

async function heldSerial(ports: Pick<Ports, 'imports'>, serial: string): Promise<Outcome<HeldToken | undefined>> {
  return isSerial(serial) ? ports.imports.holder(serial) : done(undefined)
}
