/** The table of users. */
import type { Outcome } from '../refusal.ts'
import type { Owner, Person, PersonField } from '../vocabulary.ts'
import type { AuditEntry } from './audit.ts'

/** `limit` users of these realms after the first `offset`, by realm and login. */
export interface UserQuery {
  readonly realms: readonly string[]
  /** `*` in a pattern matches any text. Logins compare with case, the other fields without. */
  readonly texts: readonly { readonly text: PersonField; readonly pattern: string }[]
  readonly offset: number
  readonly limit: number
}

export interface UserTable {
  /** Refuses: `too_many_to_search` when it would have to read more users than it may; `parameter_invalid` for a pattern longer
   *  than D1 takes. */
  list(query: UserQuery): Promise<Outcome<readonly Person[]>>
  /** Stores the user, and creates the realm if it is new. */
  save(user: Person, entry: AuditEntry): Promise<Outcome<void>>
  /** False when there is no such user. */
  change(
    owner: Owner,
    names: Partial<Pick<Person, 'givenName' | 'surname' | 'email'>>,
    entry: AuditEntry,
  ): Promise<Outcome<boolean>>
  /** Deletes the user and their bypass code. False when there is no such user. */
  delete(owner: Owner, entry: AuditEntry): Promise<Outcome<boolean>>
}
