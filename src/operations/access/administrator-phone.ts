/** The phone of an administrator: the second factor of a sign-in to Nod itself. */
import { encodeHex } from '../../bytes.ts'
import type { Administrator } from '../../ports/administrators.ts'
import type { Ports, Snapshot } from '../../ports/ports.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { ADMINISTRATOR_POLICIES } from '../../rules/deployment/administrator-policies.ts'
import { authorizationPolicy } from '../../rules/login/authorization-policy.ts'
import type { UserInput } from '../../rules/login/transaction.ts'
import { ADMINISTRATOR_REALM, type Owner, SIGN_IN, type Source } from '../../vocabulary.ts'
import type { AuthorizedLogin } from '../login/authorize-login.ts'
import type { OpenedLogin } from '../login/login-request.ts'
import { findSubject, type LoginSubject, situationOf } from '../login/login-subject.ts'
import { findTransaction } from '../login/transaction-address.ts'
import { trigger } from '../login/trigger.ts'
import { resolveSource } from './believed-address.ts'

const phoneOwner = (login: string): Owner => ({ login, realm: ADMINISTRATOR_REALM })

/** Finds an administrator's phones, and the deployment with the policies that are asked about them. Refuses: `storage_unavailable`. */
export async function findAdministratorPhones(
  ports: Pick<Ports, 'subjects' | 'deployment'>,
  login: string,
): Promise<Outcome<LoginSubject>> {
  const found = await findSubject(ports, { user: login, realm: ADMINISTRATOR_REALM }, phoneOwner(login))
  if (!found.ok) return found
  return done({
    ...found.value,
    isUserKnown: true,
    snapshot: { ...found.value.snapshot, policySet: ADMINISTRATOR_POLICIES },
  })
}

/** Whether a phone has registered. Its token may be disabled: disabling the token must not make the password enough. */
export const hasPhone = ({ tokens }: Pick<LoginSubject, 'tokens'>): boolean =>
  tokens.some(({ phoneKey }) => phoneKey !== undefined)

/** The logins of the administrators who have a phone, five hundred tokens at most. One read of D1. Refuses: `storage_unavailable`. */
export async function administratorsWithPhone(ports: Pick<Ports, 'tokens'>): Promise<Outcome<ReadonlySet<string>>> {
  const found = await ports.tokens.list({
    filter: { realms: [ADMINISTRATOR_REALM], state: 'enrolled', assigned: true },
    order: { field: 'serial', ascending: true },
    offset: 0,
    limit: 500,
  })
  return found.ok ? done(new Set(found.value.tokens.flatMap(({ owner }) => owner?.login ?? []))) : found
}

/** The user input that names the administrator in the login. It changes with the password, and with a new account of the same login. */
function userInputOf(administrator: Administrator, { apiTokenKeys }: Snapshot): UserInput {
  const current = [...apiTokenKeys.values()].find(({ retiredAt }) => retiredAt === undefined)
  const generation = administrator.generation ?? current?.opened?.bootstrapGeneration ?? ''
  return { user: administrator.login, realm: `${ADMINISTRATOR_REALM} ${generation}` }
}

/** Rings the phones of an administrator whose password was right: each shows a code once its user has confirmed.
 *  Refuses: as `trigger`, without what policies refuse. */
export async function challengeAdministrator(
  ports: Ports,
  from: Source,
  administrator: Administrator,
  phones: LoginSubject,
  signal: AbortSignal,
): Promise<Outcome<OpenedLogin>> {
  const { login } = administrator
  const authorized = (found: LoginSubject): Outcome<AuthorizedLogin> => {
    const subject = { ...found, userInput: userInputOf(administrator, found.snapshot) }
    const source = resolveSource(from, found.snapshot)
    const situation = situationOf(subject, source, ports.now())
    const policy = authorizationPolicy(ADMINISTRATOR_POLICIES, situation)
    if (!policy.ok) return policy
    const situations = new Set([situation])
    const caller = { kind: 'nobody' } as const
    return done({ subject, caller, source, peerAddress: from.address, situation, situations, policy: policy.value })
  }
  const first = authorized(phones)
  if (!first.ok) return first
  const request = {
    subject: { user: login, realm: ADMINISTRATOR_REALM },
    exception: false,
    action: SIGN_IN,
    signal,
  }
  return trigger(ports, { kind: 'none' }, from, request, first.value, async () => {
    const again = await findAdministratorPhones(ports, login)
    return again.ok ? authorized(again.value) : again
  })
}

/** Finalizes the login with the code that the phone shows; answers the administrator, as the deployment has them now.
 *  Refuses: `credentials_wrong` for an administrator who is gone, or a login of somebody else's; as `TransactionsObject.finalize`. */
export async function finalizeAdministrator(
  ports: Ports,
  { address, userAgent }: Source,
  { login, code, transactionId }: { readonly login: string; readonly code: string; readonly transactionId: string },
): Promise<Outcome<Administrator>> {
  const [snapshot, found] = await Promise.all([ports.deployment.reload(), findTransaction(ports, transactionId)])
  if (!snapshot.ok) return snapshot
  const administrator = snapshot.value.administrators.get(login)
  if (administrator === undefined || administrator.disabled || found === undefined)
    return refuse({ reason: 'credentials_wrong' })
  const used = await found.shard.finalize({
    id: found.id,
    userInput: userInputOf(administrator, snapshot.value),
    entry: code,
    admitted: true,
    isSignIn: true,
    attempt: encodeHex(ports.random(8)),
    origin: { action: SIGN_IN, address, userAgent },
  })
  return used.ok ? done(administrator) : used
}
