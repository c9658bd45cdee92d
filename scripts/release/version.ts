/** What a new version changes in the repository. Texts in, texts out. */
import { Fault } from '../lib/tools.mjs'

/** Digits and dots only: the app parses the version that Nod answers with. */
const VERSION = /^(\d+)\.(\d+)\.(\d+)$/

/** Files that name the version. */
export const VERSION_FILES = [
  'package.json',
  'package-lock.json',
  'client/package.json',
  'src/protocol/version.ts',
] as const
export const CHANGELOG = 'CHANGELOG.md'
const FIRST = 'Nothing has been released yet: Changed is for those who run Nod from its repository.'

/** Throws a Fault unless the version is one, and later than the last. */
export function checkVersion(version: string, last: string, isFirst: boolean): void {
  if (!VERSION.test(version)) throw new Fault(`${version} is no version; expected one like 1.2.0`)
  const order = compare(version, last)
  if (order < 0 || (order === 0 && !isFirst)) throw new Fault(`${version} is not later than ${last}`)
}

function compare(one: string, other: string): number {
  const [left, right] = [one, other].map((text) => text.split('.').map(Number))
  const differs = left?.findIndex((number, index) => number !== right?.[index]) ?? -1
  return differs === -1 ? 0 : (left?.[differs] ?? 0) - (right?.[differs] ?? 0)
}

/** The file with the new version in place of the last. Throws a Fault if it does not name the last one where it should. */
export function withVersion(path: (typeof VERSION_FILES)[number], text: string, last: string, version: string): string {
  const [pattern, times] =
    path === 'src/protocol/version.ts'
      ? [`VERSION = '${last}'`, 1]
      : // A lock file names it for itself and for its first package.
        [`"version": "${last}"`, path === 'package-lock.json' ? 2 : 1]
  let changed = text
  let from = 0
  for (let count = 0; count < times; count += 1) {
    const at = changed.indexOf(pattern, from)
    if (at === -1) throw new Fault(`${path} does not name the version ${last}`)
    const replaced = pattern.replace(last, version)
    changed = changed.slice(0, at) + replaced + changed.slice(at + pattern.length)
    from = at + replaced.length
  }
  return changed
}

/** The changelog with all that was unreleased below the new version, and that part alone. `day`: as in 2026-11-29.
 *  Throws a Fault if nothing is unreleased. */
export function releasedChanges(
  text: string,
  version: string,
  day: string,
): { readonly changelog: string; readonly changes: string } {
  const [before = '', after] = text.split('## Unreleased\n')
  if (after === undefined) throw new Fault(`${CHANGELOG} has no part "## Unreleased"`)
  const end = after.search(/^## /m)
  const changes = (end === -1 ? after : after.slice(0, end)).trim()
  if (changes === '') throw new Fault(`${CHANGELOG} has nothing below "## Unreleased"`)
  const earlier = end === -1 ? '' : `\n${after.slice(end)}`
  const head = before.replace(` ${FIRST}`, '')
  return { changelog: `${head}## Unreleased\n\n## ${version} (${day})\n\n${changes}\n${earlier}`, changes }
}
