/** Fields that requests to enroll a token and to change one share. */
import { done, type Outcome, refuse } from '../../refusal.ts'
import type { Instant } from '../../vocabulary.ts'
import { parseTimestamp } from '../../timestamps.ts'

/** Parses the beginning or end of a token's validity: ISO 8601, UTC without an offset. Undefined when absent.
 *  Refuses: `period_unparsable`. Source: docs/protocol.md, "Token changes", golden 16-token-admin. */
export function parsePeriodBound(bound: 'start' | 'end', text: string | undefined): Outcome<Instant | undefined> {
  if (text === undefined) return done(undefined)
  const at = parseTimestamp(text)
  return at === undefined ? refuse({ reason: 'period_unparsable', bound }) : done(at)
}

/** Characters of a description that are kept. */
const DESCRIPTION_LENGTH = 80

/** The description, cut to the length that is stored. */
export const clipDescription = (description: string): string =>
  Array.from(description).slice(0, DESCRIPTION_LENGTH).join('')
