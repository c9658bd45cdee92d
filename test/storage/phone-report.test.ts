import { beforeAll, describe, expect, it } from 'vitest'
import type { PhoneFilter } from '../../src/ports/phone-reports.ts'
import type { Serial } from '../../src/vocabulary.ts'
import { changeRow, enroll, ports, registerAnew, valueOf } from '../objects/world.ts'

const owner = { login: 'ada', realm: 'report' }
const EVERYBODY: PhoneFilter = { cause: 'any', missing: ['gone'], page: 1, pageSize: 100 }
const phones = async (filter: Partial<PhoneFilter> = {}) =>
  valueOf(await ports.phoneReports.page({ ...EVERYBODY, owner, ...filter }))
const causes = async (filter: Partial<PhoneFilter> = {}) =>
  Object.fromEntries((await phones(filter)).phones.map(({ serial, cause }) => [serial, cause]))
const quarantine = async (serial: Serial) => {
  const registrationToken = `registration token of ${serial}`
  valueOf(await ports.tokens.quarantine(serial, { registrationToken, cause: 'unregistered', at: ports.now() }))
}

beforeAll(async () => {
  for (const [serial, firebase] of [
    ['PIPUREPORT01', 'fb1'],
    ['PIPUREPORT02', 'poll only'],
    ['PIPUREPORT03', 'gone'],
    ['PIPUREPORT04', 'fb1'],
    ['PIPUREPORT05', 'gone'],
    ['PIPUREPORT06', 'fb1'],
  ] as const)
    await enroll(serial, { owner, firebase })
  for (const serial of ['PIPUREPORT04', 'PIPUREPORT05']) await quarantine(serial as Serial)
  await changeRow('PIPUREPORT06' as Serial, { kind: 'revoked' })
})

describe('the report of phones', () => {
  it('names one cause for each, a missing configuration before causes of the phone', async () => {
    expect(await causes()).toEqual({
      PIPUREPORT01: undefined,
      PIPUREPORT02: 'poll_only',
      PIPUREPORT03: 'gateway_missing',
      PIPUREPORT04: 'quarantined',
      PIPUREPORT05: 'gateway_missing',
    })
    expect(valueOf(await ports.phoneReports.firebasesInUse())).toEqual(
      expect.arrayContaining(['fb1', 'gone', 'poll only']),
    )
  })

  it('filters by cause, owner, serial and app', async () => {
    expect(Object.keys(await causes({ cause: 'unreached' }))).toHaveLength(4)
    expect(Object.keys(await causes({ cause: 'gateway_missing' }))).toEqual(['PIPUREPORT03', 'PIPUREPORT05'])
    expect(Object.keys(await causes({ serial: '*REPORT0_' }))).toEqual([])
    expect(Object.keys(await causes({ serial: '*report02' }))).toEqual(['PIPUREPORT02'])
    expect(await causes({ app: '*' })).toEqual({})
    expect(await causes({ owner: { login: 'bob', realm: 'report' } })).toEqual({})
  })

  it('covers only the given realms, also in its counts', async () => {
    const seen = async (...realms: readonly string[]) => {
      const { phones: found, count, groups } = await phones({ realms })
      return [found.length, count, groups.reduce((sum, group) => sum + group.count, 0)]
    }
    expect(await seen('Report', 'other')).toEqual([5, 5, 5])
    expect(await seen('other')).toEqual([0, 0, 0])
  })

  it('has pages, and counts what the filter matches', async () => {
    const page = await phones({ page: 2, pageSize: 2 })
    expect([page.count, page.phones.map(({ serial }) => serial)]).toEqual([5, ['PIPUREPORT03', 'PIPUREPORT04']])
  })

  it('has no quarantine that a registration has ended', async () => {
    await registerAnew('PIPUREPORT04' as Serial, 1)
    expect((await causes())['PIPUREPORT04']).toBe('poll_only')
    expect(valueOf(await ports.tokens.record('PIPUREPORT04' as Serial))).toMatchObject({ quarantinedAt: undefined })
  })
})
