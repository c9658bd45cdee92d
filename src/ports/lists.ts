/** The catalogue's lists: however much there is, each answers with a page. */
import type { Outcome } from '../refusal.ts'
import type { Person, PersonField } from '../vocabulary.ts'
import type { Token, TokenFilter, TokenOrder } from '../vocabulary/tokens.ts'

/** Tokens by rank in their order: so many after so many. */
export interface TokenQuery {
  readonly filter: TokenFilter
  readonly order: TokenOrder
  readonly offset: number
  readonly limit: number
}

/** A user as lists show them. */
export interface UserRecord extends Person {
  readonly email: string
}

/** Users of these realms, by realm and login: so many after so many. */
export interface UserQuery {
  readonly realms: readonly string[]
  /** `*` stands for anything. Logins are told apart by case, the rest is not. */
  readonly texts: readonly { readonly text: PersonField; readonly pattern: string }[]
  readonly offset: number
  readonly limit: number
}

export interface Lists {
  /** By serial, of what is counted (realm, kind, what the serial begins with), it reads no more at the end of the list than at
   *  its beginning; anything else is searched for. Refuses: `too_many_to_search`; `parameter_invalid` for a pattern longer
   *  than D1 takes. */
  listTokens(query: TokenQuery): Promise<Outcome<{ readonly tokens: readonly Token[]; readonly count: number }>>
  /** Refuses `too_many_to_search` where it would have to look at more than it does. */
  listPeople(query: UserQuery): Promise<Outcome<readonly UserRecord[]>>
}
