/** Repeated requests that join the login of the first, where policy lets their service. They hear of its success as the first does:
 *  as often as requests have joined, and only shortly after. Source: docs/protocol.md, "Repeated requests"; decision 0041. */
import { addSeconds, type Instant, type NamedToken, seconds } from '../../vocabulary.ts'
import type { RequestOrigin } from '../../vocabulary/login-steps.ts'
import { loginStatus, tokenOf, type Transaction } from './transaction.ts'

/** More requests than these are no retransmissions. */
const MAX_JOINED = 7
/** A repeat comes within this after the first: the phone's rule for joining, and that for hearing of the success. */
const REPEAT_TIME = seconds(10)

interface JoiningRequest {
  /** Of the request: it has to be that of the request which opened the login. */
  readonly digest: string
  /** Names the joining request: the same attempt joins once. */
  readonly attempt: string
  readonly origin?: RequestOrigin
}

/** Returns the login with one more request joined to it; undefined if it may not join: the login is decided, was opened by another
 *  request, or needs what the login screen of one request shows. */
export function joinLogin(
  transaction: Transaction,
  { digest, attempt, origin }: JoiningRequest,
  now: Instant,
): Transaction | undefined {
  const { joinedBy = [], reply, challenges, steps } = transaction
  if (reply?.digest !== digest || loginStatus(transaction, now) !== 'pending') return undefined
  if (transaction.enrollment !== undefined || challenges.some(({ mode }) => mode !== 'standard')) return undefined
  if (joinedBy.includes(attempt)) return transaction
  if (joinedBy.length >= MAX_JOINED) return undefined
  return { ...transaction, joinedBy: [...joinedBy, attempt], steps: [...steps, { at: now, kind: 'joined', origin }] }
}

/** Lets one of the requests that share the login hear that it is finalized; undefined if none is left that may, or it was too long
 *  ago. The first of them has finalized it. */
export function hearSuccess(
  transaction: Transaction,
  attempt: string | undefined,
  now: Instant,
): { readonly transaction: Transaction; readonly token: NamedToken } | undefined {
  const { joinedBy = [], heardBy = [], finalizedAt, challenges, steps } = transaction
  if (finalizedAt === undefined || attempt === undefined || now >= addSeconds(finalizedAt, REPEAT_TIME))
    return undefined
  const used = steps.findLast(({ kind }) => kind === 'finalized')
  const challenge = challenges.find(({ serial }) => serial === used?.serial)
  if (challenge === undefined) return undefined
  const token = tokenOf(challenge)
  if (heardBy.includes(attempt)) return { transaction, token }
  return heardBy.length < joinedBy.length
    ? { transaction: { ...transaction, heardBy: [...heardBy, attempt] }, token }
    : undefined
}
