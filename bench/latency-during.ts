import type { Client } from './client.ts'

const EVERY_MS = 50

/** How long somebody waits who asks, again and again, how a login stands while something else goes on: p50/p99 in milliseconds. */
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
