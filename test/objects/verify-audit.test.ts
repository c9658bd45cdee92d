/** The verifier, which shares no code with Nod, reads what Nod wrote, and finds what somebody has changed by SQL. */
import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { linkSchema, readHead, recordSchema } from '../../scripts/nod/verify-audit/format.ts'
import { AuditVerifier, type Circumstances, type Report } from '../../scripts/nod/verify-audit/verifier.ts'
import { decodeBase64, encodeBase64Url, utf8 } from '../../src/bytes.ts'
import { nextLink } from '../../src/storage/audit-chain.ts'
import { type AuditRow, committedValues, fieldSalt, saltSource } from '../../src/storage/audit-commitments.ts'
import { fields } from '../simulation/reply.ts'
import type { Service } from '../simulation/service.ts'
import { equip, type Holder, logIn, openService } from './http-world.ts'
import { housekeeping, ports, valueOf } from './world.ts'

type Row = Record<string, string | number | null>

let service: Service
let ada: Holder

const SHARDS = ['weur/0', 'weur/1', 'enam/0', 'enam/1'].map((name) =>
  env.TRANSACTIONS.get(env.TRANSACTIONS.idFromName(name)),
)
const rows = async (table: string) => (await env.DB.prepare(`SELECT * FROM ${table}`).all<Row>()).results
const run = (sql: string, ...values: (string | number | null)[]) =>
  env.DB.prepare(sql)
    .bind(...values)
    .run()
function insertRow(table: string, row: Row) {
  const names = Object.keys(row)
  const places = names.map(() => '?').join(', ')
  return run(`INSERT INTO ${table} ("${names.join('", "')}") VALUES (${places})`, ...Object.values(row))
}

async function handOver(): Promise<void> {
  for (const name of ['weur', 'enam', 'wnam', 'sam', 'eeur', 'apac', 'oc', 'afr', 'me'])
    for (const number of [0, 1])
      await runDurableObjectAlarm(env.TRANSACTIONS.get(env.TRANSACTIONS.idFromName(`${name}/${number}`)))
}

async function verify(more: Partial<Circumstances> = {}): Promise<Report> {
  const verifier = new AuditVerifier()
  for (const link of await rows('audit_chain')) verifier.addLink(linkSchema.parse(link))
  for (const record of await rows('audit')) verifier.addRecord(recordSchema.parse(record))
  const numbers = valueOf(await ports.audit.numbers())
  return verifier.verify({ now: ports.now(), deletedBefore: 0, numbers, ...more })
}
const kinds = async (more: Partial<Circumstances> = {}) => (await verify(more)).findings.map(({ kind }) => kind)
const texts = async (more: Partial<Circumstances> = {}) =>
  (await verify(more)).findings.map(({ kind, shard, text }) => `${kind}: ${shard}: ${text}`)

/** A head that is signed now, what it says, and the key that proves it. */
async function signHead() {
  const { jws } = valueOf(await ports.auditHeads.sign())
  const [key] = valueOf(await ports.auditHeads.keys())
  const head = await readHead(jws, key?.jwk)
  if (head === undefined) throw new Error('not signed')
  return { head, jws, jwk: key?.jwk }
}

/** Logins of one shard, their rows as they were handed over. */
let logins: readonly Row[] = []
let whole: { readonly audit: readonly Row[]; readonly audit_chain: readonly Row[] } = { audit: [], audit_chain: [] }
let deploymentRow: Row = {}

beforeAll(async () => {
  service = await openService()
  ada = await equip('ada', 'polled', { pin: '1234' })
  const { value } = await service.call('POST', '/token/bypass', { form: { ...ada.who, reason: 'lost phone' } })
  expect((await service.check({ ...ada.who, pass: String(fields(value)['code']) })).authentication).toBe('ACCEPT')
  Object.assign(ports.limits, { shards: 1 })
  // Three hand-overs of one shard, of three records at least.
  for (let round = 0; round < 3; round++) {
    for (let count = 0; count < 3; count++) await logIn(ada)
    await service.call('POST', '/auth', { form: { username: 'ada', password: 'wrong' } })
    await service.call('POST', '/system/setConfig', { form: { DefaultMaxFailCount: String(11 + round) } })
    await handOver()
    if (round === 1) for (const shard of SHARDS) await evictDurableObject(shard)
    await housekeeping()
  }
  whole = { audit: await rows('audit'), audit_chain: await rows('audit_chain') }
  deploymentRow = (await rows('deployment'))[0] ?? {}
  logins = whole.audit
    .filter(({ steps, shard }) => steps !== null && shard !== 'bypass')
    .toSorted((one, other) => Number(one['sequence']) - Number(other['sequence']))
  expect(logins.length).toBe(9)
})

/** The database as it was before anybody has changed it. */
beforeEach(async () => {
  for (const [table, before] of Object.entries(whole)) {
    await run(`DELETE FROM ${table}`)
    for (const row of before) await insertRow(table, row)
  }
  await run('UPDATE deployment SET catalogue_number = ?', deploymentRow['catalogue_number'] ?? 0)
})

const keyOf = (row: Row | undefined) => [row?.['at'] ?? 0, row?.['shard'] ?? '', row?.['sequence'] ?? 0] as const
const KEY = 'WHERE at = ? AND shard = ? AND sequence = ?'
const lastLink = async (shard: string) =>
  env.DB.prepare('SELECT * FROM audit_chain WHERE shard = ? ORDER BY number DESC LIMIT 1').bind(shard).first<Row>()

describe('an audit that nobody has touched', () => {
  it('is proven to its last record, in all its chains', async () => {
    const report = await verify()
    expect(report.findings).toEqual([])
    expect(report).toMatchObject({
      proven: whole.audit.length,
      unlinked: 0,
      before: 0,
      deleted: 0,
      erased: {},
      notes: [],
    })
    expect(report.from).toBe(Math.min(...whole.audit.map(({ at }) => Number(at))))
    expect(report.until).toBe(Math.max(...whole.audit.map(({ at }) => Number(at))))
    expect(report.chains).toBeGreaterThanOrEqual(3)
  })

  it('is where its signed head says, and so it stays when it grows', async () => {
    const { head, jws, jwk } = await signHead()
    expect(await kinds({ head })).toEqual([])
    await service.call('POST', '/system/setConfig', { form: { DefaultMaxFailCount: '20' } })
    expect(await verify({ head })).toMatchObject({ findings: [], unlinked: 1 })
    await housekeeping()
    expect(await verify({ head })).toMatchObject({ findings: [], unlinked: 0 })
    const [start, , end] = jws.split('.')
    const forged = Buffer.from(JSON.stringify({ ...head, at: 1 })).toString('base64url')
    expect(await readHead(`${start}.${forged}.${end}`, jwk)).toBeUndefined()
  })

  it('still is when fields were erased, and says which', async () => {
    const keys = logins.slice(0, 2).map((row) => ({
      at: Number(row['at']),
      shard: String(row['shard']),
      sequence: Number(row['sequence']),
    }))
    valueOf(await ports.audit.erase(keys, ['address', 'stepOrigins']))
    expect(await verify()).toMatchObject({ findings: [], erased: { address: 2, 'steps/2': 2 } })
  })

  it('has records that retention deleted, which are counted, and no longer than retention may', async () => {
    const [oldest] = logins
    await run(`DELETE FROM audit ${KEY}`, ...keyOf(oldest))
    expect(await verify({ deletedBefore: Number(oldest?.['at']) + 1 })).toMatchObject({ findings: [], deleted: 1 })
    expect(await kinds({ deletedBefore: 1 })).toEqual(['missing'])
  })

  it('has records from before its chain', async () => {
    await run(
      `INSERT INTO audit (at, shard, sequence, action, success, authentication) VALUES (1, 'weur/0', 1, 'x', 0, '')`,
    )
    await run(
      `INSERT INTO audit (at, shard, sequence, action, success, authentication) VALUES (1, 'catalogue', 1, 'x', 0, '')`,
    )
    expect(await verify()).toMatchObject({ findings: [], before: 2 })
  })
})

describe('is found:', () => {
  it.each([
    ['success', 0],
    ['action', 'POST /validate/other'],
    ['login', 'eve'],
    ['login', null],
    ['address', '203.0.113.1'],
    ['serial', 'PIPUEVE'],
    ['info', 'expired'],
    ['service', 'other'],
    ['stranger', 1],
    ['count', 7],
    ['salt', null],
    ['salt', 'AAAAAAAAAAAAAAAAAAAAAA'],
    ['steps', null],
    ['steps', '[]'],
    ['steps', 'no JSON'],
  ] as const)('a record whose %s became %s', async (column, value) => {
    await run(`UPDATE audit SET "${column}" = ? ${KEY}`, value, ...keyOf(logins[1]))
    expect(await texts()).toEqual([expect.stringMatching(/^changed: [a-z]+\/0: .* was changed after it was linked$/)])
  })

  it('a step whose address was changed', async () => {
    const steps = String(logins[1]?.['steps'])
    const [address = ''] = /"address":"[^"]*"/.exec(steps) ?? []
    await run(
      `UPDATE audit SET steps = ? ${KEY}`,
      steps.replace(address, '"address":"203.0.113.1"'),
      ...keyOf(logins[1]),
    )
    expect(await kinds()).toEqual(['changed'])
  })

  it('a value in the place of an erased one', async () => {
    const [at, shard, sequence] = keyOf(logins[1])
    valueOf(await ports.audit.erase([{ at: Number(at), shard: String(shard), sequence: Number(sequence) }], ['login']))
    await run(`UPDATE audit SET login = 'eve' ${KEY}`, at, shard, sequence)
    expect(await kinds()).toEqual(['changed'])
  })

  it('a record that was deleted: first, last, or between', async () => {
    for (const index of [0, 4, 8]) {
      await run(`DELETE FROM audit ${KEY}`, ...keyOf(logins[index]))
      expect(await kinds()).toEqual(Array(index === 0 ? 1 : index === 4 ? 2 : 3).fill('missing'))
    }
  })

  it('a change by an administrator that was deleted', async () => {
    await run(`DELETE FROM audit WHERE shard = 'catalogue' AND number = 2`)
    expect(await texts()).toEqual([expect.stringContaining('missing: catalogue: record 2 of link 1')])
  })

  it('a change that was deleted before it was linked, and one behind it', async () => {
    for (const value of ['30', '31', '32'])
      await service.call('POST', '/system/setConfig', { form: { DefaultMaxFailCount: value } })
    const [newest, middle] = (
      await env.DB.prepare(`SELECT number FROM audit WHERE shard = 'catalogue' ORDER BY number DESC LIMIT 3`).all<Row>()
    ).results.map(({ number }) => Number(number))
    await run(`DELETE FROM audit WHERE shard = 'catalogue' AND number = ?`, middle ?? 0)
    expect(await texts()).toEqual([`missing: catalogue: number ${middle} is missing`])
    await run(`DELETE FROM audit WHERE shard = 'catalogue' AND number = ?`, newest ?? 0)
    expect(await texts()).toEqual([`missing: catalogue: the numbers ${middle} to ${newest} are missing`])
    valueOf(await ports.audit.link('catalogue', ports.now()))
    expect(await texts()).toEqual([`missing: catalogue: the numbers ${middle} to ${newest} are missing`])
  })

  it('a record that was put in, with a salt or without', async () => {
    const shard = String(logins[0]?.['shard'])
    const sequence = Number(logins[3]?.['sequence']) + 1
    const insert = `INSERT INTO audit (at, shard, sequence, action, success, authentication, salt) VALUES (?, ?, ?, 'x', 1, 'ACCEPT', ?)`
    await run(insert, logins[3]?.['at'] ?? 0, shard, sequence, null)
    await run(insert, logins[3]?.['at'] ?? 0, shard, sequence + 1, 'AAAAAAAAAAAAAAAAAAAAAA')
    await run(insert, ports.now(), shard, ports.now() * 1000, 'AAAAAAAAAAAAAAAAAAAAAA')
    await run(insert, ports.now(), 'nowhere/0', 1, 'AAAAAAAAAAAAAAAAAAAAAA')
    expect(await kinds()).toEqual(['inserted', 'inserted', 'inserted', 'inserted'])
  })

  it('a change that is kept from its link for days', async () => {
    await service.call('POST', '/system/setConfig', { form: { DefaultMaxFailCount: '40' } })
    expect(await verify()).toMatchObject({ findings: [], unlinked: 1 })
    expect(await kinds({ now: ports.now() + 2 * 86_400_000 })).toContain('inserted')
  })

  it('a value that was cut short by moving its beginning into a salt', async () => {
    const row = whole.audit.find(({ administrator, number }) => administrator === 'admin' && number !== null)
    const source = await saltSource(String(row?.['salt']))
    const salts: Record<string, string> = {}
    for (const [field] of committedValues(row as never)) salts[field] = encodeBase64Url(await fieldSalt(source, field))
    const moved = new Uint8Array([...(decodeBase64(salts['administrator'] ?? '') ?? []), ...utf8('ad')])
    const salt = JSON.stringify({ salts: { ...salts, administrator: encodeBase64Url(moved) }, erased: {} })
    await run(`UPDATE audit SET administrator = 'min', salt = ? ${KEY}`, salt, ...keyOf(row))
    expect(await kinds()).toEqual(['changed'])
  })

  it('a field that Nod never erases, erased as Nod would do it', async () => {
    const row = whole.audit.find(({ administrator, number }) => administrator === 'admin' && number !== null)
    const [at, shard, sequence] = keyOf(row)
    const key = { at: Number(at), shard: String(shard), sequence: Number(sequence) }
    valueOf(await ports.audit.erase([key], ['administrator']))
    expect(await texts()).toEqual([expect.stringMatching(/^changed: catalogue: .* lacks its administrator, which Nod/)])
  })

  it('a name that was erased without the erasure of a user', async () => {
    const [at, shard, sequence] = keyOf(logins[1])
    const key = { at: Number(at), shard: String(shard), sequence: Number(sequence) }
    valueOf(await ports.audit.erase([key], ['login']))
    expect(await texts()).toEqual([expect.stringContaining('no erasure of a user is recorded after it')])
    await service.call('POST', '/deployment/user-data/erase', { form: { user: 'nobody-else', realm: 'sales' } })
    expect(await verify()).toMatchObject({ findings: [], erased: { login: 1 } })
  })

  it('a record without a salt in a shard that has no chain, when Nod had chains already', async () => {
    const insert = `INSERT INTO audit (at, shard, sequence, action, success, authentication) VALUES (?, 'nowhere/0', 1, 'x', 1, 'ACCEPT')`
    await run(insert, ports.now() + 2 * 86_400_000)
    expect(await kinds()).toEqual(['inserted'])
  })

  it('a chain whose beginning was replaced, so that it begins behind the head that was kept', async () => {
    const { head } = await signHead()
    const shard = String(logins[0]?.['shard'])
    const last = await lastLink(shard)
    const forged = { number: Number(last?.['number']), hash: 'forged' }
    await run('DELETE FROM audit_chain WHERE shard = ?', shard)
    await run('DELETE FROM audit WHERE shard = ?', shard)
    const record = { ...logins[0], sequence: Number(last?.['last']) + 1 } as unknown as AuditRow
    const link = await nextLink([record], ports.now(), forged, undefined)
    await insertRow('audit_chain', { ...link })
    await insertRow('audit', { ...record })
    expect(await texts({ head, deletedBefore: 1 })).toEqual([
      expect.stringMatching(`cut: ${shard}: the chain begins with link ${link.number}, which does not follow`),
    ])
    // Where nothing was ever deleted that needs no head.
    expect(await kinds()).toEqual(['missing'])
  })

  it('a chain that was put beside the others, or links behind the last, as if they were older than the head', async () => {
    const { head } = await signHead()
    const record = { ...logins[0], shard: 'apac/9' } as unknown as AuditRow
    const link = await nextLink([record], record.at, { number: 0, hash: '' }, undefined)
    await insertRow('audit_chain', { ...link })
    await insertRow('audit', { ...record })
    expect(await kinds({ head: { ...head, at: head.at + 2 * 3_600_000 } })).toEqual(['inserted'])
  })

  it('two records that changed places', async () => {
    const [one, other] = [logins[1], logins[2]]
    await run(`UPDATE audit SET sequence = 1 ${KEY}`, ...keyOf(one))
    await run(`UPDATE audit SET sequence = ?, at = ? ${KEY}`, one?.['sequence'] ?? 0, one?.['at'] ?? 0, ...keyOf(other))
    await run(
      `UPDATE audit SET sequence = ?, at = ? WHERE shard = ? AND sequence = 1`,
      other?.['sequence'] ?? 0,
      other?.['at'] ?? 0,
      one?.['shard'] ?? '',
    )
    expect(await kinds()).toEqual(['changed', 'changed'])
  })

  it('a link that was changed, moved, deleted, or that forgets a record', async () => {
    const shard = String(logins[0]?.['shard'])
    await run('UPDATE audit_chain SET at = at + 1 WHERE shard = ? AND number = 2', shard)
    expect((await texts())[0]).toBe(`link: ${shard}: link 2 was changed`)
    await run('DELETE FROM audit_chain WHERE shard = ? AND number = 2', shard)
    expect(await texts()).toContain(`missing: ${shard}: the links 2 to 2 are missing`)
  })

  it('a link that changed places with another', async () => {
    const shard = String(logins[0]?.['shard'])
    await run('UPDATE audit_chain SET number = 99 WHERE shard = ? AND number = 2', shard)
    await run('UPDATE audit_chain SET number = 2 WHERE shard = ? AND number = 3', shard)
    await run('UPDATE audit_chain SET number = 3 WHERE shard = ? AND number = 99', shard)
    expect(await kinds()).toContain('link')
  })

  it('an end that was cut off, records and links together, by a head that was kept', async () => {
    const { head } = await signHead()
    const shard = String(logins[0]?.['shard'])
    const last = await lastLink(shard)
    await run('DELETE FROM audit_chain WHERE shard = ? AND number = ?', shard, last?.['number'] ?? 0)
    await run('DELETE FROM audit WHERE shard = ? AND sequence >= ?', shard, last?.['first'] ?? 0)
    expect(await kinds()).toEqual([])
    expect(await texts({ head })).toEqual([
      expect.stringContaining(
        `cut: ${shard}: the chain ends with link ${Number(last?.['number']) - 1}, but the head of`,
      ),
    ])
  })

  it('a chain that was written anew as a whole, by a head that was kept', async () => {
    const { head } = await signHead()
    await run(`DELETE FROM audit_chain WHERE shard = 'catalogue'`)
    await run(`DELETE FROM audit WHERE shard = 'catalogue' AND number = 1`)
    await run(`UPDATE audit SET number = number - 1 WHERE shard = 'catalogue'`)
    await run('UPDATE deployment SET catalogue_number = catalogue_number - 1')
    while (valueOf(await ports.audit.link('catalogue', ports.now())).linked > 0);
    expect(await kinds()).toEqual([])
    expect(['cut', 'rewritten']).toContain((await kinds({ head }))[0])
  })

  it('a database that was put back, by what the next link says, until a head is kept of it', async () => {
    const last = await lastLink('catalogue')
    await run(`DELETE FROM audit_chain WHERE shard = 'catalogue' AND number = ?`, last?.['number'] ?? 0)
    await run(`DELETE FROM audit WHERE shard = 'catalogue' AND number >= ?`, last?.['first'] ?? 0)
    await run(`UPDATE deployment SET catalogue_number = ? - 1`, last?.['first'] ?? 0)
    await service.call('POST', '/system/setConfig', { form: { DefaultMaxFailCount: '50' } })
    await housekeeping()
    expect(await texts()).toEqual([expect.stringMatching(/^restored: catalogue: link \d+ .* was put back/)])
    const { head } = await signHead()
    expect(await verify({ head: { ...head, at: head.at + 1 } })).toMatchObject({
      findings: [],
      notes: [expect.stringContaining('the head was kept after that')],
    })
  })
})
