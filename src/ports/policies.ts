/** The table of policies, and their history. A policy has a number, which it keeps until it is deleted, and the revision of its newest
 *  change. */
import type { Outcome } from '../refusal.ts'
import type { Instant, Policy, Revision } from '../vocabulary.ts'
import type { AuditEntry } from './audit.ts'

/** A policy as a change left it. */
export interface PolicyVersion {
  readonly name: string
  readonly revision: Revision
  /** When, by which request and by whom; undefined where it was before Nod kept a history. */
  readonly at?: Instant
  readonly action?: string
  readonly administrator?: string
  /** Undefined: it was deleted or renamed. */
  readonly policy?: Policy
}

/** A policy as it stands, and what is kept of its changes. */
export interface PolicyHistory {
  readonly policy: Policy | undefined
  /** 0 where there is no such policy. */
  readonly revision: number
  /** The newest first. */
  readonly versions: readonly PolicyVersion[]
}

export interface PolicyTable {
  /** Stores the policy in place of the one with its name, and answers its number. `expected`: the revision that the policy has to have
   *  still, 0 if there has to be none; undefined is answered where that is not so. */
  save(policy: Policy, entry: AuditEntry, expected?: number): Promise<Outcome<number | undefined>>
  /** Stores all of them, or none. */
  saveAll(policies: readonly Policy[], entry: AuditEntry): Promise<Outcome<void>>
  /** Answers its number; undefined when there is no such policy, or one with the new name. */
  rename(name: string, newName: string, entry: AuditEntry): Promise<Outcome<number | undefined>>
  /** Answers the number it had; undefined when there is no such policy. */
  delete(name: string, entry: AuditEntry): Promise<Outcome<number | undefined>>
  /** Answers a policy and its versions. */
  history(name: string): Promise<Outcome<PolicyHistory>>
  /** Answers the changes of all policies, the newest first. `before`: only those of an earlier revision. */
  changes(limit: number, before?: number): Promise<Outcome<readonly PolicyVersion[]>>
}
