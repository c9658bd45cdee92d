import { describe, expect, it } from 'vitest'
import { auditCsv, auditPage } from '../../../src/protocol/administration/audit-line.ts'
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
}

describe('a page of the audit', () => {
  it('has the columns that privacyIDEA has, in its order', () => {
    const { columns, item } = recorded()
    const page = auditPage({ lines: [line], count: 40, more: true, missingShards: [] }, 2)
    expect(page).toMatchObject({ auditcolumns: columns, count: 40, current: 2, next: 3, prev: 1 })
    const [live] = page['auditdata'] as readonly Record<string, unknown>[]
    const types = (of: Record<string, unknown>) =>
      Object.fromEntries(
        Object.keys(of)
          .toSorted()
          .map((key) => [key, typeof of[key]]),
      )
    expect(types(live ?? {})).toEqual(types(item))
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
