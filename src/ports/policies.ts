/** The table of policies. A policy has a number, which it keeps until it is deleted. */
import type { Outcome } from '../refusal.ts'
import type { Policy } from '../vocabulary.ts'
import type { AuditEntry } from './audit.ts'

export interface PolicyTable {
  /** Stores the policy in place of the one with its name, and answers its number. */
  save(policy: Policy, entry: AuditEntry): Promise<Outcome<number>>
  /** Stores all of them, or none. */
  saveAll(policies: readonly Policy[], entry: AuditEntry): Promise<Outcome<void>>
  /** Answers its number; undefined when there is no such policy, or one with the new name. */
  rename(name: string, newName: string, entry: AuditEntry): Promise<Outcome<number | undefined>>
  /** Answers the number it had; undefined when there is no such policy. */
  delete(name: string, entry: AuditEntry): Promise<Outcome<number | undefined>>
}
