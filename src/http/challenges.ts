import { Hono } from 'hono'
import { clearExpired, listChallenges, withdrawLogin } from '../operations/challenges.ts'
import { challengeItem, parseChallengeListing } from '../protocol/challenge-list.ts'
import { administered } from './administered.ts'
import type { Known } from './context.ts'
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

const deleted = (count: number): unknown => ({ status: true, deleted: count })

methods(challenges, '/token/challenges', { GET: list })
methods(challenges, '/token/challenges/expired', {
  DELETE: administered(async (c, credential) => replied(c, await clearExpired(c.var.ports, credential), deleted)),
})
methods(challenges, '/token/challenges/transaction/:transaction_id', {
  DELETE: administered(async (c, credential) => {
    const id = c.req.param('transaction_id') ?? ''
    return replied(c, await withdrawLogin(c.var.ports, credential, id), deleted)
  }),
})
methods(challenges, '/token/challenges/:serial', { GET: list })
