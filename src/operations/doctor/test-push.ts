import type { Ports } from '../../ports/ports.ts'
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

/** The route, as the audit names it. No service key has such a name. */
const ACTION = 'POST /doctor/push'
/** Stands for the service. Nobody can finalize the login: no secret has this hash. */
const NOBODY: Caller = { kind: 'service', name: ACTION, role: 'validate', keyHash: ACTION }

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
 * Nobody can finalize it, so an approval lets nobody in. Costs what a login costs.
 * Refuses: as `authorize` and `trigger`; `right_missing`, unless the caller may ring this phone; `parameter_missing` without a serial if
 * the caller has no phone; `token_unknown`.
 */
export async function testPush(
  ports: Ports,
  credential: Credential,
  from: Source,
  serial: Serial | undefined,
  signal: AbortSignal,
): Promise<Outcome<OpenedLogin>> {
  const authorized = await authorize(ports, credential, 'configread')
  if (!authorized.ok) return authorized
  const { caller, snapshot } = authorized.value
  const rights = ownerAuthorization(caller, snapshot, requestOriginOf(credential), 'triggerchallenge')
  const open = async (): Promise<Outcome<AuthorizedLogin>> => {
    const subject = await findPhone(ports, caller, serial)
    if (!subject.ok) return subject
    const [token] = subject.value.tokens
    if (token === undefined) return refuse({ reason: 'token_unknown' })
    if (serial !== undefined) {
      const permitted = rights.authorizeFor(token.owner)
      if (!permitted.ok) return permitted
    }
    const source = resolveSource(from, subject.value.snapshot)
    const situation = situationOf(subject.value, source, ports.now())
    const policy = authorizationPolicy(subject.value.snapshot.policySet, situation)
    if (!policy.ok) return policy
    return done({
      subject: subject.value,
      caller: NOBODY,
      source,
      peerAddress: from.address,
      situation,
      situations: new Set([situation]),
      policy: policy.value,
    })
  }
  const first = await open()
  if (!first.ok) return first
  const request = { subject: serial === undefined ? {} : { serial }, exception: false, action: ACTION, signal }
  return trigger(ports, credential, from, request, first.value, open)
}
