import { type HttpResponse, type HttpRequest, send } from './http.ts'
import { at, type Json } from './recording.ts'

/** Calls the server under test as its administrator. */

export interface Login {
  readonly login: string
  readonly password: string
}

export class SetupError extends Error {}

export class Service {
  readonly baseUrl: string
  readonly #admin: Login
  #token: string | undefined

  constructor(baseUrl: string, admin: Login) {
    this.baseUrl = baseUrl.replace(/\/+$/, '')
    this.#admin = admin
  }

  get administratorPassword(): string {
    return this.#admin.password
  }

  send(request: HttpRequest): Promise<HttpResponse> {
    return send(this.baseUrl, request)
  }

  /** Signs in and returns a JWT; undefined if the server refuses. */
  async signIn({ login, password }: Login, realm?: string): Promise<string | undefined> {
    const body = { username: login, password, ...(realm ? { realm } : {}) }
    const answer = await this.send({ method: 'POST', path: '/auth', bodyType: 'form', body })
    const token = at(answer.json, 'result', 'value', 'token')
    return typeof token === 'string' ? token : undefined
  }

  async adminToken(): Promise<string> {
    this.#token ??= await this.signIn(this.#admin)
    if (this.#token === undefined) throw new SetupError(`POST /auth refuses the administrator ${this.#admin.login}`)
    return this.#token
  }

  /** Calls the server as administrator and returns `result.value`. Throws SetupError, naming the call, unless it succeeds. */
  async call(method: string, path: string, body?: Json): Promise<Json> {
    const answer = await this.attempt(method, path, body)
    const value = at(answer.json, 'result', 'value')
    if (answer.status === 200 && value !== undefined) return value
    const message =
      at(answer.json, 'result', 'error', 'message') ?? answer.text?.slice(0, 200) ?? JSON.stringify(answer.json)
    throw new SetupError(
      `${method} ${path} ${body === undefined ? '' : JSON.stringify(body)} answers ${answer.status}: ${message}`,
    )
  }

  async attempt(method: string, path: string, body?: Json): Promise<HttpResponse> {
    const headers = { Authorization: await this.adminToken(), 'User-Agent': 'setup/1' }
    return this.send({ method, path, headers, ...(body === undefined ? {} : { bodyType: 'json' as const, body }) })
  }

  /** Posts as a phone, to `/ttype/push`, whatever address the policies name. */
  async postAsPhone(body: Readonly<Record<string, Json>>): Promise<HttpResponse> {
    return this.send({ method: 'POST', path: '/ttype/push', bodyType: 'form', body: { ...body } })
  }

  /** Returns a JWT that has expired: a policy makes one that lives a second. Undefined where the server has no such
   *  policy. */
  async expiredToken(): Promise<string | undefined> {
    const policy = '/policy/replay_short_jwt'
    const set = await this.attempt('POST', policy, { scope: 'webui', action: 'jwt_validity=1' })
    if (set.status !== 200) return undefined
    const token = await this.signIn(this.#admin)
    await this.call('DELETE', policy)
    await new Promise((resolve) => setTimeout(resolve, 2100))
    return token
  }
}
