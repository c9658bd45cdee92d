/** The options that name another server and say how its tokens are read: `import` and `export` read them alike. */
import { IMPORT_SOURCES, type ImportSource } from '../../../src/vocabulary/imports.ts'
import { endWithUsage } from '../../lib/command-line.mjs'
import type { PlanOptions } from './plan.ts'

export const SOURCE_OPTIONS = {
  db: { type: 'string' },
  enckey: { type: 'string' },
  passwd: { type: 'string', multiple: true },
  users: { type: 'string' },
  realm: { type: 'string', multiple: true },
  'registration-url': { type: 'string' },
  firebase: { type: 'string', multiple: true },
  pins: { type: 'string' },
  schema: { type: 'string' },
} as const

/** The values of `SOURCE_OPTIONS`, as they were given. */
type Given = {
  readonly [name in keyof typeof SOURCE_OPTIONS]?: (typeof SOURCE_OPTIONS)[name] extends { readonly multiple: true }
    ? readonly string[]
    : string
}

/** The kind of server that the argument names. Ends the command with its usage for another. */
export function readImportSource(name: string): ImportSource {
  const source = IMPORT_SOURCES.find((one) => one === name)
  if (source === undefined) endWithUsage(`expected ${IMPORT_SOURCES.join(' or ')}, got ${name}`)
  return source
}

/** Reads the options; `configured` is what the server's own configuration says. Ends the command with its usage for a wrong one. */
export function readSourceOptions(
  given: Given,
  configured: Partial<Pick<PlanOptions, 'db' | 'enckey'>> = {},
): PlanOptions {
  const { pins = 'upstream', db = configured.db, enckey = configured.enckey } = given
  if (pins !== 'upstream' && pins !== 'unset') endWithUsage(`--pins: expected upstream or unset, got ${pins}`)
  if (db === undefined) endWithUsage('--db is missing')
  if (enckey === undefined) endWithUsage('--enckey is missing')
  return {
    db,
    enckey,
    pins,
    schema: given.schema,
    passwd: given.passwd ?? [],
    users: given.users,
    realms: (given.realm ?? []).map((realm) => realm.toLowerCase()),
    registrationUrl: given['registration-url'],
    firebase: new Map((given.firebase ?? []).map(pairOf)),
  }
}

function pairOf(given: string): readonly [string, string] {
  const at = given.indexOf('=')
  if (at < 1) endWithUsage(`--firebase: expected old=new, got ${given}`)
  return [given.slice(0, at), given.slice(at + 1)]
}
