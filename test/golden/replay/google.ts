import { at, type Json } from './recording.ts'

/** Controls the simulated Google that the server delivers through, over its `/_/…` endpoints. */

export interface CapturedMessage {
  readonly path: string
  readonly authorization: string
  readonly body: Json
}

/** How Google answered in the recording: `ok`, an HTTP status, or `drop` for a dropped connection. */
type GoogleAnswer = string | number

export interface Google {
  messages(): Promise<readonly CapturedMessage[]>
  clear(): Promise<void>
  /** Answers every message like this until the next call. `isUnregistered`: a 404 has the error code UNREGISTERED. */
  answerAll(answer: GoogleAnswer, isUnregistered: boolean): Promise<void>
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
    async answerAll(answer, isUnregistered) {
      await call('DELETE', 'behave')
      if (answer === 'ok') return
      await call('POST', 'behave', { at: 'messages', behavior: behaviorFor(answer, isUnregistered) })
    },
  }
}

function behaviorFor(answer: GoogleAnswer, isUnregistered: boolean): Json {
  if (answer === 'drop') return { do: 'reset' }
  const status = Number(answer)
  return {
    do: 'refuse',
    status,
    ...(status === 404 ? { errorCode: isUnregistered ? 'UNREGISTERED' : 'NOT_FOUND' } : {}),
  }
}

const PATIENCE = 4000
const STEP = 50

/** Returns Google's messages as soon as they are complete, or after four seconds: the server delivers asynchronously. */
export async function waitForMessages(
  google: Google,
  isComplete: (messages: readonly CapturedMessage[]) => boolean,
): Promise<readonly CapturedMessage[]> {
  for (const deadline = Date.now() + PATIENCE; ;) {
    const messages = await google.messages()
    if (isComplete(messages) || Date.now() > deadline) return messages
    await new Promise((resolve) => setTimeout(resolve, STEP))
  }
}
