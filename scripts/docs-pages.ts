/** Writes the pages of /docs into the folder of the built pages. `npm run console` runs it. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { servedDescription } from './client-types/description.ts'
import { docsFiles } from './docs-pages/site.ts'
import { readOptions } from './lib/command-line.mjs'

const USAGE = `Writes the pages of /docs into a folder of built pages, whose docs/index.html is their template.

  node scripts/docs-pages.ts <folder>`
const { positionals } = readOptions(USAGE, { options: {}, allowPositionals: true })

const folder = join(positionals[0] ?? '', 'docs')
const template = readFileSync(join(folder, 'index.html'), 'utf8')
for (const [path, text] of docsFiles(await servedDescription(), template)) {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}
