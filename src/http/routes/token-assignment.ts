/** The owner of a token: assigning, unassigning, copying owner or PIN, and replacing a lost phone. */
import { assign, copyOwner, copyPin } from '../../operations/token/assign.ts'
import { markTokenLost } from '../../operations/token/lost-token.ts'
import { boolean } from '../../protocol/shape.ts'
import { lostTokenItem, lostTokenShape } from '../../protocol/token/lost-token-item.ts'
import { parseAssign, parseCopy, parseLostToken } from '../../protocol/token/token-change-request.ts'
import { done } from '../../refusal.ts'
import { protectedRoute } from '../protected-route.ts'
import { sendOutcome } from '../send.ts'
import { addRoutes } from '../route.ts'
import { Router } from '../router.ts'
import { COUNT_AND_FAILURES, tokenSelectionRoute } from '../token-change-route.ts'

export const tokenAssignmentRoutes = new Router()

const value = boolean('true')
const always = (): boolean => true

addRoutes(tokenAssignmentRoutes, '/token/assign', {
  POST: protectedRoute(
    { summary: 'Assign a token to a user', access: 'self', parser: parseAssign, value },
    async (c, credential, request) =>
      sendOutcome(c, await assign(c.var.ports, credential, c.var.source, request), always),
  ),
})

addRoutes(tokenAssignmentRoutes, '/token/unassign', {
  POST: tokenSelectionRoute(
    {
      right: 'unassign',
      self: true,
      action: 'POST /token/unassign',
      summary: 'Unassign tokens from their owner and remove their PIN',
      report: COUNT_AND_FAILURES,
    },
    () => done({ kind: 'unassigned' }),
  ),
})

const copyRoute = (summary: string, copy: typeof copyPin) =>
  protectedRoute({ summary, access: 'helpdesk', parser: parseCopy, value }, async (c, credential, request) =>
    sendOutcome(c, await copy(c.var.ports, credential, c.var.source, request), always),
  )

addRoutes(tokenAssignmentRoutes, '/token/copypin', { POST: copyRoute('Copy the PIN of one token to another', copyPin) })
addRoutes(tokenAssignmentRoutes, '/token/copyuser', {
  POST: copyRoute('Assign a token to the owner of another', copyOwner),
})

addRoutes(tokenAssignmentRoutes, '/token/lost/:serial', {
  POST: protectedRoute(
    {
      summary: 'Disable the token of a lost phone, and issue a bypass code to its owner',
      access: 'helpdesk',
      parser: parseLostToken,
      value: lostTokenShape,
    },
    async (c, credential, serial) =>
      sendOutcome(c, await markTokenLost(c.var.ports, credential, c.var.source, serial), lostTokenItem),
  ),
})
