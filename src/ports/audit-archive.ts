/** The archive of the audit: an R2 bucket, if one is bound. */
import type { Outcome } from '../refusal.ts'
import type { Bytes } from '../vocabulary.ts'

/** Every call answers within half a minute, or refuses `archive_unavailable`. */
export interface AuditArchive {
  /** Stores the bytes under this key, in place of what is there. */
  put(key: string, bytes: Bytes): Promise<Outcome<void>>
  /** Opens the object of this key; undefined if there is none. */
  get(key: string): Promise<Outcome<ReadableStream<Uint8Array> | undefined>>
  /** Reads the lines of the object of this key, without the empty ones; undefined if there is none; `damaged` if it cannot be read, or
   *  is longer than any part. */
  lines(key: string): Promise<Outcome<readonly string[] | 'damaged' | undefined>>
  /** Changes the lines of the object of this key and stores it in its place; answers its new length and SHA-256 (hexadecimal);
   *  undefined if no line has changed or there is no such object; `damaged` if it cannot be read, and stays. */
  rewrite(
    key: string,
    change: (line: string) => string | Promise<string>,
  ): Promise<Outcome<{ readonly bytes: number; readonly sha256: string } | 'damaged' | undefined>>
  /** Lists up to a thousand keys that begin with `prefix`, in order, after the key `after`. */
  list(prefix: string, after?: string): Promise<Outcome<readonly string[]>>
}
