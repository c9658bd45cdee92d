/** SQL as text: what `wrangler d1 export` writes is read, and what `wrangler d1 execute --file` takes is written. */
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import { Fault } from '../../lib/tools.mjs'
import { columnsOf, identifier, tablesOf } from './schema.ts'

/** Splits SQL into its statements. A trigger ends with `END;` after the semicolon of its last statement. Comments and strings
 *  may contain semicolons. */
export async function* statementsIn(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let text = ''
  let at = 0
  let closing: string | undefined
  for await (const chunk of chunks) {
    text += chunk
    // The last character waits for its successor: it may begin a comment.
    for (;;) {
      if (closing !== undefined) {
        const end = text.indexOf(closing, at)
        if (end === -1) {
          at = Math.max(at, text.length - closing.length + 1)
          break
        }
        at = end + closing.length
        closing = undefined
        continue
      }
      const next = /['"`;]|--|\/\*/g
      next.lastIndex = at
      const match = next.exec(text)
      if (match === null) {
        at = Math.max(at, text.length - 1)
        break
      }
      at = match.index + match[0].length
      if (match[0] !== ';') closing = CLOSING[match[0]]
      else if (!isOpenTrigger(text.slice(0, at))) {
        yield text.slice(0, at).trim()
        text = text.slice(at)
        at = 0
      }
    }
  }
  if (text.replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\//g, '').trim() !== '') throw new Fault('The SQL text was cut off')
}

const CLOSING: Readonly<Record<string, string>> = { "'": "'", '"': '"', '`': '`', '--': '\n', '/*': '*/' }

const SPACE = String.raw`(?:\s|--[^\n]*\n|/\*[\s\S]*?\*/)*`
const TRIGGER = new RegExp(String.raw`^${SPACE}CREATE\s+(?:TEMP(?:ORARY)?\s+)?TRIGGER\b`, 'i')
const TRIGGER_END = new RegExp(String.raw`;${SPACE}END${SPACE};$`, 'i')

const isOpenTrigger = (statement: string): boolean => TRIGGER.test(statement) && !TRIGGER_END.test(statement)

/** D1 refuses a statement of more than 100,000 bytes. */
const STATEMENT_BYTES = 80_000
/** Longer texts are inserted in pieces where a row would be too long otherwise. */
const LONG_TEXT = 500
const PIECE = 16_000
const PIECES = 'restore_pieces'

const isLast = (table: string): boolean => table === 'deployment'
const inOrder = (tables: readonly string[]): string[] => [...tables.filter((one) => !isLast(one)), 'deployment']

/** The statements that make a database of Nod from `db` in place of the tables named by `drop`. The table `deployment`, without
 *  which Nod serves nothing, goes first and comes back last, with its row. */
export function* importStatements(db: DatabaseSync, drop: readonly string[]): Generator<string> {
  for (const table of inOrder(drop).toReversed()) yield `DROP TABLE IF EXISTS ${identifier(table)}`
  yield `CREATE TABLE ${PIECES} (text INTEGER NOT NULL, place INTEGER NOT NULL, piece TEXT NOT NULL, PRIMARY KEY (text, place)) WITHOUT ROWID`
  const rest = db.prepare(
    `SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND tbl_name = ? AND type IN ('index', 'trigger') ORDER BY type, name`,
  )
  for (const table of inOrder(tablesOf(db, true))) {
    // Until everything is in place, the rows of `deployment` are the one thing that is missing.
    if (isLast(table)) yield `DROP TABLE ${PIECES}`
    yield String(db.prepare(`SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?`).get(table)?.['sql'])
    yield* inserts(db, table)
    for (const { sql } of rest.all(table)) yield String(sql)
  }
}

function* inserts(db: DatabaseSync, table: string): Generator<string> {
  const columns = columnsOf(db, table)
  const into = `INSERT INTO ${identifier(table)} (${columns.map(identifier).join(', ')}) VALUES`
  const rows = db.prepare(`SELECT ${columns.map(identifier).join(', ')} FROM ${identifier(table)}`)
  let values: string[] = []
  let size = 0
  let texts = 0
  for (const row of rows.iterate()) {
    const cells = columns.map((column) => row[column] ?? null)
    let value = `(${cells.map((cell) => literal(cell)).join(',')})`
    if (Buffer.byteLength(value) > STATEMENT_BYTES) {
      const parts: string[] = []
      for (const cell of cells) {
        if (typeof cell !== 'string' || cell.length <= LONG_TEXT) parts.push(literal(cell))
        else {
          texts++
          for (const [place, piece] of piecesOf(cell).entries())
            yield `INSERT INTO ${PIECES} (text, place, piece) VALUES (${texts}, ${place}, ${literal(piece)})`
          parts.push(`(SELECT group_concat(piece, '' ORDER BY place) FROM ${PIECES} WHERE text = ${texts})`)
        }
      }
      value = `(${parts.join(',')})`
      if (Buffer.byteLength(value) > STATEMENT_BYTES) throw new Fault(`A row of ${table} is too long for D1`)
    }
    const bytes = Buffer.byteLength(value) + 1
    if (values.length > 0 && size + bytes > STATEMENT_BYTES) {
      yield `${into} ${values.join(',')}`
      values = []
      size = 0
    }
    values.push(value)
    size += bytes
  }
  if (values.length > 0) yield `${into} ${values.join(',')}`
  if (texts > 0) yield `DELETE FROM ${PIECES}`
}

function literal(value: SQLOutputValue): string {
  if (value === null) return 'NULL'
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  if (typeof value !== 'string') return `X'${Buffer.from(value).toString('hex')}'`
  // SQL text ends at a NUL.
  if (value.includes('\0')) return `CAST(X'${Buffer.from(value).toString('hex')}' AS TEXT)`
  return `'${value.replaceAll("'", "''")}'`
}

/** Cuts a text into pieces, and no character in two. */
function piecesOf(text: string): readonly string[] {
  const pieces: string[] = []
  for (let from = 0; from < text.length;) {
    const end = from + PIECE
    const isSurrogate = /[\uD800-\uDBFF]/.test(text.charAt(end - 1))
    pieces.push(text.slice(from, isSurrogate ? end - 1 : end))
    from = isSurrogate ? end - 1 : end
  }
  return pieces
}
