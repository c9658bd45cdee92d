/** Google, as far as Nod meets it: the OAuth token endpoint and FCM HTTP v1, in one HTTP program. It checks what Google
 *  checks, fails as told, and hands its messages to tests, here or over `/_/…` on the same port.
 *
 *  By hand: `node test/simulation/google.ts [port]`. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type Behavior, type Order, Orders, asBehavior } from './google/behavior.ts'
import { control } from './google/control.ts'
import { type FcmAnswer, fcmError, fcmSuccess, flawOf, unknownToken } from './google/fcm.ts'
import { AccessTokens, type TokenRequest } from './google/oauth.ts'
import { type PushedMessage, Messages } from './google/messages.ts'
import { SERVICE_ACCOUNT_KEY } from './keys.ts'
import { fields } from './reply.ts'

export type { Behavior, Order, PushedMessage, TokenRequest }

/** A service account key file, as the Firebase console gives it out. */
export interface ServiceAccount {
  readonly type: 'service_account'
  readonly project_id: string
  readonly private_key_id: string
  readonly private_key: string
  readonly client_email: string
  readonly client_id: string
  readonly auth_uri: string
  readonly token_uri: string
}

export interface Google {
  /** For FCM_URL. */
  readonly url: string
  readonly serviceAccount: ServiceAccount
  readonly messages: readonly PushedMessage[]
  readonly tokenRequests: readonly TokenRequest[]
  /** Fail the next message, or the next few: a status as Google words it, or a Behavior. */
  failNext(behavior: Behavior | number, times?: number): void
  /** Follow an order until `behave()` without one. */
  behave(order?: Order): void
  /** Every access token given out so far is refused with 401 from now on. */
  revokeAccessTokens(): void
  /** The first message that fits, already there or yet to come; rejects after `milliseconds`. */
  waitForMessage(fits?: (message: PushedMessage) => boolean, milliseconds?: number): Promise<PushedMessage>
  /** Forget messages, token requests and orders. */
  clear(): void
  stop(): Promise<void>
}

export interface GoogleOptions {
  readonly port?: number
  readonly host?: string
  readonly projectId?: string
  /** Seconds an access token lives. */
  readonly tokenLifetime?: number
  /** Told of every delivered message, as a phone would be. */
  readonly onMessage?: (message: PushedMessage) => unknown
}

export async function startGoogle(options: GoogleOptions = {}): Promise<Google> {
  const { port = 0, host = '127.0.0.1', projectId = 'nod-test', tokenLifetime = 3599 } = options
  const account = { email: `firebase-adminsdk@${projectId}.iam.gserviceaccount.com`, keyId: 'c0ffee00' }
  const tokens = new AccessTokens(SERVICE_ACCOUNT_KEY, account, tokenLifetime)
  const messages = new Messages()
  const tokenRequests: TokenRequest[] = []
  const orders = new Orders()

  const grant = async (body: string, response: ServerResponse): Promise<void> => {
    const behavior = orders.next('token')
    const at = Date.now()
    const granted = tokens.grant(new URLSearchParams(body), serviceAccount.token_uri, at)
    const doing = behavior.do === 'answer' || behavior.do === 'delay' ? granted.status : behavior.do
    tokenRequests.push({ at, claims: granted.claims, answered: doing })
    await act(behavior, response, granted, () => ({ body: { error: 'internal_failure' }, headers: {} }))
  }

  const send = async (
    project: string,
    body: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> => {
    const said = parsed(body)
    const message = fields(fields(said)['message'])
    const registrationToken = typeof message['token'] === 'string' ? message['token'] : ''
    const behavior = orders.next('messages', registrationToken)
    const answer = judge(project, said, request)
    const delivers = answer.status === 200 && (behavior.do === 'answer' || behavior.do === 'delay')
    const pushed: PushedMessage = {
      at: Date.now(),
      projectId: project,
      authorization: request.headers.authorization ?? '',
      registrationToken,
      data: strings(fields(message['data'])),
      message,
      answered:
        behavior.do === 'refuse'
          ? behavior.status
          : delivers
            ? 200
            : behavior.do === 'answer'
              ? answer.status
              : behavior.do,
    }
    await act(behavior, response, answer, ({ status, errorCode, retryAfter }) =>
      fcmError(status, errorCode, retryAfter),
    )
    // A message that Google only checks reaches no phone.
    if (fields(said)['validate_only'] === true) return
    messages.add(pushed)
    if (delivers) options.onMessage?.(pushed)
  }

  const judge = (project: string, body: unknown, request: IncomingMessage): FcmAnswer => {
    if (!tokens.accepts(request.headers.authorization, Date.now())) return fcmError(401)
    if (project !== projectId) return fcmError(403, undefined, undefined, `Permission denied on project ${project}.`)
    if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '') || body === undefined) return fcmError(400)
    return flawOf(body) ?? unknownToken(body) ?? fcmSuccess(project, messages.all.length)
  }

  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://google').pathname
    const project = /^\/v1\/projects\/([^/]+)\/messages:send$/.exec(path)?.[1]
    textOf(request)
      .then(async (body) => {
        if (request.method === 'POST' && path === '/token') return grant(body, response)
        if (request.method === 'POST' && project !== undefined) return send(project, body, request, response)
        return control({ google, orders, messages }, request, body, response)
      })
      .catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(port, host, resolve))
  const address = server.address()
  const url = `http://${host}:${typeof address === 'object' && address !== null ? address.port : port}`

  const serviceAccount: ServiceAccount = {
    type: 'service_account',
    project_id: projectId,
    private_key_id: account.keyId,
    private_key: SERVICE_ACCOUNT_KEY,
    client_email: account.email,
    client_id: '100000000000000000001',
    auth_uri: `${url}/auth`,
    token_uri: `${url}/token`,
  }

  const google: Google = {
    url,
    serviceAccount,
    messages: messages.all,
    tokenRequests,
    failNext: (behavior, times = 1) => orders.add({ at: 'messages', behavior: asBehavior(behavior), times }),
    behave: (order) => (order === undefined ? orders.clear() : orders.add(order)),
    revokeAccessTokens: () => tokens.revoke(),
    waitForMessage: (fits, milliseconds) => messages.wait(fits, milliseconds),
    clear() {
      messages.clear()
      tokenRequests.length = 0
      orders.clear()
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return google
}

type Answer = { readonly status: number; readonly body: unknown; readonly headers?: Readonly<Record<string, string>> }
type Refuse = Extract<Behavior, { do: 'refuse' }>

/** Answer as told: with `answer`, with a refusal, late, wrongly or not at all. */
async function act(
  behavior: Behavior,
  response: ServerResponse,
  answer: Answer,
  refusal: (refuse: Refuse) => Omit<Answer, 'status'>,
): Promise<void> {
  switch (behavior.do) {
    case 'hang':
      return undefined
    case 'reset':
      response.socket?.resetAndDestroy()
      return undefined
    case 'refuse':
      return reply(response, { ...refusal(behavior), status: behavior.status })
    case 'delay':
      await new Promise((resolve) => setTimeout(resolve, behavior.milliseconds))
      return reply(response, answer)
    case 'answer':
    case 'drop':
      return reply(response, answer)
    default:
      return behavior satisfies never
  }
}

function reply(response: ServerResponse, { status, body, headers = {} }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8', ...headers })
  response.end(JSON.stringify(body))
}

const strings = (data: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(Object.entries(data).map(([name, value]) => [name, String(value)]))

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk)
  return text
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

if (import.meta.main) {
  const google = await startGoogle({
    port: Number(process.argv[2] ?? 9099),
    onMessage: (m) => console.log(m.registrationToken, m.data),
  })
  console.log(`Google, simulated: FCM_URL=${google.url}`)
  console.log(`Its service account, for FIREBASE_DEFAULT: curl ${google.url}/_/service-account`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void google.stop())
}
