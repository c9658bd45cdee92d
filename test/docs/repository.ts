/** The repository's text files, and what its pages are made of: for tests that hold pages and comments to the code. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../..')
const FOLDERS = ['src', 'client', 'console', 'test', 'scripts', 'bench', 'docs', 'migrations', 'examples', '.ci']
const TEXT = /\.(?:ts|mjs|md|sql|sh|toml)$/

export interface File {
  /** Below the root of the repository. */
  readonly path: string
  readonly text: string
}

/** Paths of all files of the repository that somebody wrote, recordings among them. */
export const PATHS: readonly string[] = [
  ...readdirSync(ROOT, { withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [entry.name] : [])),
  ...FOLDERS.flatMap(filesBelow),
]

function filesBelow(folder: string): readonly string[] {
  try {
    return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/node_modules|client\/dist/.test(entry.parentPath))
      .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1))
  } catch {
    return []
  }
}

export const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

/** All text files; generated types are nobody's text. */
export const FILES: readonly File[] = PATHS.filter(
  (path) => TEXT.test(path) && path !== 'worker-configuration.d.ts' && !path.startsWith('client/src/generated/'),
).map((path) => ({ path, text: read(path) }))

/** Pages for people: at the root and in docs. */
export const PAGES: readonly File[] = FILES.filter(({ path }) => path.endsWith('.md'))

/** The headings of a page, without the number in front: `## 7. Phone answer` is `Phone answer`. */
export const headingsOf = (page: string): readonly string[] =>
  [...withoutCode(page).matchAll(/^#{1,6} +(.+)$/gm)].map(([, heading = '']) =>
    heading
      .replaceAll('`', '')
      .replace(/^[\d.]+ +/, '')
      .trim(),
  )

/** The names that links to a page may end in, as code hosts make them of its headings. */
export const anchorsOf = (page: string): readonly string[] =>
  [...withoutCode(page).matchAll(/^#{1,6} +(.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  )

/** The page without its blocks of code, in which nothing is a heading or a link. */
export const withoutCode = (page: string): string => page.replaceAll(/^```[^]*?^```$/gm, '')
