import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { Fault } from '../lib/tools.mjs'

/** A row of D1 has two megabytes at most. */
const MAX_LINE = 16 * 1024 * 1024

/** The lines of a gzip file. They end with a line feed alone: `node:readline` would also end them at U+2028, which JSON contains as it
 *  is. Throws a Fault for a line that no row of D1 can be. */
export async function* linesIn(file: string): AsyncGenerator<string> {
  const source: AsyncIterable<Buffer> = createReadStream(file).pipe(createGunzip())
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  for await (const chunk of source) {
    // Only what is new is searched: a long line comes in a thousand chunks.
    const [first = '', ...lines] = decoder.decode(chunk, { stream: true }).split('\n')
    rest += first
    // Compressed it may be small; it would fill the memory of this machine.
    if (rest.length > MAX_LINE) throw new Fault('It has a line that is longer than any row of D1')
    if (lines.length === 0) continue
    yield rest
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}
