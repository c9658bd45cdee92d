/** D1: databases by id, which run what they are sent in a real D1, so that they refuse what D1 refuses: transactions, ATTACH, a
 *  statement of more than 100,000 bytes. Source: wrangler, src/d1. */
import { createHash, randomUUID } from 'node:crypto'
import { unstable_splitSqlQuery } from 'wrangler'
import { ApiError, type Call, isUuid, jsonOf, UNNAMED } from './api.ts'

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

/** What the account knows of a database. */
interface Listed {
  uuid: string
  readonly name: string
  readonly jurisdiction: string | null
  readonly created_in_region: string
  readonly version: 'production'
  readonly created_at: string
  readonly read_replication: { readonly mode: 'auto' | 'disabled' }
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
  readonly state: readonly Filled[]
}

/** A table, index or trigger, by the statement that makes it; of a table also the rows. */
interface Filled {
  readonly name: string
  readonly sql: string
  readonly type: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly unknown[])[]
}

interface Options {
  /** The contents of the database of this id. */
  readonly contents: (id: string) => Promise<Database>
  /** How many polls an export or an import takes until it is done. */
  readonly polls: number
  /** Where files are uploaded and downloaded. */
  readonly origin: () => string
}

const THIRTY_DAYS_MS = 30 * 86_400_000
const LOCATIONS = ['weur', 'eeur', 'apac', 'oc', 'wnam', 'enam']
const JURISDICTIONS = ['eu', 'fedramp', 'us']
/** The limit of the account. */
const MOST = 10

export class D1 {
  readonly listed: Listed[] = []
  /** Breaks an import after so many of its statements, as a D1 that is reset meanwhile: nothing of the file stays. */
  breakImportAfter: number | undefined
  readonly #options: Options
  readonly #uploads = new Map<string, { etag: string; body?: Buffer }>()
  readonly #downloads = new Map<string, string>()
  readonly #captures = new Map<string, Capture>()
  #work: Work | undefined

  constructor(options: Options) {
    this.#options = options
  }

  has(id: string): boolean {
    return this.listed.some(({ uuid }) => uuid === id)
  }

  /** Adds a database, as `POST d1/database` does. */
  add(
    name: string,
    { jurisdiction, location, id = randomUUID() }: { jurisdiction?: string; location?: string; id?: string } = {},
  ) {
    if (this.listed.some((one) => one.name === name))
      throw new ApiError(400, 7502, 'A database with that name already exists')
    if (this.listed.length >= MOST) throw new ApiError(400, 7406, 'The maximum number of D1 databases is reached')
    if (jurisdiction !== undefined && !JURISDICTIONS.includes(jurisdiction))
      throw new ApiError(400, 7400, `Invalid jurisdiction: ${jurisdiction}`)
    if (location !== undefined && !LOCATIONS.includes(location))
      throw new ApiError(400, 7400, `Invalid location: ${location}`)
    const made: Listed = {
      uuid: id,
      name,
      jurisdiction: jurisdiction ?? null,
      // With a jurisdiction the location is ignored.
      created_in_region: (jurisdiction === undefined ? (location ?? 'weur') : 'weur').toUpperCase(),
      version: 'production',
      created_at: new Date().toISOString(),
      read_replication: { mode: 'disabled' },
    }
    this.listed.push(made)
    return made
  }

  async answer(call: Call): Promise<unknown> {
    const [, , id = '', ...rest] = call.path.split('/')
    const verb = `${call.method} ${rest.join('/')}`
    if (id === '') {
      if (verb === 'GET ') return this.#page(call.query)
      const { name, jurisdiction, primary_location_hint: location } = jsonOf(call) as Record<string, string>
      if (name === undefined || !/^[\w-]{1,64}$/.test(name)) throw new ApiError(400, 7400, 'Invalid database name')
      return this.add(name, { ...(jurisdiction && { jurisdiction }), ...(location && { location }) })
    }
    const found = this.listed.find((one) => (isUuid(id) ? one.uuid === id : one.name === id))
    if (found === undefined) throw new ApiError(404, 7404, `The database ${id} could not be found`)
    const uuid = found.uuid
    switch (verb) {
      case 'GET ':
        return found
      case 'POST query':
        this.#expectIdle()
        return this.#run(uuid, (jsonOf(call) as { sql?: string }).sql ?? '')
      case 'POST export':
        return this.#export(uuid, jsonOf(call))
      case 'POST import':
        return this.#import(uuid, jsonOf(call))
      case 'GET time_travel/bookmark':
        return { bookmark: await this.#bookmarkAt(uuid, call.query.get('timestamp')) }
      case 'POST time_travel/restore':
        return this.travel(uuid, call.query.get('bookmark') ?? '')
      default:
        throw new ApiError(405, 10_405, 'Method not allowed for this authentication scheme')
    }
  }

  /** Remembers the database as it is now, as its state `at` a time, and returns the bookmark. D1 does so all the time. */
  async capture(id: string, at = Date.now()): Promise<string> {
    const state = await this.#read(id)
    const digest = createHash('sha256').update(JSON.stringify(state)).digest('hex')
    const bookmark = `${String(this.#captures.size).padStart(8, '0')}-00000000-00004f2d-${digest.slice(0, 32)}`
    this.#captures.set(bookmark, { at, state })
    return bookmark
  }

  /** Puts the database back to a bookmark. */
  async travel(id: string, bookmark: string): Promise<unknown> {
    const capture = this.#captures.get(bookmark)
    if (capture === undefined) throw new Error(`Invalid bookmark: ${bookmark}`)
    const previous = await this.capture(id)
    await this.empty(id)
    const database = await this.#options.contents(id)
    const made = (type: string) =>
      capture.state.filter((one) => one.type === type).map(({ sql }) => database.prepare(sql))
    // Row by row and bound: a statement with a long row in it is one that D1 refuses. Triggers last: they have run already.
    const filled = capture.state.flatMap(({ name, columns, rows }) => {
      const insert = `INSERT INTO "${name}" (${columns.map((one) => `"${one}"`).join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`
      return rows.map((row) => database.prepare(insert).bind(...row))
    })
    await database.batch([...made('table'), ...filled, ...made('index'), ...made('trigger')])
    return { bookmark, previous_bookmark: previous, message: 'Database restored.' }
  }

  /** Empties the database, as somebody who has deleted it and made another. */
  async empty(id: string): Promise<void> {
    const database = await this.#options.contents(id)
    const [tables] = await database.batch([
      database.prepare(
        `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '_cf_*'`,
      ),
    ])
    const drops = (tables?.results ?? []).map((row) => `DROP TABLE "${(row as { name: string }).name}"`)
    if (drops.length > 0) await database.batch(drops.map((one) => database.prepare(one)))
  }

  /** `PUT /upload/<file>`. Returns the ETag; undefined for a file that nobody announced or that is cut off. */
  upload(name: string, body: Buffer, length: number): string | undefined {
    const file = this.#uploads.get(name)
    if (file === undefined || body.length !== length) return undefined
    file.body = body
    return createHash('md5').update(body).digest('hex')
  }

  download(path: string): string | undefined {
    return this.#downloads.get(path)
  }

  #page(query: URLSearchParams): readonly Listed[] {
    const name = query.get('name')
    const [page, size] = [Number(query.get('page') ?? 1), Number(query.get('per_page') ?? 100)]
    return this.listed.filter((one) => name === null || one.name.includes(name)).slice((page - 1) * size, page * size)
  }

  /** While D1 exports or imports, it takes no queries. */
  #expectIdle(): void {
    if (this.#work !== undefined) throw new Error(`Currently processing a long-running ${this.#work.type}.`)
  }

  async #run(id: string, sql: string): Promise<readonly unknown[]> {
    const statements = unstable_splitSqlQuery(sql)
    if (statements.length === 0) throw new ApiError(400, UNNAMED, 'No SQL statements detected.')
    const database = await this.#options.contents(id)
    const results = await database.batch(statements.map((one) => database.prepare(one)))
    return results.map(({ results: rows = [], meta }) => ({ results: rows, success: true, meta }))
  }

  #export(id: string, { output_format, current_bookmark }: Readonly<Record<string, string>>): Promise<unknown> {
    if (output_format !== 'polling') throw new Error('output_format must be "polling"')
    if (current_bookmark !== undefined) return this.#poll('export', current_bookmark)
    this.#expectIdle()
    return this.#begin(id, 'export', async () => {
      const text = (await this.#dump(id)).join('\n')
      const path = `/download/${randomUUID()}.sql`
      this.#downloads.set(path, text)
      return { filename: 'export.sql', signed_url: `${this.#options.origin()}${path}` }
    })
  }

  #import(id: string, body: Readonly<Record<string, string>>): unknown {
    const { action, etag = '', filename = '', current_bookmark = '' } = body
    if (action === 'poll') return this.#poll('import', current_bookmark)
    this.#expectIdle()
    if (action === 'init') {
      const known = [...this.#uploads].find(([, file]) => file.etag === etag && file.body !== undefined)
      if (known !== undefined) return this.#ingest(id, known[0], etag)
      const name = `${randomUUID()}.${etag}.sql`
      this.#uploads.set(name, { etag })
      return { success: true, type: 'import', filename: name, upload_url: `${this.#options.origin()}/upload/${name}` }
    }
    if (action === 'ingest') return this.#ingest(id, filename, etag)
    throw new Error(`Unknown action ${action}`)
  }

  #ingest(id: string, filename: string, etag: string): Promise<unknown> {
    const file = this.#uploads.get(filename)
    if (file?.body === undefined || createHash('md5').update(file.body).digest('hex') !== etag)
      throw new Error('The file was not uploaded, or does not match its etag')
    const text = file.body.toString()
    return this.#begin(id, 'import', async () => {
      const database = await this.#options.contents(id)
      const statements = unstable_splitSqlQuery(text)
      const broken = this.breakImportAfter
      const sent = broken === undefined ? statements : [...statements.slice(0, broken), 'SELECT * FROM reset_by_a_test']
      await database.batch(sent.map((one) => database.prepare(one)))
      const meta = { duration: 1, rows_read: 0, rows_written: statements.length, size_after: text.length }
      return { num_queries: statements.length, final_bookmark: await this.capture(id), meta }
    })
  }

  async #begin(id: string, type: Work['type'], finish: Work['finish']): Promise<unknown> {
    const bookmark = await this.capture(id)
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

  async #bookmarkAt(id: string, timestamp: string | null): Promise<string> {
    if (timestamp === null) return this.capture(id)
    const at = Date.parse(timestamp)
    if (Number.isNaN(at) || at < Date.now() - THIRTY_DAYS_MS)
      throw new Error('Cannot restore to a time before 30 days ago')
    const [found] = [...this.#captures].findLast(([, capture]) => capture.at <= at) ?? []
    if (found === undefined) throw new Error('Cannot find a bookmark for that time')
    return found
  }

  async #read(id: string): Promise<readonly Filled[]> {
    const database = await this.#options.contents(id)
    const rowsOf = (sql: string): ReturnType<Statement['raw']> => database.prepare(sql).raw()
    const schema = await rowsOf(
      `SELECT name, sql, type FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '_cf_*'`,
    )
    const state: Filled[] = []
    for (const [name, sql, type] of schema.map((row) => row.map(String))) {
      if (name === undefined || sql === undefined || type === undefined) continue
      if (type !== 'table') state.push({ name, sql, type, columns: [], rows: [] })
      else {
        // Without the columns that are computed.
        const columns = (await rowsOf(`SELECT name FROM pragma_table_xinfo('${name}') WHERE hidden = 0`)).map(([one]) =>
          String(one),
        )
        const rows = await rowsOf(`SELECT ${columns.map((one) => `"${one}"`).join(', ')} FROM "${name}"`)
        state.push({ name, sql, type, columns, rows })
      }
    }
    return state
  }

  async #dump(id: string): Promise<readonly string[]> {
    const [lines = []] = await (
      await this.#options.contents(id)
    )
      .prepare('PRAGMA miniflare_d1_export(?,?,?);')
      .bind(0, 0)
      .raw()
    return lines.map(String)
  }
}
