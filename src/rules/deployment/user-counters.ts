/** The number of objects that count for all users, and of those that count for all owners of tokens. */
const COUNTERS = 16

/** The objects that count for a user, and the names under which they do. `digest`: SHA-256 of `userDigestText`, hexadecimal. */
export function userCounters(
  digest: string,
): readonly { readonly counter: string; readonly names: readonly string[] }[] {
  const number = Number.parseInt(digest.slice(0, 2), 16) % COUNTERS
  return [
    { counter: `users/${number}`, names: [digest] },
    { counter: `owners/${number}`, names: [`failed/${digest}`, `successful/${digest}`] },
  ]
}

/** The text whose digest names a user at the counters. */
export const userDigestText = ({ realm, login }: { readonly realm: string; readonly login: string }): string =>
  JSON.stringify([realm, login])
