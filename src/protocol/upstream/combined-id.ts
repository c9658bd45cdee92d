/** The transaction id of a login that is open both here and at the upstream: Nod's 20 digits, a digit that tells whether the upstream's part
 *  can be polled, and the upstream's id. Clients know one id for each login, and nothing has to be stored to take it apart.
 *  Source: docs/protocol.md, "The upstream". */

export interface CombinedId {
  /** Nod's part, if its MAC is right. */
  readonly own: string
  /** The upstream's part. */
  readonly theirs: string
  /** Whether a poll of the upstream may tell more than that the login is pending. */
  readonly isPolled: boolean
}

const OWN_LENGTH = 20
/** A transaction id that Nod reads has 64 characters at most. */
const THEIRS = /^[0-9A-Za-z_-]{1,43}$/

/** Undefined for an upstream's id that does not fit. */
export const combineIds = ({ own, theirs, isPolled }: CombinedId): string | undefined =>
  THEIRS.test(theirs) ? `${own}${isPolled ? '1' : '0'}${theirs}` : undefined

/** Takes a combined id apart; undefined for any other text. */
export function splitId(text: string): CombinedId | undefined {
  const own = text.slice(0, OWN_LENGTH)
  const flag = text.charAt(OWN_LENGTH)
  const theirs = text.slice(OWN_LENGTH + 1)
  if (!/^[0-9]{20}$/.test(own) || !/^[01]$/.test(flag) || !THEIRS.test(theirs)) return undefined
  return { own, theirs, isPolled: flag === '1' }
}
