import { readFileSync } from 'node:fs'

/** Nod's own default for SHARD_WAITERS. */
const DEFAULT_WAITERS = 8000
const DEFAULT_SHARDS = 2

/** How many files this process and its children may open: Node has raised its limit to what the system allows. Undefined
 *  where the system has no such file. */
export function openFiles() {
  try {
    return Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]) || undefined
  } catch {
    return undefined
  }
}

/** How many requests may wait in each shard. A connection takes workerd two open files, so without a limit many waiting
 *  requests would leave none to new ones. A quarter of the files is kept for databases and for other requests.
 *  @param {number | undefined} files
 *  @param {string | undefined} shards the setting */
export function waitersPerShard(files, shards) {
  const count = Number(shards) || DEFAULT_SHARDS
  return files === undefined
    ? DEFAULT_WAITERS
    : Math.max(1, Math.min(DEFAULT_WAITERS, Math.floor((files * 3) / 4 / 2 / count)))
}
