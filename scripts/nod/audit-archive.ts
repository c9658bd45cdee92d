import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { endWithUsage } from '../lib/command-line.mjs'
import { Fault } from '../lib/tools.mjs'
import { NodClient, URL_OPTION, URL_USAGE } from './client.ts'
import { command } from './command.ts'

/** A part as Nod lists it. */
interface Part {
  readonly key: string
  readonly day: string
  readonly part: number
  readonly records: number
  readonly first: string
  readonly last: string
  readonly bytes: number
  readonly sha256: string
}

interface Archive {
  readonly bucket: boolean
  readonly archive_mode: string
  readonly kept_days: number | null
  readonly oldest: string | null
  readonly ran_at: string | null
  readonly failed_since: string | null
  readonly failure: string | null
  readonly parts: readonly Part[]
}

/** No part is as long: more would fill the memory of this machine. */
const MAX_PART_BYTES = 256 * 1024 * 1024

const PATH = '/deployment/audit/archive'

/** Reads how the archive stands, and its parts in order of time; of one day if it is given. */
async function readArchive(nod: NodClient, day?: string): Promise<Archive> {
  const parts: Part[] = []
  let last: Part | undefined
  for (;;) {
    const after: Record<string, string> =
      last === undefined ? {} : { after_day: last.day, after_part: String(last.part) }
    const archive = (await nod.get(PATH, after)) as Archive
    parts.push(...archive.parts)
    last = archive.parts.at(-1)
    if (last === undefined) return { ...archive, parts: parts.filter((part) => day === undefined || part.day === day) }
  }
}

/** Fetches a part as it is stored. Throws a Fault if it is not what the manifest says. */
async function fetchPart(nod: NodClient, { day, part, key, sha256 }: Part): Promise<Buffer> {
  const response = await nod.fetch('GET', `${PATH}/${day}/${part}`)
  const bytes = Buffer.from(await response.arrayBuffer())
  if (response.status !== 200) throw new Fault(`${key}: HTTP ${response.status} ${bytes.toString().slice(0, 300)}`)
  const found = createHash('sha256').update(bytes).digest('hex')
  if (found !== sha256) throw new Fault(`${key}: its SHA-256 is ${found}, but the manifest says ${sha256}`)
  return bytes
}

/** Where a part is written: never outside of the folder, whatever the deployment names it. */
function fileOf({ key }: Part): string {
  if (/^audit\/\d{4}\/\d\d\/\d\d\/\d{4,6}\.ndjson\.gz$/.test(key)) return key
  throw new Fault(`${JSON.stringify(key)} is not the key of a part`)
}

const retention = ({ kept_days, bucket, archive_mode: mode, oldest }: Archive): string =>
  `${kept_days === null ? 'kept for ever' : `kept for ${kept_days} days`}; ` +
  `${bucket ? 'a bucket is bound' : 'no bucket is bound'}, AUDIT_ARCHIVE_MODE=${mode}; ` +
  `oldest record not archived: ${oldest ?? 'none'}`

const failed = ({ failed_since, failure }: Archive): string | undefined =>
  failed_since === null ? undefined : `Nothing is archived or deleted since ${failed_since}: ${failure}`

/** What `doctor` says of retention. Throws a Fault while records cannot be archived. */
export async function checkArchive(nod: NodClient): Promise<string> {
  const archive = (await nod.get(PATH, { after_day: '9999-12-31' })) as Archive
  const failure = failed(archive)
  if (failure !== undefined) throw new Fault(failure)
  return retention(archive)
}

export const auditArchive = command({
  name: 'audit-archive',
  summary: 'Lists the parts of the audit that were archived, or fetches them.',
  usage: `  npm run nod -- audit-archive list [options]
  npm run nod -- audit-archive get [options]

list   a line for each part: its key, its records, when the first and the last of them ended, its bytes
get    the records as lines of JSON; each part is compared with its SHA-256

  --day <day>      parts of this day (UTC) only, such as 2026-11-28
  --out <folder>   with get: writes the parts there as they are in the bucket, compressed
${URL_USAGE}`,
  options: { ...URL_OPTION, day: { type: 'string' }, out: { type: 'string' } },
  positionals: ['list|get'],
  async run({ url, day, out }, [action = '']) {
    if (action !== 'list' && action !== 'get') endWithUsage(`Expected list or get, not ${JSON.stringify(action)}`)
    if (day !== undefined && !/^\d{4}-\d\d-\d\d$/.test(day)) endWithUsage('--day: expected a day such as 2026-11-28')
    const nod = new NodClient(url)
    const archive = await readArchive(nod, day)
    if (action === 'list') {
      for (const { key, records, first, last, bytes } of archive.parts)
        console.log(`${key}  ${records} records  ${first}  ${last}  ${bytes} bytes`)
      console.log(`${archive.parts.length} parts; ${retention(archive)}`)
      const failure = failed(archive)
      if (failure !== undefined) throw new Fault(failure)
      return
    }
    for (const part of archive.parts) {
      const bytes = await fetchPart(nod, part)
      if (out === undefined) process.stdout.write(gunzipSync(bytes, { maxOutputLength: MAX_PART_BYTES }))
      else {
        const file = join(out, fileOf(part))
        mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
        writeFileSync(file, bytes, { mode: 0o600 })
      }
    }
    if (out !== undefined) console.log(`${archive.parts.length} parts are in ${out}`)
  },
})
