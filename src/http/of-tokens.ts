import type { Asking, Changed } from '../operations/token/change-tokens.ts'
import type { Credential, OwnerRight } from '../operations/access/identify.ts'
import type { ChangeAsked, TokensAsked } from '../protocol/token/token-change-request.ts'
import type { Outcome } from '../refusal.ts'
import { administered, serialInPath, whoseIs } from './administered.ts'
import type { Asked } from './context.ts'
import { note } from './noted.ts'
import { replied } from './respond.ts'
import type { About, Route } from './routes.ts'

interface OfTokens<T> extends Omit<About<ChangeAsked<T>>, 'who'> {
  readonly right: OwnerRight
  /** Whether users may do it to their own tokens. */
  readonly self?: true
  /** As the audit names it. */
  readonly action: string
}

type Work<T, Made> = (c: Asked, asking: Asking, tokens: TokensAsked, wanted: T) => Promise<Outcome<Made>>

/** A route of what an administrator does to the tokens that the request means. */
export const ofTokens = <T, Made>(
  { right, self, action, ...about }: OfTokens<T>,
  work: Work<T, Made>,
  value: (made: Made) => unknown,
): Route =>
  administered({ ...about, who: self === true ? 'self' : 'helpdesk' }, async (c, credential, { tokens, wanted }) =>
    replied(c, await work(c, askingOf(c, credential, right, action), tokens, wanted), value),
  )

/** Who asks. Each token that is refused is noted; but of one that the path names, what is noted of a refused request tells. */
export const askingOf = (c: Asked, credential: Credential, right: OwnerRight, action: string): Asking => ({
  credential,
  source: c.var.source,
  right,
  action,
  refused: (serial, refusal, isWhole) => {
    if (!isWhole || serial !== serialInPath(c)) note(c, action, refusal, { ...whoseIs(credential), serial })
  },
})

export const count = ({ serials }: Changed): number => serials.length
