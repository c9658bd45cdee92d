import { changePerson, deletePerson, listPeople, savePerson } from '../operations/administration/people.ts'
import {
  addRealm,
  changeResolver,
  clearDefaultRealm,
  deleteRealm,
  listRealms,
  setDefaultRealm,
} from '../operations/administration/realms.ts'
import { parseName } from '../protocol/administration/deployment-request.ts'
import { readingNothing } from '../protocol/parameters.ts'
import {
  personItem,
  personShape,
  realmAdded,
  realmAddedShape,
  realmItems,
  realmsShape,
  resolverItems,
  resolversShape,
} from '../protocol/administration/people.ts'
import {
  parseNamedPerson,
  parseNewRealm,
  parsePeople,
  parsePerson,
  parseRealm,
} from '../protocol/administration/people-request.ts'
import { boolean, integer, listOf, string } from '../protocol/shape.ts'
import { administered } from './administered.ts'
import { replied } from './respond.ts'
import { Room } from './room.ts'
import { methods } from './routes.ts'

/** Users, realms and the one resolver. Source: contract 13.5. */
export const people = new Room()

methods(people, '/user', {
  GET: administered(
    {
      summary: 'List users',
      description: 'There is no directory: a user is whom a token or an administrator has named.',
      who: 'helpdesk',
      reads: parsePeople,
      value: listOf(personShape),
      example: { realm: 'sales', username: 'a*' },
    },
    async (c, credential, asked) =>
      replied(c, await listPeople(c.var.ports, credential, asked), (found) => found.map(personItem)),
  ),
  POST: administered(
    {
      summary: 'Add a user, or set their names',
      description: 'Names that are not sent are empty afterwards.',
      who: 'admin',
      reads: parsePerson,
      value: string('Login name'),
      example: { user: 'ada', givenname: 'Ada', surname: 'Lovelace', email: 'ada@example.com' },
    },
    async (c, credential, person) =>
      replied(c, await savePerson(c.var.ports, credential, c.var.source, person), () => person.user),
  ),
  PUT: administered(
    {
      summary: 'Change names of a user',
      description: 'Those that are not sent stay.',
      who: 'admin',
      reads: parsePerson,
      value: boolean('true'),
      example: { user: 'ada', email: 'ada@example.com' },
    },
    async (c, credential, person) =>
      replied(c, await changePerson(c.var.ports, credential, c.var.source, person), () => true),
  ),
})
methods(people, '/user/:resolver/:user', {
  DELETE: administered(
    {
      summary: 'Delete a user; their tokens keep their name',
      who: 'admin',
      reads: parseNamedPerson,
      value: boolean('true'),
    },
    async (c, credential, person) =>
      replied(c, await deletePerson(c.var.ports, credential, c.var.source, person), () => true),
  ),
})

methods(people, '/realm', {
  GET: administered(
    { summary: 'List the realms', who: 'helpdesk', reads: readingNothing, value: realmsShape },
    async (c, credential) =>
      replied(c, await listRealms(c.var.ports, credential), ({ realms, defaultRealm }) =>
        realmItems(realms, defaultRealm),
      ),
  ),
})
methods(people, '/realm/superuser', {
  GET: administered(
    {
      summary: 'List the realms of administrators: none, they are of no realm',
      who: 'helpdesk',
      reads: readingNothing,
      value: listOf(string('None')),
    },
    async (c, credential) => replied(c, await listRealms(c.var.ports, credential), () => []),
  ),
})
methods(people, '/realm/:realm', {
  POST: administered(
    {
      summary: 'Make a realm, which stays though nobody is in it',
      description: 'Others are there because somebody is in them.',
      who: 'admin',
      reads: parseNewRealm,
      value: realmAddedShape,
    },
    async (c, credential, { realm, resolvers }) =>
      replied(c, await addRealm(c.var.ports, credential, c.var.source, realm), () => realmAdded(resolvers)),
  ),
  DELETE: administered(
    {
      summary: 'Delete a realm that nothing is in',
      description: 'Refused (302) while it is the default, or a user, a token or a policy names it.',
      who: 'admin',
      reads: parseRealm,
      value: integer('1'),
    },
    async (c, credential, realm) =>
      replied(c, await deleteRealm(c.var.ports, credential, c.var.source, realm), () => 1),
  ),
})

methods(people, '/defaultrealm', {
  GET: administered(
    {
      summary: 'Show the realm of users named without one',
      who: 'helpdesk',
      reads: readingNothing,
      value: realmsShape,
    },
    async (c, credential) =>
      replied(c, await listRealms(c.var.ports, credential), ({ defaultRealm }) =>
        realmItems([defaultRealm], defaultRealm),
      ),
  ),
  DELETE: administered(
    {
      summary: 'Make the first realm there was the default again: defrealm',
      who: 'admin',
      reads: readingNothing,
      value: integer('1'),
    },
    async (c, credential) => replied(c, await clearDefaultRealm(c.var.ports, credential, c.var.source), () => 1),
  ),
})
methods(people, '/defaultrealm/:realm', {
  POST: administered(
    { summary: 'Set the realm of users named without one', who: 'admin', reads: parseRealm, value: integer('1') },
    async (c, credential, realm) =>
      replied(c, await setDefaultRealm(c.var.ports, credential, c.var.source, realm), () => 1),
  ),
})

const changeOfResolver = (right: 'resolverwrite' | 'resolverdelete') =>
  administered(
    {
      summary: 'Refused: there is one resolver, and no other can be made',
      who: 'admin',
      reads: parseName,
      refuses: [501],
    },
    async (c, credential) => replied(c, await changeResolver(c.var.ports, credential, right), () => 0),
  )
methods(people, '/resolver', {
  GET: administered(
    { summary: 'List the resolvers: the one there is', who: 'helpdesk', reads: readingNothing, value: resolversShape },
    async (c, credential) => replied(c, await listRealms(c.var.ports, credential), () => resolverItems()),
  ),
})
methods(people, '/resolver/:name', {
  GET: administered(
    {
      summary: 'Show a resolver; none, if it is not the one there is',
      who: 'helpdesk',
      reads: parseName,
      value: resolversShape,
      example: { name: 'nod' },
    },
    async (c, credential, name) => replied(c, await listRealms(c.var.ports, credential), () => resolverItems(name)),
  ),
  POST: changeOfResolver('resolverwrite'),
  DELETE: changeOfResolver('resolverdelete'),
})
