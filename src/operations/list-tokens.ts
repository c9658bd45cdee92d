import { present } from '../present.ts'
import type { Token, TokenFilter } from '../ports/catalogue.ts'
import type { Counters } from '../ports/objects.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome } from '../refusal.ts'
import { done } from '../refusal.ts'
import type { Owner } from '../vocabulary.ts'
import type { Credential } from './identify.ts'
import type { Reach } from './identify.ts'
import { authorizeOver } from './identify.ts'
import { ownerOf } from './subject.ts'

/** With its Phone's own counters, where that has any. */
type Counting = Token & Partial<Counters>

interface Listing {
  readonly serial?: string
  readonly user?: string
  readonly realm?: string
  readonly page: number
  readonly pageSize: number
}

/** A page of tokens with their exact failed attempts: the Phones are asked, in parallel; the catalogue's copy stands in
 *  for one that has nothing to tell. Refuses: who may not; `storage_unavailable`. */
export async function listTokens(
  ports: Ports,
  credential: Credential,
  listing: Listing,
): Promise<Outcome<{ readonly tokens: readonly Counting[]; readonly count: number }>> {
  const authorized = await authorizeOver(ports, credential, 'tokenlist')
  if (!authorized.ok) return authorized
  const { serial, user, realm, page, pageSize } = listing
  const asked = user === undefined ? undefined : ownerOf({ user, ...present({ realm }) }, authorized.value.snapshot)
  const owner = authorized.value.user ?? asked
  const within = listable(authorized.value, owner)
  if (!within.ok) return within
  const filter: TokenFilter = {
    page,
    pageSize,
    ...present({ serial, owner, realms: within.value }),
  }
  const found = await ports.catalogue.listTokens(filter)
  if (!found.ok) return found
  const tokens = await Promise.all(
    found.value.tokens.map(async (token) => {
      const counters = await ports.phones
        .of(token.serial)
        .counters()
        .catch(() => undefined)
      return counters === undefined ? token : { ...token, ...counters }
    }),
  )
  return done({ tokens, count: found.value.count })
}

/** The realms whose tokens may be listed; undefined: all there are, or the owner's. Refuses: `right_missing`. */
function listable(
  { over, everywhere, realms }: Reach,
  owner: Owner | undefined,
): Outcome<readonly string[] | undefined> {
  if (owner !== undefined) {
    const may = over(owner)
    return may.ok ? done(undefined) : may
  }
  const within = realms()
  if (within !== 'everywhere' && within.length > 0) return done(within)
  const may = everywhere()
  return may.ok ? done(undefined) : may
}
