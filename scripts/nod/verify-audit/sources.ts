/** Where the audit is read from: a deployment over HTTP, a database file, and a folder of archived parts. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { Fault } from '../../lib/tools.mjs'
import type { NodClient } from '../client.ts'
import { linesIn } from '../compressed-lines.ts'
import { linkSchema, recordSchema, type StoredLink, type StoredRecord } from './format.ts'

const DAY_MS = 86_400_000

/** What is true of the audit besides its rows. */
export interface AuditState {
  readonly numbers: Readonly<Record<string, number>>
  readonly deletedBefore: number
  readonly keys: readonly unknown[]
}

export interface AuditSource {
  /** `days`: for how long records are kept at least, if the source does not say; 0: for ever. */
  state(days: number | undefined): Promise<AuditState>
  links(): AsyncIterable<StoredLink>
  records(): AsyncIterable<StoredRecord>
  /** Whether it goes on while it is read. */
  readonly isLive: boolean
}

const parsed = <T>(schema: z.ZodType<T>, value: unknown, what: string): T => {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new Fault(`${what} is none: ${result.error.issues[0]?.path.join('.')} ${result.error.issues[0]?.message}`)
}

/** Until when records may be gone: retention never deletes what is younger than `days`. */
const bounded = (deletedBefore: number, days: number): number =>
  Math.min(deletedBefore, days === 0 ? 0 : Date.now() - days * DAY_MS)

const stateSchema = z.object({
  numbers: z.record(z.string(), z.int()),
  deleted_before: z.int(),
  days: z.nullable(z.int()),
  keys: z.array(z.object({ jwk: z.unknown() })),
})
const pageSchema = z.object({ rows: z.array(z.unknown()), next: z.nullable(z.string()) })

/** The audit of a deployment, by its API. */
export function httpSource(nod: NodClient): AuditSource {
  async function* rows(path: string): AsyncGenerator {
    for (let after: string | null | undefined; after !== null;) {
      const value = await nod.get(path, after === undefined ? {} : { after })
      const page = parsed(pageSchema, value, `the answer of ${path}`)
      yield* page.rows
      after = page.next
    }
  }
  return {
    isLive: true,
    async state(days) {
      const value = await nod.get('/deployment/audit/head')
      const state = parsed(stateSchema, value, 'the answer of /deployment/audit/head')
      return {
        numbers: state.numbers,
        deletedBefore: bounded(state.deleted_before, days ?? state.days ?? 0),
        keys: state.keys.map(({ jwk }) => jwk),
      }
    },
    async *links() {
      for await (const row of rows('/deployment/audit/links')) yield parsed(linkSchema, row, 'a link')
    },
    async *records() {
      for await (const row of rows('/deployment/audit/records')) yield parsed(recordSchema, row, 'a record')
    },
  }
}

/** The audit in a database file: of a state folder, or made of a backup. */
export const fileSource = (db: DatabaseSync): AuditSource => ({
  isLive: false,
  async state(days = 365) {
    const numbers = db.prepare('SELECT catalogue_number AS catalogue, bypass_number AS bypass FROM deployment').get()
    const retention = db.prepare('SELECT deleted_before FROM audit_retention').get()
    const keys = db.prepare('SELECT public_key FROM audit_keys').all()
    return {
      numbers: parsed(z.record(z.string(), z.int()), { ...numbers }, 'the table deployment'),
      deletedBefore: bounded(Number(retention?.['deleted_before'] ?? 0), days),
      keys: keys.map(({ public_key }) => JSON.parse(String(public_key)) as unknown),
    }
  },
  async *links() {
    for (const row of db.prepare('SELECT * FROM audit_chain').iterate()) yield parsed(linkSchema, { ...row }, 'a link')
  },
  async *records() {
    for (const row of db.prepare('SELECT * FROM audit').iterate()) yield parsed(recordSchema, { ...row }, 'a record')
  },
})

const lineSchema = z.object({ record: z.optional(recordSchema), link: z.optional(linkSchema) })

/** The lines of all parts below a folder. Throws a Fault for a part that cannot be read. */
export async function* archiveLines(folder: string): AsyncGenerator<z.infer<typeof lineSchema>> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ndjson.gz'))
  if (files.length === 0) throw new Fault(`${folder} has no part of an archive (*.ndjson.gz)`)
  for (const file of files.toSorted()) {
    try {
      for await (const line of linesIn(join(folder, file)))
        if (line !== '') yield parsed(lineSchema, jsonOf(line), `a line of ${file}`)
    } catch (error) {
      if (error instanceof Fault) throw error
      throw new Fault(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
