import * as z from 'zod/mini'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { PERSON_FIELDS, type PersonField } from '../../vocabulary.ts'
import {
  ignoring,
  isPathSegment,
  withDescription,
  optional,
  optionalOrEmpty,
  parserOf,
  required,
} from '../parameters.ts'
import { parsePage } from '../page.ts'

const whom = {
  user: required('Login name', 255),
  realm: optional('Realm; without it the default realm', 255),
}
const name = (description: string) => optionalOrEmpty(description, 255)
const userSchema = z.object({
  ...whom,
  givenname: name('Given name'),
  surname: name('Surname'),
  email: name('Mail address'),
})
const namedUserSchema = z.object({
  resolver: required('Where the user is kept; Nod has one place, `nod`, and does not look at this', 255),
  ...whom,
})

export interface UserRequest {
  readonly user: string
  readonly realm?: string
  /** The names that were sent. */
  readonly names: { readonly givenName?: string; readonly surname?: string; readonly email?: string }
}

/** Attributes of privacyIDEA's users that Nod does not keep. */
const NOT_KEPT = ['resolver', 'mobile', 'phone', 'description', 'password']

/** Parses a user and their names. Refuses: `parameter_missing`, `parameter_invalid`. Source: docs/protocol.md, "Users, realms, resolvers". */
export const parseUser = ignoring(
  parserOf(userSchema, (fields): Outcome<UserRequest> => {
    const { givenname: givenName, surname, email } = fields
    const user = userOf(fields)
    // `DELETE /user/nod/<user>` could not reach a user of this name.
    if (user.ok && !isPathSegment(user.value.user))
      return refuse({ reason: 'parameter_invalid', name: 'user', why: 'not a login name' })
    return user.ok ? done({ ...user.value, names: { givenName, surname, email } }) : user
  }),
  ...NOT_KEPT,
)

/** Parses which user is meant. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parseNamedUser = parserOf(namedUserSchema, userOf)

/** Reads login name and realm. Refuses: `parameter_missing`: the login name is blank. */
export function userOf(fields: {
  readonly user: string
  readonly realm: string | undefined
}): Outcome<Omit<UserRequest, 'names'>> {
  const user = fields.user.trim()
  if (user === '') return refuse({ reason: 'parameter_missing', name: 'user' })
  return done({ user, realm: fields.realm })
}

const pattern = (description: string) => optional(`${description}; \`*\` stands for anything`, 255)
const listSchema = z.object({
  username: pattern('Login name'),
  user: pattern('Another name of username'),
  userid: pattern('Id: the login name'),
  realm: pattern('Realm; without it all of them'),
  resolver: pattern('Resolver; the only one is nod'),
  givenname: pattern('Given name'),
  surname: pattern('Surname'),
  email: pattern('Mail address'),
  mobile: pattern('No user has one: finds nobody'),
  phone: pattern('No user has one: finds nobody'),
  page: optional('Page, from 1', 16),
  pagesize: optional('Users per page, at most and by default 500', 16),
})

export interface UserListRequest {
  /** All of them have to match. */
  readonly texts: readonly { readonly text: PersonField; readonly pattern: string }[]
  readonly realm?: string
  readonly resolver?: string
  /** The request filters by a field that no user has. */
  readonly matchesNobody: boolean
  readonly page: number
  readonly pageSize: number
}

/** Parses filter and page of a list of users. Refuses: `parameter_invalid`. Source: docs/protocol.md, "Users, realms, resolvers". */
export const parseUserList = parserOf(listSchema, (fields): Outcome<UserListRequest> => {
  const page = parsePage({ page: fields.page, pagesize: fields.pagesize ?? '500' })
  if (!page.ok) return page
  const loginPatterns = [fields.username, fields.user, fields.userid]
  const texts = [
    ...loginPatterns.map((value) => ({ text: 'login' as const, pattern: value })),
    ...PERSON_FIELDS.filter((text) => text !== 'login').map((text) => ({ text, pattern: fields[WIRE[text]] })),
  ]
  const { realm, resolver, mobile = '*', phone = '*' } = fields
  return done({
    texts: texts.flatMap(({ text, pattern: value = '*' }) => (/^\*+$/.test(value) ? [] : [{ text, pattern: value }])),
    realm,
    resolver,
    matchesNobody: !/^\*+$/.test(`${mobile}${phone}`),
    ...page.value,
  })
})

const WIRE = { givenName: 'givenname', surname: 'surname', email: 'email' } as const

const realmSchema = z.object({ realm: required('Name of the realm', 255) })

function realmOf(fields: z.output<typeof realmSchema>): Outcome<string> {
  const realm = fields.realm.toLowerCase()
  return /^[\w.-]+$/.test(realm)
    ? done(realm)
    : refuse({ reason: 'parameter_invalid', name: 'realm', why: 'not the name of a realm' })
}

/** Parses the name of a realm, and answers it in lower case. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parseRealm = parserOf(realmSchema, realmOf)

const error = 'neither a list of texts nor a text with commas'
const newRealmSchema = z.extend(realmSchema, {
  resolvers: withDescription(
    'Resolvers to have in it, a list, or a text with commas; it has `nod` in any case, and no other',
    z.nullish(z.union([z.string(), z.array(z.string())], { error })),
  ),
})

/** Parses the name of a new realm and the resolvers it should have. Refuses: as `parseRealm`. */
export const parseNewRealm = ignoring(
  parserOf(newRealmSchema, ({ resolvers, ...fields }) => {
    const realm = realmOf(fields)
    if (!realm.ok) return realm
    const list = typeof resolvers === 'string' ? resolvers.split(',') : (resolvers ?? [])
    return done({ realm: realm.value, resolvers: list.map((one) => one.trim()).filter((one) => one !== '') })
  }),
  'priority.',
)
