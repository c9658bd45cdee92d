/** A server that records requests and gives the same answer to all of them. */
import { once } from 'node:events'
import { createServer } from 'node:net'

export class CannedServer {
  /** The bytes of the last request. */
  sent = ''
  /** The body of the next answers. */
  answer: unknown = { id: 2, result: { status: true, value: true } }
  readonly #server = createServer((socket) => {
    this.sent = ''
    socket.on('data', (chunk) => {
      this.sent += chunk.toString('utf8')
      const [, length = '0'] = /content-length: (\d+)/i.exec(this.sent) ?? []
      const end = this.sent.indexOf('\r\n\r\n')
      if (end < 0 || Buffer.byteLength(this.sent) < end + 4 + Number(length)) return
      const body = JSON.stringify(this.answer)
      socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
    })
  })

  /** Its address, with a path that a client has to keep. */
  async start(): Promise<string> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening')
    const address = this.#server.address()
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/mfa`
  }

  stop(): void {
    this.#server.close()
  }

  /** The lines of the last request, without those that differ from run to run. */
  lines(): string[] {
    return this.sent.split('\r\n').filter((line) => !/^(?:host|content-length): /i.test(line))
  }
}
