import type { Credential } from '../../operations/access/identify.ts'
import { clearExpired, listChallenges, withdrawLogin } from '../../operations/token/challenges.ts'
import { challengeItem, challengeShape, parseChallengeList } from '../../protocol/token/challenge-list.ts'
import { parseTransactionId } from '../../protocol/login/client-request.ts'
import { parseNothing } from '../../protocol/parameters.ts'
import { pageLinks, pageLinksShape } from '../../protocol/page.ts'
import { integer, listOf, object, boolean } from '../../protocol/shape.ts'
import type { Outcome } from '../../refusal.ts'
import { protectedRoute, callerFields } from '../protected-route.ts'
import type { HttpContext } from '../context.ts'
import { recordSuccess } from '../request-audit.ts'
import { sendOutcome } from '../send.ts'
import { Router } from '../router.ts'
import { addRoutes } from '../route.ts'

export const challengeRoutes = new Router()

const description = {
  summary: 'List open logins',
  description: 'Without nonce and code, which would finalize them. With `user`, all challenges are on one page.',
  access: 'helpdesk',
  parser: parseChallengeList,
  value: object(
    { challenges: listOf(challengeShape), count: integer('Number of challenges on all pages') },
    { current: integer('Number of this page'), ...pageLinksShape },
  ),
} as const

const list = protectedRoute(description, async (c, credential, listing) => {
  const found = await listChallenges(c.var.ports, credential, listing)
  return sendOutcome(c, found, ({ challenges: items, count }) => ({
    challenges: items.map(challengeItem),
    count,
    ...(listing.user === undefined ? { current: listing.page, ...pageLinks(listing, count) } : {}),
  }))
})

/** Sends how many challenges were deleted and records it. The change is in the shards: only a change of the catalogue
 *  writes its own audit entry. */
function sendDeleted(
  c: HttpContext,
  action: string,
  credential: Credential,
  outcome: Outcome<number>,
  transactionId?: string,
): Response {
  if (outcome.ok && outcome.value > 0)
    recordSuccess(c, action, `${outcome.value} challenges`, { ...callerFields(credential), transactionId })
  return sendOutcome(c, outcome, (count) => ({ status: true, deleted: count }))
}

const value = object({ status: boolean('true'), deleted: integer('Number of challenges deleted') })

addRoutes(challengeRoutes, '/token/challenges', { GET: list })
addRoutes(challengeRoutes, '/token/challenges/expired', {
  DELETE: protectedRoute(
    { summary: 'Delete expired challenges from the list', access: 'helpdesk', parser: parseNothing, value },
    async (c, credential) =>
      sendDeleted(c, 'DELETE /token/challenges/expired', credential, await clearExpired(c.var.ports, credential)),
  ),
})
addRoutes(challengeRoutes, '/token/challenges/transaction/:transaction_id', {
  DELETE: protectedRoute(
    { summary: 'Withdraw a login', access: 'helpdesk', parser: parseTransactionId, value },
    async (c, credential, id) => {
      const action = 'DELETE /token/challenges/transaction/<transaction_id>'
      return sendDeleted(c, action, credential, await withdrawLogin(c.var.ports, credential, id), id)
    },
  ),
})
addRoutes(challengeRoutes, '/token/challenges/:serial', { GET: list })
