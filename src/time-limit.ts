import type { Seconds } from './vocabulary.ts'

/** Waits for `work`, at most `limit` seconds. Returns its value, or `'late'` when the time is over; rejects as `work` does.
 *  `abort`, if given, is aborted then; without it the work goes on, so a late write may still happen. The timer never outlives
 *  the wait: a running timer keeps a Durable Object awake, and billed. */
export async function withTimeLimit<T>(work: Promise<T>, limit: Seconds, abort?: AbortController): Promise<T | 'late'> {
  const { promise: late, resolve } = Promise.withResolvers<'late'>()
  const timer = setTimeout(() => {
    resolve('late')
    abort?.abort()
  }, limit * 1000)
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
