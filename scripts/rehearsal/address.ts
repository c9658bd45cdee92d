/** The one address that phones and services know. Where it leads is said here, as by DNS: first to the old server, then to Nod. */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type Server } from 'node:http'

export interface Target {
  readonly url: string
  /** Hears of each request and what was answered. */
  readonly onAnswer?: (request: string, answer: string) => void
}

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export class Address {
  readonly url: string
  readonly #server: Server
  #targets: readonly Target[]
  #count = 0

  private constructor(server: Server, targets: readonly Target[]) {
    this.#server = server
    this.#targets = targets
    const address = server.address()
    this.url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  }

  static async lead(...targets: readonly Target[]): Promise<Address> {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = new Address(server, targets)
    server.on('request', (incoming: IncomingMessage, response) => {
      address.#pass(incoming)
        .then(({ status, headers, body }) => {
          response.writeHead(status, headers)
          response.end(body)
        })
        .catch(() => response.destroy())
    })
    return address
  }

  /** Leads further requests elsewhere: to several, by turns, as while old entries of DNS are still in caches. */
  lead(...targets: readonly Target[]): void {
    this.#targets = targets
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #pass(incoming: IncomingMessage): Promise<Answer> {
    this.#count += 1
    const target = this.#targets[this.#count % this.#targets.length]
    if (target === undefined) throw new Error('the address leads nowhere')
    const body = await bodyOf(incoming)
    const { connection: _, 'transfer-encoding': __, ...headers } = incoming.headers
    const outgoing = request(new URL(incoming.url ?? '/', target.url), {
      method: incoming.method ?? 'GET',
      headers: { ...headers, 'content-length': body.length },
      agent: false,
    })
    outgoing.end(body)
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
    const { connection: ___, 'transfer-encoding': ____, ...answered } = answer.headers
    const content = await bodyOf(answer)
    target.onAnswer?.(`${incoming.url ?? ''} ${body.toString()}`, content.toString())
    return {
      status: answer.statusCode ?? 502,
      headers: { ...answered, 'content-length': String(content.length) },
      body: content,
    }
  }
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
