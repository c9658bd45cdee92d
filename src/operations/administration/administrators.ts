import { present } from '../../present.ts'
import type { AdministratorChange } from '../../ports/administrators.ts'
import type { Ports } from '../../ports/ports.ts'
import type { AdministratorRequest } from '../../protocol/administration/administrator-request.ts'
import type { Outcome } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import { lockoutFault } from '../../rules/policy/rights.ts'
import type { AdministratorRole, Instant, Source } from '../../vocabulary.ts'
import { authorizeDeploymentChange } from '../access/authorize-deployment-change.ts'
import type { Credential } from '../access/identify.ts'
import { authorize } from '../access/identify.ts'
import { policyWriters } from './policies.ts'
import { verifyAdministrator } from '../access/verify-administrator.ts'

/** Somebody more may sign in. Refuses: who may not; `name_taken`, in whatever case. */
export async function addAdministrator(
  ports: Ports,
  credential: Credential,
  source: Source,
  { login, password, role }: AdministratorRequest,
): Promise<Outcome<void>> {
  const acting = await authorizeDeploymentChange(
    ports,
    credential,
    source,
    'administrator_write',
    'POST /administrator',
    `${login}: ${role}`,
  )
  if (!acting.ok) return acting
  const { bootstrap } = ports.credentials
  if (login.toLowerCase() === bootstrap.login.toLowerCase()) return refuse({ reason: 'name_taken', name: login })
  const sealed = await ports.credentials.sealPassword(login, password)
  const added = await ports.administrators.add(
    { login, role, password: sealed, createdAt: ports.now() },
    acting.value.entry,
  )
  if (!added.ok) return added
  return added.value ? done(undefined) : refuse({ reason: 'name_taken', name: login })
}

/** The administrator is gone, or may (not) sign in any more; what was signed in is void at once.
 *  Refuses: who may not; `kept_as_secret` for the one whom the configuration names; `policy_invalid` for the last who may
 *  write policies; `entry_unknown`. */
export async function changeAdministrator(
  ports: Ports,
  credential: Credential,
  source: Source,
  asked: { readonly login: string; readonly change: AdministratorChange; readonly action: string },
): Promise<Outcome<void>> {
  const { login, change, action } = asked
  const acting = await authorizeDeploymentChange(ports, credential, source, 'administrator_write', action, login)
  if (!acting.ok) return acting
  if (login === ports.credentials.bootstrap.login) return refuse({ reason: 'kept_as_secret', secret: 'ADMIN_LOGIN' })
  const { snapshot, entry } = acting.value
  const staying = policyWriters(snapshot).filter((name) => name !== login)
  const fault = leaves(change) ? lockoutFault(snapshot.policySet, staying, { ...source, now: entry.at }) : undefined
  if (fault !== undefined) return refuse({ reason: 'policy_invalid', why: fault })
  const changed = await ports.administrators.change(login, change, entry)
  if (!changed.ok) return changed
  return changed.value ? done(undefined) : refuse({ reason: 'entry_unknown', what: 'administrator', name: login })
}

const leaves = (change: AdministratorChange): boolean =>
  change.kind === 'deleted' || (change.kind === 'disabled' && change.disabled)

/** The caller's own password is this one from now on, and they have to sign in anew.
 *  Refuses: who is no administrator; `kept_as_secret` for the one whom the configuration names; as `prove`. */
export async function changePassword(
  ports: Ports,
  credential: Credential,
  source: Source,
  { password, next }: { readonly password: string; readonly next: string },
): Promise<Outcome<void>> {
  const authorized = await authorize(ports, credential, 'oneself')
  if (!authorized.ok) return authorized
  const { caller } = authorized.value
  if (caller.kind !== 'administrator') return refuse({ reason: 'role_insufficient', needed: 'admin' })
  const { name } = caller
  if (name === ports.credentials.bootstrap.login) return refuse({ reason: 'kept_as_secret', secret: 'ADMIN_PASSWORD' })
  const proven = await verifyAdministrator(ports, name, password, source.address)
  if (!proven.ok) return proven
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
  return changed.value ? done(undefined) : refuse({ reason: 'entry_unknown', what: 'administrator', name })
}

interface ListedAdministrator {
  readonly login: string
  readonly role: AdministratorRole
  readonly disabled: boolean
  /** Whom the configuration names: they are not Nod's to change. */
  readonly configured: boolean
  readonly createdAt?: Instant
}

/** Who may sign in. Refuses: who may not. */
export async function listAdministrators(
  ports: Ports,
  credential: Credential,
): Promise<Outcome<readonly ListedAdministrator[]>> {
  const authorized = await authorize(ports, credential, 'administrator_read')
  if (!authorized.ok) return authorized
  const all = [...authorized.value.snapshot.administrators.values()]
  return done(
    all.map(({ login, role, disabled, password, createdAt }) => ({
      login,
      role,
      disabled,
      configured: password === undefined,
      ...present({ createdAt }),
    })),
  )
}
