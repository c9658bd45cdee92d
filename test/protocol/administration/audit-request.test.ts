import { describe, expect, it } from 'vitest'
import { parseAudit, parseAuditExport } from '../../../src/protocol/administration/audit-request.ts'

const parsed = (params: Record<string, unknown>) => {
  const outcome = parseAudit(params)
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.refusal))
  return outcome.value
}
const refusal = (params: Record<string, unknown>) => {
  const outcome = parseAudit(params)
  return outcome.ok ? 'none' : outcome.refusal
}

describe('a request for the audit', () => {
  it('asks for the newest fifteen lines by default', () => {
    expect(parsed({})).toEqual({ conditions: [], order: { field: 'at', ascending: false }, page: 1, pageSize: 15 })
    expect(parsed({ page: '3', page_size: '9999', sortorder: 'asc' })).toMatchObject({
      page: 3,
      pageSize: 500,
      order: { field: 'at', ascending: true },
    })
  })

  it('has a condition for each column that is sent, and ignores unknown ones', () => {
    expect(parsed({ user: 'ada', client: '!192.*', user_agent: '*pam*', nosuch: 'x', success: 1 }).conditions).toEqual([
      { field: 'success', pattern: '1', negated: false },
      { field: 'user', pattern: 'ada', negated: false },
      { field: 'address', pattern: '192.*', negated: true },
      { field: 'client', pattern: '*pam*', negated: false },
    ])
  })

  it('does not filter by an empty value, nor by a star', () => {
    expect(parsed({ user: '', serial: '*', realm: '**', action: '!' }).conditions).toEqual([])
  })

  it('reads the condition of a column without the blanks around it', () => {
    expect(parsed({ user: ' !ada ', realm: '  ', administrator: ' root' }).conditions).toEqual([
      { field: 'user', pattern: 'ada', negated: true },
      { field: 'administrator', pattern: 'root', negated: false },
    ])
  })

  it('has each column of the filter, under the field that it names', () => {
    const columns = {
      action: 'action',
      success: 'success',
      authentication: 'authentication',
      serial: 'serial',
      user: 'user',
      realm: 'realm',
      administrator: 'administrator',
      action_detail: 'detail',
      info: 'info',
      privacyidea_server: 'shard',
      client: 'address',
      user_agent: 'client',
      transaction_id: 'transaction',
      service: 'service',
    }
    for (const [name, field] of Object.entries(columns)) {
      expect(parsed({ [name]: 'x' }).conditions).toEqual([{ field, pattern: 'x', negated: false }])
      expect(parsed({ sortname: name, sortorder: 'asc' }).order).toEqual({ field, ascending: true })
    }
  })

  it('may have a pattern of fifty bytes, where each of several stars in a row counts once', () => {
    expect(parsed({ info: `!***${'x'.repeat(49)}` }).conditions).toEqual([
      { field: 'info', pattern: `*${'x'.repeat(49)}`, negated: true },
    ])
    expect(parsed({ info: 'x'.repeat(255) }).conditions).toHaveLength(1)
    expect(refusal({ info: `*${'ä'.repeat(25)}` })).toMatchObject({ name: 'info' })
  })

  it('may sort by a column; an unknown column sorts by time', () => {
    expect(parsed({ sortname: 'user_agent' }).order).toEqual({ field: 'client', ascending: false })
    for (const sortname of ['number', 'date', 'nosuch', 'constructor'])
      expect(parsed({ sortname }).order).toEqual({ field: 'at', ascending: false })
  })

  it.each([
    ['30m', 1800],
    ['2h', 7200],
    ['1d', 86_400],
    ['2w', 1_209_600],
    ['0s', 0],
  ])('may be no older than %s', (timelimit, within) => {
    expect(parsed({ timelimit }).maxAge).toBe(within)
  })

  it.each([
    ['2026-11-24*', '2026-11-24T00:00:00Z', '2026-11-25T00:00:00Z'],
    ['2026-11-24T07*', '2026-11-24T07:00:00Z', '2026-11-24T08:00:00Z'],
    ['2026-11-24 07:59*', '2026-11-24T07:59:00Z', '2026-11-24T08:00:00Z'],
    ['2026-12*', '2026-12-01T00:00:00Z', '2027-01-01T00:00:00Z'],
    ['2026-02', '2026-02-01T00:00:00Z', '2026-03-01T00:00:00Z'],
    ['2026-09*', '2026-09-01T00:00:00Z', '2026-10-01T00:00:00Z'],
    ['2026-12-31*', '2026-12-31T00:00:00Z', '2027-01-01T00:00:00Z'],
    ['2026-11-24T23*', '2026-11-24T23:00:00Z', '2026-11-25T00:00:00Z'],
    [' 2026-11-24T07:59 ', '2026-11-24T07:59:00Z', '2026-11-24T08:00:00Z'],
  ])('may be of the time %s', (date, since, until) => {
    expect(parsed({ date })).toMatchObject({ since: Date.parse(since), until: Date.parse(until) })
  })

  it.each([
    [{ page: '0' }, 'page'],
    [{ page_size: '-1' }, 'page_size'],
    [{ page: '1000000' }, 'page'],
    [{ timelimit: 'soon' }, 'timelimit'],
    [{ date: '*-24' }, 'date'],
    [{ date: '2026-13*' }, 'date'],
    [{ date: '2026-02-29*' }, 'date'],
    [{ date: '2026-11-24T24*' }, 'date'],
    [{ date: '12026-11-24*' }, 'date'],
    [{ date: '2026-11-24*x' }, 'date'],
    [{ date: '2026-11-24**' }, 'date'],
    [{ date: '9999-12*' }, 'date'],
    [{ page_size: '1000000' }, 'page_size'],
    [{ info: `*${'x'.repeat(50)}` }, 'info'],
    [{ info: `*${'_'.repeat(25)}` }, 'info'],
    [{ user: 'x'.repeat(256) }, 'user'],
  ])('is refused by the name of what is wrong: %o', (params, name) => {
    expect(refusal(params)).toMatchObject({ reason: 'parameter_invalid', name })
  })

  it.each([
    [{ page: '2.5' }, 'page'],
    [{ page_size: 'all' }, 'page_size'],
  ])('is refused where a page is no number: %o', (params, name) => {
    expect(refusal(params)).toEqual({ reason: 'parameter_not_integer', name })
  })
})

describe('an export of the audit', () => {
  it('has the same filter and order, and names a file', () => {
    const filter = { user: 'ada', date: '2026-11-24*', sortname: 'user' }
    expect(parseAuditExport({ ...filter, file: 'audit.csv' })).toEqual({
      ok: true,
      value: { ...parsed(filter), file: 'audit.csv' },
    })
    expect(parseAuditExport(filter)).toEqual({ ok: false, refusal: { reason: 'parameter_missing', name: 'file' } })
    expect(parseAuditExport({ date: 'soon', file: 'audit.csv' })).toMatchObject({
      ok: false,
      refusal: { name: 'date' },
    })
  })
})
