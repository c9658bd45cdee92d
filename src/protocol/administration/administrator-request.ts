import * as z from 'zod/mini'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { ADMINISTRATOR_ROLES, type AdministratorRole } from '../../vocabulary.ts'
import { SHORTEST_PASSWORD } from '../../passwords/rule.ts'
import { isPathSegment, optional, optionalOrEmpty, parserOf, required } from '../parameters.ts'

const administratorSchema = z.object({
  login: required('Login: ASCII letters, digits, `.`, `_`, `@`, `+` or `-`', 64),
  password: required(`Password, at least ${SHORTEST_PASSWORD} characters`, 1024),
  role: optional('helpdesk (tokens, challenges and audit: the default), admin, or validate for a plugin', 16),
})

/** A request to add an administrator. */
export interface AdministratorRequest {
  readonly login: string
  readonly password: string
  readonly role: AdministratorRole
}

/** Parses a request to add an administrator. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parseAdministrator = parserOf(administratorSchema, (fields): Outcome<AdministratorRequest> => {
  const { login, password, role: roleName = 'helpdesk' } = fields
  const role = ADMINISTRATOR_ROLES.find((one) => one === roleName)
  if (role === undefined)
    return refuse({
      reason: 'parameter_invalid',
      name: 'role',
      why: `expected one of ${ADMINISTRATOR_ROLES.join(', ')}`,
    })
  // `DELETE /administrator/password` could not reach an administrator of this name: passwords are changed there.
  if (!/^[\w.@+-]+$/.test(login) || !isPathSegment(login) || login === 'password')
    return refuse({ reason: 'parameter_invalid', name: 'login', why: 'not a login' })
  return done({ login, password, role })
})

const passwordSchema = z.object({
  password: required('The password so far', 1024),
  new_password: required(`The new one, at least ${SHORTEST_PASSWORD} characters`, 1024),
})

/** Parses a change of the caller's own password. Whether the new one may be chosen depends on the login.
 *  Refuses: `parameter_missing`, `parameter_invalid`. */
export const parsePasswordChange = parserOf(passwordSchema, ({ password, new_password: next }) =>
  done({ password, next }),
)

const breakGlassSchema = z.object({
  username: required('Login of an administrator', 320),
  password: optionalOrEmpty('Password', 1024),
  secret: optionalOrEmpty('The secret of the deployment for emergencies', 1024),
})

export interface BreakGlassRequest {
  readonly username: string
  readonly password: string
  readonly secret: string
}

/** Parses a sign-in without the phone. What is missing is empty, and as wrong as any. Refuses: `parameter_missing`. */
export const parseBreakGlass = parserOf(
  breakGlassSchema,
  ({ username, password, secret }): Outcome<BreakGlassRequest> =>
    done({ username: username.trim(), password: password ?? '', secret: secret ?? '' }),
)

const phoneRequiredSchema = z.object({
  login: required('Login of an administrator', 255),
  required: required('1: signing in takes password and phone; 0: the phone only if there is one', 1),
})

/** Parses whether an administrator needs a phone. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parsePhoneRequired = parserOf(phoneRequiredSchema, ({ login, required: text }) =>
  /^[01]$/.test(text)
    ? done({ login, required: text === '1' })
    : refuse({ reason: 'parameter_invalid', name: 'required', why: 'expected 1 or 0' }),
)

const loginSchema = z.object({ login: required('Login of an administrator', 255) })

/** Parses the login of an administrator. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parseAdministratorLogin = parserOf(loginSchema, ({ login }) => done(login))
