import { describe, expect, it } from 'vitest'
import { auditCsv, auditCsvHeader, auditPage } from '../../../src/protocol/administration/audit-line.ts'
import { instant } from '../../../src/vocabulary.ts'
import type { AuditLine } from '../../../src/vocabulary/audit.ts'
import { exchange } from '../recordings.ts'

const line: AuditLine = {
  at: instant(Date.UTC(2026, 10, 24, 7, 11, 55, 9)),
  record: '20541189264472339457',
  step: 1,
  shard: 'weur/0',
  action: 'POST /ttype/<ttype>',
  success: true,
  authentication: '',
  serial: 'PIPU00002201',
  user: 'alice',
  realm: 'realm1',
  administrator: '',
  detail: '',
  info: "it's\nfine",
  address: '192.0.2.7',
  userAgent: 'privacyIDEA-App/4.6.2 Android/14',
  transaction: '20541189264472339457',
  service: '',
  policies: 'push,pins',
  duration: 1250,
}

describe('a page of the audit', () => {
  it('has the columns that privacyIDEA has, in its order, and the transaction behind them', () => {
    const { columns, item } = recorded()
    const page = auditPage({ lines: [line], count: 40, more: true, missingShards: [] }, 2)
    expect(page).toMatchObject({
      auditcolumns: [...(columns as readonly string[]), 'transaction_id'],
      count: 40,
      current: 2,
      next: 3,
      prev: 1,
    })
    const [live] = page['auditdata'] as readonly Record<string, unknown>[]
    const types = (of: Record<string, unknown>) =>
      Object.fromEntries(
        Object.keys(of)
          .toSorted()
          .map((key) => [key, typeof of[key]]),
      )
    expect(types(live ?? {})).toEqual({ ...types(item), transaction_id: 'string' })
  })

  it('has everything that is kept of a line, and fixed values for what Nod does not have', () => {
    const page = auditPage({ lines: [line], count: 1, more: false, missingShards: [] }, 1)
    expect(page).not.toHaveProperty('incomplete')
    expect(page['auditdata']).toEqual([
      {
        number: expect.any(Number),
        action: 'POST /ttype/<ttype>',
        success: 1,
        authentication: '',
        serial: 'PIPU00002201',
        date: '2026-11-24T07:11:55.009000',
        startdate: '2026-11-24T07:11:53.759000',
        duration: 1.25,
        token_type: 'push',
        user: 'alice',
        realm: 'realm1',
        administrator: '',
        action_detail: '',
        info: "it's\nfine",
        privacyidea_server: 'weur/0',
        client: '192.0.2.7',
        user_agent: 'privacyIDEA-App',
        user_agent_version: '4.6.2',
        log_level: 'default',
        policies: 'push,pins',
        clearance_level: 'default',
        sig_check: '',
        missing_line: '',
        resolver: 'nod',
        thread_id: '',
        container_serial: '',
        container_type: '',
        transaction_id: '20541189264472339457',
      },
    ])
  })

  it('shows a failure as 0, and no resolver without a user', () => {
    const lines = [{ ...line, success: false, user: '' }]
    const page = auditPage({ lines, count: 1, more: false, missingShards: [] }, 1)
    expect(page['auditdata']).toMatchObject([{ success: 0, user: '', resolver: '' }])
  })

  it('names the shards whose lines may be missing', () => {
    const page = auditPage({ lines: [], count: 0, more: false, missingShards: ['weur/0', 'enam/1'] }, 1)
    expect(page).toMatchObject({ auditdata: [], incomplete: ['weur/0', 'enam/1'] })
  })

  it.each([
    ['curl', 'curl', ''],
    ['curl/8.1 (x)', 'curl', '8.1'],
    ['FreeRADIUS 3/2', 'FreeRADIUS', ''],
    ['', '', ''],
  ])('names the program %j without what it adds', (userAgent, agent, version) => {
    const page = auditPage({ lines: [{ ...line, userAgent }], count: 1, more: false, missingShards: [] }, 1)
    expect(page['auditdata']).toMatchObject([{ user_agent: agent, user_agent_version: version }])
  })

  it('numbers its lines so that a later one has a higher number, and each line keeps its own', () => {
    const number = (changed: Partial<AuditLine>) => {
      const page = auditPage({ lines: [{ ...line, ...changed }], count: 1, more: false, missingShards: [] }, 1)
      return Number((page['auditdata'] as readonly Record<string, unknown>[])[0]?.['number'])
    }
    expect(number({ at: instant(line.at + 1) })).toBeGreaterThan(number({}))
    expect(number({ at: instant(line.at - 1) })).toBeLessThan(number({}))
    expect(Number.isSafeInteger(number({ at: instant(Date.UTC(2053, 11, 31)) }))).toBe(true)
    expect(number({ info: 'x', shard: 'enam/1' })).toBe(number({}))
    const numbers = [{}, { step: 2 }, { step: 3 }, { record: '1' }, { record: '2' }].map(number)
    expect(new Set(numbers).size).toBe(5)
    // Many lines of one record, of one millisecond, as under a clock that stands.
    const steps = Array.from({ length: 500 }, (_, step) => number({ step }))
    expect(new Set(steps).size).toBe(500)
  })

  it('writes times in UTC, to six digits, and user agents in two columns', () => {
    const page = auditPage({ lines: [line], count: 1, more: false, missingShards: [] }, 1)
    expect(page).toMatchObject({ next: null, prev: null })
    expect((page['auditdata'] as readonly unknown[])[0]).toMatchObject({
      date: '2026-11-24T07:11:55.009000',
      user_agent: 'privacyIDEA-App',
      user_agent_version: '4.6.2',
      number: expect.any(Number),
    })
  })
})

describe('the type of a token', () => {
  it.each([
    ['PIPU00002201', 'push'],
    ['EDUP00002201', 'edupush'],
    ['IMPORTED1', 'push'],
    ['', ''],
  ])('follows from its serial: %s', (serial, type) => {
    const page = auditPage({ lines: [{ ...line, serial }], count: 1, more: false, missingShards: [] }, 1)
    expect(page['auditdata']).toMatchObject([{ token_type: type }])
  })
})

describe('the CSV', () => {
  it('begins with the names of the columns, as many as every line has values', () => {
    expect(auditCsvHeader).toMatch(/^'number','action','success',.*,'container_type','transaction_id'\n$/)
    expect(auditCsvHeader.split(',')).toHaveLength(auditCsv({ ...line, info: '', policies: '' }).split(',').length)
  })
})

describe('a line of the CSV', () => {
  it('stays one line, its quotes doubled', () => {
    const csv = auditCsv(line)
    expect(csv).toContain(",'it''s fine',")
    expect(csv.endsWith("'\n")).toBe(true)
    expect(csv.split('\n')).toHaveLength(2)
  })
})

function recorded() {
  const value = exchange('22-audit', 'audit, newest 20').response.json?.result.value as Record<string, unknown>
  const [item = {}] = value['auditdata'] as readonly Record<string, unknown>[]
  return { columns: value['auditcolumns'], item }
}
