import { grantBypassCode, listBypassCodes, withdrawBypassCode } from '../../operations/token/bypass-codes.ts'
import type { BypassCode } from '../../ports/bypass-codes.ts'
import { parseBypassCodeRequest, parseBypassCodeId } from '../../protocol/token/bypass-code-request.ts'
import { parseNothing } from '../../protocol/parameters.ts'
import { integer, listOf, object, string } from '../../protocol/shape.ts'
import { protectedRoute } from '../protected-route.ts'
import { sendOutcome } from '../respond.ts'
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
  id: integer('Number of the code'),
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
      summary: 'List the bypass codes that are open',
      who: 'helpdesk',
      reads: parseNothing,
      value: listOf(object(ITEM)),
    },
    async (c, credential) => sendOutcome(c, await listBypassCodes(c.var.ports, credential), (open) => open.map(itemOf)),
  ),
  POST: protectedRoute(
    {
      summary: 'Issue a code that lets a user in once, without the phone',
      who: 'helpdesk',
      reads: parseBypassCodeRequest,
      value: object({ ...ITEM, code: string('What the user enters; shown this once') }),
      example: { user: 'ada', reason: 'lost phone' },
    },
    async (c, credential, asked) =>
      sendOutcome(c, await grantBypassCode(c.var.ports, credential, c.var.source, asked), ({ code, ...open }) => ({
        ...itemOf(open),
        code,
      })),
  ),
})

addRoutes(bypassRoutes, '/token/bypass/:id', {
  DELETE: protectedRoute(
    { summary: 'Withdraw a bypass code', who: 'helpdesk', reads: parseBypassCodeId, value: integer('1') },
    async (c, credential, id) =>
      sendOutcome(c, await withdrawBypassCode(c.var.ports, credential, c.var.source, id), () => 1),
  ),
})
