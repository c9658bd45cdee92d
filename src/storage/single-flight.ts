/** Work that several requests of an isolate need at once, done once. */
import type { Outcome } from '../refusal.ts'
import type { Seconds } from '../vocabulary.ts'
import { seconds } from '../vocabulary.ts'
import { storageUnavailable } from './run-query.ts'
import { withTimeLimit } from '../deadline.ts'

export interface SingleFlight<T> {
  /** What the work under way comes to, or that of work begun now. */
  join(): Promise<Outcome<T>>
  /** What work begun from now on comes to: it sees all that was written before this call. */
  joinNext(): Promise<Outcome<T>>
}

/** How long to wait for what another request began. Its promise never settles if that request is cancelled, so
 *  whoever waits needs a timer of their own, and then does the work themselves. */
const PATIENCE = seconds(1)

/** At most one `work` under way, shared by all who ask meanwhile; nothing is kept once it is done. */
export function singleFlight<T>(work: () => Promise<Outcome<T>>, patience: Seconds = PATIENCE): SingleFlight<T> {
  let running: Promise<Outcome<T>> | undefined

  function begin(): Promise<Outcome<T>> {
    const mine = work().finally(() => {
      if (running === mine) running = undefined
    })
    running = mine
    return mine
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
    const older = running
    if (older === undefined) return begin()
    await withTimeLimit(older, patience)
    return running === older ? begin() : join()
  }

  return { join, joinNext: after }
}
