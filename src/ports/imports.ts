/** The table of imported tokens. */
import type { Outcome } from '../refusal.ts'
import type { Bytes, Owner, Serial } from '../vocabulary.ts'
import type { ImportCounts, ImportedToken, ImportMark, ImportSource, ImportState } from '../vocabulary/imports.ts'
import type { AuditEntry } from './audit.ts'

/** A signing key of an imported token, sealed. */
export interface ImportedKey {
  readonly serial: Serial
  readonly privateKey: string
}

export interface ImportTable {
  /** Answers what becomes of each of these tokens. */
  compare(marks: readonly ImportMark[]): Promise<Outcome<ReadonlyMap<Serial, ImportState>>>
  /** Stores tokens that are new, and those that were changed at the other server, all or none. False when one of them was added or
   *  changed here meanwhile: then nothing is stored. */
  store(
    tokens: { readonly added: readonly ImportedToken[]; readonly changed: readonly ImportedToken[] },
    source: ImportSource,
    entry: AuditEntry,
  ): Promise<Outcome<boolean>>
  /** Answers the signing keys of these imported tokens, as they are stored. */
  keys(serials: readonly Serial[]): Promise<Outcome<readonly ImportedKey[]>>
  /** Answers whose token this serial is or, if it was imported and deleted since, was; undefined for one that is not known here. Reads the
   *  nearest copy of the catalogue. */
  holder(serial: Serial): Promise<Outcome<{ readonly owner: Owner | undefined } | undefined>>
  /** Counts imported tokens. Reads all of them; answers within ten seconds. */
  counts(): Promise<Outcome<readonly ImportCounts[]>>
}

export interface ImportedKeys {
  /** Seals the signing key of a token, PKCS#8; undefined if the platform takes it for no RSA key. */
  seal(
    serial: Serial,
    pkcs8: Bytes,
  ): Promise<{ readonly bits: number; readonly privateKey: string; readonly publicKey: string } | undefined>
  /** Signs a text with a stored key; undefined if it does not open. */
  sign(key: ImportedKey, text: string): Promise<Bytes | undefined>
}
