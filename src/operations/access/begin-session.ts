/** The sessions of administrators who have signed in. */
import { encodeHex } from '../../bytes.ts'
import type { Administrator } from '../../ports/administrators.ts'
import type { Ports } from '../../ports/ports.ts'
import { done, type Outcome } from '../../refusal.ts'
import { sessionPolicy } from '../../rules/deployment/session-policy.ts'
import { type Seconds, seconds, type Source } from '../../vocabulary.ts'
import { rightsFor } from './caller-rights.ts'
import type { Session } from './session.ts'
import { rememberSignIn } from './verify-administrator.ts'

/** How long an API token is valid if the policies cannot be read. */
const LIFETIME = seconds(3600)
/** How long an administrator has to enroll a phone. */
const ENROLLING_LIFETIME = seconds(600)
const LOGOUT_TIME = seconds(120)

/** Begins a session. A sign-in from a new place is a security event. While the catalogue does not answer, the policies that this isolate
 *  has read before apply. `longest`: an upper limit for the session. */
export async function beginSession(
  ports: Ports,
  source: Source,
  administrator: Administrator,
  longest?: Seconds,
): Promise<Outcome<Session>> {
  const { login, role } = administrator
  const { address, userAgent } = source
  const from = { address, userAgent, now: ports.now() }
  const fresh = await ports.deployment.reload()
  const snapshot = fresh.ok ? fresh : await ports.deployment.cachedOrReload()
  const set = snapshot.ok ? snapshot.value.policySet : undefined
  const settings = set && sessionPolicy(set, { administrator: login, ...from })
  if (settings?.ok === false) return settings
  const validity = settings?.value.validity ?? LIFETIME
  const lifetime = seconds(Math.min(validity, longest ?? validity))
  const token = await ports.credentials.issueAdministratorToken(administrator, lifetime)
  if (!token.ok) return token
  if (await rememberSignIn(ports, login, address))
    void ports.events.report({
      type: 'administrator_new_place',
      id: encodeHex(ports.random(16)),
      at: from.now,
      administrator: login,
      address,
    })
  return done({
    token: token.value,
    name: login,
    realm: '',
    role,
    rights: snapshot.ok ? rightsFor(snapshot.value, { kind: 'administrator', name: login, role }, from) : [],
    logoutTime: settings?.value.logoutTime ?? LOGOUT_TIME,
  })
}

/** Begins a session in which an administrator can only enroll a phone. Somebody who has stolen the password would do that first, so it is
 *  a security event. */
export async function beginEnrolling(
  ports: Ports,
  { address }: Source,
  administrator: Administrator,
): Promise<Outcome<Session>> {
  const { login } = administrator
  const token = await ports.credentials.issueEnrollingToken(administrator, ENROLLING_LIFETIME)
  if (!token.ok) return token
  void ports.events.report({
    type: 'administrator_without_second_factor',
    id: encodeHex(ports.random(16)),
    at: ports.now(),
    administrator: login,
    address,
  })
  return done({
    token: token.value,
    name: login,
    realm: '',
    role: 'enrolling',
    rights: [],
    logoutTime: LOGOUT_TIME,
  })
}
