/** Runs wrangler, and reads what it says it has done. */
import { mkdtempSync, readFileSync, rmSync, existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { Fault, quietEnvironment, runNode, wrangler } from '../lib/tools.mjs'

const entrySchema = z.looseObject({
  type: z.string(),
  version_id: z.string().nullish(),
  targets: z.array(z.string()).nullish(),
})
type Entry = z.infer<typeof entrySchema>

/** wrangler with a configuration and an account. */
export class Wrangler {
  readonly #config: string
  readonly #account: string

  constructor(config: string, account: string) {
    this.#config = config
    this.#account = account
  }

  /** Runs a command to its end. Returns what it has written for programs to read: the id of a version, the addresses.
   *  Throws a Fault with wrangler's own words. */
  async run(...args: string[]): Promise<readonly Entry[]> {
    const folder = mkdtempSync(join(tmpdir(), 'nod-wrangler-'))
    const output = join(folder, 'output.ndjson')
    const env = { ...quietEnvironment(), CLOUDFLARE_ACCOUNT_ID: this.#account, WRANGLER_OUTPUT_FILE_PATH: output }
    try {
      const { code, stdout, stderr } = await runNode([wrangler, ...args, '--config', this.#config], { env })
      if (code !== 0) throw new Fault(`wrangler ${commandIn(args)} failed: ${reasonIn(`${stderr}\n${stdout}`)}`)
      const lines = existsSync(output) ? readFileSync(output, 'utf8').split('\n') : []
      return lines.filter((line) => line !== '').map((line) => entrySchema.parse(JSON.parse(line)))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }

  /** Runs a command that makes a version, and returns its id. */
  async version(...args: string[]): Promise<string> {
    const made = (await this.run(...args)).find(({ version_id }) => typeof version_id === 'string')?.version_id
    if (typeof made !== 'string') throw new Fault(`wrangler ${commandIn(args)} does not say which version it has made`)
    return made
  }
}

const commandIn = (args: readonly string[]): string => {
  const end = args.findIndex((one) => one.startsWith('-'))
  return args.slice(0, end === -1 ? undefined : end).join(' ')
}

/** What wrangler says is wrong, without its stack: what follows on the first error, or else the last lines. */
function reasonIn(output: string): string {
  const error = output.indexOf('[ERROR]')
  const lines = (error === -1 ? output : output.slice(error + '[ERROR]'.length))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('at ') && !line.startsWith('If you think this is a bug'))
  return (error === -1 ? lines.slice(-3) : lines.slice(0, 4)).join('\n')
}
