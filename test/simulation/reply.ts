/** An answer of the server as its callers see it: the JSON frame taken apart, nothing judged yet. */
export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The whole body, or undefined if it is not JSON. */
  readonly body: unknown
  readonly value: unknown
  readonly authentication: string | undefined
  readonly detail: Detail
  readonly error: { readonly code: number; readonly message: string } | undefined
}

/** What callers read from `detail` (docs/protocol.md, "What clients read"); whether it is really so is for the test to say. */
export interface Detail {
  readonly message?: string
  readonly messages?: readonly string[]
  readonly serial?: string
  readonly type?: string
  readonly transaction_id?: string
  readonly transaction_ids?: readonly string[]
  readonly multi_challenge?: readonly ChallengeEntry[]
  readonly client_mode?: string
  readonly preferred_client_mode?: string
  readonly attributes?: Readonly<Record<string, unknown>>
  readonly presence_answer?: string
  readonly challenge_status?: string
  readonly enrollment_credential?: string
  readonly rollout_state?: string
  readonly pushurl?: { readonly description: string; readonly value: string; readonly img: string }
  readonly public_key?: string
  readonly display_code?: string
  readonly [name: string]: unknown
}

export interface ChallengeEntry {
  readonly transaction_id: string
  readonly serial: string
  readonly type: string
  readonly client_mode: string
  readonly message: string
  readonly presence_answer?: string
  readonly image?: string
  readonly link?: string
}

/** What went wrong, for people; what `fetch` throws keeps the cause to itself otherwise. */
export function reasonOf(why: unknown): string {
  if (!(why instanceof Error)) return String(why)
  const { code, message } = fields(why.cause)
  const cause = code ?? message
  return typeof cause === 'string' ? `${why.message} (${cause})` : why.message
}

type Fields = Readonly<Record<string, unknown>>

export async function readReply(response: Response): Promise<Reply> {
  const text = await response.text()
  const body = parsed(text)
  const result = fields(fields(body)['result'])
  const error = fields(result['error'])
  return {
    status: response.status,
    headers: response.headers,
    text,
    body,
    value: result['value'],
    authentication: typeof result['authentication'] === 'string' ? result['authentication'] : undefined,
    detail: fields(fields(body)['detail']),
    error:
      typeof error['message'] === 'string' ? { code: Number(error['code']), message: error['message'] } : undefined,
  }
}

/** One line for people: what came, short enough for a failed assertion. */
export function summary(reply: Reply): string {
  const said = reply.error?.message ?? reply.authentication ?? reply.text.slice(0, 120)
  return `HTTP ${reply.status} ${said}`.trim()
}

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const fields = (value: unknown): Fields => (isFields(value) ? value : {})

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
