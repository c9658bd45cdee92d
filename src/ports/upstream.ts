/** The server that users move here from. */
import type { Outcome } from '../refusal.ts'
import type { Bytes, Seconds } from '../vocabulary.ts'

/** A request as the upstream gets it. */
export interface UpstreamRequest {
  readonly method: string
  /** Path and query, below the upstream's address. */
  readonly target: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Bytes | undefined
}

/** A whole answer of the upstream. */
export interface UpstreamReply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

export interface Upstream {
  /** Its address, without a trailing slash. */
  readonly url: string
  /** Whether Nod has an account there. */
  readonly hasAccount: boolean
  /** Passes a request of a caller; the body of the response is a stream. Follows no redirection.
   *  Refuses: `upstream_unavailable` if no response begins in time, or while none did lately. */
  pass(request: UpstreamRequest): Promise<Outcome<Response>>
  /** Passes a request of a caller, and reads the answer as a whole before the caller gets it.
   *  Refuses: `upstream_unavailable` also for an answer that is too large. */
  passWhole(request: UpstreamRequest): Promise<Outcome<UpstreamReply>>
  /** Sends a request of Nod's own, marked with the header `Nod-Own-Request`. `limit`: for the whole answer. Refuses: as `passWhole`. */
  ask(request: UpstreamRequest, limit: Seconds): Promise<Outcome<UpstreamReply>>
  /** Sends a request with Nod's account there. `isOwnRequest`: marked as in `ask`. Refuses: as `ask`; `upstream_unavailable` also without
   *  an account, or if it cannot sign in. */
  askAsAccount(request: UpstreamRequest, limit: Seconds, isOwnRequest: boolean): Promise<Outcome<UpstreamReply>>
}
