import type { Credential } from '../operations/access/identify.ts'
import { clearExpired, listChallenges, withdrawLogin } from '../operations/token/challenges.ts'
import { challengeItem, challengeShape, parseChallengeListing } from '../protocol/token/challenge-list.ts'
import { parseTransactionId } from '../protocol/login/client-request.ts'
import { readingNothing } from '../protocol/parameters.ts'
import { pagesBeside, pagesBesideShape } from '../protocol/page.ts'
import { integer, listOf, object, boolean } from '../protocol/shape.ts'
import type { Outcome } from '../refusal.ts'
import { administered, whoseIs } from './administered.ts'
import type { Asked } from './context.ts'
import { noteDone } from './noted.ts'
import { replied } from './respond.ts'
import { Room } from './room.ts'
import { methods } from './routes.ts'

export const challenges = new Room()

const about = {
  summary: 'List open logins',
  description: 'Without what would finish them. Of a user all challenges stand on one page.',
  who: 'helpdesk',
  reads: parseChallengeListing,
  value: object(
    { challenges: listOf(challengeShape), count: integer('Those of other pages included') },
    { current: integer('This page'), ...pagesBesideShape },
  ),
} as const

const list = administered(about, async (c, credential, listing) => {
  const found = await listChallenges(c.var.ports, credential, listing)
  return replied(c, found, ({ challenges: items, count }) => ({
    challenges: items.map(challengeItem),
    count,
    ...(listing.user === undefined ? { current: listing.page, ...pagesBeside(listing, count) } : {}),
  }))
})

/** What shards take off their lists is no change of the catalogue, which would have a record. */
function deleted(
  c: Asked,
  action: string,
  credential: Credential,
  outcome: Outcome<number>,
  transactionId?: string,
): Response {
  if (outcome.ok && outcome.value > 0)
    noteDone(c, action, `${outcome.value} challenges`, { ...whoseIs(credential), transactionId })
  return replied(c, outcome, (count) => ({ status: true, deleted: count }))
}

const value = object({ status: boolean('true'), deleted: integer('How many challenges that were') })

methods(challenges, '/token/challenges', { GET: list })
methods(challenges, '/token/challenges/expired', {
  DELETE: administered(
    { summary: 'Take what has expired off the list', who: 'helpdesk', reads: readingNothing, value },
    async (c, credential) =>
      deleted(c, 'DELETE /token/challenges/expired', credential, await clearExpired(c.var.ports, credential)),
  ),
})
methods(challenges, '/token/challenges/transaction/:transaction_id', {
  DELETE: administered(
    { summary: 'Withdraw a login at once', who: 'helpdesk', reads: parseTransactionId, value },
    async (c, credential, id) => {
      const action = 'DELETE /token/challenges/transaction/<transaction_id>'
      return deleted(c, action, credential, await withdrawLogin(c.var.ports, credential, id), id)
    },
  ),
})
methods(challenges, '/token/challenges/:serial', { GET: list })
