import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { bundle } from './bundle.mjs'
import { Fault, installed, node, root } from './tools.mjs'

/** What decides what is built, below the root: folders whole. */
const SOURCES = ['src', 'migrations', 'wrangler.toml', 'tsconfig.json', 'package-lock.json', 'scripts/lib']
const DAY_MS = 86_400_000

/** @typedef {object} Built
 *  @property {string} folder the bundle, `index.js` and its source map
 *  @property {Record<string, any>} worker as wrangler.toml describes it, for Miniflare
 *  @property {readonly { name: string, statements: string[] }[]} migrations in their order */

/** What `npm run deploy` would upload, and what wrangler.toml and migrations/ say, as the sources are now. Built when they
 *  have changed, and kept in node_modules/.cache for the starts after: wrangler takes longer than all the rest of a start.
 *  Refuses, with a Fault: a source that does not build.
 *  @param {AbortSignal} [signal]
 *  @returns {Promise<Built>} */
export async function built(signal) {
  const cache = installed('.cache/nod')
  const kept = join(cache, fingerprint())
  if (!existsSync(kept)) {
    await build(room(cache), kept, signal)
    prune(cache)
  }
  const described = JSON.parse(readFileSync(join(kept, 'described.json'), 'utf8'))
  return { folder: join(kept, 'bundle'), ...described }
}

/** @param {string} cache */
function room(cache) {
  try {
    // Not by mkdtemp: whoever else serves from here later has to read it.
    const folder = join(cache, `building-${randomUUID()}`)
    mkdirSync(folder, { recursive: true })
    return folder
  } catch (error) {
    throw new Fault(
      `Nod cannot be built in ${cache} (${/** @type {NodeJS.ErrnoException} */ (error).code}): make it writable`,
    )
  }
}

/** Built apart and put in place whole: another start may be looking for it.
 *  @param {string} folder
 *  @param {string} kept
 *  @param {AbortSignal | undefined} signal */
async function build(folder, kept, signal) {
  try {
    await Promise.all([bundle(join(folder, 'bundle'), { signal }), describe(join(folder, 'described.json'), signal)])
    renameSync(folder, kept)
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    // Another start has put it there meanwhile.
    if (!existsSync(kept)) throw error
  }
}

/** @param {string} file
 *  @param {AbortSignal | undefined} signal */
async function describe(file, signal) {
  const done = await node([join(import.meta.dirname, 'describe.mjs'), file], { signal })
  if (done.code !== 0) throw new Fault(`wrangler.toml and migrations/ cannot be read:\n${done.stderr}`)
}

/** @param {string} cache */
function prune(cache) {
  for (const name of readdirSync(cache)) {
    const path = join(cache, name)
    const { mtimeMs = Date.now() } = statSync(path, { throwIfNoEntry: false }) ?? {}
    if (Date.now() - mtimeMs > DAY_MS) rmSync(path, { recursive: true, force: true })
  }
}

/** Of the sources' names and contents, and of where they lie. */
function fingerprint() {
  const hash = createHash('sha256').update(root)
  for (const source of SOURCES) {
    const path = join(root, source)
    const names = statSync(path).isDirectory()
      ? readdirSync(path, { recursive: true, encoding: 'utf8' }).toSorted()
      : ['']
    for (const file of names.map((name) => join(path, name)).filter((one) => statSync(one).isFile())) {
      const content = readFileSync(file)
      hash.update(`\0${file}\0${content.length}\0`).update(content)
    }
  }
  return hash.digest('hex').slice(0, 32)
}
