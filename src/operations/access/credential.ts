import type { ApiTokenHolder } from '../../ports/ports.ts'
import type { RequestOrigin } from '../../rules/policy/rights.ts'

/** What a caller sent to prove who it is, read without a look-up. */
export type Credential =
  | { readonly kind: 'none' }
  /** An API token with a valid signature that has not expired; its holder is still to be looked up. */
  | (ApiTokenHolder & { readonly from: RequestOrigin })
  /** A service key, still to be looked up by its hash. */
  | { readonly kind: 'key'; readonly hash: string; readonly inPath?: true; readonly from: RequestOrigin }
