import { formatTimestampMicros } from '../../timestamps.ts'
import type { Instant } from '../../vocabulary.ts'
import { boolean, integer, object, string } from '../shape.ts'

/** What was done about a phone that is lost. */
export interface LostToken {
  /** How many tokens were disabled: none if it was already. */
  readonly disabled: number
  /** What lets the owner in meanwhile; undefined of a token that nobody owns. */
  readonly bypass?: { readonly code: string; readonly expiresAt: Instant }
}

/** The value of `POST /token/lost/<serial>`. privacyIDEA makes a temporary password token there; what stands in its place
 *  is a bypass code: `init` says whether there is one, `password` is it, and it holds until `valid_to`. */
export const lostTokenItem = ({ disabled, bypass }: LostToken): Readonly<Record<string, unknown>> =>
  bypass === undefined
    ? { init: false, disable: disabled }
    : {
        init: true,
        disable: disabled,
        password: bypass.code,
        valid_to: formatTimestampMicros(bypass.expiresAt),
        end_date: formatTimestampMicros(bypass.expiresAt),
      }

export const lostTokenShape = object(
  {
    init: boolean('Whether its owner has a bypass code now; not of a token that nobody owns'),
    disable: integer('How many tokens were disabled'),
  },
  {
    password: string('The bypass code; shown this once'),
    valid_to: string('Until when it holds'),
    end_date: string('The same'),
  },
)
