import { formatTimestampMicros } from '../../timestamps.ts'
import type { Instant } from '../../vocabulary.ts'
import { boolean, integer, object, string } from '../shape.ts'

/** What was done about a lost phone. */
export interface LostToken {
  /** How many tokens were disabled; 0 if the token was disabled already. */
  readonly disabled: number
  /** The owner's bypass code; undefined when the token has no owner. */
  readonly bypass?: { readonly code: string; readonly expiresAt: Instant }
}

/** The value of `POST /token/lost/<serial>`. Where privacyIDEA creates a temporary password token, Nod issues a bypass code: `init`
 *  says whether there is one, `password` is the code, and it is valid until `valid_to`. */
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
