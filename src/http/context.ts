import type { Context } from 'hono'
import type { Credential } from '../operations/access/identify.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome, Refusal } from '../refusal.ts'
import type { Bytes, Source } from '../vocabulary.ts'

/** The types of Hono's context: bindings of the Worker, and variables that `app.ts` sets before every handler. */
export interface HttpEnv {
  readonly Bindings: Env
  readonly Variables: {
    readonly ports: Ports
    readonly url: URL
    readonly source: Source
    /** Reads the credential of header or path, once. Routes that need none never read it, because that may take the catalogue. */
    readonly credential: () => Promise<Outcome<Credential>>
    /** The request's body, where it may be passed to the upstream. */
    readonly body?: Bytes
    /** Whether the upstream has answered: nothing of it is rewritten. */
    readonly isPassed?: true
    /** Why the request was refused, if it was. */
    readonly refusal?: Refusal
  }
}

export type HttpContext = Context<HttpEnv>
