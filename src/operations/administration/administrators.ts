import type { AdministratorChange } from '../../ports/administrators.ts'
import type { AuditEntry } from '../../ports/audit.ts'
import type { Ports, Snapshot } from '../../ports/ports.ts'
import { passwordFault } from '../../passwords/rule.ts'
import type { AdministratorRequest } from '../../protocol/administration/administrator-request.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { withChange } from '../../rules/deployment/audited-change.ts'
import { lockoutFault } from '../../rules/policy/rights.ts'
import { ADMINISTRATOR_ROLES, type AdministratorRole, type Instant, type Source } from '../../vocabulary.ts'
import { administratorsWithPhone } from '../access/administrator-phone.ts'
import { authorizeDeploymentChange } from '../access/authorize-deployment-change.ts'
import { authorize, type Credential } from '../access/identify.ts'
import { policyWriters } from './policies.ts'
import { verifyAdministrator } from '../access/verify-administrator.ts'

/** Adds an administrator. Refuses: as `authorizeDeploymentChange`; `parameter_invalid` for a password that may not be chosen;
 *  `name_taken`, whatever the case; `storage_unavailable`. */
export async function addAdministrator(
  ports: Ports,
  credential: Credential,
  source: Source,
  { login, password, role }: AdministratorRequest,
): Promise<Outcome<void>> {
  const authorized = await authorizeDeploymentChange(
    ports,
    credential,
    source,
    'administrator_write',
    'POST /administrator',
    `${login}: ${role}`,
  )
  if (!authorized.ok) return authorized
  const permitted = checkNewPassword(password, login, 'password')
  if (!permitted.ok) return permitted
  const { bootstrap } = ports.credentials
  if (login.toLowerCase() === bootstrap.login.toLowerCase()) return refuse({ reason: 'name_taken', name: login })
  const sealed = await ports.credentials.sealPassword(login, password)
  const added = await ports.administrators.add(
    { login, role, password: sealed, createdAt: ports.now() },
    withChange(authorized.value.entry, undefined, { role, disabled: false }),
  )
  if (!added.ok) return added
  return added.value ? done(undefined) : refuse({ reason: 'name_taken', name: login })
}

/** Checks that this administrator may choose the password. `name`: the name of the parameter. Refuses: `parameter_invalid`. */
function checkNewPassword(password: string, login: string, name: string): Outcome<void> {
  const why = passwordFault(password, login)
  return why === undefined ? done(undefined) : refuse({ reason: 'parameter_invalid', name, why })
}

/** Changes or deletes an administrator, and voids their API tokens.
 *  Refuses: as `authorizeDeploymentChange`; `kept_as_secret` for the one whom the configuration names; `policy_invalid` when nobody
 *  could write policies afterwards; `entry_unknown`. */
export async function changeAdministrator(
  ports: Ports,
  credential: Credential,
  source: Source,
  { login, change, action }: { readonly login: string; readonly change: AdministratorChange; readonly action: string },
): Promise<Outcome<void>> {
  const authorized = await authorizeDeploymentChange(ports, credential, source, 'administrator_write', action, login)
  if (!authorized.ok) return authorized
  if (login === ports.credentials.bootstrap.login) return refuse({ reason: 'kept_as_secret', secret: 'ADMIN_LOGIN' })
  const { snapshot, entry } = authorized.value
  const remaining = policyWriters(snapshot).filter((name) => name !== login)
  const fault = removesAccess(change)
    ? lockoutFault(snapshot.policySet, remaining, { ...source, now: entry.at })
    : undefined
  if (fault !== undefined) return refuse({ reason: 'policy_invalid', why: fault })
  const changed = await ports.administrators.change(login, change, changeEntry(snapshot, entry, login, change))
  if (!changed.ok) return changed
  return changed.value ? done(undefined) : refuse({ reason: 'entry_unknown', entry: 'administrator', name: login })
}

/** Sets whether an administrator needs a phone to sign in, and voids their API tokens. Those of the administrator whom the configuration
 *  names stay valid until they expire.
 *  Refuses: as `authorizeDeploymentChange`; `parameter_invalid` for the account of a plugin; `entry_unknown`. */
export async function requirePhone(
  ports: Ports,
  credential: Credential,
  source: Source,
  { login, required }: { readonly login: string; readonly required: boolean },
): Promise<Outcome<void>> {
  const action = 'POST /administrator/phone-required/<login>'
  const authorized = await authorizeDeploymentChange(ports, credential, source, 'administrator_write', action, login)
  if (!authorized.ok) return authorized
  const { snapshot, entry } = authorized.value
  const administrator = snapshot.administrators.get(login)
  if (administrator?.role === 'validate')
    return refuse({ reason: 'parameter_invalid', name: 'login', why: 'a plugin has no phone' })
  const change = { kind: 'phone_required', required } as const
  const audited = changeEntry(snapshot, entry, login, change)
  if (login === ports.credentials.bootstrap.login) return ports.administrators.requireConfiguredPhone(required, audited)
  const changed = await ports.administrators.change(login, change, audited)
  if (!changed.ok) return changed
  return changed.value ? done(undefined) : refuse({ reason: 'entry_unknown', entry: 'administrator', name: login })
}

/** The entry, with role and state before and after. A password is only said to be new. */
function changeEntry({ administrators }: Snapshot, entry: AuditEntry, login: string, change: AdministratorChange) {
  const known = administrators.get(login)
  const before = known && { role: known.role, disabled: known.disabled, phoneRequired: known.phoneRequired }
  if (change.kind === 'deleted') return withChange(entry, before, undefined)
  if (change.kind === 'phone_required')
    return withChange(entry, before, before && { ...before, phoneRequired: change.required })
  if (change.kind === 'password') return withChange(entry, before, before && { ...before, password: 'new' })
  return withChange(entry, before, before && { ...before, disabled: change.disabled })
}

const removesAccess = (change: AdministratorChange): boolean =>
  change.kind === 'deleted' || (change.kind === 'disabled' && change.disabled)

/** Changes the caller's own password and voids their API tokens.
 *  Refuses: `role_insufficient` for callers that are no administrator; `kept_as_secret` for the one whom the configuration names;
 *  `parameter_invalid` for a password that may not be chosen; as `verifyAdministrator`. */
export async function changePassword(
  ports: Ports,
  credential: Credential,
  source: Source,
  { password, next }: { readonly password: string; readonly next: string },
): Promise<Outcome<void>> {
  const authorized = await authorize(ports, credential, 'oneself')
  if (!authorized.ok) return authorized
  const { caller } = authorized.value
  if (caller.kind !== 'administrator') return refuse({ reason: 'role_insufficient', needed: ADMINISTRATOR_ROLES })
  const { name } = caller
  if (name === ports.credentials.bootstrap.login) return refuse({ reason: 'kept_as_secret', secret: 'ADMIN_PASSWORD' })
  const permitted = checkNewPassword(next, name, 'new_password')
  if (!permitted.ok) return permitted
  const proven = await verifyAdministrator(ports, name, password, source.address)
  if (!proven.ok) return proven
  await proven.value.takeBack()
  const sealed = await ports.credentials.sealPassword(name, next)
  const changed = await ports.administrators.change(
    name,
    { kind: 'password', password: sealed },
    {
      at: ports.now(),
      action: 'POST /administrator/password',
      administrator: name,
      address: source.address,
      userAgent: source.userAgent,
    },
  )
  if (!changed.ok) return changed
  return changed.value ? done(undefined) : refuse({ reason: 'entry_unknown', entry: 'administrator', name })
}

interface ListedAdministrator {
  readonly login: string
  readonly role: AdministratorRole
  readonly disabled: boolean
  readonly phoneRequired: boolean
  /** A phone has registered for the account. */
  readonly hasPhone: boolean
  /** The configuration names this one, so Nod cannot change it. */
  readonly configured: boolean
  readonly createdAt?: Instant
}

/** Lists the administrators. One read of D1. Refuses: as `authorize`, `storage_unavailable`. */
export async function listAdministrators(
  ports: Ports,
  credential: Credential,
): Promise<Outcome<readonly ListedAdministrator[]>> {
  const authorized = await authorize(ports, credential, 'administrator_read')
  if (!authorized.ok) return authorized
  const all = [...authorized.value.snapshot.administrators.values()]
  const withPhone = await administratorsWithPhone(ports)
  if (!withPhone.ok) return withPhone
  return done(
    all.map(({ login, role, disabled, phoneRequired, password, createdAt }) => ({
      login,
      role,
      disabled,
      phoneRequired,
      hasPhone: withPhone.value.has(login),
      configured: password === undefined,
      createdAt,
    })),
  )
}
