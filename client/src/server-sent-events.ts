/** One event of a stream. Comments are events without data. */
export interface ServerSentEvent {
  readonly id: string | undefined
  readonly data: string | undefined
}

/** Reads a stream of server-sent events. Cancels the stream if the reader stops. Source: WHATWG HTML, "Server-sent events". */
export async function* serverSentEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  let id: string | undefined
  let data: string[] = []
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      const lines = (rest + decoder.decode(value, { stream: true })).split(/\r\n|\n|\r(?!$)/)
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const [, name, text = ''] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? []
        if (line.startsWith(':')) yield { id: undefined, data: undefined }
        else if (name === 'id') id = text
        else if (name === 'data') data.push(text)
        else if (line === '' && data.length > 0) {
          yield { id, data: data.join('\n') }
          data = []
        }
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}
