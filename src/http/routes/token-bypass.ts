import { grantBypassCode, listBypassCodes, withdrawBypassCode } from '../../operations/token/bypass-codes.ts'
import type { BypassCode } from '../../ports/bypass-codes.ts'
import { parseBypassCodeRequest, parseBypassCodeId } from '../../protocol/token/bypass-code-request.ts'
import { parseNothing } from '../../protocol/parameters.ts'
import { integer, listOf, object, string } from '../../protocol/shape.ts'
import { protectedRoute } from '../protected-route.ts'
import { sendOutcome } from '../send.ts'
import { Router } from '../router.ts'
import { addRoutes } from '../route.ts'

export const bypassRoutes = new Router()

const itemOf = ({ id, owner, issuedAt, expiresAt, issuedBy, reason }: BypassCode) => ({
  id,
  user: owner.login,
  realm: owner.realm,
  issued_at: issuedAt,
  expires_at: expiresAt,
  issued_by: issuedBy,
  reason,
})

const ITEM = {
  id: integer('Id of the code'),
  user: string('Login name of its user'),
  realm: string('Realm of its user'),
  issued_at: integer('Milliseconds since 1970'),
  expires_at: integer('Milliseconds since 1970'),
  issued_by: string('Who issued it'),
  reason: string('Why'),
}

addRoutes(bypassRoutes, '/token/bypass', {
  GET: protectedRoute(
    {
      summary: 'List the unused bypass codes',
      access: 'helpdesk',
      parser: parseNothing,
      value: listOf(object(ITEM)),
    },
    async (c, credential) =>
      sendOutcome(c, await listBypassCodes(c.var.ports, credential), (codes) => codes.map(itemOf)),
  ),
  POST: protectedRoute(
    {
      summary: 'Issue a code with which a user logs in once without the phone',
      access: 'helpdesk',
      parser: parseBypassCodeRequest,
      value: object({ ...ITEM, code: string('The code that the user enters; shown only once') }),
      example: { user: 'ada', reason: 'lost phone' },
    },
    async (c, credential, request) =>
      sendOutcome(c, await grantBypassCode(c.var.ports, credential, c.var.source, request), ({ code, ...bypass }) => ({
        ...itemOf(bypass),
        code,
      })),
  ),
})

addRoutes(bypassRoutes, '/token/bypass/:id', {
  DELETE: protectedRoute(
    { summary: 'Withdraw a bypass code', access: 'helpdesk', parser: parseBypassCodeId, value: integer('1') },
    async (c, credential, id) =>
      sendOutcome(c, await withdrawBypassCode(c.var.ports, credential, c.var.source, id), () => 1),
  ),
})
