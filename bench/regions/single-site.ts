/** A server at one place: each request travels there and back, and a trigger sends its message to Google before it is answered,
 *  as privacyIDEA 3.14 does. It computes and stores nothing, so it is faster than any server of this kind. */
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sleep } from '../latency-during.ts'
import { roundTrip, type WorldRegion } from './round-trips.ts'

export interface SingleSite {
  readonly url: string
  stop(): void
}

/** Serves one site. `googleUrl`, `googleRegion`: where it sends its messages. */
export async function startSingleSite(
  site: WorldRegion,
  googleUrl: string,
  googleRegion: WorldRegion,
): Promise<SingleSite> {
  const accepted = new Set<string>()

  async function trigger(user: string): Promise<object> {
    // Its nonce is the login's id, and its serial the user's name.
    const id = `${user}-${Date.now()}`
    const message = { message: { data: { serial: user, nonce: id } } }
    await sleep(roundTrip(site, googleRegion) / 2)
    await fetch(`${googleUrl}/send`, { method: 'POST', body: JSON.stringify(message) })
    await sleep(roundTrip(site, googleRegion) / 2)
    return { result: { value: 1 }, detail: { transaction_id: id } }
  }

  async function answer(path: string, form: URLSearchParams): Promise<object> {
    if (path === '/validate/triggerchallenge') return trigger(form.get('user') ?? '')
    if (path === '/ttype/push') accepted.add(form.get('nonce') ?? '')
    const id = path.startsWith('/validate/polltransaction/') ? path.slice(path.lastIndexOf('/') + 1) : undefined
    return { result: { value: id === undefined || accepted.has(id) } }
  }

  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const body = await readBody(incoming)
      const from = (incoming.headers['x-world-region'] ?? site) as WorldRegion
      await sleep(roundTrip(from, site) / 2)
      const answered = await answer(new URL(incoming.url ?? '/', 'http://site').pathname, new URLSearchParams(body))
      await sleep(roundTrip(from, site) / 2)
      outgoing.setHeader('Content-Type', 'application/json')
      outgoing.end(JSON.stringify(answered))
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
