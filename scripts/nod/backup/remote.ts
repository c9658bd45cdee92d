/** The database of a deployment at Cloudflare, through `wrangler d1`. */
import { createReadStream, createWriteStream } from 'node:fs'
import { resolve } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { Fault, runNode, wrangler } from '../../lib/tools.mjs'
import { importStatements, statementsIn } from './statements.ts'

/** The options that choose the database, for commands that need the database itself. */
export const DATABASE_OPTIONS = {
  state: { type: 'string' },
  remote: { type: 'boolean', default: false },
  config: { type: 'string' },
} as const

export const DATABASE_USAGE = `  --state <folder>   the state folder of a Nod on this machine; else NOD_STATE, else .nod
  --remote           the database of the deployment at Cloudflare, through wrangler
  --config <file>    the wrangler.toml of the deployment, with --remote; else the one of this folder`

const answerSchema = z.array(z.object({ results: z.array(z.record(z.string(), z.unknown())) }))

/** D1 itself. wrangler takes the account and its credential from CLOUDFLARE_ACCOUNT_ID and CLOUDFLARE_API_TOKEN, or from
 *  `wrangler login`. All of it throws a Fault with wrangler's own words. */
export class RemoteDatabase {
  readonly #config: readonly string[]

  constructor(config: string | undefined) {
    this.#config = config === undefined ? [] : ['--config', resolve(config)]
  }

  /** Runs one statement and returns its rows. */
  async query(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const text = await this.#wrangler('execute', 'DB', '--remote', '--json', '--command', sql)
    const [first] = answerSchema.parse(JSON.parse(text))
    return first?.results ?? []
  }

  /** Writes all of the database into a new SQLite file. The database answers nothing while it is read. */
  async exportInto(db: DatabaseSync, scratch: string): Promise<void> {
    await this.#wrangler('export', 'DB', '--remote', '--skip-confirmation', '--output', scratch)
    db.exec('BEGIN')
    for await (const statement of statementsIn(createReadStream(scratch, 'utf8'))) {
      if (!/^PRAGMA\b/i.test(statement)) db.exec(statement)
    }
    db.exec('COMMIT')
  }

  /** Puts the contents of `db` in the place of the tables `drop`. D1 takes the whole file or nothing of it, and answers nothing
   *  meanwhile. */
  async importFrom(db: DatabaseSync, drop: readonly string[], scratch: string): Promise<void> {
    function* lines(): Generator<string> {
      for (const statement of importStatements(db, drop)) yield `${statement};\n`
    }
    await pipeline(Readable.from(lines()), createWriteStream(scratch, { mode: 0o600, flags: 'wx' }))
    await this.#wrangler('execute', 'DB', '--remote', '--yes', '--file', scratch)
  }

  /** The bookmark of Time Travel that leads back to the database as it is now. */
  async bookmark(): Promise<string> {
    const text = await this.#wrangler('time-travel', 'info', 'DB', '--json')
    return z.object({ bookmark: z.string() }).parse(JSON.parse(text)).bookmark
  }

  async #wrangler(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await runNode([wrangler, 'd1', ...args, ...this.#config])
    if (code === 0) return stdout
    const command = args.slice(0, args[0] === 'time-travel' ? 2 : 1).join(' ')
    throw new Fault(`wrangler d1 ${command} failed: ${reasonIn(`${stderr}\n${stdout}`)}`)
  }
}

/** What wrangler says is wrong, without its stack: the first error, or else the last lines. */
function reasonIn(output: string): string {
  const error = output.indexOf('[ERROR]')
  const lines = (error === -1 ? output : output.slice(error + '[ERROR]'.length))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('at '))
  return (error === -1 ? lines.slice(-3) : lines.slice(0, 2)).join('\n')
}

/** Checks the combination of the options. Returns what is wrong, if anything is. */
export const optionFault = (values: { remote: boolean; state?: string; config?: string }): string | undefined => {
  if (values.remote && values.state !== undefined) return '--state is of this machine, --remote is not: choose one'
  if (!values.remote && values.config !== undefined) return '--config needs --remote'
  return undefined
}
