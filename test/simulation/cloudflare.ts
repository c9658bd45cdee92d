/** A stand-in for Cloudflare's API: an account with D1, R2, Workers and zones, as far as wrangler speaks it. It is written from
 *  wrangler's own source, keeps state, and refuses what the real one refuses. It runs SQL in a real D1; what runs the Workers is
 *  given to it. What wrangler does with the account is then true of the Nod that serves from it. */
import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ApiError, type Call, noRoute, PLACEHOLDER } from './cloudflare/api.ts'
import { Assets } from './cloudflare/assets.ts'
import { Buckets } from './cloudflare/buckets.ts'
import { D1, type Database } from './cloudflare/d1.ts'
import { Domains } from './cloudflare/domains.ts'
import { type Served, Workers } from './cloudflare/workers.ts'

export type { Served }

interface Options {
  /** The contents of the database of this id. */
  readonly database: (id: string) => Promise<Database>
  /** Runs what is deployed, from now on. */
  readonly run?: (served: Served) => Promise<void>
  /** How many polls an export or an import takes until it is done. */
  readonly polls?: number
}

const PREFIX = '/client/v4/'

export class Cloudflare {
  readonly account = createHash('md5').update('account').digest('hex')
  readonly token = `standin-${randomUUID()}`
  /** The paths that were called, in order. */
  readonly calls: string[] = []
  readonly d1: D1
  readonly buckets = new Buckets()
  readonly domains = new Domains()
  readonly workers: Workers
  readonly #assets = new Assets()
  readonly #server = createServer((request, response) => void this.#answer(request, response))

  private constructor({ database, polls = 2, run = async () => undefined }: Options) {
    this.d1 = new D1({ contents: database, polls, origin: () => this.url })
    this.workers = new Workers({
      resources: {
        hasDatabase: (id) => this.d1.has(id),
        hasBucket: (name, jurisdiction) => this.buckets.names.has(`${jurisdiction}/${name}`),
      },
      assets: this.#assets,
      domains: this.domains,
      run,
    })
  }

  /** An account with nothing in it. */
  static async start(options: Options): Promise<Cloudflare> {
    const started = new Cloudflare(options)
    started.#server.listen(0, '127.0.0.1')
    await once(started.#server, 'listening')
    return started
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** The environment in which wrangler works with this account. */
  get environment(): Readonly<Record<string, string>> {
    return {
      CLOUDFLARE_API_BASE_URL: `${this.url}/client/v4`,
      CLOUDFLARE_ACCOUNT_ID: this.account,
      CLOUDFLARE_API_TOKEN: this.token,
    }
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', this.url)
    const method = request.method ?? ''
    this.calls.push(`${method} ${url.pathname}`)
    try {
      const body = await bodyOf(request)
      if (url.pathname.startsWith('/upload/')) {
        const length = Number(request.headers['content-length'])
        const etag = method === 'PUT' ? this.d1.upload(url.pathname.slice('/upload/'.length), body, length) : undefined
        if (etag === undefined) response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>')
        else response.writeHead(200, { etag: `"${etag}"` }).end()
        return
      }
      if (url.pathname.startsWith('/download/')) {
        const text = this.d1.download(url.pathname)
        response.writeHead(text === undefined ? 404 : 200).end(text)
        return
      }
      const {
        authorization = '',
        'content-type': type = '',
        'cf-r2-jurisdiction': jurisdiction = 'default',
      } = request.headers
      const path = url.pathname.slice(PREFIX.length)
      const call: Call = { method, path, query: url.searchParams, body, type, authorization }
      const result = await this.#api(call, String(jurisdiction))
      const page = {
        page: Number(url.searchParams.get('page') ?? 1),
        per_page: 50,
        count: 0,
        total_count: 0,
        total_pages: 1,
      }
      send(response, 200, { success: true, errors: [], messages: [], result, result_info: page })
    } catch (error) {
      const { status, code } = error instanceof ApiError ? error : { status: 400, code: 7500 }
      const message = error instanceof Error ? error.message : String(error)
      send(response, status, { success: false, errors: [{ code, message }], messages: [], result: null })
    }
  }

  #api(call: Call, jurisdiction: string): unknown {
    // Files of a Worker are sent with the token of their session.
    if (!call.path.endsWith('/workers/assets/upload') && call.authorization !== `Bearer ${this.token}`)
      throw new ApiError(403, 10_000, 'Authentication error')
    const account = { id: this.account, name: 'Example' }
    if (call.path === 'accounts') return [account]
    if (call.path === 'memberships') return [{ id: 'membership', account }]
    if (call.path === 'zones') return this.domains.list(call.query)
    const [, id = '', path = ''] = /^accounts\/([^/]+)\/(.*)$/.exec(call.path) ?? []
    if (!/^[\da-f]{32}$/.test(id))
      throw new ApiError(404, 7003, `Could not route to /${call.path}, perhaps your object identifier is invalid?`)
    if (id !== this.account) throw new ApiError(403, 10_000, 'Authentication error')
    const inside = { ...call, path }
    const [part, kind] = path.split('/')
    if (part === 'd1' && kind === 'database') return this.d1.answer(inside)
    if (part === 'r2' && kind === 'buckets') return this.buckets.answer(inside, jurisdiction)
    if (part === 'workers') return this.workers.answer(inside)
    throw noRoute(call)
  }

  // What the tests of one deployment need: an account with the database `nod` and the Worker `nod`.

  /** The id of the database `nod`; undefined while the account has none. */
  get databaseId(): string | undefined {
    return this.d1.listed.find(({ name }) => name === 'nod')?.uuid
  }

  set databaseId(id: string | undefined) {
    const at = this.d1.listed.findIndex(({ name }) => name === 'nod')
    if (at !== -1) this.d1.listed.splice(at, 1)
    if (id !== undefined) this.d1.add('nod', { id })
  }

  capture(at?: number): Promise<string> {
    return this.d1.capture(this.databaseId ?? PLACEHOLDER, at)
  }

  travel(bookmark: string): Promise<unknown> {
    return this.d1.travel(this.databaseId ?? PLACEHOLDER, bookmark)
  }

  lose(): Promise<void> {
    return this.d1.empty(this.databaseId ?? PLACEHOLDER)
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
