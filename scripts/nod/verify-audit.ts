import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { endWithUsage } from '../lib/command-line.mjs'
import { stateFolder } from '../lib/state.mjs'
import { Fault } from '../lib/tools.mjs'
import { loadBackup } from './backup/load.ts'
import { databaseFile, openSnapshot } from './backup/local.ts'
import { readManifest } from './backup/manifest.ts'
import { NodClient, URL_OPTION, URL_USAGE } from './client.ts'
import { command } from './command.ts'
import { printable } from './printable.ts'
import { type HeadClaims, keyIdOf, readHead, thumbprintOf } from './verify-audit/format.ts'
import { archiveLines, type AuditSource, type AuditState, fileSource, httpSource } from './verify-audit/sources.ts'
import { AuditVerifier, type Report } from './verify-audit/verifier.ts'

const DAY_MS = 86_400_000

export const verifyAudit = command({
  name: 'verify-audit',
  summary: 'Proves that no record of the audit was changed, removed or added, and ends with 1 if one was.',
  usage: `  npm run nod -- verify-audit [options]

  --head <file>      a head that was kept elsewhere: what \`npm run nod -- audit-head --out <file>\` wrote, or
                     what AUDIT_HEAD_URL was sent.
                     Without one nobody can tell whether the audit was cut off or written anew as a whole
  --archive <folder> what retention has archived (\`npm run nod -- audit-archive get\`)
  --days <number>    the fewest days that AUDIT_DAYS ever was, if it is more now: older records may be gone
  --state <folder>   read the database of a state folder of \`npm start\`, instead of asking the deployment
  --backup <folder>  read the database of a backup
${URL_USAGE}`,
  options: {
    ...URL_OPTION,
    head: { type: 'string' },
    archive: { type: 'string' },
    days: { type: 'string' },
    state: { type: 'string' },
    backup: { type: 'string' },
  },
  async run({ url, head, archive, days, state, backup }) {
    if (days !== undefined && !/^\d{1,5}$/.test(days)) endWithUsage('--days takes a number of days')
    if ([url, state, backup].filter((one) => one !== undefined).length > 1)
      endWithUsage('--url, --state and --backup exclude each other')
    for (const path of [head, archive])
      if (path !== undefined && !existsSync(path)) throw new Fault(`${path} does not exist`)
    const kept = days === undefined ? undefined : Number(days)
    const report = await withSource({ url, state, backup }, async (source) => {
      const found = await source.state(kept)
      return compare(source, found, archive, head === undefined ? undefined : await keptHead(head, found))
    })
    print(report, head !== undefined)
    if (report.findings.length > 0)
      throw new Fault(`The audit is not what was written: ${report.findings.length} findings`)
  },
})

interface Place {
  readonly url: string | undefined
  readonly state: string | undefined
  readonly backup: string | undefined
}

async function withSource<T>({ url, state, backup }: Place, work: (source: AuditSource) => Promise<T>): Promise<T> {
  if (state === undefined && backup === undefined) return work(httpSource(new NodClient(url)))
  const folder = mkdtempSync(join(tmpdir(), 'nod-audit-'))
  let db: DatabaseSync | undefined
  try {
    db =
      backup === undefined
        ? openSnapshot(databaseFile(stateFolder(state || process.env['NOD_STATE'])))
        : await loadBackup(backup, readManifest(backup), join(folder, 'backup.sqlite'))
    return await work(fileSource(db))
  } finally {
    db?.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Links first, then records, then links that were made meanwhile: a deployment goes on while it is read. */
async function compare(
  source: AuditSource,
  { numbers, deletedBefore }: AuditState,
  archive: string | undefined,
  head: HeadClaims | undefined,
): Promise<Report> {
  const verifier = new AuditVerifier()
  let oldest = Number.POSITIVE_INFINITY
  if (archive !== undefined) {
    for await (const { link, record } of archiveLines(archive)) {
      if (link !== undefined) verifier.addLink(link)
      if (record !== undefined) oldest = Math.min(oldest, record.at)
    }
  }
  for await (const link of source.links()) verifier.addLink(link)
  if (archive !== undefined) {
    for await (const { record } of archiveLines(archive)) if (record !== undefined) verifier.addRecord(record)
  }
  for await (const record of source.records()) verifier.addRecord(record)
  if (source.isLive) for await (const link of source.links()) verifier.addLink(link, true)
  // Nothing is missing from an archive but what was deleted before there was one.
  const archivedSince = Number.isFinite(oldest) ? Math.floor(oldest / DAY_MS) * DAY_MS : Number.POSITIVE_INFINITY
  return verifier.verify({ now: Date.now(), deletedBefore: Math.min(deletedBefore, archivedSince), numbers, head })
}

const keptSchema = z.object({ head: z.string(), keys: z.array(z.object({ jwk: z.unknown() })) })

/** Reads a kept head. Throws a Fault for a file that is none, and for one that its key did not sign. */
async function keptHead(file: string, { keys }: AuditState): Promise<HeadClaims> {
  const text = readFileSync(file, 'utf8').trim()
  const kept = text.includes('{') ? keptSchema.safeParse(jsonIn(text)) : undefined
  if (kept?.success === false)
    throw new Fault(`${file} is no head: expected what \`npm run nod -- audit-head\` answers`)
  const jws = kept?.data.head ?? text
  const id = keyIdOf(jws)
  if (id === undefined) throw new Fault(`${file} is no head: expected what \`npm run nod -- audit-head\` answers`)
  if (kept === undefined) console.log(`The key of ${file} is the one that the database names: keep the key as well.`)
  const key = (kept?.data.keys.map(({ jwk }) => jwk) ?? keys).find((jwk) => thumbprintOf(jwk) === id)
  if (key === undefined) throw new Fault(`${file} is signed by the key ${id}, which is not there`)
  const claims = await readHead(jws, key)
  if (claims === undefined) throw new Fault(`${file} is not signed by its key: it was changed`)
  return claims
}

/** The JSON of a text. `npm run` prints what it runs in front of it. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text.slice(text.indexOf('{')))
  } catch {
    return undefined
  }
}

const timeOf = (at: number | undefined): string => (at === undefined ? 'never' : new Date(at).toISOString())
const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`

function print(report: Report, hasHead: boolean): void {
  for (const { kind, shard, text } of report.findings) console.log(printable(`FOUND   ${kind}: ${shard}: ${text}`))
  console.log(
    report.proven === 0
      ? 'proven  nothing: no record is linked'
      : `proven  ${counted(report.proven, 'record')} of ${counted(report.chains, 'chain')}, from ${timeOf(report.from)} to ${timeOf(report.until)}`,
  )
  const open = [
    ...(report.unlinked > 0 ? [`${counted(report.unlinked, 'record')} that the next hourly round links`] : []),
    ...(report.before > 0 ? [`${counted(report.before, 'record')} from before Nod proved its audit`] : []),
    ...(report.deleted > 0 ? [`${counted(report.deleted, 'record')} that retention has deleted`] : []),
    ...(hasHead ? [] : ['whether the audit was cut off or written anew as a whole: that takes a kept head (--head)']),
    ...Object.entries(report.erased).map(([field, count]) => `${field} of ${counted(count, 'record')}: erased`),
    ...report.notes,
  ]
  for (const text of open) console.log(printable(`open    ${text}`))
}
