/** What is counted by source: refused sign-ins; enrollments that callers without a key begin; and misses, requests that name what does
 *  not exist or prove nothing. */
export type RateLimitName = 'sign_in' | 'enrollment' | 'miss'

export const RATE_LIMITS: readonly RateLimitName[] = ['sign_in', 'enrollment', 'miss']

/** The binding of each limit in wrangler.toml. */
export const RATE_LIMIT_BINDINGS = {
  sign_in: 'SIGN_IN_LIMIT',
  enrollment: 'ENROLLMENT_LIMIT',
  miss: 'MISS_LIMIT',
} as const satisfies Readonly<Record<RateLimitName, string>>
