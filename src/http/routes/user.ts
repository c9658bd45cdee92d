import { changeUser, deleteUser, listUsers, saveUser } from '../../operations/administration/users.ts'
import {
  addRealm,
  changeResolver,
  clearDefaultRealm,
  deleteRealm,
  listRealms,
  setDefaultRealm,
} from '../../operations/administration/realms.ts'
import { parseName } from '../../protocol/administration/deployment-request.ts'
import { parseNothing } from '../../protocol/parameters.ts'
import {
  userItem,
  userShape,
  realmAdded,
  realmAddedShape,
  realmItems,
  realmsShape,
  resolverItems,
  resolversShape,
} from '../../protocol/administration/user-items.ts'
import {
  parseNamedUser,
  parseNewRealm,
  parseUserList,
  parseUser,
  parseRealm,
} from '../../protocol/administration/user-request.ts'
import { boolean, integer, listOf, string } from '../../protocol/shape.ts'
import { protectedRoute } from '../protected-route.ts'
import { sendOutcome } from '../respond.ts'
import { Router } from '../router.ts'
import { addRoutes } from '../route.ts'

/** Users, realms and the one resolver. Source: docs/protocol.md, "Users, realms, resolvers". */
export const userRoutes = new Router()

addRoutes(userRoutes, '/user', {
  GET: protectedRoute(
    {
      summary: 'List users',
      description: 'There is no directory: a user is whom a token or an administrator has named.',
      who: 'helpdesk',
      reads: parseUserList,
      value: listOf(userShape),
      example: { realm: 'sales', username: 'a*' },
    },
    async (c, credential, asked) =>
      sendOutcome(c, await listUsers(c.var.ports, credential, asked), (found) => found.map(userItem)),
  ),
  POST: protectedRoute(
    {
      summary: 'Add a user, or set their names',
      description: 'Names that are not sent are empty afterwards.',
      who: 'admin',
      reads: parseUser,
      value: string('Login name'),
      example: { user: 'ada', givenname: 'Ada', surname: 'Lovelace', email: 'ada@example.com' },
    },
    async (c, credential, person) =>
      sendOutcome(c, await saveUser(c.var.ports, credential, c.var.source, person), () => person.user),
  ),
  PUT: protectedRoute(
    {
      summary: 'Change names of a user',
      description: 'Those that are not sent stay.',
      who: 'admin',
      reads: parseUser,
      value: boolean('true'),
      example: { user: 'ada', email: 'ada@example.com' },
    },
    async (c, credential, person) =>
      sendOutcome(c, await changeUser(c.var.ports, credential, c.var.source, person), () => true),
  ),
})
addRoutes(userRoutes, '/user/:resolver/:user', {
  DELETE: protectedRoute(
    {
      summary: 'Delete a user; their tokens keep their name',
      who: 'admin',
      reads: parseNamedUser,
      value: boolean('true'),
    },
    async (c, credential, person) =>
      sendOutcome(c, await deleteUser(c.var.ports, credential, c.var.source, person), () => true),
  ),
})

addRoutes(userRoutes, '/realm', {
  GET: protectedRoute(
    { summary: 'List the realms', who: 'helpdesk', reads: parseNothing, value: realmsShape },
    async (c, credential) =>
      sendOutcome(c, await listRealms(c.var.ports, credential), ({ realms, defaultRealm }) =>
        realmItems(realms, defaultRealm),
      ),
  ),
})
addRoutes(userRoutes, '/realm/superuser', {
  GET: protectedRoute(
    {
      summary: 'List the realms of administrators: none, they are of no realm',
      who: 'helpdesk',
      reads: parseNothing,
      value: listOf(string('None')),
    },
    async (c, credential) => sendOutcome(c, await listRealms(c.var.ports, credential), () => []),
  ),
})
addRoutes(userRoutes, '/realm/:realm', {
  POST: protectedRoute(
    {
      summary: 'Make a realm, which stays though nobody is in it',
      description: 'Others are there because somebody is in them.',
      who: 'admin',
      reads: parseNewRealm,
      value: realmAddedShape,
    },
    async (c, credential, { realm, resolvers }) =>
      sendOutcome(c, await addRealm(c.var.ports, credential, c.var.source, realm), () => realmAdded(resolvers)),
  ),
  DELETE: protectedRoute(
    {
      summary: 'Delete a realm that nothing is in',
      description: 'Refused (302) while it is the default, or a user, a token or a policy names it.',
      who: 'admin',
      reads: parseRealm,
      value: integer('1'),
    },
    async (c, credential, realm) =>
      sendOutcome(c, await deleteRealm(c.var.ports, credential, c.var.source, realm), () => 1),
  ),
})

addRoutes(userRoutes, '/defaultrealm', {
  GET: protectedRoute(
    {
      summary: 'Show the realm of users named without one',
      who: 'helpdesk',
      reads: parseNothing,
      value: realmsShape,
    },
    async (c, credential) =>
      sendOutcome(c, await listRealms(c.var.ports, credential), ({ defaultRealm }) =>
        realmItems([defaultRealm], defaultRealm),
      ),
  ),
  DELETE: protectedRoute(
    {
      summary: 'Make the first realm there was the default again: defrealm',
      who: 'admin',
      reads: parseNothing,
      value: integer('1'),
    },
    async (c, credential) => sendOutcome(c, await clearDefaultRealm(c.var.ports, credential, c.var.source), () => 1),
  ),
})
addRoutes(userRoutes, '/defaultrealm/:realm', {
  POST: protectedRoute(
    { summary: 'Set the realm of users named without one', who: 'admin', reads: parseRealm, value: integer('1') },
    async (c, credential, realm) =>
      sendOutcome(c, await setDefaultRealm(c.var.ports, credential, c.var.source, realm), () => 1),
  ),
})

const changeOfResolver = (right: 'resolverwrite' | 'resolverdelete') =>
  protectedRoute(
    {
      summary: 'Refused: there is one resolver, and no other can be made',
      who: 'admin',
      reads: parseName,
      refuses: [501],
    },
    async (c, credential) => sendOutcome(c, await changeResolver(c.var.ports, credential, right), () => 0),
  )
addRoutes(userRoutes, '/resolver', {
  GET: protectedRoute(
    { summary: 'List the resolvers: the one there is', who: 'helpdesk', reads: parseNothing, value: resolversShape },
    async (c, credential) => sendOutcome(c, await listRealms(c.var.ports, credential), () => resolverItems()),
  ),
})
addRoutes(userRoutes, '/resolver/:name', {
  GET: protectedRoute(
    {
      summary: 'Show a resolver; none, if it is not the one there is',
      who: 'helpdesk',
      reads: parseName,
      value: resolversShape,
      example: { name: 'nod' },
    },
    async (c, credential, name) => sendOutcome(c, await listRealms(c.var.ports, credential), () => resolverItems(name)),
  ),
  POST: changeOfResolver('resolverwrite'),
  DELETE: changeOfResolver('resolverdelete'),
})
