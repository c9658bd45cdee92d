/** The number of objects that count for all users, and of those that count for all owners of tokens. */
const COUNTERS = 16

/** The text whose digest (SHA-256, hexadecimal) names a user at the counters. */
export const userDigestText = ({ realm, login }: { readonly realm: string; readonly login: string }): string =>
  JSON.stringify([realm, login])

const numberOf = (digest: string): number => Number.parseInt(digest.slice(0, 2), 16) % COUNTERS

/** The object that counts a user's sign-ins to Nod, under the digest as the name. */
export const signInCounter = (digest: string): string => `users/${numberOf(digest)}`

/** The object that counts an owner's logins against quotas. */
export const quotaCounter = (digest: string): string => `owners/${numberOf(digest)}`

/** The name under which logins with this outcome are counted. */
export const quotaName = (outcome: 'failed' | 'successful', digest: string): string => `${outcome}/${digest}`

/** All objects that count for a user, and the names under which they do. */
export const userCounters = (
  digest: string,
): readonly { readonly counter: string; readonly names: readonly string[] }[] => [
  { counter: signInCounter(digest), names: [digest] },
  { counter: quotaCounter(digest), names: [quotaName('failed', digest), quotaName('successful', digest)] },
]
