import { type Envelope, readEnvelope } from './envelope.ts'
import { done, type Failure, failed, type Outcome } from './outcome.ts'
import { sleep } from './sleep.ts'

/** How to reach a Nod, and as whom. At most one of `token`, `key` and `credentials`; without any the calls have no credential. */
export interface ConnectOptions {
  /** The address of the deployment: `https://nod.example`. A path before Nod's own is kept. */
  readonly url: string | URL
  /** An API token, as `signIn` gives it. */
  readonly token?: string | undefined
  /** A service key. */
  readonly key?: string | undefined
  /** An administrator's account without a second factor, as plugins have. Signs in when a call needs it, and again when the API token
   *  has expired. */
  readonly credentials?: { readonly login: string; readonly password: string; readonly realm?: string } | undefined
  /** Used in place of the global `fetch`. */
  readonly fetch?: typeof fetch | undefined
  /** Language of the texts for the user, as in `Accept-Language`: `de`. */
  readonly language?: string | undefined
  /** Milliseconds that one attempt may take, its answer included; 30,000 unless set. */
  readonly timeout?: number | undefined
  /** How often a call is repeated that may be: 2 unless set. Only reads are repeated, and logins opened with an idempotency key. */
  readonly retries?: number | undefined
}

/** Options of a single call. */
export interface CallOptions {
  /** Ends the call. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds that one attempt may take. */
  readonly timeout?: number | undefined
}

/** A request as it is sent. */
export interface NodRequest extends CallOptions {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly json?: unknown
  /** Whether the request may be sent again when it is not known what has become of it. */
  readonly isRepeatable?: boolean
  /** No time limit but the signal: the answer is a stream. */
  readonly isStream?: boolean
}

/** A connection to a Nod with a credential, which it keeps to itself. */
export interface Nod {
  /** The address of the deployment, without a slash at the end. */
  readonly url: string
  /** Sends a request and reads its answer, within the time limit. */
  readonly send: <T>(request: NodRequest, read: (response: Response) => Promise<Outcome<T>>) => Promise<Outcome<T>>
  /** The same deployment with another credential, or none. */
  readonly as: (credential: Pick<ConnectOptions, 'token' | 'key' | 'credentials'>) => Nod
}

const TIMEOUT_MS = 30_000
const RETRIES = 2
/** A server that wants a longer pause than this is not asked again. */
const LONGEST_PAUSE_MS = 5_000
const FIRST_PAUSE_MS = 200

/** Makes a connection. Nothing is sent yet, and nothing is ever stored: a credential is kept in memory, as long as the connection is.
 *  Throws a `TypeError` for an address that is none. */
export function connect(options: ConnectOptions): Nod {
  const url = baseUrl(options.url)
  const { timeout = TIMEOUT_MS, retries = RETRIES, language, credentials } = options
  const doFetch = options.fetch ?? ((...input: Parameters<typeof fetch>) => fetch(...input))
  let authorization: Promise<Outcome<string | undefined>> | undefined

  const authorize = (): Promise<Outcome<string | undefined>> =>
    (authorization ??=
      credentials === undefined ? Promise.resolve(done(options.token ?? options.key)) : signIn(credentials))

  /** A failed sign-in is not kept: the next call tries again. */
  async function signIn({ login, password, realm }: Credentials): Promise<Outcome<string>> {
    const json = { username: login, password, ...(realm === undefined ? {} : { realm }) }
    const answer = await attempt({ method: 'POST', path: '/auth', json }, readEnvelope)
    const token = answer.ok ? apiTokenOf(answer.value) : answer
    if (!token.ok) authorization = undefined
    return token
  }

  /** Sends a request once. */
  async function attempt<T>(request: NodRequest, read: Reader<T>, credential?: string): Promise<Outcome<T>> {
    const { method, path, json, signal, isStream = false } = request
    const after = request.timeout ?? timeout
    const limit = isStream ? undefined : AbortSignal.timeout(after)
    try {
      const response = await doFetch(`${url}${path}`, {
        method,
        headers: {
          ...(language === undefined ? {} : { 'Accept-Language': language }),
          ...(credential === undefined ? {} : { Authorization: credential }),
          ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...request.headers,
        },
        redirect: 'manual', // the credential is for this address only
        signal: AbortSignal.any([signal, limit].filter((one) => one !== undefined)),
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      })
      return await read(response)
    } catch (cause) {
      const about = `${method} ${url}${path.split('?')[0]}`
      if (signal?.aborted) return failed({ kind: 'aborted', message: `${about} was aborted`, cause: signal.reason })
      if (limit?.aborted) return failed({ kind: 'timeout', message: `${about} took longer than ${after} ms`, after })
      return failed({ kind: 'transport', message: `${about} got no answer: ${textOf(cause)}`, cause })
    }
  }

  async function attemptAuthorized<T>(request: NodRequest, read: Reader<T>): Promise<Outcome<T>> {
    const asked = authorize()
    const credential = await asked
    if (!credential.ok) return credential
    const outcome = await attempt(request, read, credential.value)
    if (credentials === undefined || outcome.ok || !isExpired(outcome.failure)) return outcome
    // Other calls may have signed in again meanwhile.
    if (authorization === asked) authorization = undefined
    const renewed = await authorize()
    return renewed.ok ? attempt(request, read, renewed.value) : renewed
  }

  async function send<T>(request: NodRequest, read: Reader<T>): Promise<Outcome<T>> {
    for (let tries = 0; ; tries += 1) {
      const outcome = await attemptAuthorized(request, read)
      if (outcome.ok || request.isRepeatable !== true || tries >= retries) return outcome
      const pause = pauseAfter(outcome.failure, tries)
      if (pause === undefined) return outcome
      await sleep(pause, request.signal)
    }
  }

  return {
    url,
    send,
    as: (credential) =>
      connect({ ...options, token: undefined, key: undefined, credentials: undefined, ...credential }),
  }
}

type Reader<T> = (response: Response) => Promise<Outcome<T>>
type Credentials = NonNullable<ConnectOptions['credentials']>

function baseUrl(url: string | URL): string {
  const { protocol, username, password, origin, pathname } = new URL(url)
  if (!/^https?:$/.test(protocol) || username !== '' || password !== '')
    throw new TypeError('The address of a Nod is http or https, without a login in it')
  return `${origin}${pathname}`.replace(/\/+$/, '')
}

function apiTokenOf({ value, detail }: Envelope): Outcome<string> {
  const token = typeof value === 'object' && value !== null && 'token' in value ? value.token : undefined
  if (typeof token === 'string') return done(token)
  const message = typeof detail['message'] === 'string' ? detail['message'] : 'Signing in takes the phone: use signIn.'
  return failed({ kind: 'refused', status: 200, code: 4031, reason: 'second_factor_required', message })
}

const isExpired = (failure: Failure): boolean =>
  failure.kind === 'refused' && (failure.reason === 'credential_invalid' || failure.reason === 'credential_expired')

/** Milliseconds until the call may be repeated; undefined if it must not be. Callers wait for different times, so that they do not
 *  come back together. */
function pauseAfter(failure: Failure, tries: number): number | undefined {
  const pause = FIRST_PAUSE_MS * 2 ** tries * (1 + Math.random())
  if (failure.kind === 'transport') return pause
  // Whoever is over a limit only prolongs it.
  if (failure.kind !== 'unavailable' || failure.status === 429) return undefined
  const asked = (failure.retryAfter ?? 0) * 1000
  return asked > LONGEST_PAUSE_MS ? undefined : Math.max(asked, pause)
}

const textOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message
}
