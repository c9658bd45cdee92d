/** The audit through an outage of the catalogue: nothing lost, nothing twice, each shard in order. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { linkSchema, recordSchema } from '../../scripts/nod/verify-audit/format.ts'
import { AuditVerifier } from '../../scripts/nod/verify-audit/verifier.ts'
import { addSeconds, instant, seconds, type Serial } from '../../src/vocabulary.ts'
import { enroll, FAR, finalizing, openLogin, ports, shard, shardStub, valueOf } from './world.ts'

const SHARDS = [42, 43]
const MINUTES = 4

let mine: { serial: Serial; key: number }
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: FAR })
  mine ??= await enroll('PIPUOUTAGE01')
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** Time goes on, and every alarm goes off when it is due. */
async function pass(count: number): Promise<void> {
  const until = addSeconds(ports.now(), seconds(count))
  for (;;) {
    const alarms = await Promise.all(
      SHARDS.map(async (at) => ({
        at,
        due: await runInDurableObject(shardStub(at), (_, { storage }) => storage.getAlarm()),
      })),
    )
    const [next] = alarms
      .filter(({ due }) => due !== null && due <= until)
      .toSorted((one, other) => Number(one.due) - Number(other.due))
    if (next === undefined) break
    vi.setSystemTime(instant(Math.max(ports.now(), Number(next.due))))
    await runDurableObjectAlarm(shardStub(next.at))
  }
  vi.setSystemTime(until)
}

/** D1 from now on: it refuses, or takes what it is given and its answer is lost. */
type Outage = 'refuses' | 'is not heard'
function breakCatalogue(how: Outage): void {
  const statement = Object.getPrototypeOf(env.DB.prepare('SELECT 1')) as { run: () => Promise<unknown> }
  const database = Object.getPrototypeOf(env.DB) as { batch: (statements: unknown[]) => Promise<unknown> }
  const { run } = statement
  const { batch } = database
  const lost = new Error('D1_ERROR: Network connection lost.')
  vi.spyOn(statement, 'run').mockImplementation(async function (this: object) {
    if (how === 'is not heard') await Reflect.apply(run, this, [])
    throw lost
  })
  vi.spyOn(database, 'batch').mockImplementation(async function (this: object, statements) {
    if (how === 'is not heard') await Reflect.apply(batch, this, [statements])
    throw lost
  })
}

/** What ends in a shard: a refused request, a login that is declined, and one that is used; as the audit will name them. */
async function endThree(at: number, name: string): Promise<readonly string[]> {
  await shard(at).recordAudit({
    record: {
      at: ports.now(),
      action: 'x',
      success: false,
      authentication: '',
      address: '',
      userAgent: '',
      info: name,
    },
  })
  const declined = await openLogin(at, [mine])
  valueOf(await shard(at).answer({ id: declined.id, answer: await declined.say(mine.serial, { decline: true }) }))
  const used = await openLogin(at, [mine])
  valueOf(await shard(at).answer({ id: used.id, answer: await used.say(mine.serial) }))
  valueOf(await shard(at).finalize(finalizing(used.id)))
  return [name, declined.id, used.id]
}

const audited = async (at: number): Promise<readonly string[]> => {
  const rows = await env.DB.prepare('SELECT transaction_id AS id, info FROM audit WHERE shard = ? ORDER BY sequence')
    .bind(`weur/${at}`)
    .all<{ id: string | null; info: string }>()
  return rows.results.map(({ id, info }) => id ?? info)
}

/** What is wrong with the chains of the audit, by the verifier of `npm run nod`. */
async function chainFindings(): Promise<readonly unknown[]> {
  const verifier = new AuditVerifier()
  const links = await env.DB.prepare('SELECT * FROM audit_chain').all()
  for (const link of links.results) verifier.addLink(linkSchema.parse(link))
  const records = await env.DB.prepare('SELECT * FROM audit').all()
  for (const record of records.results) verifier.addRecord(recordSchema.parse(record))
  return verifier.verify({ now: ports.now(), deletedBefore: 0, numbers: {} }).findings
}

/** How many logins the reports know that were accepted, and declined. */
async function counted(): Promise<readonly number[]> {
  const until = addSeconds(FAR, seconds(86_400))
  const { total } = valueOf(await ports.loginCounts.totals({ from: FAR, until, byDay: false }))
  return [total['outcome/accepted'] ?? 0, total['outcome/declined'] ?? 0]
}

it.each(['refuses', 'is not heard'] as const)(
  'through four minutes in which D1 %s',
  { timeout: 60_000 },
  async (how) => {
    const before = await Promise.all(SHARDS.map(audited))
    const ended = SHARDS.map((): string[] => [])
    const countedBefore = await counted()
    breakCatalogue(how)
    for (let minute = 0; minute < MINUTES; minute++) {
      for (const [index, at] of SHARDS.entries()) {
        ended[index]?.push(...(await endThree(at, `${how} ${minute}`)))
        if ((minute + index) % 3 === 0) await evictDurableObject(shardStub(at))
      }
      await pass(60)
      // A round of housekeeping, whose answers are lost as well.
      await ports.loginCounts.addUp()
    }
    if (how === 'refuses') expect(await Promise.all(SHARDS.map(audited))).toEqual(before)
    vi.restoreAllMocks()
    await pass(10)
    const after = await Promise.all(SHARDS.map(audited))
    expect(after.map((all, index) => all.slice(before[index]?.length))).toEqual(ended)
    expect(await chainFindings()).toEqual([])
    // And nothing is left to be handed over again.
    await pass(1200)
    expect(await Promise.all(SHARDS.map(audited))).toEqual(after)
    // Each login is counted once, whether or not its count is added up.
    const expected = countedBefore.map((count) => count + MINUTES * SHARDS.length)
    expect(await counted()).toEqual(expected)
    while (valueOf(await ports.loginCounts.addUp())) continue
    expect(await counted()).toEqual(expected)
  },
)
