/** Writes src/passwords/common.ts from a list of passwords. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hash, makeFilter } from '../src/passwords/bloom.ts'
import { SHORTEST_PASSWORD } from '../src/passwords/rule.ts'
import { readOptions } from './lib/command-line.mjs'

const USAGE = `Writes src/passwords/common.ts, a filter of the commonest passwords.

  node scripts/common-passwords.ts <list>

  <list>   JSON, the commonest first: src/passwords.json of the npm package @zxcvbn-ts/language-common (MIT)`
const { positionals } = readOptions(USAGE, { allowPositionals: true, options: {} })

/** Pieces of passwords: the commonest that have four characters or more. */
const COMMONEST = 2000
const SHORTEST = 4
const BYTES = 4096

const [file] = positionals
if (file === undefined) throw new Error(USAGE)
const list = JSON.parse(readFileSync(file, 'utf8')) as readonly string[]
const pieces = list.filter((text) => text.length >= SHORTEST).slice(0, COMMONEST)
const filter = Buffer.from(makeFilter(pieces, BYTES)).toString('base64')
// Few of them are long enough to be chosen, so they need no filter, which takes some passwords for others.
const hashes = list.filter((text) => text.length >= SHORTEST_PASSWORD).map((text) => hash(text))
writeFileSync(
  join(import.meta.dirname, '..', 'src', 'passwords', 'common.ts'),
  `/** Which passwords are the commonest. Written by scripts/common-passwords.ts from the list of @zxcvbn-ts/language-common 4.1.3 (MIT;
 *  Copyright (c) 2012-2016 Dan Wheeler and Dropbox, Inc., Copyright (c) 2021 @zxcvbn-ts). */
import { decodeBase64 } from '../bytes.ts'
import { hash, isInFilter } from './bloom.ts'

const PIECES =
  '${filter}'
// Decoded when the first password is chosen: most isolates see none.
let pieces: ReturnType<typeof decodeBase64>
const whole: ReadonlySet<number> = new Set([${hashes.join(', ')}])

/** Whether this is one of the ${hashes.length} commonest passwords of ${SHORTEST_PASSWORD} characters or more, in lower case. */
export const isCommon = (text: string): boolean => whole.has(hash(text))

/** Whether this is one of the ${pieces.length} commonest passwords, in lower case. Of others, one in two thousand is taken for one. */
export function isCommonPiece(text: string): boolean {
  pieces ??= decodeBase64(PIECES)
  return pieces !== undefined && isInFilter(pieces, text)
}
`,
)
