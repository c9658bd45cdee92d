import type { ChooseChange } from '../operations/token/change-token.ts'
import { changeTokens, type TokenChangeContext, type TokenChangeResult } from '../operations/token/change-tokens.ts'
import type { Credential, OwnerRight } from '../operations/access/identify.ts'
import {
  parseTokenSelection,
  type TokenChangeRequest,
  type TokenSelection,
} from '../protocol/token/token-change-request.ts'
import { integer, listOf, object, type Shape, string } from '../protocol/shape.ts'
import type { Outcome } from '../refusal.ts'
import { protectedRoute, serialInPath, callerFields } from './protected-route.ts'
import type { HttpContext } from './context.ts'
import { recordRefusal } from './request-audit.ts'
import { sendOutcome } from './send.ts'
import type { RouteDescription, Route } from './route.ts'

interface TokenChangeRoute<Change> extends Omit<RouteDescription<TokenChangeRequest<Change>>, 'access'> {
  readonly right: OwnerRight
  /** Whether users may change their own tokens by it. */
  readonly self?: true
  /** The action's name in the audit. */
  readonly action: string
}

type ApplyChange<Change, Result> = (
  c: HttpContext,
  context: TokenChangeContext,
  tokens: TokenSelection,
  change: Change,
) => Promise<Outcome<Result>>

/** Makes a route that changes the tokens a request selects: by serial, by a list of serials, or by owner. */
export const tokenChangeRoute = <Change, Result>(
  { right, self, action, ...description }: TokenChangeRoute<Change>,
  apply: ApplyChange<Change, Result>,
  value: (result: Result) => unknown,
): Route =>
  protectedRoute(
    { ...description, access: self === true ? 'self' : 'helpdesk' },
    async (c, credential, { tokens, change }) =>
      sendOutcome(c, await apply(c, tokenChangeContext(c, credential, right, action), tokens, change), value),
  )

/** The caller of a token change. Each refused token is recorded in the audit. If the refused token is the one in the
 *  path, the request as a whole is refused, and `protectedRoute` records it. */
export const tokenChangeContext = (
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

/** How a route reports a change of tokens: by their number alone, or by a list of failures as well. */
export interface ChangeReport {
  readonly shape: Shape
  readonly of: (result: TokenChangeResult) => unknown
}

/** The number of tokens that a change made a difference to. */
export const changedCount = ({ serials }: TokenChangeResult): number => serials.length

export const COUNT: ChangeReport = { shape: integer('Number of tokens changed'), of: changedCount }

/** For one token its count, for several also which of them failed. */
export const COUNT_AND_FAILURES: ChangeReport = {
  shape: {
    anyOf: [
      integer('1, if the request names one token'),
      object({
        count_success: integer('Number of tokens changed'),
        failed: listOf(string('Serial'), 'Tokens that could not be changed'),
        unauthorized: listOf(string('Serial'), 'Tokens that the caller may not change'),
      }),
    ],
  },
  of: ({ serials, isBatch, failed, unauthorized }) =>
    isBatch ? { count_success: serials.length, failed, unauthorized } : serials.length,
}

/** Makes a route that applies one change to every selected token and reads nothing but the selection. */
export const tokenSelectionRoute = (
  { report, ...description }: Omit<TokenChangeRoute<undefined>, 'parser' | 'value'> & { readonly report: ChangeReport },
  change: ChooseChange,
): Route =>
  tokenChangeRoute(
    { ...description, parser: parseTokenSelection, value: report.shape },
    (c, context, tokens) => changeTokens(c.var.ports, context, tokens, change),
    report.of,
  )
