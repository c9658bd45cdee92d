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
import { sendOutcome } from '../respond.ts'
import { Router } from '../router.ts'
import { addRoutes } from '../route.ts'

export const challengeRoutes = new Router()

const about = {
  summary: 'List open logins',
  description: 'Without what would finish them. Of a user all challenges stand on one page.',
  who: 'helpdesk',
  reads: parseChallengeList,
  value: object(
    { challenges: listOf(challengeShape), count: integer('Those of other pages included') },
    { current: integer('This page'), ...pageLinksShape },
  ),
} as const

const list = protectedRoute(about, async (c, credential, listing) => {
  const found = await listChallenges(c.var.ports, credential, listing)
  return sendOutcome(c, found, ({ challenges: items, count }) => ({
    challenges: items.map(challengeItem),
    count,
    ...(listing.user === undefined ? { current: listing.page, ...pageLinks(listing, count) } : {}),
  }))
})

/** What shards take off their lists is no change of the catalogue, which would have a record. */
function deleted(
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

const value = object({ status: boolean('true'), deleted: integer('How many challenges that were') })

addRoutes(challengeRoutes, '/token/challenges', { GET: list })
addRoutes(challengeRoutes, '/token/challenges/expired', {
  DELETE: protectedRoute(
    { summary: 'Take what has expired off the list', who: 'helpdesk', reads: parseNothing, value },
    async (c, credential) =>
      deleted(c, 'DELETE /token/challenges/expired', credential, await clearExpired(c.var.ports, credential)),
  ),
})
addRoutes(challengeRoutes, '/token/challenges/transaction/:transaction_id', {
  DELETE: protectedRoute(
    { summary: 'Withdraw a login at once', who: 'helpdesk', reads: parseTransactionId, value },
    async (c, credential, id) => {
      const action = 'DELETE /token/challenges/transaction/<transaction_id>'
      return deleted(c, action, credential, await withdrawLogin(c.var.ports, credential, id), id)
    },
  ),
})
addRoutes(challengeRoutes, '/token/challenges/:serial', { GET: list })
