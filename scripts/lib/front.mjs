import { once } from 'node:events'
import { Agent, createServer, request as requestOf } from 'node:http'
import { isIPv6 } from 'node:net'

/** The header in which the front names the caller's address. */
export const ADDRESS_HEADER = 'X-Nod-Address'

/** Headers of one connection (RFC 9110, 7.6.1), and those that workerd, Miniflare or Nod take for the platform's word. */
const REMOVED =
  /^(?:connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect|cf-.*|mf-.*|x-nod-address)$/i

/** Listens on an address that others reach, and hands their requests to a Nod that only this machine reaches. It says where
 *  each comes from, and removes the headers with which a caller could say so instead, or steer workerd and Miniflare.
 *  Miniflare has a front of its own, for development: it believes those headers and serves tools below `/cdn-cgi/`.
 *  Rejects as `listen` does, for an address that is in use.
 *  @param {{ host: string, port: number, target: URL, trustedHeader?: string | undefined }} options `trustedHeader` is where a
 *  proxy before it names the caller's address; without it, and in requests that lack it, the connection's is taken */
export async function startFront({ host, port, target, trustedHeader }) {
  // workerd closes a connection that is idle for five seconds: earlier than that none is used again.
  const agent = new Agent({ keepAlive: true, timeout: 3000 })
  const server = createServer((incoming, outgoing) => {
    // Only the form of RFC 9112, 3.2.1: another one names a host beside the header `Host`.
    if (incoming.url?.startsWith('/') !== true) return void outgoing.writeHead(400).end()
    const { hostname, port: targetPort } = target
    const headers = headersFor(incoming, trustedHeader)
    const upstream = requestOf({
      agent,
      host: hostname,
      port: targetPort,
      method: incoming.method,
      path: incoming.url,
      headers,
      setHost: false,
    })
    upstream.on('response', (response) => {
      outgoing.writeHead(response.statusCode ?? 502, kept(response.rawHeaders))
      response.pipe(outgoing)
      response.on('error', () => outgoing.destroy())
    })
    upstream.on('error', (/** @type {NodeJS.ErrnoException} */ { code }) => {
      if (outgoing.headersSent) return
      // Nod closes the connection on a body that is too large, and its answer may be lost then.
      const isTooLarge = !upstream.writableFinished && (code === 'EPIPE' || code === 'ECONNRESET')
      outgoing.writeHead(isTooLarge ? 413 : 502, { Connection: 'close' }).end()
    })
    // A caller that hangs up ends the request behind it.
    outgoing.on('close', () => outgoing.writableFinished || upstream.destroy())
    incoming.on('error', () => upstream.destroy())
    incoming.pipe(upstream)
  })
  server.listen(port, host)
  await once(server, 'listening')
  const address = server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  const stop = async () => {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    agent.destroy()
    await closed
  }
  return { url: new URL(`http://${reachable(host)}:${bound}`), stop }
}

/** An address of this machine that leads to what listens there.
 *  @param {string} host */
function reachable(host) {
  if (host === '0.0.0.0') return '127.0.0.1'
  return isIPv6(host) ? `[${host === '::' ? '::1' : host}]` : host
}

/** @param {import('node:http').IncomingMessage} incoming
 *  @param {string | undefined} trustedHeader */
function headersFor(incoming, trustedHeader) {
  const told = trustedHeader === undefined ? undefined : incoming.headers[trustedHeader.toLowerCase()]
  const last = String(told ?? '')
    .split(',')
    .at(-1)
    ?.trim()
  const address = last || incoming.socket.remoteAddress?.replace(/^::ffff:/, '') || 'unknown'
  const headers = kept(incoming.rawHeaders)
  if (incoming.headers['transfer-encoding'] !== undefined) headers.push('Transfer-Encoding', 'chunked')
  return [...headers, ADDRESS_HEADER, address]
}

/** @param {readonly string[]} raw names and values, in turns */
function kept(raw) {
  const headers = []
  for (let at = 0; at < raw.length; at += 2) {
    const [name = '', value = ''] = raw.slice(at, at + 2)
    if (!REMOVED.test(name)) headers.push(name, value)
  }
  return headers
}
