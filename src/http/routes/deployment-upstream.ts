import { reportUpstream, setCutOver } from '../../operations/upstream/change-cut-over.ts'
import { parseCutOver } from '../../protocol/administration/upstream-request.ts'
import { parseNothing } from '../../protocol/parameters.ts'
import { boolean, mapOf, object, orNull, type Shape, string } from '../../protocol/shape.ts'
import { formatTimestamp } from '../../timestamps.ts'
import type { Instant } from '../../vocabulary.ts'
import { protectedRoute } from '../protected-route.ts'
import { addRoutes } from '../route.ts'
import { Router } from '../router.ts'
import { sendOutcome } from '../send.ts'

/** The server that users move here from. Source: docs/protocol.md, "The upstream". */
export const deploymentUpstreamRoutes = new Router()

interface CutOver {
  readonly share: number
  readonly before: number
  readonly at: Instant
  readonly otherTokens: boolean
}

const cutOverItem = ({ share, before, at, otherTokens }: CutOver) => ({
  share,
  before,
  changed_at: at === 0 ? null : formatTimestamp(at),
  other_tokens: otherTokens,
})

const percent = (description: string): Shape => ({ type: 'number', description })

const cutOverShape = object({
  share: percent('Percent of the users that Nod serves'),
  before: percent('The share before'),
  changed_at: orNull(string('When the share was changed, ISO 8601')),
  other_tokens: boolean('Whether users whom Nod serves may also log in with tokens that only the upstream has'),
})

addRoutes(deploymentUpstreamRoutes, '/deployment/upstream', {
  GET: protectedRoute(
    {
      summary: 'Show how far each realm has moved here from another server',
      access: 'admin',
      parser: parseNothing,
      value: object({
        url: orNull(string('Its address; null: there is none')),
        account: boolean('Whether Nod has an account there'),
        realms: mapOf(
          cutOverShape,
          'By realm; `*`: those that are not named. Unless set the upstream serves all users',
        ),
      }),
    },
    async (c, credential) =>
      sendOutcome(c, await reportUpstream(c.var.ports, credential), ({ url, hasAccount, cutOver }) => ({
        url: url ?? null,
        account: hasAccount,
        realms: Object.fromEntries(Object.entries(cutOver).map(([realm, one]) => [realm, cutOverItem(one)])),
      })),
  ),
})

addRoutes(deploymentUpstreamRoutes, '/deployment/upstream/realms/:realm', {
  POST: protectedRoute(
    {
      summary: 'Move a share of a realm’s users here, or back',
      description:
        'Each share contains every smaller one, so a larger share only adds users. Open logins are finished where they were opened.',
      access: 'admin',
      parser: parseCutOver,
      value: cutOverShape,
      example: { share: '20' },
    },
    async (c, credential, request) =>
      sendOutcome(c, await setCutOver(c.var.ports, credential, c.var.source, request), cutOverItem),
  ),
})
