import { formatTimestamp } from '../../timestamps.ts'
import { TOKEN_TYPES } from '../../vocabulary.ts'
import type { PhoneLine } from '../../vocabulary/phones.ts'
import { UNREACHED_CAUSES } from '../../vocabulary/phones.ts'
import { boolean, listOf, object, oneOf, orNull, string } from '../shape.ts'

/** A phone as the report shows it, its token's fields named as in the token list. It has no registration token. */
export const phoneItem = (phone: PhoneLine & { readonly ability: string }): Readonly<Record<string, unknown>> => ({
  serial: phone.serial,
  tokentype: phone.type,
  username: phone.owner?.login ?? '',
  user_realm: phone.owner?.realm ?? '',
  active: phone.active,
  firebase_configuration: phone.firebase,
  why: phone.cause ?? null,
  quarantine_cause: phone.quarantineCause ?? null,
  since: phone.since === undefined ? null : formatTimestamp(phone.since),
  app: phone.app ?? null,
  system: phone.system ?? null,
  capabilities: phone.capabilities ?? null,
  code_to_phone: phone.ability,
})

export const phoneShape = object({
  serial: string('Serial of its token'),
  tokentype: oneOf('Which app it is', ...TOKEN_TYPES),
  username: string('Owner'),
  user_realm: string('Realm of the owner'),
  active: boolean('Whether its token is enabled'),
  firebase_configuration: string('Firebase configuration of its token, or `poll only`'),
  why: oneOf('What keeps push from it; null: nothing', ...UNREACHED_CAUSES, null),
  quarantine_cause: oneOf('Of a quarantine', 'unregistered', 'registration_token_invalid', null),
  since: orNull(string('Since when, where that is known')),
  app: orNull(string('The app, by its own word')),
  system: orNull(string('What it runs on')),
  capabilities: orNull(listOf(string('Name of a feature'))),
  code_to_phone: oneOf('Whether its app can do code to phone', 'able', 'unable', 'unknown'),
})
