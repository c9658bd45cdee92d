import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, expect, it } from 'vitest'
import { buildPages, PAGES } from '../scripts/lib/pages.mjs'

beforeAll(() => buildPages())

const read = (path: string): string => readFileSync(join(PAGES, path), 'utf8')

/** The files that a page's markup names. */
const named = (html: string): readonly string[] =>
  [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+\.(?:js|css|svg))"/g)].map(([, path = '']) => path)

/** A script, and those it imports at once. What is loaded later begins with `import(`. */
function withImports(path: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(path)) return seen
  seen.add(path)
  if (path.endsWith('.js'))
    for (const [, file = ''] of read(path).matchAll(/(?:from|import)\s*["']\.\/([^"']+)["']/g))
      withImports(`/assets/${file}`, seen)
  return seen
}

const compressed = (paths: Iterable<string>): number =>
  [...paths].reduce((sum, path) => sum + gzipSync(read(path)).length, 0)

it('is at most 150 KB compressed with the overview, and does not wait for the charts', () => {
  const page = 'console/index.html'
  const entries = named(read(page))
  const script = entries.find((path) => path.endsWith('.js'))
  if (script === undefined) throw new Error('the page has no script')
  const overview = /overview-[\w-]+\.js/.exec(read(script))?.[0]
  const files = new Set([page, ...entries, ...withImports(script), ...withImports(`/assets/${overview}`)])
  expect([...files].filter((path) => path.includes('charts'))).toEqual([])
  expect(compressed(files)).toBeLessThanOrEqual(150_000)
})
