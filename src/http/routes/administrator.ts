import {
  addAdministrator,
  changeAdministrator,
  changePassword,
  listAdministrators,
} from '../../operations/administration/administrators.ts'
import type { AdministratorChange } from '../../ports/administrators.ts'
import {
  parseAdministrator,
  parseAdministratorLogin,
  parsePasswordChange,
} from '../../protocol/administration/administrator-request.ts'
import { parseNothing } from '../../protocol/parameters.ts'
import { integer, listOf, object, oneOf, orNull, string, boolean } from '../../protocol/shape.ts'
import { ADMINISTRATOR_ROLES } from '../../vocabulary.ts'
import { protectedRoute } from '../protected-route.ts'
import { sendOutcome } from '../respond.ts'
import { Router } from '../router.ts'
import { addRoutes } from '../route.ts'

export const administratorRoutes = new Router()

addRoutes(administratorRoutes, '/administrator', {
  GET: protectedRoute(
    {
      summary: 'List who may sign in',
      who: 'admin',
      reads: parseNothing,
      value: listOf(
        object({
          login: string('Login'),
          role: oneOf('Role', ...ADMINISTRATOR_ROLES),
          disabled: boolean('Whether they may not, for now'),
          configured: boolean('Whether it is the one of ADMIN_LOGIN'),
          created_at: orNull(integer('Milliseconds since 1970')),
        }),
      ),
    },
    async (c, credential) =>
      sendOutcome(c, await listAdministrators(c.var.ports, credential), (all) =>
        all.map(({ createdAt, ...shown }) => ({ ...shown, created_at: createdAt ?? null })),
      ),
  ),
  POST: protectedRoute(
    {
      summary: 'Add an administrator',
      who: 'admin',
      reads: parseAdministrator,
      value: boolean('true'),
      refuses: [501],
      example: { login: 'grace', password: '…', role: 'helpdesk' },
    },
    async (c, credential, asked) =>
      sendOutcome(c, await addAdministrator(c.var.ports, credential, c.var.source, asked), () => true),
  ),
})

addRoutes(administratorRoutes, '/administrator/password', {
  POST: protectedRoute(
    {
      summary: "Change one's own password",
      description: 'What was signed in with the old one is void.',
      who: 'oneself',
      reads: parsePasswordChange,
      value: boolean('true'),
      refuses: [404, 501],
    },
    async (c, credential, asked) =>
      sendOutcome(c, await changePassword(c.var.ports, credential, c.var.source, asked), () => true),
  ),
})

/** A change of somebody else; the answer is how many it changed. */
const changes = (action: string, summary: string, change: AdministratorChange) =>
  protectedRoute(
    { summary, who: 'admin', reads: parseAdministratorLogin, value: integer('1'), refuses: [501] },
    async (c, credential, login) =>
      sendOutcome(
        c,
        await changeAdministrator(c.var.ports, credential, c.var.source, { login, change, action }),
        () => 1,
      ),
  )

addRoutes(administratorRoutes, '/administrator/enable/:login', {
  POST: changes('POST /administrator/enable/<login>', 'Let an administrator sign in again', {
    kind: 'disabled',
    disabled: false,
  }),
})
addRoutes(administratorRoutes, '/administrator/disable/:login', {
  POST: changes('POST /administrator/disable/<login>', 'Let an administrator not sign in for now', {
    kind: 'disabled',
    disabled: true,
  }),
})
addRoutes(administratorRoutes, '/administrator/:login', {
  DELETE: changes('DELETE /administrator/<login>', 'Delete an administrator; what they signed in is void at once', {
    kind: 'deleted',
  }),
})
