import type { Context } from 'hono'
import type { Credential } from '../operations/access/identify.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome, Refusal } from '../refusal.ts'
import type { Source } from '../vocabulary.ts'

/** What every handler has at hand. */
export interface HttpEnv {
  readonly Bindings: Env
  readonly Variables: {
    readonly ports: Ports
    readonly url: URL
    readonly source: Source
    /** As read from header or path; a credential that does not read is refused where one is needed. */
    readonly credential: Outcome<Credential>
    /** What the request was refused for, if it was. */
    readonly refusal?: Refusal
  }
}

export type HttpContext = Context<HttpEnv>
