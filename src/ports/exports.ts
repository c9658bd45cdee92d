/** Tokens that go back to the server that others came from. */
import type { Outcome } from '../refusal.ts'
import type { Bytes, Serial } from '../vocabulary.ts'
import type { ReturningToken } from '../vocabulary/exports.ts'
import type { AuditEntry } from './audit.ts'

export interface ExportTable {
  /** Reads the tokens after this serial, at most a hundred, in the order of their serials: those that are here, and those that were
   *  imported and deleted since. */
  page(after: string): Promise<Outcome<readonly ReturningToken[]>>
  /** Writes to the audit that tokens are exported. */
  record(entry: AuditEntry): Promise<Outcome<void>>
}

/** Opens the signing keys of Nod's own, PKCS#8; undefined for one that does not open. */
export interface OpenSigningKey {
  (id: string, sealed: string): Promise<Bytes | undefined>
}

/** Secrets of a page of tokens. */
export interface ExportedSecrets {
  /** PBKDF2, by serial. Salt and hash in base64. */
  readonly pins: Readonly<
    Record<Serial, { readonly digest: string; readonly rounds: number; readonly salt: string; readonly hash: string }>
  >
  /** PKCS#8 in base64, by the id of the signing key. */
  readonly keys: Readonly<Record<string, string>>
}
