/** PINs and passwords, as they are sealed in the catalogue. */
import type { Outcome } from '../refusal.ts'
import type { Bytes, Serial } from '../vocabulary.ts'
import type { MasterKeyId } from '../vocabulary/master-keys.ts'
import type { PinState } from '../vocabulary/tokens.ts'

/** What PBKDF2 of a PIN or password is computed with. */
export type PinDigest = 'SHA-256' | 'SHA-512'

/** The hash of a PIN or password, opened. */
export interface OpenedHash {
  readonly rounds: number
  /** SHA-256 unless it was imported. */
  readonly digest: PinDigest
  readonly salt: Bytes
  readonly hash: Bytes
  /** Set where nothing can be compared with it: `TokenRecord.pinState`. */
  readonly pending?: PinState
}

/** A PIN that another server has: its hash, if that can be compared here, or why it cannot. */
export type ImportedPin = Pick<OpenedHash, 'rounds' | 'digest' | 'salt' | 'hash'> | PinState

export type Resealed = { readonly sealed: string } | 'current' | 'changed'

/** Reads a sealed value from the catalogue; undefined if it has none. */
export type ReadAgain = () => Promise<Outcome<string | undefined>>

export interface Pins {
  seal(serial: Serial, pin: string): Promise<string>
  /** Seals the PIN of an imported token, as the server it came from has it. */
  sealImported(serial: Serial, pin: ImportedPin): Promise<string>
  /** One token's PIN as the catalogue has it, sealed for another. Refuses: as `open`. */
  copy(from: Serial, to: Serial, sealed: string): Promise<Outcome<string>>
  /** Opens a sealed PIN for a comparison. If it does not open, `readAgain` reads it from the catalogue: a copy may be older than a
   *  rotation of the master key. Refuses: `storage_unavailable` if that does not open either, which is logged as
   *  `pin_unreadable`. */
  open(serial: Serial, sealed: string, readAgain: ReadAgain): Promise<Outcome<OpenedHash>>
  /** Seals a PIN anew with this master key, in the catalogue as well; answers `current` if that is done already, and `changed` if the
   *  catalogue has another value by now. Refuses: `storage_unavailable`, also if this isolate does not have the key. */
  reseal(serial: Serial, sealed: string, key: MasterKeyId): Promise<Outcome<Resealed>>
  /** Compares a PIN with an opened one in constant time; about 20 ms of CPU. */
  matches(opened: OpenedHash, pin: string): Promise<boolean>
}
