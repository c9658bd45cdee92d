import { changeUser, deleteUser, listUsers, saveUser } from '../../operations/administration/users.ts'
import { userItem, userShape } from '../../protocol/administration/user-items.ts'
import { parseNamedUser, parseUser, parseUserList } from '../../protocol/administration/user-request.ts'
import { boolean, listOf, string } from '../../protocol/shape.ts'
import { protectedRoute } from '../protected-route.ts'
import { sendOutcome } from '../send.ts'
import { addRoutes } from '../route.ts'
import { Router } from '../router.ts'

/** Users. Source: docs/protocol.md, "Users, realms, resolvers". */
export const userRoutes = new Router()

addRoutes(userRoutes, '/user', {
  GET: protectedRoute(
    {
      summary: 'List users',
      description: 'Nod has no directory: users are those that an administrator added or a token was enrolled for.',
      access: 'helpdesk',
      parser: parseUserList,
      value: listOf(userShape),
      example: { realm: 'sales', username: 'a*' },
    },
    async (c, credential, request) =>
      sendOutcome(c, await listUsers(c.var.ports, credential, request), (users) => users.map(userItem)),
  ),
  POST: protectedRoute(
    {
      summary: 'Add a user, or replace their attributes',
      description: 'Attributes that are not sent become empty.',
      access: 'admin',
      parser: parseUser,
      value: string('Login name'),
      example: { user: 'ada', givenname: 'Ada', surname: 'Lovelace', email: 'ada@example.com' },
    },
    async (c, credential, user) =>
      sendOutcome(c, await saveUser(c.var.ports, credential, c.var.source, user), () => user.user),
  ),
  PUT: protectedRoute(
    {
      summary: 'Change attributes of a user',
      description: 'Attributes that are not sent keep their value.',
      access: 'admin',
      parser: parseUser,
      value: boolean('true'),
      example: { user: 'ada', email: 'ada@example.com' },
    },
    async (c, credential, user) =>
      sendOutcome(c, await changeUser(c.var.ports, credential, c.var.source, user), () => true),
  ),
})
addRoutes(userRoutes, '/user/:resolver/:user', {
  DELETE: protectedRoute(
    {
      summary: 'Delete a user; their tokens stay assigned',
      access: 'admin',
      parser: parseNamedUser,
      value: boolean('true'),
    },
    async (c, credential, user) =>
      sendOutcome(c, await deleteUser(c.var.ports, credential, c.var.source, user), () => true),
  ),
})
