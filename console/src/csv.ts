/** Reads and writes CSV. Source: RFC 4180. */

export interface CsvRow {
  /** The number of its first line, from 1. */
  readonly line: number
  readonly cells: readonly string[]
  /** A quotation mark is not closed. */
  readonly isOpen?: boolean
}

/** The rows of a CSV text, without empty ones. The separator is the one of comma, semicolon and tab that the first line has most of:
 *  spreadsheets in German write semicolons. */
export function readCsv(text: string): readonly CsvRow[] {
  const content = text.replace(/^\u{FEFF}/u, '')
  const separator = separatorOf(content.split(/\r?\n/, 1)[0] ?? '')
  const rows: CsvRow[] = []
  let cells: string[] = []
  let cell = ''
  let isQuoted = false
  let line = 1
  let begin = 1
  const endRow = (isOpen: boolean) => {
    cells.push(cell.trim())
    if (cells.some((one) => one !== '')) rows.push({ line: begin, cells, ...(isOpen ? { isOpen } : {}) })
    cells = []
    cell = ''
    begin = line
  }
  for (let index = 0; index < content.length; index += 1) {
    const letter = content[index] ?? ''
    if (letter === '\n') line += 1
    if (isQuoted) {
      if (letter !== '"') cell += letter
      else if (content[index + 1] === '"') {
        cell += letter
        index += 1
      } else isQuoted = false
    } else if (letter === '"' && cell.trim() === '') {
      cell = ''
      isQuoted = true
    } else if (letter === separator) {
      cells.push(cell.trim())
      cell = ''
    } else if (letter === '\n') endRow(false)
    else cell += letter
  }
  endRow(isQuoted)
  return rows
}

function separatorOf(line: string): string {
  const [most = ','] = [',', ';', '\t'].toSorted((one, other) => line.split(other).length - line.split(one).length)
  return most
}

/** Rows as CSV. A spreadsheet takes a cell that begins with one of these signs for a formula: an apostrophe stops it. */
export const writeCsv = (rows: readonly (readonly string[])[]): string =>
  rows.map((cells) => `${cells.map(cellOf).join(',')}\r\n`).join('')

function cellOf(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
