/** One event of a stream. */
export interface ServerSentEvent {
  /** The last id that the stream has named. */
  readonly id: string | undefined
  /** `message` unless the event has a name. */
  readonly event: string
  readonly data: string
}

/** Reads a stream of server-sent events, and tells of comments, which keep it open. Cancels the stream if the reader stops. Source: WHATWG HTML, "Server-sent events". */
export async function* serverSentEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerSentEvent | 'comment'> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  let id: string | undefined
  let event = 'message'
  let data: string[] = []
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      const lines = (rest + decoder.decode(value, { stream: true })).split(/\r\n|\n|\r(?!$)/)
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const [, name, text = ''] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? []
        if (line.startsWith(':')) yield 'comment'
        else if (name === 'id') id = text
        else if (name === 'event') event = text
        else if (name === 'data') data.push(text)
        else if (line === '') {
          if (data.length > 0) yield { id, event, data: data.join('\n') }
          event = 'message'
          data = []
        }
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}
