import * as z from 'zod/mini'
import { present } from '../../present.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { epoch, type Epoch, type Role, ROLES, type Seconds, seconds } from '../../vocabulary.ts'
import { flag, isPathSegment, optional, optionalOrEmpty, type Parameters, parserOf, required } from '../parameters.ts'

const serviceKeySchema = z.object({
  name: required('Name of the service', 64),
  role: optional('validate (trigger, check and poll: the default), helpdesk or admin', 16),
  expires_in: optional('Seconds the key is valid, 60 to 315360000 (10 years); without end unless set', 16),
})

interface NewServiceKey {
  readonly name: string
  readonly role: Role
  readonly expiresIn?: Seconds | undefined
}

/** Parses a request to add a service key. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parseServiceKey = parserOf(serviceKeySchema, (fields): Outcome<NewServiceKey> => {
  const { name, role: roleName = 'validate' } = fields
  const role = ROLES.find((one) => one === roleName)
  if (role === undefined)
    return refuse({ reason: 'parameter_invalid', name: 'role', why: `expected one of ${ROLES.join(', ')}` })
  if (!/^[\w.-]+$/.test(name) || !isPathSegment(name))
    return refuse({ reason: 'parameter_invalid', name: 'name', why: 'expected letters, digits, `.`, `_` or `-`' })
  const expiresIn = secondsOf('expires_in', fields.expires_in, KEY_LIFETIME)
  return expiresIn.ok ? done({ name, role, expiresIn: expiresIn.value }) : expiresIn
})

const serviceKeyRotationSchema = z.object({
  name: required('Name of the service', 64),
  overlap: optional('Seconds the secrets so far stay valid: 0 to 2592000 (30 days); 86400 (a day) unless set', 16),
  expires_in: optional('Seconds the new secret is valid; unless set as long as the one before was at first', 16),
})

interface ServiceKeyRotation {
  readonly name: string
  readonly overlap: Seconds
  readonly expiresIn?: Seconds | undefined
}

/** Parses a request to rotate a service key. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parseServiceKeyRotation = parserOf(serviceKeyRotationSchema, (fields): Outcome<ServiceKeyRotation> => {
  const overlap = secondsOf('overlap', fields.overlap, OVERLAP)
  if (!overlap.ok) return overlap
  const expiresIn = secondsOf('expires_in', fields.expires_in, KEY_LIFETIME)
  if (!expiresIn.ok) return expiresIn
  return done({ name: fields.name, overlap: overlap.value ?? seconds(DAY), expiresIn: expiresIn.value })
})

const DAY = 86_400
const KEY_LIFETIME = { least: 60, most: 3650 * DAY }
const OVERLAP = { least: 0, most: 30 * DAY }

/** Parses a span of time in seconds; undefined if it was not sent. */
function secondsOf(
  name: string,
  text: string | undefined,
  { least, most }: typeof OVERLAP,
): Outcome<Seconds | undefined> {
  if (text === undefined) return done(undefined)
  const count = /^\d{1,10}$/.test(text) ? Number(text) : -1
  return count >= least && count <= most
    ? done(seconds(count))
    : refuse({ reason: 'parameter_invalid', name, why: `expected whole seconds from ${least} to ${most}` })
}

const nameSchema = z.object({ name: required('Name', 255) })

/** Parses the name of a service key, a Firebase configuration or a resolver. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parseName = parserOf(nameSchema, ({ name }) => done(name))

/** Parses the name of what cannot be changed, which may be absent; the change is refused, whatever else it is to set.
 *  Refuses: `parameter_invalid`. */
export const parseRefusedChange = parserOf(
  z.catchall(z.object({ name: optional('Name of the Firebase configuration or resolver', 255) }), z.unknown()),
)

const rotationSchema = z.object({
  compromised: flag('1: nothing that the keys before signed is accepted any more'),
})

/** Parses a request to rotate the key of API tokens or of webhooks: whether the keys before are compromised. */
export const parseKeyRotation = parserOf(rotationSchema, ({ compromised }) => done(compromised))

const healthSchema = z.object({
  deep: flag('1: what an administrator has to attend to'),
  version_id: optional(
    'Id of a version at Cloudflare: the answer says in `is_version` whether it is the one that answers',
    64,
  ),
})

/** Parses which health check is asked for. */
export const parseHealthQuery = parserOf(healthSchema)

const epochSchema = z.object({ epoch: required('The epoch that the latest of them began', 16) })

/** Parses an epoch. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parseEpoch = parserOf(epochSchema, ({ epoch: text }): Outcome<Epoch> => {
  const value = Number(text)
  return Number.isSafeInteger(value) && value > 0
    ? done(epoch(value))
    : refuse({ reason: 'parameter_invalid', name: 'epoch', why: 'expected milliseconds since 1970' })
})

const signingKeySchema = z.object({ id: required('Id of the signing key', 64) })

/** Parses the id of a signing key. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parseSigningKeyId = parserOf(signingKeySchema, ({ id }) => done(id))

const keySchema = z.object({ key: required('Name of the setting', 255) })

/** Parses the name of a setting. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parseSettingKey = parserOf(keySchema, ({ key }) => done(key))

// The values of unknown settings are not checked: the operation refuses them by their names.
const settingsSchema = z.catchall(
  z.object({
    PushChallengeValidityTime: optionalOrEmpty('Seconds a phone may answer, 1 to 600; 120 unless set'),
    DefaultChallengeValidityTime: optionalOrEmpty('The same, where that is not set'),
    PushChallengeFinalizeGrace: optionalOrEmpty('Seconds after an answer to finalize in, 0 to 600; 300 unless set'),
    DefaultMaxFailCount: optionalOrEmpty('Wrong PINs until a new token is locked, 1 to 1000; 10 unless set'),
    splitAtSign: optionalOrEmpty('Whether `ada@realm` names a realm: True, unless set to False'),
    IncFailCountOnFalsePin: optionalOrEmpty('True: Nod counts every wrong PIN'),
    no_auth_counter: optionalOrEmpty('False: Nod counts every login'),
    failcounter_clear_timeout: optionalOrEmpty(
      'Minutes after too many wrong PINs until a phone is no longer locked, at most 525600; 0, never, unless set',
    ),
    PolicyTimeZone: optionalOrEmpty('Time zone of the hours in policies, such as Europe/Berlin; UTC unless set'),
    OverrideAuthorizationClient: optionalOrEmpty(
      'Proxies and services that may say where a request came from: addresses or networks with commas, `a > b` for users of b only',
    ),
  }),
  z.unknown(),
)

/** Parses the settings that were sent, by name; the operation checks each key. Refuses: `parameter_invalid`. */
export const parseSettings = parserOf(settingsSchema, (fields) => done<Parameters>(present(fields)))
