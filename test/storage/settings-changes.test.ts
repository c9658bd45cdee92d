import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { changeReports } from '../../src/connect/change-reports.ts'
import type { ReportedChange } from '../../src/ports/journal-object.ts'
import type { Ports } from '../../src/ports/ports.ts'
import { done } from '../../src/refusal.ts'
import { realms } from '../../src/storage/realms.ts'
import { changeRunner } from '../../src/storage/run-query.ts'
import { revision } from '../../src/vocabulary.ts'
import { FIRST_EPOCH } from '../../src/vocabulary/catalogue.ts'
import { auditEntry, failOnLog, now, random, valueOf } from './example.ts'

it('a realm that is new is a change of settings, and one that exists is none', async () => {
  const reported: ReportedChange[] = []
  const runQuery = changeRunner(random, env.DB, failOnLog, () => now, {
    report: async (change) => done(reported.push(change)),
    tellShards: async () => undefined,
    suspect: async () => undefined,
  })
  const table = realms(runQuery)
  for (const _ of ['new', 'known']) valueOf(await table.add('just made', auditEntry('test')))
  expect(reported.map(({ changesSettings }) => changesSettings)).toEqual([true, false])
})

it('the shards are told by the Worker where the journal is of the version before', async () => {
  const told: string[] = []
  const shards = [0, 1].map((number) => ({ region: 'weur' as const, number }))
  const transactions = {
    shards: () => shards,
    inShard: ({ number }: { readonly number: number }) => ({
      learnSettings: async () => done(void told.push(`weur/${number}`)),
    }),
  }
  const reports = changeReports(
    { record: async () => done(undefined) },
    () => transactions as unknown as Ports['transactions'],
  )
  const change = {
    at: now,
    action: 'test',
    address: '',
    epoch: FIRST_EPOCH,
    previous: revision(1),
    revision: revision(2),
  }
  await reports.report(change)
  expect(told).toEqual([])
  await reports.report({ ...change, changesSettings: true })
  expect(told).toEqual(['weur/0', 'weur/1'])
  expect(reports.behind()).toEqual([])
})
