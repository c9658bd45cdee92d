import { runInDurableObject } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { disposeOfAudit, shortenAudit } from '../../src/objects/journal/audit-retention.ts'
import { checkAuditRetention } from '../../src/operations/administration/audit-retention-health.ts'
import type { Ports } from '../../src/ports/ports.ts'
import { refuse } from '../../src/refusal.ts'
import { addSeconds, instant, type Instant, seconds } from '../../src/vocabulary.ts'
import { type AuditRow, AUDIT_COLUMNS, recordHash } from '../../src/storage/audit-commitments.ts'
import { startOfDay } from '../../src/timestamps.ts'
import type { AuditRecord } from '../../src/vocabulary/audit.ts'
import { fields } from '../simulation/reply.ts'
import { openService } from './http-world.ts'
import { FAR, housekeeping, journalStub, ports, valueOf } from './world.ts'

const { AUDIT_ARCHIVE: bucket } = env as unknown as { readonly AUDIT_ARCHIVE: R2Bucket }
const DAY = 86_400
/** 400 days before: with the default of a year, everything of that day is old. */
const OLD = addSeconds(FAR, seconds(-400 * DAY))

const record = (at: Instant, info: string): AuditRecord => ({
  at,
  action: 'POST /validate/check',
  success: true,
  authentication: 'ACCEPT',
  transaction: '00123456789012345678',
  owner: { login: 'ada', realm: 'sales' },
  address: '192.0.2.7',
  userAgent: 'vpn/1',
  info,
  steps: [{ at, kind: 'opened', challenges: 1 }],
})

/** No login of the tests is of this shard. */
const SHARD = 'oc/9'
let head = { number: 0, hash: '' }
let sequence = 0
/** Hands over one link of a shard's records. */
async function handOver(records: readonly AuditRecord[], shard = SHARD): Promise<void> {
  const numbered = records.map((one) => ({ sequence: (sequence += 1), record: one }))
  const stored = valueOf(await ports.audit.store({ shard, at: FAR, records: numbered, head }))
  head = stored.head
}
const infos = async () => {
  const { results } = await env.DB.prepare('SELECT info FROM audit WHERE shard = ? ORDER BY at, sequence')
    .bind(SHARD)
    .all<{ info: string }>()
  return results.map(({ info }) => info)
}
const links = async () =>
  (await env.DB.prepare('SELECT number FROM audit_chain ORDER BY number').all<{ number: number }>()).results.length
const keys = async (prefix = '') => (await bucket.list({ prefix })).objects.map(({ key }) => key)
const parts = () => keys('audit/')
const linesOf = async (key: string): Promise<readonly Record<string, Record<string, unknown>>[]> => {
  const object = await bucket.get(key)
  const text = await new Response(object?.body.pipeThrough(new DecompressionStream('gzip'))).text()
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

/** The ports with other limits, or with a bucket that fails. */
const world = (limits: Partial<Ports['limits']> = {}, archive: Ports['auditArchive'] = ports.auditArchive): Ports => ({
  ...ports,
  limits: { ...ports.limits, ...limits },
  auditArchive: archive,
})

/** Takes steps until the round is done. */
async function runRound(on: Ports = ports, round = disposeOfAudit): Promise<number> {
  const context = { ports: on, storage: {} as DurableObjectStorage, cursor: undefined, keep: () => undefined }
  for (let steps = 1; ; steps += 1) if ((await round.step(context)) === 'done') return steps
}

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: FAR })
  await env.DB.batch(
    ['DELETE FROM audit', 'DELETE FROM audit_chain', 'DELETE FROM audit_parts', 'DELETE FROM audit_heads'].map((sql) =>
      env.DB.prepare(sql),
    ),
  )
  await env.DB.prepare(
    'UPDATE audit_retention SET failed_since = NULL, failure = NULL, ran_at = NULL, deleted_before = 0, steps_before = 0, addresses_before = 0',
  ).run()
  await bucket.delete(await keys())
  head = { number: 0, hash: '' }
  // Shards of earlier files may still hand over their records, whenever their alarms go off: here these would be ten years old.
  const store = ports.audit.store.bind(ports.audit)
  vi.spyOn(ports.audit, 'store').mockImplementation(async (request) =>
    request.shard === SHARD ? store(request) : refuse({ reason: 'storage_unavailable', retryAfter: seconds(1) }),
  )
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('records that were kept for AUDIT_DAYS', () => {
  it('are archived by day, with their links and the day’s heads, and deleted; later ones stay', async () => {
    await handOver([record(OLD, 'one'), record(addSeconds(OLD, seconds(1)), 'two')])
    await handOver([record(addSeconds(OLD, seconds(DAY)), 'next day')])
    await handOver([record(FAR, 'new')])
    await env.DB.prepare("INSERT INTO audit_heads (at, jws) VALUES (?, 'a.signed.head')").bind(OLD).run()
    await runRound()
    expect(await infos()).toEqual(['new'])
    expect(await parts()).toEqual(['audit/2034/11/27/0001.ndjson.gz', 'audit/2034/11/28/0001.ndjson.gz'])
    const [head1, ...lines] = await linesOf('audit/2034/11/27/0001.ndjson.gz')
    expect(head1).toEqual({
      part: { format: 'nod-audit/1', day: '2034-11-27', part: 1, records: 2, first: OLD, last: OLD + 1000 },
    })
    expect(lines.map((line) => Object.keys(line)[0])).toEqual(['record', 'record', 'link', 'head'])
    expect(lines[0]?.['record']).toMatchObject({ info: 'one', shard: SHARD, salt: expect.any(String) })
    expect(JSON.parse(String(lines[0]?.['record']?.['steps']))).toMatchObject([{ kind: 'opened' }])
    expect(lines[2]?.['link']).toMatchObject({ number: 1, count: 2, hash: expect.any(String) })
    // The links of what is deleted go as well.
    expect(await links()).toBe(1)
    expect(await env.DB.prepare('SELECT deleted_before FROM audit_retention').first('deleted_before')).toBe(
      Math.floor(OLD / 86_400_000) * 86_400_000 + 2 * 86_400_000,
    )
  })

  it('are only whole days: none is deleted before its day is over', async () => {
    const days365 = addSeconds(FAR, seconds(-365 * DAY))
    await handOver([record(addSeconds(days365, seconds(-3600)), 'an hour more than a year')])
    await runRound()
    expect(await infos()).toEqual(['an hour more than a year'])
    vi.setSystemTime(addSeconds(FAR, seconds(DAY)))
    await runRound()
    expect(await infos()).toEqual([])
  })

  it('are deleted where nothing is archived, and stay for ever if AUDIT_DAYS is 0', async () => {
    await handOver([record(OLD, 'old')])
    await runRound(world({ auditPeriods: { records: undefined, steps: undefined, addresses: undefined } }))
    expect(await infos()).toEqual(['old'])
    await runRound({ ...world(), auditArchive: undefined })
    expect([await infos(), await parts()]).toEqual([[], []])
    await handOver([record(OLD, 'old')])
    await runRound(world({ auditArchiveMode: 'off' }))
    expect([await infos(), await parts()]).toEqual([[], []])
  })

  it('become parts of two thousand', async () => {
    for (let first = 0; first < 4500; first += 900)
      await handOver(
        Array.from({ length: 900 }, (_, index) => record(instant(OLD + first + index), String(first + index))),
      )
    await runRound()
    const archived = await Promise.all((await parts()).map(linesOf))
    expect(archived.map(([part]) => part?.['part']?.['records'])).toEqual([2000, 2000, 500])
    const names = archived.flat().flatMap(({ record: one }) => (one === undefined ? [] : [one['info']]))
    expect(names).toEqual(Array.from({ length: 4500 }, (_, index) => String(index)))
    const { results } = await env.DB.prepare('SELECT day, part, records, bytes FROM audit_parts').all()
    expect(results).toMatchObject([{ part: 1, records: 2000 }, { part: 2 }, { part: 3, records: 500 }])
    const sizes = (await bucket.list({ prefix: 'audit/' })).objects.map(({ size }) => size)
    expect(results.map(({ bytes }) => bytes)).toEqual(sizes)
  })

  it('are disposed of by the hourly round of the journal', async () => {
    await handOver([record(OLD, 'old')])
    await runInDurableObject(journalStub(), (_, { storage }) => storage.setAlarm(FAR))
    await housekeeping()
    expect(await infos()).toEqual([])
    expect(await parts()).toEqual(['audit/2034/11/27/0001.ndjson.gz'])
  })
})

describe('an interrupted round', () => {
  it('writes its part again under the same number, so that no record is there twice', async () => {
    await handOver([record(OLD, 'one')])
    const lost = vi.spyOn(ports.auditRetention, 'deleteArchived')
    lost.mockResolvedValueOnce(refuse({ reason: 'storage_unavailable', retryAfter: seconds(2) }))
    await expect(runRound()).rejects.toThrow('storage_unavailable')
    expect([await infos(), await parts()]).toEqual([['one'], ['audit/2034/11/27/0001.ndjson.gz']])
    await handOver([record(OLD, 'two')])
    await runRound()
    expect([await infos(), await parts()]).toEqual([[], ['audit/2034/11/27/0001.ndjson.gz']])
    const lines = await linesOf('audit/2034/11/27/0001.ndjson.gz')
    expect(lines.flatMap(({ record: one }) => one?.['info'] ?? [])).toEqual(['one', 'two'])
  })

  it('writes over no part that has records which D1 has lost, because it was put back to an earlier state', async () => {
    await handOver([record(OLD, 'one')])
    const kept = (await env.DB.prepare('SELECT * FROM audit').all()).results[0] ?? {}
    await handOver([record(OLD, 'two')])
    await runRound()
    await env.DB.prepare('DELETE FROM audit_parts').run()
    const columns = Object.keys(kept)
    await env.DB.prepare(`INSERT INTO audit (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`)
      .bind(...Object.values(kept))
      .run()
    await bucket.put('audit/2034/11/27/0002.ndjson.gz', 'damaged')
    await runRound()
    expect(await infos()).toEqual([])
    const archived = async (part: number) =>
      (await linesOf(`audit/2034/11/27/000${part}.ndjson.gz`)).flatMap(({ record: one }) => one?.['info'] ?? [])
    expect([await archived(1), await archived(3)]).toEqual([['one', 'two'], ['one']])
    expect((await env.DB.prepare('SELECT part FROM audit_parts').all()).results).toEqual([{ part: 3 }])
  })

  it('deletes no record that changed after it was read, and archives it as it is now', async () => {
    await handOver([record(OLD, 'one'), record(OLD, 'two')])
    const put = ports.auditArchive?.put.bind(ports.auditArchive)
    let erased = false
    const archive = {
      ...ports.auditArchive,
      put: async (key: string, bytes: Parameters<NonNullable<typeof put>>[1]) => {
        // A user is erased while the part is on its way.
        if (!erased) await env.DB.prepare("UPDATE audit SET login = NULL, salt = '{}' WHERE info = 'two'").run()
        erased = true
        return put?.(key, bytes) ?? refuse({ reason: 'archive_unavailable', why: 'none' })
      },
    } as NonNullable<Ports['auditArchive']>
    await runRound(world({}, archive))
    expect(await infos()).toEqual([])
    const lines = await linesOf(String((await parts())[0]))
    expect(lines.flatMap(({ record: one }) => (one === undefined ? [] : [one['login']]))).toEqual(['ada', null])
    expect(await parts()).toHaveLength(1)
  })
})

describe('a bucket that fails', () => {
  const failing = (): NonNullable<Ports['auditArchive']> => {
    const why = async () => refuse({ reason: 'archive_unavailable', why: 'the bucket refused to put' })
    return { put: why, get: why, list: why, lines: why, rewrite: why }
  }
  const status = async () => valueOf(await ports.auditRetention.status())

  it('costs no record: it is logged, stands in the status since when, and is over with the first part', async () => {
    await handOver([record(OLD, 'old')])
    const log = vi.fn()
    await runRound({ ...world({}, failing()), log })
    expect(log).toHaveBeenCalledWith('audit_not_archived', { why: 'the bucket refused to put' })
    vi.setSystemTime(addSeconds(FAR, seconds(3600)))
    await runRound(world({}, failing()))
    expect(await infos()).toEqual(['old'])
    expect(await status()).toMatchObject({ failedSince: FAR, failure: 'the bucket refused to put', oldest: OLD })
    expect(await checkAuditRetention(ports)).toEqual({
      isWell: false,
      info: 'nothing is archived or deleted since 2036-01-01T09:00:00.000Z: the bucket refused to put',
    })
    await runRound()
    expect(await checkAuditRetention(ports)).toEqual({
      isWell: true,
      info: 'records are kept for 365 days, then archived',
    })
    expect(await checkAuditRetention({ ...ports, auditArchive: undefined })).toEqual({
      isWell: false,
      info: 'old records stay: no bucket is bound as AUDIT_ARCHIVE',
    })
    expect([await infos(), (await status()).failure, (await parts()).length]).toEqual([[], undefined, 1])
  })

  it('or is no longer bound, while there are parts in it, costs none either', async () => {
    await handOver([record(OLD, 'first')])
    await runRound()
    await handOver([record(OLD, 'second')])
    await runRound({ ...world(), auditArchive: undefined })
    expect(await infos()).toEqual(['second'])
    expect((await status()).failure).toBe('no bucket is bound as AUDIT_ARCHIVE')
    await runRound({ ...world({ auditArchiveMode: 'off' }), auditArchive: undefined })
    expect(await infos()).toEqual([])
  })
})

describe('links of the chain', () => {
  it('stay until all their records are gone, and the last of a shard for good', async () => {
    await handOver([record(OLD, 'old'), record(addSeconds(OLD, seconds(2 * DAY)), 'two days later')])
    await handOver([record(addSeconds(OLD, seconds(DAY)), 'a day later')])
    const keep = (days: number) => world({ auditPeriods: { records: days, steps: undefined, addresses: undefined } })
    await runRound(keep(398))
    expect([await infos(), await links()]).toEqual([['two days later'], 2])
    await runRound(keep(390))
    expect([await infos(), await links()]).toEqual([[], 1])
    const all = (await Promise.all((await parts()).map(linesOf))).flat()
    expect(new Set(all.flatMap(({ link }) => (link === undefined ? [] : [link['number']])))).toEqual(new Set([1, 2]))
  })
})

describe('records that were kept for AUDIT_STEP_DAYS and AUDIT_ADDRESS_DAYS', () => {
  const periods = { records: undefined, steps: 30, addresses: 7 }
  const ofAge = (days: number, info: string) => ({
    ...record(addSeconds(FAR, seconds(-days * DAY)), info),
    steps: [
      {
        at: addSeconds(FAR, seconds(-days * DAY)),
        kind: 'accepted' as const,
        action: 'POST /ttype/<ttype>',
        address: '198.51.100.4',
        userAgent: 'app/1',
      },
    ],
  })
  const hashes = async () => {
    const { results } = await env.DB.prepare(
      `SELECT ${AUDIT_COLUMNS.map((name) => `"${name}"`).join(', ')} FROM audit`,
    ).all()
    return Promise.all(results.map((row) => recordHash(row as unknown as AuditRow)))
  }

  it('lose steps and addresses, and the chain still proves what is left', async () => {
    await handOver([ofAge(40, 'old'), ofAge(10, 'younger'), ofAge(1, 'new')])
    const before = await hashes()
    await runRound(world({ auditPeriods: periods }), shortenAudit)
    const { results } = await env.DB.prepare('SELECT info, address, user_agent, steps FROM audit ORDER BY at').all()
    expect(results).toMatchObject([
      { info: 'old', address: null, user_agent: null, steps: null },
      { info: 'younger', address: null, user_agent: null, steps: expect.not.stringContaining('198.51.100.4') },
      { info: 'new', address: '192.0.2.7', steps: expect.stringContaining('198.51.100.4') },
    ])
    expect(results[1]?.['steps']).toContain('accepted')
    expect(await hashes()).toEqual(before)
    const cursors = await env.DB.prepare('SELECT steps_before, addresses_before FROM audit_retention').first()
    expect(cursors).toEqual({
      steps_before: startOfDay(addSeconds(FAR, seconds(-30 * DAY))),
      addresses_before: startOfDay(addSeconds(FAR, seconds(-7 * DAY))),
    })
    // Nothing is left to do: one step finds that out.
    expect(await runRound(world({ auditPeriods: periods }), shortenAudit)).toBe(1)
  })

  it('are shortened five hundred at a time', async () => {
    for (let first = 0; first < 1200; first += 600)
      await handOver(Array.from({ length: 600 }, (_, index) => ofAge(40, String(first + index))))
    expect(await runRound(world({ auditPeriods: { ...periods, addresses: undefined } }), shortenAudit)).toBe(4)
    expect(await env.DB.prepare('SELECT count(*) AS left FROM audit WHERE steps IS NOT NULL').first('left')).toBe(0)
  })
})

describe('a part', () => {
  it('can be written anew, for a user who is erased', async () => {
    await handOver([record(OLD, 'one')])
    await runRound()
    const key = String((await parts())[0])
    const rewritten = valueOf(
      (await ports.auditArchive?.rewrite(key, (line) => line.replaceAll('"ada"', 'null'))) ??
        refuse({ reason: 'archive_unavailable', why: 'none' }),
    )
    if (rewritten === undefined || rewritten === 'damaged') throw new Error('not rewritten')
    expect((await linesOf(key)).flatMap(({ record: one }) => (one === undefined ? [] : [one['login']]))).toEqual([null])
    const bytes = await (await bucket.get(key))?.bytes()
    expect(rewritten).toMatchObject({ bytes: bytes?.length, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) })
    valueOf(await ports.auditRetention.replacePart({ day: '2034-11-27', part: 1 }, rewritten))
    expect(valueOf(await ports.auditRetention.parts({ day: '', part: 0 }, 10))).toMatchObject([{ ...rewritten }])
    expect(await ports.auditArchive?.rewrite(key, (line) => line)).toEqual({ ok: true, value: undefined })
  })
})

describe('the archive over HTTP', () => {
  it('is listed in order of time, and each part can be fetched', async () => {
    await handOver([record(OLD, 'one')])
    await handOver([record(addSeconds(OLD, seconds(DAY)), 'two')])
    await runRound()
    const service = await openService()
    const list = async (query: Record<string, string> = {}) =>
      fields((await service.call('GET', '/deployment/audit/archive', { query })).value)
    const all = await list()
    expect(all).toMatchObject({
      bucket: true,
      archive_mode: 'auto',
      kept_days: 365,
      deleted_before: '2034-11-29T00:00:00+00:00',
      ran_at: '2036-01-01T09:00:00+00:00',
      failure: null,
      parts: [
        {
          key: 'audit/2034/11/27/0001.ndjson.gz',
          day: '2034-11-27',
          part: 1,
          records: 1,
          first: '2034-11-27T09:00:00+00:00',
        },
        { key: 'audit/2034/11/28/0001.ndjson.gz' },
      ],
    })
    expect((await list({ after_day: '2034-11-27' }))['parts']).toMatchObject([{ day: '2034-11-28' }])
    expect((await list({ after_day: '2034-11-28', after_part: '1' }))['parts']).toEqual([])
    const [{ sha256 = '', bytes = 0 } = {}] = all['parts'] as readonly { sha256?: string; bytes?: number }[]
    const response = await exports.default.fetch('https://nod.example/deployment/audit/archive/2034-11-27/1', {
      headers: { authorization: service.token ?? '' },
    })
    expect(response.headers.get('content-disposition')).toBe('attachment; filename=audit-2034-11-27-0001.ndjson.gz')
    const content = await response.arrayBuffer()
    expect(content.byteLength).toBe(bytes)
    expect(Buffer.from(await crypto.subtle.digest('SHA-256', content)).toString('hex')).toBe(sha256)
    const missing = await service.call('GET', '/deployment/audit/archive/2034-11-27/2')
    expect([missing.status, missing.error?.message]).toEqual([
      404,
      'The part audit/2034/11/27/0002.ndjson.gz does not exist.',
    ])
    for (const path of ['/2034-1-1/1', '/2034-11-27/0', '/..%2F/1'])
      expect((await service.call('GET', `/deployment/audit/archive${path}`)).status, path).toBe(400)
  })
})
