import { describe, expect, it } from 'vitest'
import { metricFormat, metricsText } from '../../../src/protocol/administration/metrics-text.ts'
import { instant } from '../../../src/vocabulary.ts'
import { counterName } from '../../../src/vocabulary/metrics.ts'

const GAUGES = { linksWaiting: 3, shards: 2, shardsBehind: 0, webhookEventsWaiting: 1, restoresOpen: 0 }
const COUNTERS = {
  [counterName('login', 'accepted', 'v"p\\n', 'presence')]: 7,
  [counterName('error', 'storage_late')]: 4,
  [counterName('step', 'system', 'weur', '100')]: 2,
  [counterName('step', 'system', 'weur', '1000')]: 1,
  [counterName('step', 'system', 'weur', 'inf')]: 1,
  [counterName('step', 'system', 'weur', 'sum')]: 3250,
}
const lines = (format: 'openmetrics' | 'prometheus' = 'openmetrics') =>
  metricsText(COUNTERS, { ...GAUGES, roundsEndedAt: instant(1_500) }, format).split('\n')

describe('metrics as OpenMetrics', () => {
  it('end with the mark of the end, and have each family once, with its type', () => {
    const all = lines()
    expect(all.slice(-2)).toEqual(['# EOF', ''])
    const types = all.filter((line) => line.startsWith('# TYPE '))
    expect(types.slice(0, 3)).toEqual([
      '# TYPE nod_logins counter',
      '# TYPE nod_errors counter',
      '# TYPE nod_login_step_seconds histogram',
    ])
    expect(all).toContain('nod_errors_total{event="storage_late"} 4')
    expect(new Set(types).size).toBe(types.length)
    expect(all).toContain('# UNIT nod_login_step_seconds seconds')
    expect(all).toContain('nod_housekeeping_ended_timestamp_seconds 1.5')
    expect(all.some((line) => line.startsWith('nod_housekeeping_failed'))).toBe(false)
  })

  it('escape labels', () => {
    expect(lines()).toContain(String.raw`nod_logins_total{outcome="accepted",service="v\"p\\n",mode="presence"} 7`)
  })

  it('have histograms whose buckets add up, in seconds', () => {
    const found = lines().filter((line) => line.startsWith('nod_login_step_seconds'))
    expect(found).toHaveLength(20)
    const labels = 'step="system",region="weur"'
    expect(found).toEqual(
      expect.arrayContaining([
        `nod_login_step_seconds_bucket{${labels},le="0.05"} 0`,
        `nod_login_step_seconds_bucket{${labels},le="0.1"} 2`,
        `nod_login_step_seconds_bucket{${labels},le="1.0"} 3`,
        `nod_login_step_seconds_bucket{${labels},le="300.0"} 3`,
        `nod_login_step_seconds_bucket{${labels},le="+Inf"} 4`,
        `nod_login_step_seconds_sum{${labels}} 3.25`,
        `nod_login_step_seconds_count{${labels}} 4`,
      ]),
    )
  })
})

it('are written in the older format for a program that takes nothing else', () => {
  expect([
    metricFormat(),
    metricFormat('*/*'),
    metricFormat('application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1'),
    metricFormat('text/plain'),
    metricFormat('text/plain;version=0.0.4;q=1,*/*;q=0.1'),
  ]).toEqual(['openmetrics', 'openmetrics', 'openmetrics', 'prometheus', 'prometheus'])
  const all = lines('prometheus')
  expect(all).toContain('# TYPE nod_logins_total counter')
  expect(all.join('\n')).not.toMatch(/# (?:EOF|UNIT)/)
})
