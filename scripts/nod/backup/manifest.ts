/** `manifest.json`: what a backup consists of. It is written last, so a backup without it was not finished. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { Fault } from '../../lib/tools.mjs'

const MANIFEST = 'manifest.json'
const FORMAT = 1

const partSchema = z.strictObject({
  /** Below the backup's folder: `tokens-0001.ndjson.gz`. */
  file: z.string().regex(/^[a-z0-9_]+-\d{4}\.ndjson\.gz$/),
  table: z.string(),
  columns: z.array(z.string()),
  rows: z.int().nonnegative(),
  /** Bytes and SHA-256 of the file. */
  bytes: z.int().nonnegative(),
  sha256: z.string(),
})

const manifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  /** When the database was read, ISO 8601. */
  taken: z.string(),
  /** The version of Nod that made the backup. */
  nod: z.string(),
  /** `local` or `remote`. */
  source: z.enum(['local', 'remote']),
  /** The migrations of the database, in the order in which they were applied. */
  migrations: z.array(z.string()),
  /** Of the table `deployment`; no epoch in a database older than that column. */
  revision: z.int(),
  epoch: z.int().optional(),
  /** The rows of each table. */
  rows: z.record(z.string(), z.int()),
  /** The ids of the master keys that values in it are sealed with; `unnamed` for those that name none. */
  masterKeys: z.array(z.string()),
  parts: z.array(partSchema),
})

export type Part = z.infer<typeof partSchema>
export type Manifest = z.infer<typeof manifestSchema>

const digestOf = (manifest: Manifest): string =>
  createHash('sha256')
    .update(JSON.stringify(manifestSchema.parse(manifest)))
    .digest('hex')

/** Writes the manifest, with a check sum of itself. */
export function writeManifest(folder: string, manifest: Omit<Manifest, 'format'>): void {
  const complete = manifestSchema.parse({ format: FORMAT, ...manifest })
  const text = `${JSON.stringify({ ...complete, sha256: digestOf(complete) }, null, 2)}\n`
  writeFileSync(join(folder, MANIFEST), text, { mode: 0o600, flush: true })
}

/** Reads the manifest of a backup. Throws a Fault for a folder that is none, and for a manifest that was changed. */
export function readManifest(folder: string): Manifest {
  const file = join(folder, MANIFEST)
  if (!existsSync(file))
    throw new Fault(`${folder} is no backup: it has no ${MANIFEST}, which is written when all else is there`)
  const fields = parsed(file)
  if (fields['format'] !== FORMAT)
    throw new Fault(`${file} has the format ${String(fields['format'])}; this Nod reads ${FORMAT}`)
  const { sha256, ...rest } = fields
  const manifest = manifestSchema.safeParse(rest)
  if (!manifest.success || digestOf(manifest.data) !== sha256)
    throw new Fault(`${file} was changed: it does not match its own check sum`)
  return manifest.data
}

function parsed(file: string): Readonly<Record<string, unknown>> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    throw new Fault(`${file} was changed or cut off: it is not JSON`)
  }
}
