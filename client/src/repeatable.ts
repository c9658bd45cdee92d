import type { OperationOptions } from './call.ts'
import type { CallOptions } from './connection.ts'

export interface RepeatableOptions extends CallOptions {
  /** Names the request: the same request with the same key is not done twice. Random unless set. */
  readonly idempotencyKey?: string | undefined
}

/** The options of a request that may be repeated, because Nod knows it again by its key. */
export const repeatable = ({ idempotencyKey = randomKey(), ...options }: RepeatableOptions): OperationOptions => ({
  ...options,
  headers: { 'Idempotency-Key': idempotencyKey },
})

/** A key for requests that may have to be sent again later. Not `randomUUID`, which pages have over https only. */
export const randomKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
