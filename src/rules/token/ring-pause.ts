/** Rings that a user or the helpdesk has paused. No clock, no storage. Source: docs/protocol.md, "Token changes"; decision 0045. */
import { type Instant, seconds } from '../../vocabulary.ts'
import type { Token } from '../../vocabulary/tokens.ts'

/** How long users may pause their own phones: somebody who forgets the pause is rung again the next day. */
export const LONGEST_OWN_PAUSE = seconds(86_400)

/** Answers whether the phone is not to be rung now. */
export const isPaused = ({ ringsPausedUntil }: Pick<Token, 'ringsPausedUntil'>, now: Instant): boolean =>
  ringsPausedUntil !== undefined && now < ringsPausedUntil

/** Returns the token without a pause that is over. */
export const withoutPastPause = <T extends Pick<Token, 'ringsPausedUntil'>>(token: T, now: Instant): T =>
  isPaused(token, now) ? token : { ...token, ringsPausedUntil: undefined }
