import type { Ports } from '../../ports/ports.ts'
import type { TokenSearchRequest } from '../../protocol/token/token-search-request.ts'
import { done, type Outcome } from '../../refusal.ts'
import { present } from '../../present.ts'
import { searchRanges, textRanges } from '../../rules/token/search-ranges.ts'
import type { SearchResult } from '../../vocabulary/tokens.ts'
import { authorizeOwnerRight, type Credential } from '../access/identify.ts'

/**
 * Finds a page of tokens by the beginning of user, serial or description, in the realms that policies let the caller see. Reads one
 * round trip of D1 for six ranges, of each an index from a position on; no Phone is asked, so counters are D1's copies.
 * Refuses: as `authorizeOwnerRight`; `right_missing`, `parameter_invalid`, `storage_unavailable`.
 */
export async function searchTokens(
  ports: Ports,
  credential: Credential,
  request: TokenSearchRequest,
): Promise<Outcome<SearchResult>> {
  const authorized = await authorizeOwnerRight(ports, credential, 'tokenlist')
  if (!authorized.ok) return authorized
  const visible = authorized.value.visibleRealms()
  if (!visible.ok) return visible
  const { beginning, by, realm, status, type, after, limit } = request
  const realms = realm === undefined ? visible.value : [realm].filter((one) => visible.value?.includes(one) ?? true)
  // Without a realm there is nothing to look through: a list of no ranges has no positions either.
  if (realms?.length === 0) return done({ tokens: [], count: { number: 0, isExact: true } })
  const ranges = searchRanges(beginning, by, realms)
  const texts = beginning === '' ? [] : textRanges(beginning)
  return ports.tokens.search({ ranges, texts, limit, ...present({ status, type, after }) })
}
