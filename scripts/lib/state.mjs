import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Fault, root } from './tools.mjs'

/** Makes the state folder and locks it for this process, since two workerds on the same databases would corrupt them. The lock
 *  is SQLite's: the system releases it when the process dies, for whatever reason.
 *  Throws a Fault for a folder that another Nod serves from.
 *  @param {string | undefined} folder */
export function openState(folder) {
  const path = resolve(root, folder || '.nod')
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const lock = new DatabaseSync(join(path, 'lock'))
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch {
    lock.close()
    throw new Fault(`${path} is in use by another Nod: set NOD_STATE to another folder`)
  }
  return { path, release: () => lock.isOpen && lock.close() }
}

/** Returns the secrets of a local Nod. Those that the environment has are used and not stored; the others are made once and
 *  stored in `secrets.json`, which only its owner can read. `made` names the new ones.
 *  @param {string} state
 *  @param {Record<string, string | undefined>} settings */
export function secretsFor(state, settings) {
  const file = join(state, 'secrets.json')
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
