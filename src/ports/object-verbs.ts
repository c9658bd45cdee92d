/** What Durable Objects are asked, as data. Each object has one table of verbs; its type, the methods of its class
 *  (`connect/durable-object.ts`) and what becomes of a lost reply (`connect/object-calls.ts`) all come from that table. */
import type { Outcome } from '../refusal.ts'

/**
 * What the caller does when the reply of a call is lost and the platform says that the call may be made again.
 * `refuse`: does not repeat it, because a second call would count twice.
 * `repeat`: repeats it once, because a second call changes nothing that the first one has not changed.
 * `resume`: the same for a verb that waits. Repeats it with what is left of `request.wait`, up to three times, because each
 * deployment of the Worker restarts the object and ends every wait.
 */
export type LostReply = 'refuse' | 'repeat' | 'resume'

declare const signature: unique symbol

/** A verb: it takes one request and answers an `Outcome` of its result. */
export interface Verb<Request, Result> {
  readonly onLostReply: LostReply
  /** For the compiler only. */
  readonly [signature]?: (request: Request) => Result
}

export type Verbs = Readonly<Record<string, Verb<never, unknown>>>

/** An object as its callers see it. A call that does not reach its object, or whose object cannot read the catalogue that it
 *  needs, refuses `storage_unavailable`. */
export type ObjectOf<Table> = {
  readonly [Name in keyof Table]: Table[Name] extends Verb<infer Request, infer Result>
    ? (request: Request) => Promise<Outcome<Result>>
    : never
}

/** Declares a verb. Its request is one object, or `void`: a field that is added later is optional, and a verb that is added
 *  later is called only by code that copes with `storage_unavailable`, because during a deployment an object may still run the
 *  version before. */
export const verb = <Request, Result>(onLostReply: LostReply): Verb<Request, Result> => ({ onLostReply })
