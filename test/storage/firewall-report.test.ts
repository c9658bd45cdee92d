import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { connect } from '../../src/connect.ts'
import { instant, type TransactionId } from '../../src/vocabulary.ts'
import type { AuditStep } from '../../src/vocabulary/audit.ts'
import { valueOf } from '../objects/world.ts'

const DAY = 86_400_000
/** Years before any record that another test writes. */
const FIRST = instant(Date.parse('2001-02-03T00:00:00Z'))

interface Ended {
  readonly at: number
  readonly service?: string
  readonly success: boolean
  readonly steps: readonly Readonly<Record<string, unknown>>[]
}

const restricted = (serial: string, isShadow?: true) => ({
  at: FIRST,
  kind: 'restricted',
  serial,
  why: 'over_budget',
  ...(isShadow === undefined ? {} : { isShadow }),
})

it('counts by day and service the logins that were silenced, and those that were finalized all the same', async () => {
  const ports = await connect(env)
  const opened = { at: FIRST, kind: 'opened', info: 'triggered 1 challenges' }
  const logins: readonly Ended[] = [
    { at: FIRST, service: 'vpn', success: true, steps: [opened, restricted('A', true), restricted('B', true)] },
    { at: FIRST + 1, service: 'vpn', success: false, steps: [opened, restricted('A', true)] },
    { at: FIRST + 2, service: 'vpn', success: true, steps: [opened, restricted('A')] },
    { at: FIRST + 3, service: 'vpn', success: true, steps: [opened] },
    // What a user writes is no step.
    {
      at: FIRST + 4,
      service: 'vpn',
      success: true,
      steps: [{ ...opened, userAgent: '"kind":"restricted"', info: '{"kind":"restricted"}' }],
    },
    { at: FIRST + DAY, success: false, steps: [opened, restricted('A', true)] },
    { at: FIRST + 2 * DAY, service: 'vpn', success: false, steps: [opened, restricted('A', true)] },
  ]
  const shard = 'report/0'
  valueOf(
    await ports.audit.store({
      shard,
      at: FIRST,
      head: valueOf(await ports.audit.head(shard)),
      records: logins.map(({ at, service, success, steps }, index) => ({
        sequence: index + 1,
        record: {
          at: instant(at),
          action: 'POST /validate/check',
          success,
          authentication: success ? 'ACCEPT' : 'REJECT',
          transaction: `9000000000000000000${index}` as TransactionId,
          ...(service === undefined ? {} : { service }),
          address: '',
          userAgent: '',
          info: success ? 'finalized' : 'expired',
          steps: steps as readonly AuditStep[],
        },
      })),
    }),
  )
  const counts = async (service?: string) =>
    valueOf(await ports.firewallReports.counts({ from: FIRST, until: instant(FIRST + 2 * DAY), service }))
  const vpn = { day: '2001-02-03', service: 'vpn', why: 'over_budget' }
  const byVpn = [
    { ...vpn, isShadow: false, logins: 1, accepted: 1 },
    { ...vpn, isShadow: true, logins: 2, accepted: 1 },
  ]
  expect(await counts()).toEqual([
    { day: '2001-02-04', service: undefined, why: 'over_budget', isShadow: true, logins: 1, accepted: 0 },
    ...byVpn,
  ])
  expect(await counts('vpn')).toEqual(byVpn)
  expect(await counts('other')).toEqual([])
})
