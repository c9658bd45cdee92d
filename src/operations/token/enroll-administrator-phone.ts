import { DIALECTS } from '../../protocol/phone/dialect.ts'
import { generateSerial } from '../../protocol/encoding/identifiers.ts'
import type { Ports } from '../../ports/ports.ts'
import { type Outcome, refuse } from '../../refusal.ts'
import type { TokenLimit } from '../../rules/token/enrollment-limits.ts'
import type { Source } from '../../vocabulary.ts'
import { findAdministratorPhones, hasPhone } from '../access/administrator-phone.ts'
import { type Credential, identified } from '../access/identify.ts'
import { enrollmentPolicyFor, enrollmentReply, type EnrollmentReply } from './enrollment-code.ts'
import { prepareToken } from './prepare-token.ts'

const ONE: TokenLimit = { of: 'owner', activeOnly: false, most: 1 }
const REQUEST = { type: 'push', description: '', tokenRealms: [], rollover: true } as const
const ENOUGH = { reason: 'too_many_tokens', per: 'owner', activeOnly: false } as const

/**
 * Enrolls a phone for the caller's own account; answers its QR code. Only the role `admin` may enroll another one besides: somebody who has
 * stolen the password of a helpdesk account cannot add a phone to it. A new QR code voids an earlier one that nobody has used. The
 * deployment's policies do not apply.
 * Refuses: as `identified`; `role_insufficient` for users, services and the accounts of plugins; `too_many_tokens`;
 * `public_url_missing`, `storage_unavailable`; as the request's parser did.
 */
export async function enrollAdministratorPhone(
  ports: Ports,
  credential: Credential,
  source: Source,
  parsed: Outcome<unknown>,
): Promise<Outcome<EnrollmentReply>> {
  const found = await identified(ports, credential)
  if (!found.ok) return found
  const { caller } = found.value
  const isAdmin = caller.kind === 'administrator' && caller.role === 'admin'
  if (!isAdmin && caller.kind !== 'enrolling' && !(caller.kind === 'administrator' && caller.role === 'helpdesk'))
    return refuse({ reason: 'role_insufficient', needed: ['admin', 'helpdesk'] })
  if (!parsed.ok) return parsed
  const phones = await findAdministratorPhones(ports, caller.name)
  if (!phones.ok) return phones
  const subject = phones.value
  if (hasPhone(subject) && !isAdmin) return refuse(ENOUGH)
  const waiting = subject.tokens.find(({ phoneKey, revoked }) => phoneKey === undefined && !revoked)
  const serial = waiting?.serial ?? generateSerial(DIALECTS.push.serialPrefix, ports.random)
  const policy = enrollmentPolicyFor(ports, source, REQUEST, subject, serial)
  if (!policy.ok) return policy
  const prepared = await prepareToken(ports, source, {
    request: REQUEST,
    subject,
    policy: policy.value,
    serial,
    replaced: waiting,
    withoutPin: true,
  })
  if (!prepared.ok) return prepared
  // Checked again in the statement that stores it: two requests at once must not give an administrator two phones.
  const token = { ...prepared.value.token, limits: isAdmin ? [] : [ONE], isUnused: true }
  const entry = {
    at: ports.now(),
    action: 'POST /auth/phone',
    administrator: caller.name,
    serial,
    owner: subject.owner,
    address: source.address,
    userAgent: source.userAgent,
  }
  const stored = waiting === undefined ? await ports.tokens.add(token, entry) : await ports.tokens.renew(token, entry)
  if (!stored.ok) return stored
  return stored.value ? enrollmentReply({ ...prepared.value, token }, policy.value) : refuse(ENOUGH)
}
