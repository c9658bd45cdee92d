/** Work that may be given up after a time. The timer goes with the work: one left running keeps a Durable Object awake, and billed. */
export async function abortAfter<T>(milliseconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const over = new AbortController()
  const timer = setTimeout(() => over.abort(new DOMException('The time is over', 'TimeoutError')), milliseconds)
  try {
    return await work(over.signal)
  } finally {
    clearTimeout(timer)
  }
}
