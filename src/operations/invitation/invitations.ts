/** Invitations, for those who invite. */
import { encodeBase64Url } from '../../bytes.ts'
import { type Invitation, invitationId } from '../../ports/invitations.ts'
import type { Ports } from '../../ports/ports.ts'
import type { InvitationRequest } from '../../protocol/token/invitation-request.ts'
import { DIALECTS } from '../../protocol/phone/dialect.ts'
import { generateSerial } from '../../protocol/encoding/identifiers.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import type { InvitationState } from '../../rules/token/invitation.ts'
import { addSeconds, type Bytes, type Owner, seconds, type Serial, type Source } from '../../vocabulary.ts'
import { digest } from '../access/digest.ts'
import { auditNameOf, authorizeOwnerRight, type Credential, type OwnerAuthorization } from '../access/identify.ts'
import { checkNewUser } from '../access/new-user.ts'
import { ownerOf } from '../login/login-subject.ts'
import { publicUrlOf } from '../public-url.ts'

/** 168 bits. */
const SECRET_BYTES = 21

/** A new invitation, with the secret that is shown this once. */
export interface NewInvitation extends Invitation {
  readonly secret: string
  /** The page to send to the user; the secret stands behind its `#`, which no browser sends to a server. Absent where Nod does not
   *  know its address. */
  readonly url?: string
}

/** Authorizes somebody who may enroll phones for others. Refuses: as `authorizeOwnerRight`; `role_insufficient` for a user. */
async function authorizeInviter(
  ports: Ports,
  credential: Credential,
): Promise<Outcome<OwnerAuthorization & { readonly auditName: string }>> {
  const authorized = await authorizeOwnerRight(ports, credential, 'enrollPUSH')
  if (!authorized.ok || authorized.value.user === undefined) return authorized
  return refuse({ reason: 'role_insufficient', needed: ['admin', 'helpdesk'] })
}

/** Invites a user to enroll a phone. `idempotencyKey`: the caller's name for the request; the same request of the same caller under the same
 *  name answers the invitation that it has made, with its secret, as long as that is stored (decision 0062).
 *  Refuses: as `authorizeInviter`; `right_missing`, `realm_unknown`, `parameter_invalid`, `storage_unavailable`. */
export async function invite(
  ports: Ports,
  credential: Credential,
  source: Source,
  { user, realm, note, validFor }: InvitationRequest,
  idempotencyKey?: string,
): Promise<Outcome<NewInvitation>> {
  const authorized = await authorizeInviter(ports, credential)
  if (!authorized.ok) return authorized
  const { snapshot, authorizeFor } = authorized.value
  const userInput = { user, ...(realm === undefined ? {} : { realm }) }
  const owner: Owner = ownerOf(userInput, snapshot)
  const caller = authorizeFor(owner)
  if (!caller.ok) return caller
  const known = await checkNewUser(ports, userInput, snapshot)
  if (!known.ok) return known
  const administrator = auditNameOf(caller.value)
  const request = [administrator, owner.login, owner.realm.toLowerCase(), note, validFor]
  const secret = encodeBase64Url(await secretOf(ports, request, idempotencyKey))
  const hash = await digest(secret)
  const at = ports.now()
  const invitation: Invitation = {
    id: invitationId(hash),
    owner: { login: owner.login, realm: owner.realm.toLowerCase() },
    serial: generateSerial(DIALECTS.push.serialPrefix, ports.random),
    note,
    invitedBy: administrator,
    createdAt: at,
    expiresAt: addSeconds(at, validFor),
  }
  const { address, userAgent } = source
  const { serial } = invitation
  const info = `invited for ${validFor / 60} minutes`
  const entry = { at, action: 'POST /invitation', administrator, owner, serial, info, address, userAgent }
  const added = await ports.invitations.add({ ...invitation, hash }, entry)
  if (!added.ok) return added
  const made = added.value ? done(invitation) : await ports.invitations.byHash(hash)
  if (!made.ok) return made
  // It was withdrawn in between: the next request makes another.
  if (made.value === undefined) return refuse({ reason: 'storage_unavailable', retryAfter: seconds(1) })
  const url = publicUrlOf(ports.limits, source)
  return done({ ...made.value, secret, ...(url === undefined ? {} : { url: `${url}/invited/#${secret}` }) })
}

/** The secret of a new invitation. That of a named request is made from it with a key that only Nod has: the same request gets the same
 *  secret, without anything more being stored. */
async function secretOf(
  { identifiers, random }: Pick<Ports, 'identifiers' | 'random'>,
  request: readonly unknown[],
  idempotencyKey: string | undefined,
): Promise<Bytes> {
  if (idempotencyKey === undefined) return random(SECRET_BYTES)
  const made = await identifiers.digest(JSON.stringify(['invitation', idempotencyKey, ...request]))
  return made.slice(0, SECRET_BYTES)
}

/** Lists the open invitations of users whom the caller may invite, the newest first. Refuses: as `authorizeInviter`. */
export async function listInvitations(
  ports: Ports,
  credential: Credential,
): Promise<Outcome<readonly (Invitation & { readonly state: InvitationState })[]>> {
  const authorized = await authorizeInviter(ports, credential)
  if (!authorized.ok) return authorized
  const open = await ports.invitations.listOpen(ports.now())
  if (!open.ok) return open
  const visible = open.value.filter(({ owner }) => authorized.value.authorizeFor(owner).ok)
  const registered = await ports.tokens.signers(visible.map(({ serial }) => serial))
  if (!registered.ok) return registered
  return done(visible.map((one) => ({ ...one, state: stateOf(one, registered.value) })))
}

function stateOf({ begunAt, serial }: Invitation, registered: ReadonlyMap<Serial, unknown>): InvitationState {
  if (registered.has(serial)) return 'registered'
  return begunAt === undefined ? 'open' : 'begun'
}

/** Withdraws an invitation: its page is dead at once, and a QR code that nobody has scanned is void. A phone that has registered stays.
 *  Refuses: as `authorizeInviter`; `right_missing`, `entry_unknown`, `storage_unavailable`. */
export async function withdrawInvitation(
  ports: Ports,
  credential: Credential,
  source: Source,
  id: string,
): Promise<Outcome<void>> {
  const authorized = await authorizeInviter(ports, credential)
  if (!authorized.ok) return authorized
  const unknown = refuse({ reason: 'entry_unknown', entry: 'invitation', name: id })
  const found = await ports.invitations.byId(id)
  if (!found.ok) return found
  if (found.value === undefined) return unknown
  const { owner, serial } = found.value
  const caller = authorized.value.authorizeFor(owner)
  if (!caller.ok) return caller
  const { address, userAgent } = source
  const administrator = auditNameOf(caller.value)
  const at = ports.now()
  const entry = { at, action: 'DELETE /invitation/<id>', administrator, owner, serial, address, userAgent }
  const withdrawn = await ports.invitations.withdraw(id, entry)
  if (!withdrawn.ok) return withdrawn
  const voided = await voidCode(ports, found.value, entry)
  if (!voided.ok) return voided
  return withdrawn.value ? done(undefined) : unknown
}

/** Deletes the token of an invitation while no phone has registered. */
export async function voidCode(
  ports: Ports,
  { serial }: Pick<Invitation, 'serial'>,
  entry: Parameters<Ports['tokens']['change']>[2],
): Promise<Outcome<void>> {
  const existing = await ports.tokens.enrollment(serial)
  if (!existing.ok) return existing
  if (existing.value?.token.state !== 'clientwait') return done(undefined)
  const deleted = await ports.tokens.change(serial, { kind: 'deleted' }, entry, true)
  return deleted.ok ? done(undefined) : deleted
}
