/** An HTTP client that keeps connections open and times every call under a name. */
import { Agent, request } from 'node:http'
import { percentileOf, p50AndP99 } from './percentiles.ts'

interface Answer {
  readonly status: number
  readonly value: unknown
  readonly detail: Readonly<Record<string, unknown>> | undefined
}

export class Client {
  readonly #base: URL
  readonly #agent: Agent
  readonly #headers: Readonly<Record<string, string>>
  readonly #times = new Map<string, number[]>()

  /** `headers`: sent with every call. */
  constructor(base: string, sockets = 1_024, headers: Readonly<Record<string, string>> = {}) {
    this.#base = new URL(base)
    this.#headers = headers
    this.#agent = new Agent({ keepAlive: true, maxSockets: sockets })
  }

  /** Returns the answer, whatever its status. Throws when the connection breaks. */
  async call(
    name: string,
    method: string,
    path: string,
    form?: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const body = form === undefined ? '' : new URLSearchParams(form).toString()
    const type: Record<string, string> =
      form === undefined ? {} : { 'Content-Type': 'application/x-www-form-urlencoded' }
    const started = performance.now()
    const all = { ...this.#headers, ...headers, ...type, 'Content-Length': Buffer.byteLength(body) }
    const answer = await this.#ask(method, path, all, body)
    const times = this.#times.get(name) ?? []
    this.#times.set(name, times)
    times.push(performance.now() - started)
    return answer
  }

  #ask(
    method: string,
    path: string,
    headers: Readonly<Record<string, string | number>>,
    body: string,
  ): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      const { hostname, port } = this.#base
      const outgoing = request({ hostname, port, agent: this.#agent, method, path, headers }, (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('error', reject)
        incoming.on('end', () => resolve(answerOf(incoming.statusCode ?? 0, Buffer.concat(chunks).toString())))
      })
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        // The service closed an idle connection at the moment it was used again.
        if (outgoing.reusedSocket && error.code === 'ECONNRESET') resolve(this.#ask(method, path, headers, body))
        else reject(error)
      })
      outgoing.end(body)
    })
  }

  /** Reads a stream of server-sent events until it ends, and hands on the status in each. */
  listen(path: string, onStatus: (status: string) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = this.#base
      const outgoing = request({ hostname, port, agent: this.#agent, path }, (incoming) => {
        incoming.setEncoding('utf8').on('data', (text: string) => {
          for (const [, status = ''] of text.matchAll(/"challenge_status":"(\w+)"/g)) onStatus(status)
        })
        incoming.on('end', resolve).on('error', reject)
      })
      outgoing.on('error', reject)
      outgoing.end()
    })
  }

  /** Milliseconds that a share of the calls of this name took at most: 0.5 is the median. */
  percentile(name: string, share: number): number {
    return percentileOf(this.#times.get(name) ?? [], share)
  }

  /** p50/p99 of the calls of this name, in milliseconds. */
  p50AndP99(name: string): string {
    return p50AndP99(this.#times.get(name) ?? [])
  }

  forget(): void {
    this.#times.clear()
  }

  close(): void {
    this.#agent.destroy()
  }
}

function answerOf(status: number, text: string): Answer {
  const body = (text.startsWith('{') ? JSON.parse(text) : {}) as {
    result?: { value?: unknown }
    detail?: Answer['detail']
  }
  return { status, value: body.result?.value, detail: body.detail ?? undefined }
}
