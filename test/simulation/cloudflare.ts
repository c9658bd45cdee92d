/** A stand-in for Cloudflare's API: an account with one D1 database and one Worker, as far as `wrangler d1`, `secret` and `deploy`
 *  speak it. It is written from wrangler's own source (src/d1, src/secret, src/deploy), and runs what it is sent in a real D1,
 *  so that it refuses what D1 refuses: transactions, ATTACH, a statement of more than 100,000 bytes. What wrangler does with the
 *  account is then true of the Nod that serves from it. */
import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { unstable_splitSqlQuery } from 'wrangler'

/** What is needed of a D1 binding. */
export interface Database {
  prepare(sql: string): Statement
  batch(statements: Statement[]): Promise<readonly Result[]>
}
interface Statement {
  bind(...values: unknown[]): Statement
  raw(): Promise<readonly (readonly unknown[])[]>
}
interface Result {
  readonly results?: readonly unknown[]
  readonly meta: unknown
}

/** The Worker of the account, which somebody else runs. */
interface Worker {
  /** Runs it from now on with these secrets. */
  readonly run: (secrets: Readonly<Record<string, string>>) => Promise<void>
}

interface Options {
  /** The contents of whatever database the account has. */
  readonly database: () => Promise<Database>
  readonly worker?: Worker
  /** How many polls an export or an import takes until it is done. */
  readonly polls?: number
}

interface Binding {
  readonly type: string
  readonly name: string
  readonly id?: string
  readonly database_id?: string
}

/** A long piece of work that goes on as long as it is polled. */
interface Work {
  readonly type: 'export' | 'import'
  readonly bookmark: string
  left: number
  readonly finish: () => Promise<unknown>
}

interface Capture {
  readonly at: number
  readonly statements: readonly string[]
}

const THIRTY_DAYS_MS = 30 * 86_400_000

class ApiError extends Error {
  readonly status: number
  readonly code: number
  constructor(status: number, code: number, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

export class Cloudflare {
  readonly account = createHash('md5').update('account').digest('hex')
  readonly token = `standin-${randomUUID()}`
  /** The paths that were called, in order. */
  readonly calls: string[] = []
  /** Breaks an import after so many of its statements, as a D1 that is reset meanwhile: nothing of the file stays. */
  breakImportAfter: number | undefined
  /** The id of the database; undefined while the account has none. At first that of wrangler.toml. */
  databaseId: string | undefined = '00000000-0000-0000-0000-000000000000'
  /** The secrets of the Worker; undefined while the account has none. */
  secrets: Map<string, string> | undefined
  /** The deployments of the Worker, the latest first. A Worker that was made to have secrets has none. */
  deployments: readonly unknown[] = []
  readonly #options: Required<Options>
  readonly #server = createServer((request, response) => void this.#answer(request, response))
  readonly #uploads = new Map<string, { etag: string; body?: Buffer }>()
  readonly #downloads = new Map<string, string>()
  readonly #captures = new Map<string, Capture>()
  #work: Work | undefined

  private constructor(options: Required<Options>) {
    this.#options = options
  }

  static async start({ polls = 2, worker = { run: async () => undefined }, ...rest }: Options): Promise<Cloudflare> {
    const started = new Cloudflare({ polls, worker, ...rest })
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

  /** Remembers the database as it is now, as its state `at` a time, and returns the bookmark. D1 does so all the time. */
  async capture(at = Date.now()): Promise<string> {
    const statements = await this.#dump()
    const digest = createHash('sha256').update(statements.join('\n')).digest('hex')
    const bookmark = `${String(this.#captures.size).padStart(8, '0')}-00000000-00004f2d-${digest.slice(0, 32)}`
    this.#captures.set(bookmark, { at, statements })
    return bookmark
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', this.url)
    this.calls.push(`${request.method} ${url.pathname}`)
    try {
      const body = await bodyOf(request)
      if (url.pathname.startsWith('/upload/')) return this.#upload(request, url, body, response)
      if (url.pathname.startsWith('/download/')) {
        const text = this.#downloads.get(url.pathname)
        response.writeHead(text === undefined ? 404 : 200).end(text)
        return
      }
      if (request.headers.authorization !== `Bearer ${this.token}`)
        throw new ApiError(403, 10_000, 'Authentication error')
      const result = await this.#api(request.method ?? '', url, body, request.headers['content-type'])
      send(response, 200, { success: true, errors: [], messages: [], result })
    } catch (error) {
      const { status, code } = error instanceof ApiError ? error : { status: 400, code: 7500 }
      const message = error instanceof Error ? error.message : String(error)
      send(response, status, { success: false, errors: [{ code, message }], messages: [], result: null })
    }
  }

  #api(method: string, url: URL, body: Buffer, type = ''): Promise<unknown> {
    const path = new RegExp(`^/client/v4/accounts/${this.account}/(d1/database|workers)(?:/(.*))?$`).exec(url.pathname)
    if (path?.[1] === 'workers') return this.#workers(`${method} ${path[2]}`, body, type)
    if (path?.[1] === undefined) throw new ApiError(404, 7000, 'No route for that URI')
    const [id = '', ...verb] = (path[2] ?? '').split('/')
    return this.#d1(`${method} ${verb.join('/')}`, id, url, body.toString())
  }

  async #d1(verb: string, id: string, url: URL, body: string): Promise<unknown> {
    const json = (): Readonly<Record<string, string>> => JSON.parse(body) as Readonly<Record<string, string>>
    if (id === '') {
      const name = 'nod'
      if (verb === 'GET ') return this.databaseId === undefined ? [] : [{ uuid: this.databaseId, name }]
      if (this.databaseId !== undefined) throw new ApiError(400, 7502, 'A database with that name already exists')
      this.databaseId = randomUUID()
      return { uuid: this.databaseId, name: json()['name'], version: 'production' }
    }
    if (id !== this.databaseId) throw new ApiError(404, 7404, `The database ${id} could not be found`)
    switch (verb) {
      case 'GET ':
        return { uuid: id, name: 'nod', version: 'production' }
      case 'POST query':
        this.#expectIdle()
        return this.#run(json()['sql'] ?? '')
      case 'POST export':
        return this.#export(json())
      case 'POST import':
        return this.#import(json())
      case 'GET time_travel/bookmark':
        return { bookmark: await this.#bookmarkAt(url.searchParams.get('timestamp')) }
      case 'POST time_travel/restore':
        return this.travel(url.searchParams.get('bookmark') ?? '')
      default:
        throw new ApiError(405, 10_405, 'Method not allowed for this authentication scheme')
    }
  }

  /** The Worker `nod`: its secrets, and its deployment, which binds it to a database that there must be. */
  async #workers(verb: string, body: Buffer, type: string): Promise<unknown> {
    const missing = new ApiError(404, 10_007, 'This Worker does not exist on your account.')
    if (verb === 'GET subdomain') return { subdomain: 'example' }
    if (verb === 'GET services/nod') {
      if (this.secrets === undefined) throw new ApiError(404, 10_090, 'This service does not exist')
      return {
        id: 'nod',
        default_environment: { environment: 'production', script: { last_deployed_from: 'wrangler' } },
      }
    }
    if (verb.startsWith('PUT scripts/nod?') || verb === 'PUT scripts/nod') {
      const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData()
      const { bindings = [] } = JSON.parse(String(form.get('metadata'))) as { bindings?: Binding[] }
      const unknown = bindings.find((one) => one.type === 'd1' && (one.id ?? one.database_id) !== this.databaseId)
      if (unknown !== undefined)
        throw new ApiError(400, 10_181, `D1 binding '${unknown.name}' references a database which was not found`)
      this.secrets ??= new Map()
      if (bindings.length > 0) await this.deploy(this.secrets)
      return { id: 'nod', startup_time_ms: 10, etag: 'etag', entry_point: 'index.js' }
    }
    if (this.secrets === undefined) throw missing
    if (verb === 'GET scripts/nod/secrets')
      return [...this.secrets.keys()].map((name) => ({ name, type: 'secret_text' }))
    const subdomain = { enabled: true, previews_enabled: false }
    if (verb === 'GET workers/nod') return { id: 'nod', name: 'nod', subdomain }
    if (verb === 'GET scripts/nod/deployments') return { deployments: this.deployments }
    if (/^(?:GET|POST) scripts\/nod\/subdomain$/.test(verb)) return subdomain
    if (verb === 'PUT scripts/nod/secrets') {
      const { name, text } = JSON.parse(body.toString()) as { name: string; text: string }
      this.secrets.set(name, text)
      if (this.deployments.length > 0) await this.deploy(this.secrets)
      return { name, type: 'secret_text' }
    }
    const [, deleted] = /^DELETE scripts\/nod\/secrets\/(\w+)$/.exec(verb) ?? []
    if (deleted === undefined) throw new ApiError(404, 7000, `No route for ${verb}`)
    if (!this.secrets.delete(deleted)) throw new ApiError(404, 10_056, 'Secret not found')
    if (this.deployments.length > 0) await this.deploy(this.secrets)
    return null
  }

  /** Runs the Worker with these secrets, as a new version. */
  async deploy(secrets: ReadonlyMap<string, string>): Promise<void> {
    this.secrets = new Map(secrets)
    const version = { version_id: randomUUID(), percentage: 100 }
    const deployment = { id: randomUUID(), source: 'wrangler', strategy: 'percentage', versions: [version] }
    this.deployments = [{ ...deployment, created_on: new Date().toISOString() }, ...this.deployments]
    await this.#options.worker.run(Object.fromEntries(secrets))
  }

  /** While D1 exports or imports, it takes no queries. */
  #expectIdle(): void {
    if (this.#work !== undefined) throw new Error(`Currently processing a long-running ${this.#work.type}.`)
  }

  async #run(sql: string): Promise<readonly unknown[]> {
    const statements = unstable_splitSqlQuery(sql)
    const database = await this.#options.database()
    const results = await database.batch(statements.map((one) => database.prepare(one)))
    return results.map(({ results: rows = [], meta }) => ({ results: rows, success: true, meta }))
  }

  #export({ output_format, current_bookmark }: Readonly<Record<string, string>>): Promise<unknown> {
    if (output_format !== 'polling') throw new Error('output_format must be "polling"')
    if (current_bookmark !== undefined) return this.#poll('export', current_bookmark)
    this.#expectIdle()
    return this.#begin('export', async () => {
      const text = (await this.#dump()).join('\n')
      const path = `/download/${randomUUID()}.sql`
      this.#downloads.set(path, text)
      return { filename: 'export.sql', signed_url: `${this.url}${path}` }
    })
  }

  #import(body: Readonly<Record<string, string>>): unknown {
    const { action, etag = '', filename = '', current_bookmark = '' } = body
    if (action === 'poll') return this.#poll('import', current_bookmark)
    this.#expectIdle()
    if (action === 'init') {
      const known = [...this.#uploads].find(([, file]) => file.etag === etag && file.body !== undefined)
      if (known !== undefined) return this.#ingest(known[0], etag)
      const name = `${randomUUID()}.${etag}.sql`
      this.#uploads.set(name, { etag })
      return { success: true, type: 'import', filename: name, upload_url: `${this.url}/upload/${name}` }
    }
    if (action === 'ingest') return this.#ingest(filename, etag)
    throw new Error(`Unknown action ${action}`)
  }

  #upload(request: IncomingMessage, url: URL, body: Buffer, response: ServerResponse): void {
    const file = this.#uploads.get(url.pathname.slice('/upload/'.length))
    const isWhole = body.length === Number(request.headers['content-length'])
    if (request.method !== 'PUT' || file === undefined || !isWhole) {
      response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>')
      return
    }
    file.body = body
    const etag = createHash('md5').update(body).digest('hex')
    response.writeHead(200, { etag: `"${etag}"` }).end()
  }

  #ingest(filename: string, etag: string): Promise<unknown> {
    const file = this.#uploads.get(filename)
    if (file?.body === undefined || createHash('md5').update(file.body).digest('hex') !== etag)
      throw new Error('The file was not uploaded, or does not match its etag')
    const text = file.body.toString()
    return this.#begin('import', async () => {
      const database = await this.#options.database()
      const statements = unstable_splitSqlQuery(text)
      const broken = this.breakImportAfter
      const sent = broken === undefined ? statements : [...statements.slice(0, broken), 'SELECT * FROM reset_by_a_test']
      await database.batch(sent.map((one) => database.prepare(one)))
      const meta = { duration: 1, rows_read: 0, rows_written: statements.length, size_after: text.length }
      return { num_queries: statements.length, final_bookmark: await this.capture(), meta }
    })
  }

  async #begin(type: Work['type'], finish: Work['finish']): Promise<unknown> {
    const bookmark = await this.capture()
    this.#work = { type, bookmark, left: this.#options.polls, finish }
    return this.#poll(type, bookmark)
  }

  async #poll(type: Work['type'], bookmark: string): Promise<unknown> {
    const work = this.#work
    if (work?.type !== type || work.bookmark !== bookmark) throw new Error(`There is no such ${type} to poll`)
    const answer = { success: true, type, at_bookmark: bookmark }
    if (work.left-- > 0) return { ...answer, status: 'active', messages: [`Working on ${type}`] }
    this.#work = undefined
    try {
      return { ...answer, status: 'complete', messages: [], result: await work.finish() }
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      return { ...answer, status: 'error', messages: [], error: message, errors: [message] }
    }
  }

  async #bookmarkAt(timestamp: string | null): Promise<string> {
    if (timestamp === null) return this.capture()
    const at = Date.parse(timestamp)
    if (Number.isNaN(at) || at < Date.now() - THIRTY_DAYS_MS)
      throw new Error('Cannot restore to a time before 30 days ago')
    const [found] = [...this.#captures].findLast(([, capture]) => capture.at <= at) ?? []
    if (found === undefined) throw new Error('Cannot find a bookmark for that time')
    return found
  }

  /** Puts the database back to a bookmark. */
  async travel(bookmark: string): Promise<unknown> {
    const capture = this.#captures.get(bookmark)
    if (capture === undefined) throw new Error(`Invalid bookmark: ${bookmark}`)
    const previous = await this.capture()
    await this.lose()
    const database = await this.#options.database()
    await database.batch(capture.statements.map((one) => database.prepare(one)))
    return { bookmark, previous_bookmark: previous, message: 'Database restored.' }
  }

  /** Empties the database, as somebody who has deleted it and made another. */
  async lose(): Promise<void> {
    const database = await this.#options.database()
    const [tables] = await database.batch([
      database.prepare(
        `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '_cf_*'`,
      ),
    ])
    const drops = (tables?.results ?? []).map((row) => `DROP TABLE "${(row as { name: string }).name}"`)
    if (drops.length > 0) await database.batch(drops.map((one) => database.prepare(one)))
  }

  async #dump(): Promise<readonly string[]> {
    const [lines = []] = await (
      await this.#options.database()
    )
      .prepare('PRAGMA miniflare_d1_export(?,?,?);')
      .bind(0, 0)
      .raw()
    return lines.map(String)
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
