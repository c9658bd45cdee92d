import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, it } from 'vitest'
import { archiveLines } from '../../scripts/nod/verify-audit/sources.ts'

const folder = mkdtempSync(join(tmpdir(), 'nod-archive-lines-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('a record of the archive is read whole, also where somebody has named a user with a line separator in it', async () => {
  const record = { at: 1, shard: 'weur/0', sequence: 1, action: 'POST /auth', success: 0, authentication: 'REJECT' }
  const records = ['ada', 'line\u2028end', 'paragraph\u2029end'].map((login) => ({ ...record, login }))
  const lines = [{ part: {} }, ...records.map((one) => ({ record: one }))]
  mkdirSync(join(folder, 'audit/2026/11/28'), { recursive: true })
  const packed = gzipSync(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  writeFileSync(join(folder, 'audit/2026/11/28/0001.ndjson.gz'), packed)
  const read: unknown[] = []
  for await (const line of archiveLines(folder)) if (line.record !== undefined) read.push(line.record)
  expect(read).toEqual(records)
})
