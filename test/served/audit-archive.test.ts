import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitUntil } from '../driver/waiting.ts'
import { World } from '../faults/world.ts'
import { nod } from './nod-command.ts'

const DAY = Date.UTC(2020, 0, 31)
const FOLDER = mkdtempSync(join(tmpdir(), 'nod-archive-'))
let world: World
const run = (...args: readonly string[]) =>
  nod(['audit-archive', ...args], { NOD_URL: world.url, ADMIN_LOGIN: 'admin', ADMIN_PASSWORD: 'adminpw-of-tests' })

beforeAll(async () => {
  world = await World.open()
  const rows = [0, 1, 86_400_000].map((at) => `(${DAY + at}, 'weur/0', ${at}, 'POST /auth', 0, 'REJECT', 'at ${at}')`)
  await world.sql(
    `INSERT INTO audit (at, shard, sequence, action, success, authentication, info) VALUES ${rows.join(', ')}`,
  )
  await world.beginRounds()
  await waitUntil(async () => (await world.sql('SELECT 1 FROM audit_parts')).length === 2)
})
afterAll(async () => {
  await world.close()
  rmSync(FOLDER, { recursive: true, force: true })
})

describe('npm run nod -- audit-archive', () => {
  it('lists the parts, and says how retention stands', async () => {
    const { code, stdout } = await run('list')
    expect(code).toBe(0)
    expect(stdout.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^audit\/2020\/01\/31\/0001\.ndjson\.gz {2}2 records {2}2020-01-31T00:00:00.* bytes$/),
      expect.stringMatching(/^audit\/2020\/02\/01\/0001\.ndjson\.gz {2}1 records /),
      expect.stringMatching(/^2 parts; kept for 365 days; a bucket is bound, AUDIT_ARCHIVE_MODE=required; oldest .*20/),
    ])
  })

  it('prints the records of a day as lines of JSON', async () => {
    const { stdout } = await run('get', '--day', '2020-02-01')
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines).toMatchObject([{ part: { format: 'nod-audit/1', records: 1 } }, { record: { info: 'at 86400000' } }])
  })

  it('writes the parts into a folder as they are in the bucket', async () => {
    const { stdout } = await run('get', '--out', FOLDER)
    expect(stdout).toBe(`2 parts are in ${FOLDER}\n`)
    const text = gunzipSync(readFileSync(join(FOLDER, 'audit/2020/01/31/0001.ndjson.gz'))).toString()
    expect(text.match(/"info":"at \d"/g)).toEqual(['"info":"at 0"', '"info":"at 1"'])
  })

  it('says where a part is not what the manifest says', async () => {
    await world.sql("UPDATE audit_parts SET sha256 = 'another' WHERE day = '2020-02-01'")
    const { code, stderr } = await run('get', '--day', '2020-02-01')
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/0001\.ndjson\.gz: its SHA-256 is [0-9a-f]{64}, but the manifest says another/),
    ])
  })

  it('takes list or get, and a day', async () => {
    expect(await run('fetch')).toMatchObject({ code: 2, stderr: expect.stringContaining('Expected list or get') })
    expect(await run('list', '--day', 'today')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('2026-11-28'),
    })
  })

  it('stands in what doctor checks', async () => {
    const { stdout } = await nod(['doctor'], {
      NOD_URL: world.url,
      ADMIN_LOGIN: 'admin',
      ADMIN_PASSWORD: 'adminpw-of-tests',
    })
    expect(stdout).toMatch(/^ok +audit archive: kept for 365 days; a bucket is bound/m)
  })
})
