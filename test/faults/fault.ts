/** A fault that `around.mjs` injects. */
export interface Fault {
  /** `D1`; `D1 writes`; `R2`; `object storage`; a call, as `Phone.ring`; `Transactions.alarm`. */
  readonly at: string
  readonly do?:
    | 'fail'
    | 'refuse'
    /** It takes nothing more, and still deletes. */
    | 'full'
    /** D1 does not answer before the fault ends. */
    | 'stall'
    | 'late'
    | 'lose'
    | 'overload'
    | 'throw'
    | 'throw after'
    | 'twice'
  /** Of a call: `called` is on its way to the object; the object is reset `before` the call, `amid` it, or `after` all is written. */
  readonly when?: 'called' | 'before' | 'amid' | 'after'
  /** Of a lost call: the platform says that it may be repeated. */
  readonly again?: boolean
  readonly milliseconds?: number
  /** How many times; every time if undefined. */
  readonly times?: number
}
