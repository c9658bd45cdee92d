import { integer, object, oneOf, string } from '../../protocol/shape.ts'
import type { Access } from '../route.ts'
import type { Status } from '../wire-form.ts'

// What all operations share in the API's description.

const FRAME = {
  id: integer('2 where the answer is about a login, else 1'),
  jsonrpc: oneOf('Always', '2.0'),
  time: { type: 'number', description: 'Seconds since 1970' },
  version: string('Nod and its version'),
}
const DETAIL = { type: ['object', 'null'], description: 'More about it' }

export const schemas = {
  Success: object(
    {
      ...FRAME,
      result: object(
        { status: oneOf('Always', true), value: { description: 'What the operation says' } },
        {
          authentication: oneOf(
            'How a login stands, where the answer is about one',
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
        code: integer('Tells reasons apart, as in privacyIDEA'),
        message: string('The reason in words'),
      }),
    }),
    detail: DETAIL,
  }),
}

const REFUSALS: Readonly<Record<Status, string>> = {
  400: 'Something about the request will not do; code 905 where it is a parameter, which the message names.',
  401: 'No credential (4033), none that counts (4031, 4304, 4305), or not the role for this (4306).',
  403: 'A policy, or the configuration, does not allow it (303).',
  404: 'There is none such (601).',
  405: 'What every other method hears at this path; `Allow` names those there are.',
  413: 'The body is larger than 64 KiB (905).',
  500: 'A fault of Nod, of which nothing is said (-500).',
  501: 'Nod keeps this as a secret of the deployment, which the message names, or not at all (-501).',
  503: 'The catalogue does not answer, and `Retry-After` says when to try again; or too much would have to be searched (903).',
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
    description: 'An API token of `POST /auth`, or a service key of `POST /apikey`, bare',
  },
  bearer: { type: 'http', scheme: 'bearer', description: 'The same behind `Bearer`' },
  piAuthorization: {
    type: 'apiKey',
    in: 'header',
    name: 'PI-Authorization',
    description: 'The same, where a proxy wants `Authorization` for itself; it counts before it',
  },
}

/** For whom an operation is: the roles, of which one is needed, and the same in words. */
export const ACCESS_TEXTS: Readonly<Record<Access, { readonly roles?: readonly string[]; readonly words: string }>> = {
  anyone: { words: 'For anyone: no credential is looked at.' },
  check: {
    roles: ['validate'],
    words: 'For services (the role `validate`) and administrators; for anyone, where `ANONYMOUS_CHECK` allows it.',
  },
  trigger: { roles: ['validate'], words: 'For services (the role `validate`) and administrators.' },
  timeline: {
    roles: ['validate', 'helpdesk'],
    words: 'For the roles `helpdesk` and `admin`; for services (`validate`) what they opened themselves.',
  },
  helpdesk: { roles: ['helpdesk'], words: 'For the roles `helpdesk` and `admin`.' },
  admin: { roles: ['admin'], words: 'For the role `admin`.' },
  self: {
    roles: ['helpdesk', 'admin', 'user'],
    words: 'For administrators of any role; and for users about their own tokens.',
  },
  oneself: { roles: [], words: 'For administrators of any role, about themselves; not for services.' },
}

/** What operations are about, by how their path begins. */
const TAGS: readonly (readonly [string, string, string])[] = [
  ['/validate', 'Logins', 'What a service asks: open a login, ask how it stands, use it once.'],
  ['/transaction', 'Logins', ''],
  ['/auth', 'Signing in', 'An API token for an administrator.'],
  ['/ttype', 'Phones', 'What the app on the phone says; it signs each of these.'],
  ['/token/challenges', 'Open logins', 'As administrators see them.'],
  ['/token/bypass', 'Bypass codes', 'They let a user in once, without the phone.'],
  ['/token', 'Tokens', 'Enroll phones, and look after them.'],
  ['/policy', 'Policies', 'What a login asks for, by realm, user, address and time.'],
  ['/user', 'Users', 'Who may have tokens.'],
  ['/realm', 'Realms', 'Where users are.'],
  ['/defaultrealm', 'Realms', ''],
  ['/resolver', 'Resolvers', 'Where users come from; for clients that ask.'],
  ['/audit', 'Audit', 'Who asked what, and what came of it.'],
  ['/apikey', 'Service keys', 'What services come with in place of a password.'],
  ['/administrator', 'Administrators', 'Who may sign in.'],
  ['/system', 'Settings', 'What holds for the whole deployment.'],
  ['/smsgateway', 'Firebase', 'The configurations that push messages go through.'],
  ['', 'Nod itself', 'Its health, and this description.'],
]

export const tags = TAGS.flatMap(([, name, description]) => (description === '' ? [] : [{ name, description }]))
export const tagOf = (path: string): string =>
  TAGS.find(([prefix]) => path === prefix || path.startsWith(`${prefix}/`))?.[1] ?? 'Nod itself'
