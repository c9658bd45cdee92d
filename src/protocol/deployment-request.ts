import * as z from 'zod/mini'
import { present } from '../present.ts'
import type { Outcome } from '../refusal.ts'
import { done, refuse } from '../refusal.ts'
import type { Role } from '../vocabulary.ts'
import { ROLES } from '../vocabulary.ts'
import type { Parameters } from './parameters.ts'
import { optional, read, required } from './parameters.ts'

const serviceKeySchema = z.object({
  name: required('Name of the service', 64),
  role: optional('validate (trigger, check and poll: the default), helpdesk or admin', 16),
})

/** Refuses: `parameter_missing`, `parameter_invalid`. */
export function parseServiceKey(params: Parameters): Outcome<{ readonly name: string; readonly role: Role }> {
  const fields = read(serviceKeySchema, params)
  if (!fields.ok) return fields
  const { name, role: asked = 'validate' } = fields.value
  const role = ROLES.find((one) => one === asked)
  if (role === undefined)
    return refuse({ reason: 'parameter_invalid', name: 'role', why: `expected one of ${ROLES.join(', ')}` })
  if (!/^[\w.-]+$/.test(name))
    return refuse({ reason: 'parameter_invalid', name: 'name', why: 'expected letters, digits, `.`, `_` or `-`' })
  return done({ name, role })
}

const personSchema = z.object({
  user: required('Login name', 255),
  realm: optional('Realm; without it the default realm', 255),
  givenname: optional('Given name', 255),
  surname: optional('Surname', 255),
  email: optional('Mail address', 255),
})

interface NewPerson {
  readonly user: string
  readonly realm?: string
  readonly givenName: string
  readonly surname: string
  readonly email: string
}

/** Refuses: `parameter_missing`, `parameter_invalid`. Source: contract 13.5. */
export function parsePerson(params: Parameters): Outcome<NewPerson> {
  const fields = read(personSchema, params)
  if (!fields.ok) return fields
  const { realm, givenname = '', surname = '', email = '' } = fields.value
  const user = fields.value.user.trim()
  if (user === '') return refuse({ reason: 'parameter_missing', name: 'user' })
  return done({ user, ...present({ realm }), givenName: givenname, surname, email })
}

const realmSchema = z.object({ realm: required('Name of the realm', 255) })

/** The realm named in the path, in lower case. Refuses: `parameter_invalid` for what no realm is called. */
export function parseRealm(params: Parameters): Outcome<string> {
  const fields = read(realmSchema, params)
  if (!fields.ok) return fields
  const realm = fields.value.realm.toLowerCase()
  return /^[\w.-]+$/.test(realm)
    ? done(realm)
    : refuse({ reason: 'parameter_invalid', name: 'realm', why: 'not the name of a realm' })
}
