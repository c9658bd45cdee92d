import { createInterface } from 'node:readline/promises'
import { fields, type Reply, readReply, reasonOf } from '../../test/simulation/reply.ts'
import { findAdministrator } from '../lib/administrator.ts'
import { stateFolder } from '../lib/state.mjs'
import { Fault } from '../lib/tools.mjs'
import { printable } from './printable.ts'

/** The option that names the deployment, for commands that speak HTTP with it. */
export const URL_OPTION = { url: { type: 'string' } } as const

/** The lines of the help about `URL_OPTION` and the credential. */
export const URL_USAGE = `  --url <url>   the deployment; else NOD_URL, else the Nod at PORT (8787) on this machine

The credential is NOD_KEY, a service key of the role admin; else ADMIN_LOGIN with ADMIN_PASSWORD; else, for a Nod on this
machine, the administrator that \`npm start\` keeps in the state folder NOD_STATE (.nod).`

const THIS_MACHINE: readonly string[] = ['127.0.0.1', '[::1]', 'localhost']
const TIMEOUT_MS = 120_000

type Environment = Readonly<Record<string, string | undefined>>
type Query = Readonly<Record<string, string>>

interface Request {
  readonly query?: Query
  readonly json?: unknown
}

/** A deployment over HTTP, with the credential of its operator. Signs in when a request needs it. */
export class NodClient {
  readonly url: string
  readonly #environment: Environment
  #authorization: string | undefined

  /** `url`: as `--url` gives it. Throws a Fault for an address that is none. */
  constructor(url: string | undefined, environment: Environment = process.env) {
    const chosen = url ?? environment['NOD_URL'] ?? `http://127.0.0.1:${environment['PORT'] ?? 8787}`
    if (!/^https?:/.test(chosen) || !URL.canParse(chosen))
      throw new Fault(`${chosen} is no address; expected one like https://nod.example`)
    this.url = chosen.replace(/\/+$/, '')
    this.#environment = environment
  }

  get(path: string, query: Query = {}): Promise<unknown> {
    return this.value('GET', path, { query })
  }

  post(path: string, json: unknown = {}): Promise<unknown> {
    return this.value('POST', path, { json })
  }

  /** Returns `result.value` of the answer. Throws a Fault with Nod's own words if the request is refused. */
  async value(method: string, path: string, request: Request = {}): Promise<unknown> {
    const reply = await readReply(await this.fetch(method, path, request))
    if (reply.status === 200 && reply.error === undefined) return reply.value
    throw new Fault(`${method} ${path}: ${inWords(reply)}`)
  }

  /** Sends a request with the operator's credential and returns the response as it comes. An API token that is not
   *  accepted any more is replaced once: a rotation of what signs them may be what the command is about.
   *  Throws a Fault when nothing answers. */
  async fetch(method: string, path: string, request: Request = {}): Promise<Response> {
    const response = await this.#send(method, path, request, await this.#credential())
    if (response.status !== 401 || this.#environment['NOD_KEY']) return response
    this.#authorization = undefined
    return this.#send(method, path, request, await this.#credential())
  }

  /** Sends a request without a credential. */
  fetchAnonymously(method: string, path: string, request: Request = {}): Promise<Response> {
    return this.#send(method, path, request)
  }

  async #credential(): Promise<string> {
    this.#authorization ??= this.#environment['NOD_KEY'] || (await this.#signIn())
    return this.#authorization
  }

  async #signIn(): Promise<string> {
    // The secrets that are kept here are never sent to another machine.
    const isHere = THIS_MACHINE.includes(new URL(this.url).hostname)
    const state = isHere ? stateFolder(this.#environment['NOD_STATE']) : undefined
    const administrator = findAdministrator(state, this.#environment)
    if (administrator === undefined)
      throw new Fault(`No credential for ${this.url}: set NOD_KEY, or ADMIN_LOGIN and ADMIN_PASSWORD`)
    const { login: username, password } = administrator
    const first = await readReply(await this.#send('POST', '/auth', { json: { username, password } }))
    const reply = first.authentication === 'CHALLENGE' ? await this.#enterCode(username, first) : first
    const token = fields(reply.value)['token']
    if (typeof token !== 'string') throw new Fault(`${username} cannot sign in at ${this.url}: ${inWords(reply)}`)
    if (fields(reply.value)['role'] === 'enrolling')
      throw new Fault(`${username} needs a phone to sign in at ${this.url}: enroll one with POST /auth/phone`)
    return token
  }

  /** The second leg of an administrator with a phone. Without a terminal nobody can enter the code. */
  async #enterCode(username: string, { detail }: Reply): Promise<Reply> {
    if (!process.stdin.isTTY)
      throw new Fault(`${username} signs in at ${this.url} with a phone: run this in a terminal, or set NOD_KEY`)
    const dialog = createInterface({ input: process.stdin, output: process.stderr })
    const password = (
      await dialog.question(`Confirm on the phone of ${username}, and enter the code it shows: `)
    ).trim()
    dialog.close()
    return readReply(
      await this.#send('POST', '/auth', { json: { username, password, transaction_id: detail.transaction_id } }),
    )
  }

  async #send(method: string, path: string, { query = {}, json }: Request, authorization = ''): Promise<Response> {
    const headers = new Headers({ 'user-agent': 'nod-cli' })
    if (authorization !== '') headers.set('authorization', authorization)
    if (json !== undefined) headers.set('content-type', 'application/json')
    const parameters = new URLSearchParams(query).toString()
    const address = `${this.url}${path}${parameters === '' ? '' : `?${parameters}`}`
    try {
      return await fetch(address, {
        method,
        headers,
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      })
    } catch (error) {
      throw new Fault(`${this.url} does not answer ${method} ${path}: ${reasonOf(error)}`)
    }
  }
}

/** Status, code and message of an answer that is no success. */
function inWords({ status, error, text }: Reply): string {
  if (error !== undefined) return printable(`${error.message} (HTTP ${status}, code ${error.code})`)
  return printable(`HTTP ${status} ${text.slice(0, 200)}`.trim())
}
