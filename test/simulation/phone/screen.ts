/** What the app lets its user see of an answer's reply (docs/protocol.md, "Phone answer"). */
import { type Reply, fields, reasonOf } from '../reply.ts'
import type { Prompt } from './prompt.ts'

export interface Shown {
  /** True: the prompt is gone from the screen. False: it is back, to be answered again. */
  readonly handled: boolean
  /** `result.value`: whether the server took the answer. The app does not show it. */
  readonly taken: boolean
  /** The code window: "shows the code dialog with `detail.message` as text (else the question)". */
  readonly displayCode: string | undefined
  readonly message: string | undefined
  /** What the app says went wrong, if it says anything. */
  readonly error: string | undefined
  /** The reply itself; undefined if none came. */
  readonly reply: Reply | undefined
}

const NOTHING = { taken: false, displayCode: undefined, message: undefined, error: undefined, reply: undefined }

/** "then the request stays on screen" */
export function unreachableScreen(why: unknown): Shown {
  return { ...NOTHING, handled: false, error: reasonOf(why) }
}

export function screenFor(prompt: Prompt, reply: Reply, accepting: boolean): Shown {
  const restored = { ...NOTHING, handled: false, reply }
  // "body is not JSON: request restored, error shown"
  if (reply.body === undefined) return { ...restored, error: `the answer (HTTP ${reply.status}) is not JSON` }
  // "`result.status` must be a bool, `result.value` (if present) a bool on accept, else the request is restored"
  if (typeof fields(fields(reply.body)['result'])['status'] !== 'boolean')
    return { ...restored, error: 'result.status is not a boolean' }
  if (accepting && reply.value !== undefined && typeof reply.value !== 'boolean')
    return { ...restored, error: 'result.value is not a boolean' }
  // "`detail.display_code` (string) present: shows the code dialog"
  const code = accepting && typeof reply.detail.display_code === 'string' ? reply.detail.display_code : undefined
  // "any JSON body, even an error with HTTP 4xx, counts as handled: the request disappears and nothing is shown"
  return {
    ...NOTHING,
    handled: true,
    taken: reply.value === true,
    displayCode: code,
    message: code === undefined ? undefined : (reply.detail.message ?? prompt.question),
    reply,
  }
}
