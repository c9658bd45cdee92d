import { expect, it } from 'vitest'
import {
  firewallCsv,
  firewallReportValue,
  parseFirewallReport,
} from '../../../src/protocol/administration/firewall-report.ts'
import { instant } from '../../../src/vocabulary.ts'

const from = instant(Date.parse('2026-11-23T00:00:00Z'))
const until = instant(Date.parse('2026-11-29T08:00:00Z'))
const counts = [
  { day: '2026-11-29', service: '=vpn', why: 'over_budget', isShadow: true, logins: 7, accepted: 2 },
  { day: '2026-11-29', service: undefined, why: 'over_budget', isShadow: true, logins: 1, accepted: 1 },
  { day: '2026-11-28', service: 'vpn', why: 'paused', isShadow: false, logins: 3, accepted: 0 },
]

it('a report is of the last seven days unless it says so, and of a month at most', () => {
  const parse = (fields: Readonly<Record<string, unknown>>) => parseFirewallReport(fields)
  expect(parse({})).toEqual({ ok: true, value: { days: 7, service: undefined, isCsv: false } })
  expect(parse({ days: '31', service: 'vpn', outform: 'csv' })).toEqual({
    ok: true,
    value: { days: 31, service: 'vpn', isCsv: true },
  })
  for (const days of ['0', '32', '-1', '1.5', 'x', '100'])
    expect(parse({ days }), days).toMatchObject({ ok: false, refusal: { reason: 'parameter_invalid', name: 'days' } })
})

it('a report says what was silenced and what would have been, and how many of these were finalized', () => {
  const value = firewallReportValue({ from, until, counts })
  expect(value).toMatchObject({
    from: '2026-11-23T00:00:00+00:00',
    until: '2026-11-29T08:00:00+00:00',
    summary: { on: { silenced: 3, accepted: 0 }, shadow: { silenced: 8, accepted: 3 } },
  })
  expect(value.lines[1]).toEqual({
    day: '2026-11-29',
    service: null,
    why: 'over_budget',
    mode: 'shadow',
    silenced: 1,
    accepted: 1,
  })
})

it('a report as CSV has a line for each, and a name of a service begins no formula', () => {
  expect(firewallCsv({ from, until, counts }).split('\n')).toEqual([
    "'day', 'service', 'why', 'mode', 'silenced', 'accepted', ",
    "'2026-11-29', '=vpn', 'over_budget', 'shadow', '7', '2', ",
    "'2026-11-29', '', 'over_budget', 'shadow', '1', '1', ",
    "'2026-11-28', 'vpn', 'paused', 'on', '3', '0', ",
    '',
  ])
})
