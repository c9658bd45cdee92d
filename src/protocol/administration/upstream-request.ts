/** Requests about the upstream, the server that users move here from. */
import * as z from 'zod/mini'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { isTrue, optional, parserOf, required } from '../parameters.ts'

const cutOverSchema = z.object({
  realm: required('The realm, or * for all that are not named', 255),
  share: optional('Percent of its users that Nod serves, 0 to 100', 8),
  other_tokens: optional(
    'Whether users whom Nod serves may also log in with tokens that only the upstream has. 1 or 0',
    8,
  ),
})

interface CutOverRequest {
  readonly realm: string
  readonly share: number | undefined
  readonly otherTokens: boolean | undefined
}

/** Parses a change of a realm's cut-over. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parseCutOver = parserOf(
  cutOverSchema,
  ({ realm, share, other_tokens: otherTokens }): Outcome<CutOverRequest> => {
    if (share === undefined && otherTokens === undefined) return refuse({ reason: 'parameter_missing', name: 'share' })
    if (share !== undefined && !/^\d{1,3}(?:\.\d{1,2})?$/.test(share))
      return refuse({ reason: 'parameter_invalid', name: 'share', why: 'expected a percentage from 0 to 100' })
    if (otherTokens !== undefined && !isTrue(otherTokens) && !/^(?:0|false)$/i.test(otherTokens))
      return refuse({ reason: 'parameter_invalid', name: 'other_tokens', why: 'expected 1 or 0' })
    return done({
      realm: realm.toLowerCase(),
      share: share === undefined ? undefined : Number(share),
      otherTokens: otherTokens === undefined ? undefined : isTrue(otherTokens),
    })
  },
)
