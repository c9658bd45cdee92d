import { renameSync, rmSync } from 'node:fs'

/** Puts a folder in the place of another. Of several processes that do so at once, one stays.
 *  @param {string} target
 *  @param {string} folder */
export function replaceFolder(target, folder) {
  for (;;) {
    rmSync(target, { recursive: true, force: true, maxRetries: 5 })
    try {
      return renameSync(folder, target)
    } catch (error) {
      // Another process has put its own there in between.
      if (!isTaken(error)) throw error
    }
  }
}

/** @param {unknown} error */
const isTaken = (error) =>
  error instanceof Error && 'code' in error && (error.code === 'ENOTEMPTY' || error.code === 'EEXIST')
