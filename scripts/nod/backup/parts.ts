/** The parts of a backup: the rows of one table each, a line of JSON for every row, compressed. A column that is NULL is left
 *  out; bytes are `{"base64":"…"}`. */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync, lstatSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { Fault } from '../../lib/tools.mjs'
import { linesIn } from '../compressed-lines.ts'
import type { Part } from './manifest.ts'
import { columnsOf, identifier } from './schema.ts'

/** A part ends after so many rows or characters, whichever comes first. */
const PART_ROWS = 250_000
const PART_CHARACTERS = 256 * 1024 * 1024
const CHUNK_CHARACTERS = 64 * 1024

type Row = Readonly<Record<string, SQLOutputValue>>

/** Writes a table into parts. `onKey` gets the id of the master key of every sealed value, or `unnamed`. */
export async function writeTable(
  db: DatabaseSync,
  table: string,
  folder: string,
  onKey: (id: string) => void,
): Promise<readonly Part[]> {
  const columns = columnsOf(db, table)
  const rows = db.prepare(`SELECT ${columns.map(identifier).join(', ')} FROM ${identifier(table)}`).iterate()
  const parts: Part[] = []
  for (let isDone = false; !isDone;) {
    const file = `${table}-${String(parts.length + 1).padStart(4, '0')}.ndjson.gz`
    let written = 0
    function* chunks(): Generator<string> {
      let text = ''
      for (let characters = 0; written < PART_ROWS && characters < PART_CHARACTERS; written++) {
        const { done, value } = rows.next()
        if (done === true) {
          isDone = true
          break
        }
        const line = `${lineOf(value, onKey)}\n`
        characters += line.length
        text += line
        if (text.length > CHUNK_CHARACTERS) {
          yield text
          text = ''
        }
      }
      yield text
    }
    const { bytes, sha256 } = await writeCompressed(chunks(), join(folder, file))
    parts.push({ file, table, columns: [...columns], rows: written, bytes, sha256 })
  }
  return parts
}

async function writeCompressed(chunks: Iterable<string>, file: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256')
  let bytes = 0
  await pipeline(
    Readable.from(chunks),
    createGzip(),
    async function* counted(source: AsyncIterable<Buffer>) {
      for await (const chunk of source) {
        hash.update(chunk)
        bytes += chunk.length
        yield chunk
      }
    },
    createWriteStream(file, { mode: 0o600, flags: 'wx', flush: true }),
  )
  return { bytes, sha256: hash.digest('hex') }
}

const SEALED = /^(?:1|2\.([0-9a-f]{12}))\.[\w-]{38,}$/

function lineOf(row: Row, onKey: (id: string) => void): string {
  const fields: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(row)) {
    if (value === null) continue
    fields[name] = value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value
    const sealed = typeof value === 'string' ? SEALED.exec(value) : null
    if (sealed !== null) onKey(sealed[1] ?? 'unnamed')
  }
  return JSON.stringify(fields)
}

/** Checks that a part is as it was written. Throws a Fault that names it. */
export async function verifyPart(folder: string, { file, bytes, sha256 }: Part): Promise<void> {
  const path = join(folder, file)
  if (!existsSync(path)) throw new Fault(`${file} is missing from the backup`)
  const found = lstatSync(path)
  // A link or a pipe leads elsewhere, and may never end.
  if (!found.isFile()) throw new Fault(`${file} is no file`)
  const { size } = found
  if (size < bytes) throw new Fault(`${file} was cut off: it has ${size} of ${bytes} bytes`)
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  if (hash.digest('hex') !== sha256) throw new Fault(`${file} was changed: its SHA-256 is not the manifest's`)
}

/** Inserts the rows of a part. Throws a Fault that names the part for a row that does not fit. */
export async function loadPart(db: DatabaseSync, folder: string, part: Part): Promise<void> {
  const { table, columns } = part
  const insert = db.prepare(
    `INSERT INTO ${identifier(table)} (${columns.map(identifier).join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
  )
  let rows = 0
  for await (const line of linesIn(join(folder, part.file))) {
    const fields = JSON.parse(line) as Readonly<Record<string, unknown>>
    insert.run(...columns.map((column) => valueOf(fields[column])))
    rows++
    if (rows > part.rows) throw new Fault(`${part.file} has more rows than the ${part.rows} of its manifest`)
  }
  if (rows !== part.rows) throw new Fault(`${part.file} has ${rows} rows, and its manifest says ${part.rows}`)
}

function valueOf(value: unknown): SQLInputValue {
  if (value === undefined) return null
  if (typeof value === 'string' || typeof value === 'number') return value
  return Buffer.from((value as { base64: string }).base64, 'base64')
}
