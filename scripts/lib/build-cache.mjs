import { randomUUID } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { bundle } from './bundle.mjs'
import { fingerprint, PAGE_SOURCES, PAGES } from './pages.mjs'
import { Fault, modulePath, runNode } from './tools.mjs'

/** The sources of a build: files, and folders with everything in them. */
const SOURCES = ['src', 'migrations', 'wrangler.toml', 'tsconfig.json', 'scripts/lib', ...PAGE_SOURCES]
const DAY_MS = 86_400_000

/** @typedef {object} Build
 *  @property {string} folder the bundle, `index.js` and its source map
 *  @property {string} pages the static assets
 *  @property {Record<string, any>} worker as wrangler.toml describes it, for Miniflare
 *  @property {readonly { name: string, statements: string[] }[]} migrations in their order */

/** Returns the bundle that `npm run deploy` would upload, with the contents of wrangler.toml and migrations/. It is built when
 *  the sources have changed, and cached in node_modules/.cache: building takes longer than all the rest of a start.
 *  Throws a Fault for a source that does not build.
 *  @param {AbortSignal} [signal]
 *  @returns {Promise<Build>} */
export async function currentBuild(signal) {
  const cache = modulePath('.cache/nod')
  const target = join(cache, fingerprint(SOURCES))
  if (!existsSync(target)) {
    await build(newFolder(cache), target, signal)
    prune(cache)
  }
  const described = JSON.parse(readFileSync(join(target, 'described.json'), 'utf8'))
  return { folder: join(target, 'bundle'), pages: join(target, 'pages'), ...described }
}

/** @param {string} cache */
function newFolder(cache) {
  try {
    // Not by mkdtemp, whose folders only their owner can read: another user may start Nod later.
    const folder = join(cache, `building-${randomUUID()}`)
    mkdirSync(folder, { recursive: true })
    return folder
  } catch (error) {
    throw new Fault(
      `Nod cannot be built in ${cache} (${/** @type {NodeJS.ErrnoException} */ (error).code}): make it writable`,
    )
  }
}

/** Builds in a folder of its own and renames it into place: another start may look for it at any moment.
 *  @param {string} folder
 *  @param {string} target
 *  @param {AbortSignal | undefined} signal */
async function build(folder, target, signal) {
  try {
    await Promise.all([bundle(join(folder, 'bundle'), { signal }), describe(join(folder, 'described.json'), signal)])
    // wrangler has built them.
    cpSync(PAGES, join(folder, 'pages'), { recursive: true })
    renameSync(folder, target)
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    // Another start was faster.
    if (!existsSync(target)) throw error
  }
}

/** @param {string} file
 *  @param {AbortSignal | undefined} signal */
async function describe(file, signal) {
  const done = await runNode([join(import.meta.dirname, 'describe.mjs'), file], { signal })
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
