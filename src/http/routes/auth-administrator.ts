/** What administrators need around their second factor. */
import { BREAK_GLASS, breakGlass } from '../../operations/access/break-glass.ts'
import { limitSignIn } from '../../operations/access/rate-limits.ts'
import { enrollAdministratorPhone } from '../../operations/token/enroll-administrator-phone.ts'
import { success } from '../../protocol/envelope.ts'
import { parseBreakGlass } from '../../protocol/administration/administrator-request.ts'
import { parseNothing } from '../../protocol/parameters.ts'
import { boolean, listOf, object, oneOf, string } from '../../protocol/shape.ts'
import { enrollmentShape, sendEnrollment } from '../enrollment-response.ts'
import { protectedRouteAuthorizingFirst } from '../protected-route.ts'
import { recordRefusal, recordRefusedLogin, recordSuccess } from '../request-audit.ts'
import { addRoutes, route } from '../route.ts'
import { Router } from '../router.ts'
import { sendRefusal } from '../send.ts'

export const administratorSignInRoutes = new Router()

addRoutes(administratorSignInRoutes, '/auth/phone', {
  POST: protectedRouteAuthorizingFirst(
    {
      summary: 'Enroll a phone for one’s own account of an administrator',
      description:
        'From then on, signing in takes the password and the code that the phone shows. The first phone only, unless the role is ' +
        '`admin`; an administrator who needs a phone and has none can call nothing else.',
      access: 'oneself',
      parser: parseNothing,
      value: boolean('true'),
      detail: enrollmentShape,
      refuses: [403],
    },
    async (c, credential, request) => {
      const enrolled = await enrollAdministratorPhone(c.var.ports, credential, c.var.source, request)
      return enrolled.ok ? sendEnrollment(c, enrolled.value) : sendRefusal(c, enrolled.refusal)
    },
  ),
})

addRoutes(administratorSignInRoutes, '/auth/break-glass', {
  POST: route(
    {
      summary: 'Sign in without the phone, in an emergency',
      description:
        'Takes the password and `BREAK_GLASS_SECRET`, a secret of the deployment. The API token is valid for a quarter of an hour. ' +
        'Audited, and a security event.',
      access: 'anyone',
      parser: parseBreakGlass,
      value: object({
        token: string('The API token'),
        role: oneOf('Role', 'admin', 'helpdesk'),
        username: string('Login name'),
        auth: boolean('true'),
        rights: listOf(string('A right that role and policies allow')),
      }),
      refuses: [401],
      example: { username: 'admin', password: '…', secret: '…' },
    },
    async (c, parse) => {
      const request = await parse()
      if (!request.ok) {
        recordRefusal(c, BREAK_GLASS, request.refusal)
        return sendRefusal(c, request.refusal, {})
      }
      const limited = await limitSignIn(c.var.ports, c.var.source, { user: request.value.username })
      if (!limited.ok) return sendRefusal(c, limited.refusal, {})
      const session = await breakGlass(c.var.ports, c.var.source, request.value)
      if (!session.ok) {
        recordRefusedLogin(c, session)
        return sendRefusal(c, session.refusal, {})
      }
      const { token, name, role, rights } = session.value
      recordSuccess(c, BREAK_GLASS, 'signed in without the phone', { administrator: name }, 'ACCEPT')
      const value = { token, role, username: name, auth: true, rights }
      return c.json(success(2, value, { authentication: 'ACCEPT' }, c.var.ports.now()))
    },
  ),
})
