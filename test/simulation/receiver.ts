/** The receiver of a webhook, written from RFC 8417, RFC 8935 and docs/webhooks.md. It verifies with Node's own cryptography, and
 *  shares no line with the server under test. */
import { createPublicKey, verify } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { fields } from './reply.ts'

/** A token that was received and verified. */
export interface ReceivedToken {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
  readonly contentType: string | undefined
  readonly text: string
}

/** What the receiver answers: a status, with a body or headers. `never`: nothing at all. */
export type Answer =
  | 'never'
  | { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> }

export class Receiver {
  readonly received: ReceivedToken[] = []
  /** Paths that were asked. */
  readonly paths: string[] = []
  answer: Answer = { status: 202 }
  readonly #server: Server
  readonly #issuer: string

  /** `issuer`: the address of the Nod whose keys it believes. */
  constructor(issuer: string) {
    this.#issuer = issuer
    this.#server = createServer((request, response) => {
      this.paths.push(request.url ?? '')
      void this.#receive(request).then(() => {
        if (this.answer === 'never') return
        response.writeHead(this.answer.status, this.answer.headers).end(this.answer.body)
      })
    })
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
  }

  get url(): string {
    const address = this.#server.address()
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** The statements of the tokens received so far that have this type. */
  statements(type: string): readonly Readonly<Record<string, unknown>>[] {
    return this.received.flatMap(({ claims }) => {
      const statement = fields(claims['events'])[type]
      return statement === undefined ? [] : [fields(statement)]
    })
  }

  async #receive(request: IncomingMessage): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array))
    const text = Buffer.concat(chunks).toString()
    const [head = '', payload = '', signature = ''] = text.split('.')
    const header = fields(JSON.parse(Buffer.from(head, 'base64url').toString()))
    const keys = await this.keys()
    const key = keys.find(({ kid }) => kid === header['kid'])
    const isSigned =
      key !== undefined &&
      header['alg'] === 'ES256' &&
      verify(
        'sha256',
        Buffer.from(`${head}.${payload}`),
        { key: createPublicKey({ key, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
        Buffer.from(signature, 'base64url'),
      )
    if (!isSigned) throw new Error(`a token that ${this.#issuer} did not sign: ${text}`)
    this.received.push({
      header,
      claims: fields(JSON.parse(Buffer.from(payload, 'base64url').toString())),
      contentType: request.headers['content-type'],
      text,
    })
  }

  /** The published keys. */
  async keys(): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const response = await fetch(`${this.#issuer}/.well-known/jwks.json`)
    const { keys } = fields(await response.json())
    return Array.isArray(keys) ? keys.map(fields) : []
  }
}
