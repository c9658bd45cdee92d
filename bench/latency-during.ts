import type { Client } from './client.ts'

const EVERY_MS = 50

/** Polls a login all the time that `work` runs, and returns the p50/p99 of a poll in milliseconds. */
export async function latencyDuring(client: Client, id: string, work: () => Promise<unknown>): Promise<string> {
  const over = new AbortController()
  const asking = (async () => {
    while (!over.signal.aborted) {
      await client.call('status', 'GET', `/validate/polltransaction/${id}`)
      await sleep(EVERY_MS)
    }
  })()
  client.forget()
  await work()
  over.abort()
  await asking
  return client.p50AndP99('status')
}

export const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.max(0, milliseconds)))
