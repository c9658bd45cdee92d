/** Writes docs/policies.md from the declarations of the actions. With `--check` it writes nothing and fails if the page is out of
 *  date. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readOptions } from './lib/command-line.mjs'
import { page } from './policy-docs/page.ts'

const USAGE = `Writes docs/policies.md from the declarations of the actions.

  npm run docs [-- --check]

  --check   write nothing, and fail if the page is out of date`
const { values: options } = readOptions(USAGE, { options: { check: { type: 'boolean', default: false } } })

const file = join(import.meta.dirname, '..', 'docs', 'policies.md')
const known = JSON.parse(
  readFileSync(join(import.meta.dirname, 'policy-docs', 'privacyidea-3.14.json'), 'utf8'),
) as Readonly<Record<string, readonly string[]>>
const frame = readFileSync(join(import.meta.dirname, 'policy-docs', 'frame.md'), 'utf8')
const made = page(frame, known)

if (!options.check) writeFileSync(file, made)
else if (readFileSync(file, 'utf8') !== made) {
  console.error('docs/policies.md is out of date: npm run docs')
  process.exitCode = 1
}
