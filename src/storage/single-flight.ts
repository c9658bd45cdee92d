/** Lets requests of an isolate that need the same work share one run of it. */
import type { Outcome } from '../refusal.ts'
import { type Seconds, seconds } from '../vocabulary.ts'
import { storageUnavailable } from './run-query.ts'
import { withTimeLimit } from '../time-limit.ts'

export interface SingleFlight<T> {
  /** Joins the run in progress, or starts one. */
  join(): Promise<Outcome<T>>
  /** Joins a run that starts after this call, so it sees everything written before. */
  joinNext(): Promise<Outcome<T>>
}

/** How long to wait for a run that another request started. Its promise never settles when that request is cancelled, so after
 *  this time the waiting request starts a run of its own. */
const PATIENCE = seconds(1)

/** Runs `work` at most once at a time. A result is not kept after its run ends. */
export function singleFlight<T>(work: () => Promise<Outcome<T>>, patience: Seconds = PATIENCE): SingleFlight<T> {
  let running: Promise<Outcome<T>> | undefined

  function begin(): Promise<Outcome<T>> {
    const run = work().finally(() => {
      if (running === run) running = undefined
    })
    running = run
    return run
  }

  async function join(): Promise<Outcome<T>> {
    const shared = running
    if (shared === undefined) return begin()
    const outcome = await withTimeLimit(shared, patience)
    if (outcome !== 'late') return outcome
    if (running === undefined || running === shared) return begin()
    const next = await withTimeLimit(running, patience)
    return next === 'late' ? storageUnavailable() : next
  }

  async function after(): Promise<Outcome<T>> {
    const earlier = running
    if (earlier === undefined) return begin()
    await withTimeLimit(earlier, patience)
    return running === earlier ? begin() : join()
  }

  return { join, joinNext: after }
}
