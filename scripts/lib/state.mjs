import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Fault, root } from './tools.mjs'

/** The path of a state folder that NOD_STATE or an option names, from the root of the repository; `.nod` unless it is named.
 *  @param {string | undefined} folder */
export const stateFolder = (folder) => resolve(root, folder || '.nod')

/** Makes the state folder and locks it for this process, since two workerds on the same databases would corrupt them. The lock
 *  is SQLite's: the system releases it when the process dies, for whatever reason. A folder that others can read is closed to
 *  them, and so are the files with secrets in it: once, with a line that says so.
 *  Throws a Fault for a folder that another Nod serves from.
 *  @param {string | undefined} folder */
export function openState(folder) {
  const path = stateFolder(folder)
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const lock = new DatabaseSync(join(path, 'lock'))
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch {
    lock.close()
    throw new Fault(`${path} is in use by another Nod: set NOD_STATE to another folder`)
  }
  tighten(path)
  // By default all users could read what workerd makes.
  mkdirSync(join(path, DATABASES), { recursive: true, mode: 0o700 })
  return { path, release: () => lock.isOpen && lock.close() }
}

const DATABASES = 'v3'
const SECRETS = 'secrets.json'
/** What `npm run dev` hands to wrangler. */
export const DEV_SECRETS = 'dev.vars'

/** Takes all rights from everybody but the owner. A folder that is shared (`/tmp`), another user's or a home stays as it is,
 *  because other things than Nod's may be in it; the databases and secrets in it do not.
 *  @param {string} state */
function tighten(state) {
  const isShared = (statSync(state).mode & 0o1000) !== 0 || state === homedir()
  if (!isShared && !isOpenToOthers(state)) return
  const own = [DATABASES, SECRETS, DEV_SECRETS].map((name) => join(state, name)).filter((path) => existsSync(path))
  const opened = [...(isShared ? [] : [state]), ...own].filter(isOpenToOthers)
  for (const path of opened) chmodSync(path, statSync(path).mode & 0o700)
  if (opened.length === 0) return
  console.error(
    `Other users of this machine could read ${opened.join(', ')}; now its owner alone can. Change the secrets in it if they may have.`,
  )
}

/** @param {string} path */
function isOpenToOthers(path) {
  const { mode, uid } = statSync(path)
  return (mode & 0o077) !== 0 && uid === process.getuid?.()
}

/** Returns the secrets of a local Nod. Those that the environment has are used and not stored; the others are made once and
 *  stored in `secrets.json`, which only its owner can read. `made` names the new ones.
 *  @param {string} state
 *  @param {Record<string, string | undefined>} settings */
export function secretsFor(state, settings) {
  const file = join(state, SECRETS)
  const stored = read(file)
  /** @type {Record<string, () => string>} */
  const makers = {
    MASTER_KEY: () => randomBytes(32).toString('base64'),
    ADMIN_LOGIN: () => 'admin',
    ADMIN_PASSWORD: () => randomBytes(15).toString('base64url'),
  }
  const made = Object.keys(makers).filter((name) => !settings[name] && !stored[name])
  const all = { ...stored, ...Object.fromEntries(made.map((name) => [name, makers[name]?.() ?? ''])) }
  if (made.length > 0) {
    // Renamed into place: without a complete file nobody could open the database any more.
    writeFileSync(`${file}.new`, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600 })
    renameSync(`${file}.new`, file)
  }
  const chosen = Object.fromEntries(Object.keys(makers).map((name) => [name, settings[name] || (all[name] ?? '')]))
  return { file, made, values: chosen }
}

/** @param {string} file
 *  @returns {Record<string, string>} */
function read(file) {
  if (!existsSync(file)) return {}
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw new Fault(`${file}: not JSON; put the right file back, or remove it together with the data it belongs to`)
  }
}
