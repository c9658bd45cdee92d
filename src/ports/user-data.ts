/** What the tables hold of a user, to be exported and erased. */
import type { Outcome } from '../refusal.ts'
import type { Owner, Serial } from '../vocabulary.ts'
import type { AuditEntry } from './audit.ts'

export interface UserData {
  /** The serials of the user's tokens, at most a hundred. */
  serialsOf(owner: Owner): Promise<Outcome<readonly Serial[]>>
  /** Deletes the user and their bypass code, whether or not there are any. */
  erase(owner: Owner, entry: AuditEntry): Promise<Outcome<void>>
  /** The next users, at most three hundred, whom a row of users, tokens or bypass codes names, by realm and login. */
  ownersAfter(owner?: Owner): Promise<Outcome<readonly Owner[]>>
}
