import { type Person, RESOLVER } from '../../vocabulary.ts'
import { boolean, mapOf, listOf, object, string } from '../shape.ts'

/** Users, realms and the one resolver as the API sends them. Source: docs/protocol.md, "Users, realms, resolvers", golden 26-token-definitions. */

export const userItem = ({ login, realm, givenName, surname, email }: Person): Readonly<Record<string, unknown>> => ({
  username: login,
  userid: login,
  givenname: givenName,
  surname,
  email,
  mobile: '',
  phone: '',
  resolver: RESOLVER,
  realm,
  editable: true,
})

export const userShape = object({
  username: string('Login name'),
  userid: string('The same'),
  givenname: string('Given name'),
  surname: string('Surname'),
  email: string('Mail address'),
  mobile: string('Empty'),
  phone: string('Empty'),
  resolver: string('nod'),
  realm: string('Realm'),
  editable: boolean('true'),
})

/** Realms by name. */
export const realmItems = (realms: Iterable<string>, defaultRealm: string): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    [...realms].map((realm) => [
      realm,
      { default: realm === defaultRealm, resolver: [{ name: RESOLVER, type: RESOLVER, node: '', priority: null }] },
    ]),
  )

export const realmsShape = mapOf(
  object({
    default: boolean('Whether users named without a realm are of it'),
    resolver: listOf(
      object({
        name: string('nod'),
        type: string('nod'),
        node: string('Empty'),
        priority: { type: 'null', description: 'None' },
      }),
    ),
  }),
  'By realm',
)

/** The result of asking for these resolvers in a realm: only `nod` exists, and every realm has it. */
export const realmAdded = (resolvers: readonly string[]): Readonly<Record<string, unknown>> => ({
  added: [RESOLVER],
  failed: resolvers.filter((name) => name !== RESOLVER),
})

export const realmAddedShape = object({
  added: listOf(string('nod')),
  failed: listOf(string('A resolver that there is none of')),
})

/** Resolvers by name: the one that exists, or none for another name. */
export const resolverItems = (name: string = RESOLVER): Readonly<Record<string, unknown>> =>
  name === RESOLVER ? { [RESOLVER]: { resolvername: RESOLVER, type: RESOLVER, data: {}, censor_keys: [] } } : {}

export const resolversShape = mapOf(
  object({
    resolvername: string('nod'),
    type: string('nod'),
    data: object({}),
    censor_keys: listOf(string('None')),
  }),
  'By name',
)
