/** What is counted by network. `sign_in`: refused sign-ins. `enrollment`: enrollments that callers without a key begin. `miss`: other
 *  refused requests of callers without a valid credential. */
export type RateLimitName = 'sign_in' | 'enrollment' | 'miss'

export const RATE_LIMITS: readonly RateLimitName[] = ['sign_in', 'enrollment', 'miss']

/** The binding of each limit in wrangler.toml. */
export const RATE_LIMIT_BINDINGS = {
  sign_in: 'SIGN_IN_LIMIT',
  enrollment: 'ENROLLMENT_LIMIT',
  miss: 'MISS_LIMIT',
} as const satisfies Readonly<Record<RateLimitName, string>>
