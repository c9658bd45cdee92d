import type { TokenChangeContext, TokenChangeResult } from '../operations/token/change-tokens.ts'
import type { Credential, OwnerRight } from '../operations/access/identify.ts'
import type { TokenChangeRequest, TokenSelection } from '../protocol/token/token-change-request.ts'
import type { Outcome } from '../refusal.ts'
import { protectedRoute, serialInPath, callerFields } from './protected-route.ts'
import type { HttpContext } from './context.ts'
import { recordRefusal } from './request-audit.ts'
import { sendOutcome } from './respond.ts'
import type { RouteDescription, Route } from './route.ts'

interface TokenChangeRoute<T> extends Omit<RouteDescription<TokenChangeRequest<T>>, 'who'> {
  readonly right: OwnerRight
  /** Whether users may do it to their own tokens. */
  readonly self?: true
  /** As the audit names it. */
  readonly action: string
}

type Work<T, Made> = (
  c: HttpContext,
  asking: TokenChangeContext,
  tokens: TokenSelection,
  wanted: T,
) => Promise<Outcome<Made>>

/** A route of what an administrator does to the tokens that the request means. */
export const tokenChangeRoute = <T, Made>(
  { right, self, action, ...about }: TokenChangeRoute<T>,
  work: Work<T, Made>,
  value: (made: Made) => unknown,
): Route =>
  protectedRoute({ ...about, who: self === true ? 'self' : 'helpdesk' }, async (c, credential, { tokens, wanted }) =>
    sendOutcome(c, await work(c, tokenChangeCaller(c, credential, right, action), tokens, wanted), value),
  )

/** Who asks. Each token that is refused is noted; but of one that the path names, what is noted of a refused request tells. */
export const tokenChangeCaller = (
  c: HttpContext,
  credential: Credential,
  right: OwnerRight,
  action: string,
): TokenChangeContext => ({
  credential,
  source: c.var.source,
  right,
  action,
  onRefusal: (serial, refusal, isWhole) => {
    if (!isWhole || serial !== serialInPath(c))
      recordRefusal(c, action, refusal, { ...callerFields(credential), serial })
  },
})

export const changedCount = ({ serials }: TokenChangeResult): number => serials.length
