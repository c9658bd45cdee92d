/** The server that users move from, as its callers see it (docs/protocol.md): users with one-time passwords and push tokens, and an
 *  administrator. It shares no line with the server under test, and can hang, lie and flood. */
import { randomBytes, randomInt } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

export interface OldToken {
  readonly serial: string
  readonly type: 'totp' | 'push' | 'spass'
  pin: string
  /** One-time passwords that are still good. */
  readonly otps: string[]
  /** Step 2 of an enrollment, until it is used. */
  credential?: string
  failures: number
}

export interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** How it misbehaves. `lies`: accepts every check in the name of this token. */
export type Mischief =
  | 'none'
  | 'hangs'
  | 'hangs_in_body'
  | 'floods'
  | 'answers_html'
  | 'answers_502'
  | 'drops'
  | { readonly lies: string | undefined }

interface OpenChallenge {
  readonly user: string
  readonly serials: readonly string[]
  status: 'pending' | 'accept'
}

type Fields = Readonly<Record<string, string | undefined>>

const ACCOUNT = { login: 'nod', password: 'nod-at-the-old-server' }
const FLOOD = 1024 * 1024 * 1024

export class OldServer {
  readonly account = ACCOUNT
  readonly users = new Map<string, OldToken[]>()
  readonly challenges = new Map<string, OpenChallenge>()
  /** Prompts that a poll of this serial lists. */
  readonly prompts = new Map<string, Readonly<Record<string, string>>[]>()
  readonly requests: SeenRequest[] = []
  /** Passwords of its directory, by `login@realm`. */
  readonly passwords = new Map<string, string>()
  /** Whether users sign in there by their tokens. */
  asksTokens = false
  #made = 0
  mischief: Mischief = 'none'
  /** Bytes that callers have taken of a flood. */
  flooded = 0
  /** Sent with every answer. */
  headers: Readonly<Record<string, string>> = {}
  readonly #server: Server
  readonly #sessions = new Set<string>()

  constructor() {
    this.#server = createServer((request, response) => {
      void readBody(request).then((body) => this.#answer(request, body, response))
    })
  }

  static async start(): Promise<OldServer> {
    const server = new OldServer()
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve))
    return server
  }

  get url(): string {
    const address = this.#server.address()
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** Gives a user a token. */
  add(user: string, token: Pick<OldToken, 'serial' | 'type'> & Partial<OldToken>): OldToken {
    const whole = { pin: '1234', otps: [], failures: 0, ...token }
    this.users.set(user, [...(this.users.get(user) ?? []), whole])
    return whole
  }

  /** An API token of its administrator's, as `/auth` answers it. */
  session(): string {
    const segment = (fields: object): string => Buffer.from(JSON.stringify(fields)).toString('base64url')
    const claims = { username: ACCOUNT.login, role: 'admin', exp: Math.floor(Date.now() / 1000) + 3600 }
    const token = `${segment({ alg: 'HS256', typ: 'JWT' })}.${segment(claims)}.${randomBytes(32).toString('base64url')}`
    this.#sessions.add(token)
    return token
  }

  /** The requests that came for this path. */
  seen(path: string): readonly SeenRequest[] {
    return this.requests.filter(({ url }) => url.split('?')[0] === path)
  }

  #answer(request: IncomingMessage, body: string, response: ServerResponse): void {
    const { method = '', url = '', headers } = request
    this.requests.push({ method, url, headers, body })
    if (this.mischief === 'hangs') return
    if (this.mischief === 'drops') return void request.socket.destroy()
    if (this.mischief === 'answers_502') return void response.writeHead(502).end('Bad Gateway')
    if (this.mischief === 'answers_html') return void response.writeHead(200, { 'Content-Type': 'text/html' }).end(PAGE)
    if (this.mischief === 'hangs_in_body')
      return void response.writeHead(200, { 'Content-Type': 'application/json' }).write('{"result": ')
    if (this.mischief === 'floods') return this.#flood(response)
    const path = url.split('?')[0] ?? ''
    const given = fieldsOf(request, body)
    const { status, result, detail } = this.#route(method, path, given, headers)
    const authentication =
      result['status'] === false
        ? {}
        : { authentication: 'multi_challenge' in detail ? 'CHALLENGE' : result['value'] === true ? 'ACCEPT' : 'REJECT' }
    const frame = { id: 2, jsonrpc: '2.0', version: 'privacyIDEA 3.14', versionnumber: '3.14', time: Date.now() / 1000 }
    response.writeHead(status, { 'Content-Type': 'application/json', ...this.headers })
    response.end(JSON.stringify({ ...frame, result: { ...result, ...authentication }, detail }))
  }

  #route(method: string, path: string, given: Fields, headers: IncomingMessage['headers']): Answer {
    const isAdministrator = this.#sessions.has(String(headers['pi-authorization'] ?? headers.authorization))
    switch (path) {
      case '/auth':
        return this.#signIn(given)
      case '/token/init':
        return isAdministrator ? this.#init(given) : refusal(401, 4033, 'No.')
      case '/token/copypin':
        return isAdministrator ? this.#copyPin(given) : refusal(401, 4033, 'No.')
      case '/validate/samlcheck':
        return typeof this.mischief === 'object'
          ? this.#lie({ auth: true, attributes: {} })
          : answer({ method, path, given })
      case '/validate/check':
        return this.#check(given, headers['nod-own-request'] === '1')
      case '/validate/triggerchallenge':
        return isAdministrator ? this.#trigger(given) : refusal(401, 4033, 'No.')
      case '/validate/polltransaction': {
        const isAccepted = this.challenges.get(given['transaction_id'] ?? '')?.status === 'accept'
        return answer(isAccepted, { challenge_status: isAccepted ? 'accept' : 'pending' })
      }
      case '/ttype/push':
        return method === 'GET' ? this.#phonePoll(given) : this.#phonePost(given)
      case '/token/':
        return isAdministrator ? this.#list(given) : refusal(401, 4033, 'No.')
      default:
        if (method === 'DELETE' && path.startsWith('/token/'))
          return isAdministrator ? this.#delete(path.slice('/token/'.length)) : refusal(401, 4033, 'No.')
        return answer({ method, path, given })
    }
  }

  #signIn({ username = '', password = '', realm = '' }: Fields): Answer {
    if (username === ACCOUNT.login && password === ACCOUNT.password)
      return answer({ token: this.session(), role: 'admin', username, realm: '' })
    if (this.asksTokens) return answer(false, { transaction_id: '0123456789', multi_challenge: [] })
    return this.passwords.get(`${username}@${realm}`) === password
      ? answer({ token: 'eyJ.eyJ.c2lnbg', role: 'user', username, realm })
      : refusal(401, 4031, 'Authentication failure. Wrong credentials')
  }

  /** The tokens that are nobody's stand under the empty name. */
  #init({ type, pin = '' }: Fields): Answer {
    this.#made += 1
    const serial = `PISP${String(this.#made).padStart(8, '0')}`
    if (type !== 'spass') return refusal(400, 303, 'No.')
    this.add('', { serial, type, pin })
    return answer(true, { serial })
  }

  #copyPin({ from, to }: Fields): Answer {
    const [one] = this.#tokensOf('', from ?? '') ?? []
    const [other] = this.#tokensOf('', to ?? '') ?? []
    if (one === undefined || other === undefined) return refusal(400, 10, 'ERR10: no such token')
    other.pin = one.pin
    return answer(true)
  }

  #delete(serial: string): Answer {
    for (const [user, tokens] of this.users)
      this.users.set(
        user,
        tokens.filter((one) => one.serial !== serial),
      )
    return answer(1)
  }

  #check({ user = '', serial, pass, state, transaction_id: id = state }: Fields, isOwnRequest: boolean): Answer {
    if (typeof this.mischief === 'object') return this.#lie(true)
    const tokens = this.#tokensOf(user, serial)
    if (tokens === undefined) return refusal(400, 904, `ERR904: User <${user}@realm1> does not exist.`)
    if (tokens.length === 0) return answer(false, { message: 'The user has no tokens assigned' })
    const open = id === undefined ? undefined : this.challenges.get(id)
    if (id !== undefined && open?.user === user) {
      const matching = tokens.find((one) => open.serials.includes(one.serial) && takeOtp(one, pass))
      const [first] = open.serials
      if (matching === undefined && open.status !== 'accept') {
        for (const token of tokens) token.failures += 1
        return answer(false, { message: 'Response did not match the challenge.' })
      }
      this.challenges.delete(id)
      return answer(true, { message: 'Found matching challenge', serial: matching?.serial ?? first })
    }
    const oneShot = tokens.find((one) => pass?.startsWith(one.pin) === true && takeOtp(one, pass.slice(one.pin.length)))
    if (oneShot !== undefined) return answer(true, { message: 'matching 1 tokens', serial: oneShot.serial })
    const withPin = tokens.filter(({ pin }) => pin === pass)
    const simple = withPin.find(({ type }) => type === 'spass')
    if (simple !== undefined) return answer(true, { message: 'matching 1 tokens', serial: simple.serial })
    if (withPin.length > 0) return this.#challenge(user, withPin, isOwnRequest)
    for (const token of tokens) token.failures += 1
    return answer(false, { message: 'wrong otp pin' })
  }

  #lie(value: unknown): Answer {
    const serial = typeof this.mischief === 'object' ? this.mischief.lies : undefined
    return answer(value, { message: 'matching 1 tokens', ...(serial && { serial }) })
  }

  /** privacyIDEA looks at `disabled_token_types` at checks only. */
  #trigger({ user = '', serial }: Fields): Answer {
    const tokens = this.#tokensOf(user, serial)
    if (tokens === undefined)
      return refusal(400, 904, 'ERR904: The user can not be found in any resolver in this realm!')
    const owner = serial === undefined ? user : (this.#ownerOf(serial) ?? '')
    const challenged = this.#challenge(owner, tokens, false)
    return { ...challenged, result: { status: true, value: tokens.length } }
  }

  #tokensOf(user: string, serial: string | undefined): OldToken[] | undefined {
    if (serial === undefined) return this.users.get(user)
    return [...this.users.values()].flat().filter((one) => one.serial === serial)
  }

  #ownerOf(serial: string): string | undefined {
    return [...this.users].find(([, tokens]) => tokens.some((one) => one.serial === serial))?.[0]
  }

  /** As privacyIDEA with the policy of docs/operating.md: no push token takes part in requests of Nod's own. */
  #challenge(user: string, tokens: readonly OldToken[], isOwnRequest: boolean): Answer {
    const asked = tokens.filter(
      ({ type, credential }) => credential === undefined && !(isOwnRequest && type === 'push'),
    )
    if (asked.length === 0) return answer(false, { message: 'No suitable token found for authentication.' })
    const id = Array.from({ length: 20 }, () => String(randomInt(10))).join('')
    this.challenges.set(id, { user, serials: asked.map(({ serial }) => serial), status: 'pending' })
    const entries = asked.map(({ serial, type }) => ({
      transaction_id: id,
      serial,
      type,
      client_mode: type === 'push' ? 'poll' : 'interactive',
      message: type === 'push' ? 'Please confirm there!' : 'please enter otp: ',
      attributes: null,
    }))
    const messages = entries.map(({ message }) => message)
    const more = {
      transaction_ids: asked.map(() => id),
      messages,
      message: messages.join(', '),
      multi_challenge: entries,
    }
    return answer(false, { ...entries.at(-1), ...more })
  }

  #phonePoll({ serial = '' }: Fields): Answer {
    const isKnown = [...this.users.values()].flat().some((one) => one.serial === serial)
    return isKnown ? answer(this.prompts.get(serial) ?? []) : refusal(400, 10, 'ERR10: Could not verify signature!')
  }

  #phonePost({ serial = '', enrollment_credential: credential, nonce, new_fb_token: refreshed }: Fields): Answer {
    const token = [...this.users.values()].flat().find((one) => one.serial === serial)
    if (token === undefined) return refusal(404, 601, 'The requested token could not be found.')
    if (credential !== undefined) {
      if (token.credential !== credential) return refusal(400, 905, 'ERR905: Invalid enrollment credential.')
      delete token.credential
      return answer(true, { serial, rollout_state: 'enrolled', public_key: PUBLIC_KEY })
    }
    if (refreshed !== undefined) return answer(true)
    const prompts = this.prompts.get(serial) ?? []
    this.prompts.set(
      serial,
      prompts.filter((one) => one['nonce'] !== nonce),
    )
    const known = prompts.some((one) => one['nonce'] === nonce)
    if (known) for (const open of this.challenges.values()) if (open.serials.includes(serial)) open.status = 'accept'
    return answer(known)
  }

  #list({ user, page = '1', pagesize = '15', serial }: Fields): Answer {
    const owned = [...this.users].flatMap(([login, tokens]) => tokens.map((token) => ({ login, ...token })))
    const found = owned.filter(
      (one) => (user === undefined || one.login === user) && (serial === undefined || one.serial === serial),
    )
    const begin = (Number(page) - 1) * Number(pagesize)
    const tokens = found.slice(begin, begin + Number(pagesize)).map(({ login, serial: name, type }) => ({
      serial: name,
      tokentype: type,
      username: login,
      info: { tokenkind: 'software', private_key_server: 'sealed', 'private_key_server.type': 'password' },
    }))
    return answer({ tokens, count: found.length, prev: null, next: null })
  }

  /** Sends a gigabyte, as fast as it is taken. */
  #flood(response: ServerResponse): void {
    const piece = Buffer.alloc(64 * 1024, 'x')
    response.writeHead(200, { 'Content-Type': 'application/json' })
    let sent = 0
    const send = (): void => {
      while (sent < FLOOD && !response.destroyed) {
        sent += piece.length
        this.flooded = sent
        if (!response.write(piece)) return void response.once('drain', send)
      }
      response.end()
    }
    send()
  }
}

interface Answer {
  readonly status: number
  readonly result: Readonly<Record<string, unknown>>
  readonly detail: Readonly<Record<string, unknown>>
}

const answer = (value: unknown, detail: Answer['detail'] = {}): Answer => ({
  status: 200,
  result: { status: true, value },
  detail,
})
const refusal = (status: number, code: number, message: string): Answer => ({
  status,
  result: { status: false, error: { code, message } },
  detail: {},
})

const PAGE = '<html><script>fetch("/token/")</script></html>'
const PUBLIC_KEY = 'MIIBCgKCAQEA'

function takeOtp(token: OldToken, otp: string | undefined): boolean {
  const at = otp === undefined || otp === '' ? -1 : token.otps.indexOf(otp)
  if (at >= 0) token.otps.splice(at, 1)
  return at >= 0
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const piece of request.setEncoding('utf8')) body += String(piece)
  return body
}

function fieldsOf({ url = '', headers }: IncomingMessage, body: string): Fields {
  const query = Object.fromEntries(new URLSearchParams(url.split('?')[1] ?? ''))
  const isJson = headers['content-type']?.startsWith('application/json') === true
  const form = isJson ? (JSON.parse(body || '{}') as Fields) : Object.fromEntries(new URLSearchParams(body))
  return { ...form, ...query }
}
