import { integer, object, oneOf, string } from '../../protocol/shape.ts'
import type { Access } from '../route.ts'
import type { Status } from '../wire-form.ts'

// The parts of the OpenAPI document that all operations share.

const FRAME = {
  id: integer('2 on endpoints about logins, else 1'),
  jsonrpc: oneOf('Always', '2.0'),
  time: { type: 'number', description: 'Seconds since 1970' },
  version: string('Nod and its version'),
}
const DETAIL = { type: ['object', 'null'], description: 'Details of the result or error' }

export const schemas = {
  Success: object(
    {
      ...FRAME,
      result: object(
        { status: oneOf('Always', true), value: { description: 'The result of the operation' } },
        {
          authentication: oneOf(
            'The outcome of a login, on endpoints about logins',
            'ACCEPT',
            'CHALLENGE',
            'REJECT',
            'DECLINED',
          ),
        },
      ),
      versionnumber: string('The version alone'),
    },
    { detail: DETAIL },
  ),
  Refusal: object({
    ...FRAME,
    result: object({
      status: oneOf('Always', false),
      error: object({
        code: integer('The error code, as in privacyIDEA'),
        message: string('The error message'),
      }),
    }),
    detail: DETAIL,
  }),
}

const REFUSALS: Readonly<Record<Status, string>> = {
  400: 'The request is not acceptable. Code 905 is about a parameter, which the message names.',
  401: 'The credential is missing (4033), wrong or expired (4031, 4304, 4305), or its role is not sufficient (4306).',
  403: 'A policy or the configuration forbids the request (303).',
  404: 'The object does not exist (601).',
  405: 'The path does not have this method; `Allow` lists those it has.',
  409: 'The object has been changed since the caller read it (905).',
  413: 'The body is larger than 64 KiB (905).',
  429: 'Too many requests came from the network of the caller, and `Retry-After` says when to try again (903).',
  500: 'An internal error, without details (-500).',
  501: 'Nod does not keep this in its database (-501). The message names the secret of the deployment, if there is one.',
  503: 'The database does not answer, and `Retry-After` says when to try again; or the search is too broad (903).',
}

export const responses = Object.fromEntries(
  Object.entries(REFUSALS).map(([status, description]) => [
    status,
    { description, content: { 'application/json': { schema: { $ref: '#/components/schemas/Refusal' } } } },
  ]),
)

export const securitySchemes = {
  authorization: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description: 'An API token of `POST /auth`, or a service key of `POST /apikey`',
  },
  bearer: { type: 'http', scheme: 'bearer', description: 'The same after `Bearer`' },
  piAuthorization: {
    type: 'apiKey',
    in: 'header',
    name: 'PI-Authorization',
    description: 'The same, for callers whose proxy uses `Authorization`; wins over that header',
  },
}

/** The roles of which a caller needs one, and the same as text. */
export const ACCESS_TEXTS: Readonly<Record<Access, { readonly roles?: readonly string[]; readonly words: string }>> = {
  anyone: { words: 'For anyone: a credential is ignored.' },
  check: {
    roles: ['validate'],
    words: 'For services (the role `validate`) and administrators; for anyone if `ANONYMOUS_CHECK` allows it.',
  },
  trigger: { roles: ['validate'], words: 'For services (the role `validate`) and administrators.' },
  timeline: {
    roles: ['validate', 'helpdesk'],
    words: 'For the roles `helpdesk` and `admin`; for services (`validate`) about the logins they opened.',
  },
  helpdesk: { roles: ['helpdesk'], words: 'For the roles `helpdesk` and `admin`.' },
  admin: { roles: ['admin'], words: 'For the role `admin`.' },
  metrics: { roles: ['metrics', 'admin'], words: 'For the roles `metrics` and `admin`.' },
  user: { roles: ['user'], words: 'For users, about themselves.' },
  self: {
    roles: ['helpdesk', 'admin', 'user'],
    words: 'For administrators of any role; for users about their own tokens.',
  },
  oneself: { roles: [], words: 'For administrators of any role, about their own account; not for services.' },
  session: { roles: [], words: 'For holders of an API token, administrators and users; not for services.' },
}

/** Tags and their descriptions by the beginning of the path. */
const TAGS: readonly (readonly [string, string, string])[] = [
  ['/validate', 'Logins', 'Services open a login, poll its status and finalize it.'],
  ['/transaction', 'Logins', ''],
  ['/auth', 'Signing in', 'API tokens for administrators and users.'],
  ['/ttype', 'Phones', 'Requests of the app on the phone, which it signs.'],
  ['/token/challenges', 'Open logins', 'Challenges of open logins, for administrators.'],
  ['/token/bypass', 'Bypass codes', 'Codes with which a user logs in once without the phone.'],
  ['/token', 'Tokens', 'Enrolling and managing the tokens of phones.'],
  ['/invitation', 'Invitations', 'One-time links with which users enroll their phones by themselves.'],
  ['/policy', 'Policies', 'Settings by realm, user, address and time.'],
  ['/user', 'Users', 'Owners of tokens.'],
  ['/realm', 'Realms', 'Groups of users.'],
  ['/defaultrealm', 'Realms', ''],
  ['/resolver', 'Resolvers', 'The built-in user store, for clients that list resolvers.'],
  ['/audit', 'Audit', 'Requests and their results, and the proof that none is missing.'],
  ['/deployment/audit', 'Audit', ''],
  ['/report', 'Reports', 'Counted logins, their steps and times, and phones that cannot be reached.'],
  ['/apikey', 'Service keys', 'Credentials of services.'],
  ['/administrator', 'Administrators', 'Accounts of administrators.'],
  ['/system', 'Settings', 'Settings of the whole deployment.'],
  ['/webhook', 'Webhooks', 'Addresses that security events are pushed to.'],
  ['/.well-known/jwks.json', 'Webhooks', ''],
  ['/deployment/keys', 'Keys', 'Keys of the deployment, and their rotation.'],
  ['/deployment/user-data', 'Data of users', 'What Nod stores about a user: for them to have, or to be erased.'],
  ['/deployment', 'Deployment', 'Where phones are, and what a restored database has lost.'],
  ['/doctor', 'Doctor', 'What is configured, what is missing, and a test push.'],
  ['/metrics', 'Reports', ''],
  ['/smsgateway', 'Firebase', 'Configurations for sending push messages.'],
  ['', 'Nod itself', 'Its health, and this description.'],
]

export const tags = TAGS.flatMap(([, name, description]) => (description === '' ? [] : [{ name, description }]))
export const tagOf = (path: string): string =>
  TAGS.find(([prefix]) => path === prefix || path.startsWith(`${prefix}/`))?.[1] ?? 'Nod itself'
