import {
  addRealm,
  clearDefaultRealm,
  deleteRealm,
  listRealms,
  setDefaultRealm,
} from '../../operations/administration/realms.ts'
import { realmAdded, realmAddedShape, realmItems, realmsShape } from '../../protocol/administration/user-items.ts'
import { parseNewRealm, parseRealm } from '../../protocol/administration/user-request.ts'
import { parseNothing } from '../../protocol/parameters.ts'
import { integer, listOf, string } from '../../protocol/shape.ts'
import { protectedRoute } from '../protected-route.ts'
import { sendOutcome } from '../send.ts'
import { addRoutes } from '../route.ts'
import { Router } from '../router.ts'

/** Realms, and the default realm. Source: docs/protocol.md, "Users, realms, resolvers". */
export const realmRoutes = new Router()

addRoutes(realmRoutes, '/realm', {
  GET: protectedRoute(
    { summary: 'List the realms', access: 'helpdesk', parser: parseNothing, value: realmsShape },
    async (c, credential) =>
      sendOutcome(c, await listRealms(c.var.ports, credential), ({ realms, defaultRealm }) =>
        realmItems(realms, defaultRealm),
      ),
  ),
})
addRoutes(realmRoutes, '/realm/superuser', {
  GET: protectedRoute(
    {
      summary: 'List the realms of administrators: always empty',
      access: 'helpdesk',
      parser: parseNothing,
      value: listOf(string('None')),
    },
    async (c, credential) => sendOutcome(c, await listRealms(c.var.ports, credential), () => []),
  ),
})
addRoutes(realmRoutes, '/realm/:realm', {
  POST: protectedRoute(
    {
      summary: 'Create a realm',
      description: 'A realm also exists without this as long as a user or token is in it.',
      access: 'admin',
      parser: parseNewRealm,
      value: realmAddedShape,
    },
    async (c, credential, { realm, resolvers }) =>
      sendOutcome(c, await addRealm(c.var.ports, credential, c.var.source, realm), () => realmAdded(resolvers)),
  ),
  DELETE: protectedRoute(
    {
      summary: 'Delete an empty realm',
      description: 'Refused (302) while it is the default realm, or a user, a token or a policy refers to it.',
      access: 'admin',
      parser: parseRealm,
      value: integer('1'),
    },
    async (c, credential, realm) =>
      sendOutcome(c, await deleteRealm(c.var.ports, credential, c.var.source, realm), () => 1),
  ),
})

addRoutes(realmRoutes, '/defaultrealm', {
  GET: protectedRoute(
    {
      summary: 'Show the default realm',
      access: 'helpdesk',
      parser: parseNothing,
      value: realmsShape,
    },
    async (c, credential) =>
      sendOutcome(c, await listRealms(c.var.ports, credential), ({ defaultRealm }) =>
        realmItems([defaultRealm], defaultRealm),
      ),
  ),
  DELETE: protectedRoute(
    {
      summary: 'Reset the default realm to defrealm',
      access: 'admin',
      parser: parseNothing,
      value: integer('1'),
    },
    async (c, credential) => sendOutcome(c, await clearDefaultRealm(c.var.ports, credential, c.var.source), () => 1),
  ),
})
addRoutes(realmRoutes, '/defaultrealm/:realm', {
  POST: protectedRoute(
    { summary: 'Set the default realm', access: 'admin', parser: parseRealm, value: integer('1') },
    async (c, credential, realm) =>
      sendOutcome(c, await setDefaultRealm(c.var.ports, credential, c.var.source, realm), () => 1),
  ),
})
