import type { Instant } from '../../vocabulary.ts'

/** How long a request has taken by now, in milliseconds, as a member of its audit record; none where nobody knows. */
export const durationOf = (now: Instant, receivedAt: Instant | undefined): { readonly duration?: number } =>
  receivedAt === undefined ? {} : { duration: Math.max(0, now - receivedAt) }
