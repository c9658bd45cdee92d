/** A stand-in for Google that accepts every message and hands its nonce to the simulated phone. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Google {
  readonly url: string
  /** The nonce of the next push to this phone. */
  next(serial: string): Promise<string>
  stop(): void
}

/** Listens on this port; 0 takes any free one. */
export async function startGoogle(port = 0): Promise<Google> {
  const waiting = new Map<string, (nonce: string) => void>()
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      outgoing.setHeader('Content-Type', 'application/json')
      if (incoming.url === '/token') {
        outgoing.end('{"access_token":"a","expires_in":3600,"token_type":"Bearer"}')
        return
      }
      outgoing.end('{"name":"projects/bench/messages/1"}')
      const { message } = JSON.parse(Buffer.concat(chunks).toString()) as {
        message: { data: { serial: string; nonce: string } }
      }
      waiting.get(message.data.serial)?.(message.data.nonce)
      waiting.delete(message.data.serial)
    })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    next: (serial) => new Promise((resolve) => waiting.set(serial, resolve)),
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
