/** Waiting for so long and no longer. */
import type { Seconds } from './vocabulary.ts'

/** What `work` came to, or `'late'` when it took longer. The timer is gone afterwards either way; the work itself
 *  is not stopped, so a late write may still happen. Rejects as `work` does. */
export async function withTimeLimit<T>(work: Promise<T>, limit: Seconds): Promise<T | 'late'> {
  const { promise: late, resolve } = Promise.withResolvers<'late'>()
  const timer = setTimeout(() => resolve('late'), limit * 1000)
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
