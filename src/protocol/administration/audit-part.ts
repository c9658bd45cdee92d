/** How the archive of the audit is spelled: parts of a day, each a gzip of lines of JSON. */

import { gzip } from '../../bytes.ts'
import type { Bytes } from '../../vocabulary.ts'

type Row = Readonly<Record<string, string | number | null>>

/** The rows of a part. */
export interface PartContent {
  /** `2026-11-28`, UTC. */
  readonly day: string
  /** From 1. */
  readonly part: number
  readonly records: readonly Row[]
  readonly links: readonly Row[]
  readonly heads: readonly Row[]
}

const PART_PREFIX = 'audit/'

/** The key of a part: `audit/2026/11/28/0001.ndjson.gz`. Keys are in the order of time. */
export const partKey = (day: string, part: number): string =>
  `${PART_PREFIX}${day.replaceAll('-', '/')}/${String(part).padStart(4, '0')}.ndjson.gz`

/** Makes the bytes of a part: what it is, its records as the table `audit` has them, the links of the chain that hold them, and the
 *  signed heads of its day. */
export function packPart({ day, part, records, links, heads }: PartContent): Promise<Bytes> {
  const first = records[0]?.['at'] ?? null
  const last = records.at(-1)?.['at'] ?? null
  const lines = [
    { part: { format: 'nod-audit/1', day, part, records: records.length, first, last } },
    ...records.map((record) => ({ record })),
    ...links.map((link) => ({ link })),
    ...heads.map((head) => ({ head })),
  ]
  return gzip(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
}

/** The part that a key names; undefined for another key. */
export function partOfKey(key: string): Pick<PartContent, 'day' | 'part'> | undefined {
  const [, day = '', part] = /^audit\/(\d{4}\/\d\d\/\d\d)\/(\d{4,})\.ndjson\.gz$/.exec(key) ?? []
  return part === undefined ? undefined : { day: day.replaceAll('/', '-'), part: Number(part) }
}
