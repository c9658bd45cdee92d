import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, expect, it, vi } from 'vitest'
import { type Round, Rounds } from '../../src/objects/journal/rounds.ts'
import { addSeconds, instant, seconds } from '../../src/vocabulary.ts'
import { counterName } from '../../src/vocabulary/metrics.ts'
import { changeRow, enroll, FAR, journalStub, ports, valueOf } from './world.ts'

const stub = journalStub()
const stored = (sql: string) =>
  runInDurableObject(stub, (_, { storage }) => storage.sql.exec(sql).toArray() as Record<string, unknown>[])

afterEach(() => {
  vi.useRealTimers()
})

/** The newest changes in the journal, the oldest of them first. */
const newest = async (count: number) =>
  (await stored(`SELECT * FROM changes ORDER BY revision DESC LIMIT ${count}`)).toReversed()

it('keeps who changed what and when, of administrators and of phones', async () => {
  const { serial } = await enroll('JOURNAL1', { owner: { login: 'ada', realm: 'sales' } })
  await changeRow(serial, { kind: 'active', active: false })
  const changes = await newest(3)
  expect(changes).toMatchObject([
    { action: 'POST /token/init', administrator: 'grace', epoch: 1 },
    { action: 'register phone', administrator: null, serial: 'JOURNAL1', login: 'ada', realm: 'sales' },
    { action: 'POST /token', administrator: 'grace' },
  ])
  expect(changes.slice(1).map(({ previous }) => previous)).toEqual(changes.slice(0, 2).map(({ revision }) => revision))
})

it('has each revision once, and takes it from the clock', async () => {
  const later = addSeconds(FAR, seconds(10 * 86_400))
  vi.useFakeTimers({ toFake: ['Date'], now: later })
  const { serial } = await enroll('JOURNAL2')
  await changeRow(serial, { kind: 'pin' })
  expect((await newest(3)).map(({ revision }) => revision)).toEqual([later, later + 1, later + 2])
  vi.setSystemTime(addSeconds(later, seconds(60)))
  await changeRow(serial, { kind: 'active', active: false })
  expect(valueOf(await ports.catalogue.version()).revision).toBe(addSeconds(later, seconds(60)))
})

it('forgets changes after 30 days, in its hourly rounds', async () => {
  await enroll('JOURNAL3')
  expect(await runDurableObjectAlarm(stub)).toBe(true)
  expect(await newest(1)).toMatchObject([{ serial: 'JOURNAL3' }])
  vi.useFakeTimers({ toFake: ['Date'], now: addSeconds(FAR, seconds(60 * 86_400)) })
  expect(await runDurableObjectAlarm(stub)).toBe(true)
  expect(await stored('SELECT 1 FROM changes')).toEqual([])
})

it('adds up the errors of all isolates for a day', async () => {
  const start = addSeconds(FAR, seconds(90 * 86_400))
  const told = async () => valueOf(await ports.journal.errorCounts()).map(({ event, count }) => `${event} ${count}`)
  const report = (event: string, count: number) =>
    ports.journal.countErrors({ counts: [{ event, count, lastAt: instant(Date.now()) }] })
  vi.useFakeTimers({ toFake: ['Date'], now: start })
  await report('late', 2)
  await report('late', 1)
  vi.setSystemTime(addSeconds(start, seconds(3 * 3600)))
  await report('failed', 4)
  expect(await told()).toEqual(['failed 4', 'late 3'])
  vi.setSystemTime(addSeconds(start, seconds(25 * 3600)))
  expect(await told()).toEqual(['failed 4'])
  await report('late', 1)
  vi.setSystemTime(addSeconds(start, seconds(28 * 3600)))
  expect(await told()).toEqual(['late 1'])
  // However many names there are, an hour stays one row.
  vi.setSystemTime(addSeconds(start, seconds(60 * 3600)))
  const lastAt = instant(Date.now())
  const counts = Array.from({ length: 120 }, (_, number) => ({ event: `made up ${number}`, count: 1, lastAt }))
  await ports.journal.countErrors({ counts })
  expect(await told()).toHaveLength(100)
  // The metrics have them all, with those of the days before.
  const { counters } = valueOf(await ports.journal.metrics())
  expect([counters[counterName('error', 'late')], counters[counterName('error', 'failed')]]).toEqual([4, 4])
  expect(Object.keys(counters).filter((name) => name.startsWith('["error"'))).toHaveLength(100)
})

it('goes on with its rounds where the alarm before has stopped, and past one that fails', async () => {
  const done: string[] = []
  const log: string[] = []
  const rounds: Round[] = [
    {
      name: 'long',
      async step({ cursor = 0, keep }) {
        done.push(`long ${Number(cursor)}`)
        keep(Number(cursor) + 1)
        return Number(cursor) < 59 ? 'more' : 'done'
      },
    },
    {
      name: 'broken',
      step: () => Promise.reject(new Error('broken')),
    },
    {
      name: 'short',
      async step() {
        done.push('short')
        return 'done'
      },
    },
  ]
  const world = { ...ports, now: () => FAR, log: (event: string) => log.push(event) }
  const alarms = await runInDurableObject(stub, async (_, { storage }) => {
    const run = async () => {
      await new Rounds(storage, world, rounds).run()
      return instant((await storage.getAlarm()) ?? 0) - FAR
    }
    return [await run(), done.length, await run()]
  })
  expect(alarms).toEqual([1000, 50, 3_600_000])
  expect(done.slice(48)).toEqual([...Array.from({ length: 12 }, (_, step) => `long ${step + 48}`), 'short'])
  expect(log).toEqual(['round_failed'])
})

it('takes no step before its hour, when the alarm goes off earlier for something else', async () => {
  let steps = 0
  const round: Round = {
    name: 'counted',
    async step() {
      steps++
      return 'done'
    },
  }
  let at = FAR
  const world = { ...ports, now: () => at }
  await runInDurableObject(env.JOURNAL.get(env.JOURNAL.idFromName('shared alarm')), async (_, { storage }) => {
    const rounds = new Rounds(storage, world, [round])
    await rounds.run()
    const due = addSeconds(FAR, seconds(3600))
    expect([steps, await storage.getAlarm()]).toEqual([1, due])
    await storage.setAlarm(addSeconds(FAR, seconds(10)))
    at = addSeconds(FAR, seconds(10))
    await rounds.runIfDue()
    expect([steps, await storage.getAlarm()]).toEqual([1, due])
    at = due
    await rounds.runIfDue()
    expect(steps).toBe(2)
    await storage.deleteAlarm()
  })
})
