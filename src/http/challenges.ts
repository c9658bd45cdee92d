import { Hono } from 'hono'
import type { Credential } from '../operations/identify.ts'
import { clearExpired, listChallenges, withdrawLogin } from '../operations/challenges.ts'
import { challengeItem, parseChallengeListing } from '../protocol/challenge-list.ts'
import type { Outcome } from '../refusal.ts'
import { administered } from './administered.ts'
import type { Asked, Known } from './context.ts'
import { noteDone } from './noted.ts'
import { refused, replied } from './respond.ts'
import { methods } from './routes.ts'

export const challenges = new Hono<Known>()

const list = administered(async (c, credential, params) => {
  const listing = parseChallengeListing(params)
  if (!listing.ok) return refused(c, listing.refusal)
  const { user, page, pageSize } = listing.value
  const found = await listChallenges(c.var.ports, credential, listing.value)
  return replied(c, found, ({ challenges: items, count }) => ({
    challenges: items.map(challengeItem),
    count,
    ...(user === undefined
      ? { current: page, prev: page > 1 ? page - 1 : null, next: page * pageSize < count ? page + 1 : null }
      : {}),
  }))
})

/** What shards take off their lists is no change of the catalogue, which would have a record. */
function deleted(c: Asked, action: string, credential: Credential, outcome: Outcome<number>): Response {
  const administrator = credential.kind === 'administrator' ? credential.name : undefined
  if (outcome.ok && outcome.value > 0)
    noteDone(c, action, `${outcome.value} challenges`, { administrator, transactionId: c.req.param('transaction_id') })
  return replied(c, outcome, (count) => ({ status: true, deleted: count }))
}

methods(challenges, '/token/challenges', { GET: list })
methods(challenges, '/token/challenges/expired', {
  DELETE: administered(async (c, credential) =>
    deleted(c, 'DELETE /token/challenges/expired', credential, await clearExpired(c.var.ports, credential)),
  ),
})
methods(challenges, '/token/challenges/transaction/:transaction_id', {
  DELETE: administered(async (c, credential) => {
    const id = c.req.param('transaction_id') ?? ''
    const action = 'DELETE /token/challenges/transaction/<transaction_id>'
    return deleted(c, action, credential, await withdrawLogin(c.var.ports, credential, id))
  }),
})
methods(challenges, '/token/challenges/:serial', { GET: list })
