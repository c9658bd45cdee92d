import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Fault, modulePath, quietEnvironment, root, runNode } from './tools.mjs'
import { replaceFolder } from './replace-folder.mjs'

/** What the pages are made of. */
export const PAGE_SOURCES = [
  'console',
  'client',
  'src',
  'scripts/docs-pages',
  'scripts/client-types',
  'package-lock.json',
]

/** For vite: any other NODE_ENV of the caller would make pages for development, with paths of this machine in them. */
export const pageEnvironment = () => ({ ...quietEnvironment(), NODE_ENV: 'production' })

/** Where wrangler.toml's `[assets]` looks for them. */
export const PAGES = join(root, 'dist/assets')

/** The fingerprint of the sources that the pages in `PAGES` were built from. */
const MARK = join(root, 'dist/assets.fingerprint')

/** Builds the pages of console/, and those of /docs from the routes, into `PAGES`, unless they were built from the same sources.
 *  Throws a Fault with the bundler's own words for a source that does not build.
 *  @param {AbortSignal} [signal] */
export async function buildPages(signal) {
  const current = fingerprint(PAGE_SOURCES)
  if (existsSync(PAGES) && existsSync(MARK) && readFileSync(MARK, 'utf8') === current) return
  mkdirSync(join(root, 'dist'), { recursive: true })
  // In a folder of their own, because another process may read the pages meanwhile.
  const folder = join(root, `dist/assets-${randomUUID()}`)
  try {
    const args = ['build', '--config', join(root, 'console/vite.config.ts'), '--outDir', folder, '--logLevel', 'warn']
    const result = await runNode([modulePath('vite/bin/vite.js'), ...args], { signal, env: pageEnvironment() })
    if (result.code !== 0) throw new Fault(`The console does not build:\n${result.stderr}${result.stdout}`)
    const docs = await runNode([join(root, 'scripts/docs-pages.ts'), folder], { signal })
    if (docs.code !== 0) throw new Fault(`The pages of /docs cannot be made:\n${docs.stderr}${docs.stdout}`)
    replaceFolder(PAGES, folder)
    writeFileSync(MARK, current)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A hash of the names and contents of these files, and of everything in these folders, and of the checkout's path.
 *  @param {readonly string[]} sources */
export function fingerprint(sources) {
  const hash = createHash('sha256').update(root)
  for (const source of sources) {
    const path = join(root, source)
    if (!existsSync(path)) continue
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
