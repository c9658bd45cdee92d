/** What comes of a call: its value, or why there is none. Nothing in this package throws for what a server or network does. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure }

/** Why a call has no value. `message` is for people; decide by `kind`, and of a refusal by `reason`. */
export type Failure = Refused | Unavailable | Transport | TimedOut | Aborted | InvalidResponse

/** Nod refuses the request. Sending it again changes nothing. */
export interface Refused {
  readonly kind: 'refused'
  /** HTTP status. */
  readonly status: number
  /** The error code, as in privacyIDEA. */
  readonly code: number
  readonly reason: Reason
  readonly message: string
  /** The parameter that the message is about, if it names one. */
  readonly field?: string
  /** Seconds after which the caller may try again: a sign-in that has to wait. */
  readonly retryAfter?: number
}

/** Nod, its database or something in front of it cannot answer now. Try again later. */
export interface Unavailable {
  readonly kind: 'unavailable'
  /** HTTP status. */
  readonly status: number
  readonly message: string
  /** Seconds after which to try again, if the server has said so. */
  readonly retryAfter?: number
}

/** The request did not get through, or its answer did not come back. Whether Nod has acted on it is unknown. */
export interface Transport {
  readonly kind: 'transport'
  readonly message: string
  /** What `fetch` threw. */
  readonly cause: unknown
}

/** The time limit of the call is over. Whether Nod has acted on it is unknown. */
export interface TimedOut {
  readonly kind: 'timeout'
  readonly message: string
  /** The limit, in milliseconds. */
  readonly after: number
}

/** The caller's signal has ended the call. */
export interface Aborted {
  readonly kind: 'aborted'
  readonly message: string
  /** The signal's reason. */
  readonly cause: unknown
}

/** The answer is none of Nod's: another server, or a proxy's page. */
export interface InvalidResponse {
  readonly kind: 'invalid_response'
  /** HTTP status. */
  readonly status: number
  readonly message: string
}

/** Why Nod refuses, by its error code. Source: docs/protocol.md, "Errors". */
const REASONS = {
  302: 'realm_in_use',
  303: 'not_permitted',
  401: 'not_authorized',
  601: 'not_found',
  904: 'user_unknown',
  905: 'parameter',
  1007: 'token_revoked',
  1103: 'token_assigned',
  1610: 'token_type_unknown',
  4031: 'credentials_wrong',
  4032: 'username_missing',
  4033: 'credential_missing',
  4304: 'credential_invalid',
  4305: 'credential_expired',
  4306: 'role_insufficient',
  4307: 'sign_in_disabled',
  [-501]: 'not_supported',
} as const

export type Reason = (typeof REASONS)[keyof typeof REASONS] | 'second_factor_required' | 'other'

export const reasonOf = (code: number): Reason => (REASONS as Readonly<Record<number, Reason>>)[code] ?? 'other'

export const done = <T>(value: T): Outcome<T> => ({ ok: true, value })
export const failed = (failure: Failure): { readonly ok: false; readonly failure: Failure } => ({ ok: false, failure })

/** What comes of `outcome`, by way of `change`. */
export const mapped = <T, U>(outcome: Outcome<T>, change: (value: T) => U): Outcome<U> =>
  outcome.ok ? done(change(outcome.value)) : outcome

/** A failure as an exception, for code that wants one: `orThrow(await trigger(nod, …))`. */
export class NodError extends Error {
  override readonly name = 'NodError'
  readonly failure: Failure

  constructor(failure: Failure) {
    super(failure.message, 'cause' in failure ? { cause: failure.cause } : undefined)
    this.failure = failure
  }
}

/** Returns the value of an outcome. Throws a `NodError` if it has none. */
export function orThrow<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value
  throw new NodError(outcome.failure)
}
