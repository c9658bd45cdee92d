/** Programs of Debian that are not installed, unpacked into the cache. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'

const DEBIAN = { fetch: 'apt-get', unpack: 'dpkg' } as const

/** Returns the root folder under which the program is: `/` if it is installed, else the packages in the cache.
 *  `program`: its path below the root. `install`: the package that an administrator would install. */
export function findProgram(program: string, name: string, packages: readonly string[], install: string): string {
  if (existsSync(join('/', program))) return '/'
  const cache = join(process.env['NOD_CACHE'] ?? join(homedir(), '.cache/nod'), name)
  if (existsSync(join(cache, program))) return cache
  const debs = mkdtempSync(join(tmpdir(), 'nod-debs-'))
  try {
    execFileSync(DEBIAN.fetch, ['download', ...packages], { cwd: debs, stdio: 'ignore' })
    mkdirSync(cache, { recursive: true })
    for (const deb of readdirSync(debs)) execFileSync(DEBIAN.unpack, ['-x', join(debs, deb), cache])
  } catch (error) {
    throw new Error(`This test needs ${program}, and its packages cannot be downloaded: apt-get install ${install}`, {
      cause: error,
    })
  } finally {
    rmSync(debs, { recursive: true, force: true })
  }
  return cache
}
