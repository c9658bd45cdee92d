/** How the places to wait in a shard are shared, so that neither one user nor one service takes them all. */
import type { Transaction } from './transaction.ts'

/** What a caller waits for: a login's status, or, under `push_wait`, to be let in. */
export type WaitingFor = 'status' | 'success'

/** A part of the places: callers with the same name share it. */
export interface WaitingShare {
  readonly name: string
  readonly most: number
}

/** Of one user, in one shard; half of it at one service, and half of that for callers that only ask for the status. */
const MOST_OF_USER = 32

/** The shares that a caller takes one place of each of. `max`: the places of the shard. An eighth of them is kept for requests that wait
 *  under `push_wait`, which cannot ask again without waiting, and an eighth for other services. */
export function waitingShares(
  max: number,
  { owner, challenges, service = '' }: Pick<Transaction, 'owner' | 'challenges' | 'service'>,
  waitsFor: WaitingFor,
): readonly WaitingShare[] {
  const reserve = Math.floor(max / 8)
  const ofUser = Math.min(MOST_OF_USER, Math.max(4, Math.floor(max / 2)))
  const user = owner === undefined ? challenges.map(({ serial }) => serial).join() : [owner.realm, owner.login]
  const shares = [
    share(max - reserve, 'service', service),
    share(ofUser, 'user', user),
    share(ofUser / 2, 'user at service', user, service),
  ]
  if (waitsFor === 'success') return shares
  return [
    ...shares,
    share(max - reserve, 'status'),
    share(ofUser / 2, 'status of user', user),
    share(ofUser / 4, 'status of user at service', user, service),
  ]
}

const share = (most: number, ...name: readonly unknown[]): WaitingShare => ({ name: JSON.stringify(name), most })
