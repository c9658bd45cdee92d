/** `npm run nod -- verify-audit` and `audit-head` against a running Nod, its state folder, a backup and an archive. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { waitUntil } from '../driver/waiting.ts'
import { OwnNod } from './own-nod.ts'

let own: OwnNod
let head = ''
beforeAll(async () => {
  own = await OwnNod.start({ TRANSACTION_SHARDS: '1', AUDIT_STRANGER_RECORDS_PER_HOUR: '100000' })
  // A hundred records are handed over at once: nobody has to wait for the round.
  await refusals(130)
  head = own.path('head.json')
  expect(await own.run(['audit-head', '--out', head])).toMatchObject({ code: 0, stdout: '', stderr: '' })
  // As a shell redirects it from `npm run`.
  writeFileSync(own.path('redirected.json'), `\n> nod@0.1.0 nod\n\n${(await own.run(['audit-head'])).stdout}`)
})
afterAll(() => own.remove())

const countLinks = async () => Number((await own.query('SELECT count(*) AS count FROM audit_chain'))[0]?.['count'])

/** So many refused sign-ins, of which the first hundred are in the database when this is done. */
async function refusals(count: number): Promise<void> {
  const before = await countLinks()
  for (let sent = 0; sent < count; sent += 10) {
    await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        own.driver.service.call('POST', '/auth', { form: { username: `x${sent + index}`, password: 'x' } }),
      ),
    )
  }
  expect(await waitUntil(async () => (await countLinks()) > before)).toBe(true)
}

/** The rows of the shard that has the most. */
const busiest = async (): Promise<string> =>
  String((await own.query('SELECT shard FROM audit_chain ORDER BY count DESC LIMIT 1'))[0]?.['shard'])
const proven = /^proven {2}\d+ records? of \d+ chains?, from .*Z to .*Z$/m

it('proves the audit of a running Nod, and says what nobody can tell without a kept head', async () => {
  const { code, stdout, stderr } = await own.run(['verify-audit'])
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(proven)
  expect(stdout).toMatch(/^open {4}.*that takes a kept head \(--head\)$/m)
  const kept = await own.run(['verify-audit', '--head', head])
  expect(kept).toMatchObject({ code: 0, stderr: '' })
  expect(kept.stdout).not.toContain('--head')
  expect((await own.run(['verify-audit', '--head', own.path('redirected.json')])).code).toBe(0)
})

it('proves a state folder, and a backup', async () => {
  expect((await own.run(['verify-audit', '--state', own.state, '--head', head])).stdout).toMatch(proven)
  const backup = own.path('backup')
  expect((await own.run(['backup', '--out', backup])).code).toBe(0)
  const { code, stdout } = await own.run(['verify-audit', '--backup', backup, '--head', head])
  expect([code, stdout]).toEqual([0, expect.stringMatching(proven)])
})

it('finds a record that was changed, and ends with 1', async () => {
  const shard = await busiest()
  const where = `WHERE shard = '${shard}' AND sequence = (SELECT min(first) FROM audit_chain WHERE shard = '${shard}')`
  const [row] = await own.query(`SELECT info FROM audit ${where}`)
  await own.query(`UPDATE audit SET info = 'forged' ${where}`)
  const { code, stdout, stderr } = await own.run(['verify-audit'])
  expect(code).toBe(1)
  expect(stdout).toMatch(new RegExp(String.raw`^FOUND {3}changed: ${shard}: .* was changed after it was linked$`, 'm'))
  expect(stderr).toContain('The audit is not what was written: 1 finding')
  await own.query(`UPDATE audit SET info = '${String(row?.['info'])}' ${where}`)
  expect((await own.run(['verify-audit'])).code).toBe(0)
})

it('takes what was archived for what was deleted', async () => {
  const archive = own.path('archive')
  mkdirSync(`${archive}/audit/2026/11/28`, { recursive: true })
  const shard = await busiest()
  const records = await own.query(`SELECT * FROM audit WHERE shard = '${shard}' ORDER BY sequence LIMIT 20`)
  const links = await own.query(`SELECT * FROM audit_chain WHERE shard = '${shard}' AND number = 1`)
  const lines = [{ part: {} }, ...records.map((record) => ({ record })), ...links.map((link) => ({ link }))]
  const file = `${archive}/audit/2026/11/28/0001.ndjson.gz`
  const packed = gzipSync(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  writeFileSync(file, packed)
  for (const row of records)
    await own.query(`DELETE FROM audit WHERE shard = '${shard}' AND sequence = ${Number(row['sequence'])}`)
  expect((await own.run(['verify-audit'])).code).toBe(1)
  expect(await own.run(['verify-audit', '--archive', archive, '--head', head])).toMatchObject({ code: 0, stderr: '' })
  const [record, ...rest] = records
  const forged = [
    { record: { ...record, info: 'forged' } },
    ...rest.map((one) => ({ record: one })),
    { link: links[0] },
  ]
  writeFileSync(file, gzipSync(forged.map((line) => `${JSON.stringify(line)}\n`).join('')))
  expect((await own.run(['verify-audit', '--archive', archive])).stdout).toContain('FOUND   changed')
  writeFileSync(file, packed.subarray(0, -20))
  const cut = await own.run(['verify-audit', '--archive', archive])
  expect([cut.code, cut.stderr]).toEqual([1, expect.stringContaining('0001.ndjson.gz cannot be read')])
  for (const row of records) {
    const names = Object.keys(row).map((name) => `"${name}"`)
    const values = Object.values(row).map((value) =>
      value === null ? 'NULL' : typeof value === 'number' ? String(value) : `'${String(value).replaceAll("'", "''")}'`,
    )
    await own.query(`INSERT INTO audit (${names.join(', ')}) VALUES (${values.join(', ')})`)
  }
})

it('finds an end that was cut off, by the kept head alone', async () => {
  const shard = await busiest()
  const { head: jws } = JSON.parse(readFileSync(head, 'utf8')) as { head: string }
  const { chains } = JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString()) as {
    chains: Record<string, { number: number }>
  }
  const since = `shard = '${shard}' AND number >= ${chains[shard]?.number}`
  await own.query(
    `DELETE FROM audit WHERE shard = '${shard}' AND sequence >= (SELECT min(first) FROM audit_chain WHERE ${since})`,
  )
  await own.query(`DELETE FROM audit_chain WHERE ${since}`)
  expect((await own.run(['verify-audit'])).code).toBe(0)
  const { code, stdout } = await own.run(['verify-audit', '--head', head])
  expect([code, stdout]).toEqual([1, expect.stringMatching(new RegExp(`^FOUND {3}cut: ${shard}: `, 'm'))])
})

it('takes no head that was changed, and none that is none', async () => {
  const text = readFileSync(head, 'utf8')
  const { head: jws } = JSON.parse(text) as { head: string }
  const [start = '', claims = '', end = ''] = jws.split('.')
  const changed = { ...(JSON.parse(Buffer.from(claims, 'base64url').toString()) as object), chains: {} }
  const forged = [start, Buffer.from(JSON.stringify(changed)).toString('base64url'), end].join('.')
  const file = own.path('forged.json')
  writeFileSync(file, text.replace(jws, forged))
  expect((await own.run(['verify-audit', '--head', file])).stderr).toContain('is not signed by its key')
  writeFileSync(file, '{"head":1}')
  expect((await own.run(['verify-audit', '--head', file])).stderr).toContain('is no head')
  // A bare JWS, as a webhook gets it.
  writeFileSync(file, jws)
  expect((await own.run(['verify-audit', '--head', file])).stdout).toContain('keep the key as well')
  expect((await own.run(['verify-audit', '--days', 'x'])).code).toBe(2)
  expect((await own.run(['verify-audit', '--url', own.url, '--state', own.state])).code).toBe(2)
})
