import { at, type Json } from './recording.ts'

/** The simulated Google that the server sends its messages to, asked over its `/_/…` for what it received. */

export interface CapturedMessage {
  readonly path: string
  readonly authorization: string
  readonly body: Json
}

/** What the recorded Google did: `ok`, an HTTP status, or `drop`. */
type Answered = string | number

export interface Google {
  messages(): Promise<readonly CapturedMessage[]>
  clear(): Promise<void>
  /** Answers the next messages so, in this order, and those after them well. */
  answerNext(answers: readonly Answered[]): Promise<void>
}

const asText = (value: Json | undefined): string => (typeof value === 'string' ? value : '')

export function googleAt(url: string): Google {
  const call = (method: string, path: string, body?: Json): Promise<Response> =>
    fetch(`${url.replace(/\/+$/, '')}/_/${path}`, { method, ...(body ? { body: JSON.stringify(body) } : {}) })
  return {
    async messages() {
      const listed = (await (await call('GET', 'messages')).json()) as Json[]
      return listed.map((entry) => ({
        path: `/v1/projects/${asText(at(entry, 'projectId'))}/messages:send`,
        authorization: asText(at(entry, 'authorization')),
        body: { message: at(entry, 'message') ?? null },
      }))
    },
    async clear() {
      await call('DELETE', 'messages')
    },
    async answerNext(answers) {
      await call('DELETE', 'behave')
      for (const answer of answers)
        await call('POST', 'behave', { at: 'messages', behavior: behaviorFor(answer), times: 1 })
    },
  }
}

function behaviorFor(answer: Answered): Json {
  if (answer === 'ok') return { do: 'answer' }
  return answer === 'drop' ? { do: 'reset' } : Number(answer)
}

const PATIENCE = 4000
const STEP = 50

/** The server delivers on its own time: waits until so many messages are there, or for four seconds. */
export async function waitForMessages(google: Google, count: number): Promise<readonly CapturedMessage[]> {
  for (const deadline = Date.now() + PATIENCE; ;) {
    const messages = await google.messages()
    if (messages.length >= count || Date.now() > deadline) return messages
    await new Promise((resolve) => setTimeout(resolve, STEP))
  }
}
