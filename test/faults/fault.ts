/** What `around.mjs` can be told to do. */
export interface Fault {
  /** `D1`; `D1 writes`; a call, as `Phone.ring`; `Transactions.alarm`. */
  readonly at: string
  readonly do?:
    | 'fail'
    | 'refuse'
    /** D1 answers when the fault is lifted, and not before. */
    | 'stall'
    | 'late'
    | 'lose'
    | 'overload'
    | 'throw'
    | 'throw after'
    | 'twice'
  /** A call: `called`, on its way there; the object goes `before` it is heard, `amid`, or `after` all was written. */
  readonly when?: 'called' | 'before' | 'amid' | 'after'
  /** A call that was lost: the platform says that it may be made again. */
  readonly again?: boolean
  readonly milliseconds?: number
  /** Always, if undefined. */
  readonly times?: number
}
