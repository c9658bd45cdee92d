/** Requests from an address of the test's choice: as behind Cloudflare, which names it in a header. */
import { createServer, request } from 'node:http'
import { once } from 'node:events'
import type { Fetch } from '../simulation/phone.ts'

/** Sends requests from this address. */
export const fetchFrom =
  (address: string): Fetch =>
  (sent) => {
    const headers = new Headers(sent.headers)
    headers.set('CF-Connecting-IP', address)
    return globalThis.fetch(new Request(sent, { headers }))
  }

/** Listens for programs that send no such header, and passes their requests on from this address. */
export async function openWayFrom(address: string, target: string) {
  const server = createServer((incoming, outgoing) => {
    const { method, url = '/', headers } = incoming
    const onward = request(new URL(url, target), { method, headers: { ...headers, 'cf-connecting-ip': address } })
    onward.on('response', (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers)
      response.pipe(outgoing)
    })
    onward.on('error', () => outgoing.destroy())
    incoming.pipe(onward)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const bound = server.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
