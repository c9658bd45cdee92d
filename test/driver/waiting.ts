/** Waiting in tests: for something to become true, never for a time to pass. */

export const sleep = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds))

/** Waits until the condition is true. False if it never was within `patience` milliseconds. */
export async function waitUntil(condition: () => boolean | Promise<boolean>, patience = 20_000): Promise<boolean> {
  const until = performance.now() + patience
  for (;;) {
    if (await condition()) return true
    if (performance.now() > until) return false
    await sleep(50)
  }
}

/** The only element. Throws if there are more or none. */
export function only<T>(list: readonly T[]): T {
  const [first] = list
  if (first === undefined || list.length > 1) throw new Error(`expected one, got ${list.length}`)
  return first
}
