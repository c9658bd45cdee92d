import type { Ports } from '../../ports/ports.ts'
import { present } from '../../present.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { authorizationPolicy } from '../../rules/login/authorization-policy.ts'
import type { Caller, Serial, Source } from '../../vocabulary.ts'
import { resolveSource } from '../access/believed-address.ts'
import { findAdministratorPhones, hasPhone } from '../access/administrator-phone.ts'
import { authorize, type Credential, ownerAuthorization, requestOriginOf } from '../access/identify.ts'
import type { AuthorizedLogin } from '../login/authorize-login.ts'
import type { OpenedLogin } from '../login/login-request.ts'
import { findSubject, type LoginSubject, situationOf } from '../login/login-subject.ts'
import { trigger } from '../login/trigger.ts'

/** The route, as the audit names it. */
const ACTION = 'POST /doctor/push'

/** Finds the phone that is named, else the administrator's own. */
async function findPhone(ports: Ports, caller: Caller, serial: Serial | undefined): Promise<Outcome<LoginSubject>> {
  if (serial !== undefined) return findSubject(ports, { serial })
  if (caller.kind !== 'administrator') return refuse({ reason: 'parameter_missing', name: 'serial' })
  const own = await findAdministratorPhones(ports, caller.name)
  if (!own.ok || hasPhone(own.value)) return own
  return refuse({ reason: 'parameter_missing', name: 'serial' })
}

/**
 * Opens a login that only tests: it goes the way of every login, to the phone and back, and its timeline says how long each leg took.
 * Nobody can finalize it, so an approval lets nobody in. Costs what a login costs. `find`: finds the phone, and may refuse.
 * `idempotencyKey`: requests with the same one get one login.
 * Refuses: as `find` and `trigger`; `token_unknown`.
 */
export async function ringToTest(
  ports: Ports,
  from: Source,
  action: string,
  find: () => Promise<Outcome<LoginSubject>>,
  signal: AbortSignal,
  idempotencyKey?: string,
): Promise<Outcome<OpenedLogin>> {
  // Stands for the service. No secret has this hash, and no service key such a name.
  const nobody: Caller = { kind: 'service', name: action, role: 'validate', keyHash: action }
  const open = async (): Promise<Outcome<AuthorizedLogin>> => {
    const found = await find()
    if (!found.ok) return found
    const subject = found.value
    if (subject.tokens.length === 0) return refuse({ reason: 'token_unknown' })
    const source = resolveSource(from, subject.snapshot)
    const situation = situationOf(subject, source, ports.now())
    const policy = authorizationPolicy(subject.snapshot.policySet, situation)
    if (!policy.ok) return policy
    const situations = new Set([situation])
    return done({
      subject,
      caller: nobody,
      source,
      peerAddress: from.address,
      situation,
      situations,
      policy: policy.value,
    })
  }
  const first = await open()
  if (!first.ok) return first
  const request = { subject: {}, exception: false, action, signal, ...present({ idempotencyKey }) }
  return trigger(ports, { kind: 'none' }, from, request, first.value, open)
}

/** Rings a phone to test the way to it. Refuses: as `authorize` and `ringToTest`; `right_missing`, unless the caller may ring the phone of
 *  this serial; `parameter_missing` without a serial if the caller has no phone. */
export async function testPush(
  ports: Ports,
  credential: Credential,
  source: Source,
  serial: Serial | undefined,
  signal: AbortSignal,
): Promise<Outcome<OpenedLogin>> {
  const authorized = await authorize(ports, credential, 'configread')
  if (!authorized.ok) return authorized
  const { caller, snapshot } = authorized.value
  const rights = ownerAuthorization(caller, snapshot, requestOriginOf(credential), 'triggerchallenge')
  const find = async (): Promise<Outcome<LoginSubject>> => {
    const subject = await findPhone(ports, caller, serial)
    const [token] = subject.ok ? subject.value.tokens : []
    if (serial === undefined || token === undefined) return subject
    const permitted = rights.authorizeFor(token.owner)
    return permitted.ok ? subject : permitted
  }
  return ringToTest(ports, source, ACTION, find, signal)
}
