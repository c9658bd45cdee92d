/** What enrolling a token and changing one have in common. */
import type { Outcome } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import type { Instant } from '../../vocabulary.ts'
import { parseTimestamp } from '../../timestamps.ts'

/** Where a token's validity begins or ends; undefined where nothing was said. ISO 8601, without an offset UTC.
 *  Refuses: `period_unparsable`. Source: docs/protocol.md, "Token changes", golden 16-token-admin. */
export function parsePeriodBound(bound: 'start' | 'end', text: string | undefined): Outcome<Instant | undefined> {
  if (text === undefined) return done(undefined)
  const at = parseTimestamp(text)
  return at === undefined ? refuse({ reason: 'period_unparsable', bound }) : done(at)
}

/** Characters of a description that are kept. */
const DESCRIPTION_LENGTH = 80

/** A description as it is kept. */
export const clipDescription = (description: string): string =>
  Array.from(description).slice(0, DESCRIPTION_LENGTH).join('')
