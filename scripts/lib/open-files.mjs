import { readFileSync } from 'node:fs'

/** What Nod takes for a shard's limit where nothing else is said. */
const MOST = 8000
const SHARDS = 2

/** How many files this process may open, and so may what it starts: Node has raised its limit to what the system allows.
 *  Undefined where the system does not tell. */
export function openFiles() {
  try {
    return Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]) || undefined
  } catch {
    return undefined
  }
}

/** Who may wait in each shard at once. A connection takes workerd two files, so that without a limit a crowd that waits would
 *  leave none to whoever comes; a quarter of them stays for the databases of objects and for connections that do not wait.
 *  @param {number | undefined} files
 *  @param {string | undefined} shards the setting */
export function waitersOf(files, shards) {
  const count = Number(shards) || SHARDS
  return files === undefined ? MOST : Math.max(1, Math.min(MOST, Math.floor((files * 3) / 4 / 2 / count)))
}
