import {
  addAdministrator,
  changeAdministrator,
  changePassword,
  listAdministrators,
  requirePhone,
} from '../../operations/administration/administrators.ts'
import type { AdministratorChange } from '../../ports/administrators.ts'
import {
  parseAdministrator,
  parseAdministratorLogin,
  parsePasswordChange,
  parsePhoneRequired,
} from '../../protocol/administration/administrator-request.ts'
import { parseNothing } from '../../protocol/parameters.ts'
import { integer, listOf, object, oneOf, orNull, string, boolean } from '../../protocol/shape.ts'
import { ADMINISTRATOR_ROLES } from '../../vocabulary.ts'
import { protectedRoute } from '../protected-route.ts'
import { sendOutcome } from '../send.ts'
import { Router } from '../router.ts'
import { addRoutes } from '../route.ts'

export const administratorRoutes = new Router()

addRoutes(administratorRoutes, '/administrator', {
  GET: protectedRoute(
    {
      summary: 'List the administrators',
      access: 'admin',
      parser: parseNothing,
      value: listOf(
        object({
          login: string('Login'),
          role: oneOf('Role', ...ADMINISTRATOR_ROLES),
          disabled: boolean('Whether signing in is disabled'),
          phone_required: boolean('Whether signing in takes password and phone'),
          has_phone: boolean('Whether a phone has registered for the account'),
          configured: boolean('Whether this is the administrator of ADMIN_LOGIN'),
          created_at: orNull(integer('Milliseconds since 1970')),
        }),
      ),
    },
    async (c, credential) =>
      sendOutcome(c, await listAdministrators(c.var.ports, credential), (all) =>
        all.map(({ createdAt, phoneRequired, hasPhone, ...shown }) => ({
          ...shown,
          phone_required: phoneRequired,
          has_phone: hasPhone,
          created_at: createdAt ?? null,
        })),
      ),
  ),
  POST: protectedRoute(
    {
      summary: 'Add an administrator',
      access: 'admin',
      parser: parseAdministrator,
      value: boolean('true'),
      refuses: [501],
      example: { login: 'grace', password: '…', role: 'helpdesk' },
    },
    async (c, credential, request) =>
      sendOutcome(c, await addAdministrator(c.var.ports, credential, c.var.source, request), () => true),
  ),
})

addRoutes(administratorRoutes, '/administrator/password', {
  POST: protectedRoute(
    {
      summary: "Change one's own password",
      description: 'API tokens issued under the old password become invalid.',
      access: 'oneself',
      parser: parsePasswordChange,
      value: boolean('true'),
      refuses: [404, 501],
    },
    async (c, credential, request) =>
      sendOutcome(c, await changePassword(c.var.ports, credential, c.var.source, request), () => true),
  ),
})

/** A route that changes another administrator. */
const changeRoute = (action: string, summary: string, change: AdministratorChange) =>
  protectedRoute(
    { summary, access: 'admin', parser: parseAdministratorLogin, value: integer('1'), refuses: [501] },
    async (c, credential, login) =>
      sendOutcome(
        c,
        await changeAdministrator(c.var.ports, credential, c.var.source, { login, change, action }),
        () => 1,
      ),
  )

addRoutes(administratorRoutes, '/administrator/enable/:login', {
  POST: changeRoute('POST /administrator/enable/<login>', 'Enable an administrator', {
    kind: 'disabled',
    disabled: false,
  }),
})
addRoutes(administratorRoutes, '/administrator/disable/:login', {
  POST: changeRoute('POST /administrator/disable/<login>', 'Disable an administrator', {
    kind: 'disabled',
    disabled: true,
  }),
})
addRoutes(administratorRoutes, '/administrator/phone-required/:login', {
  POST: protectedRoute(
    {
      summary: 'Say whether an administrator needs a phone to sign in',
      description:
        'Whoever needs one and has none signs in to enroll it, and can do nothing else. API tokens issued before become invalid.',
      access: 'admin',
      parser: parsePhoneRequired,
      value: integer('1'),
      example: { required: '1' },
    },
    async (c, credential, request) =>
      sendOutcome(c, await requirePhone(c.var.ports, credential, c.var.source, request), () => 1),
  ),
})
addRoutes(administratorRoutes, '/administrator/:login', {
  DELETE: changeRoute(
    'DELETE /administrator/<login>',
    'Delete an administrator; their API tokens become invalid at once',
    {
      kind: 'deleted',
    },
  ),
})
