import type { ValueOf } from '../../../../client/src/index.ts'
import { address } from '../../address.ts'
import { formatDuration, formatNumber, formatShare } from '../../format.ts'
import { Share } from '../../parts/share.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { regionName } from '../../regions.ts'
import { t as overviewTexts } from '../overview/texts.ts'
import { t } from './texts.ts'

export type Report = ValueOf<'GET /report/slo'>

type Timed = Pick<Report['regions'][number], 'share' | 'p50' | 'p99'>

const timeOf = (ms: number | null): string => (ms === null ? '–' : formatDuration(ms))

/** How many were in time, and how long they took. */
function timeColumns<Row extends Timed>(): readonly Column<Row>[] {
  const { within, p50, p99 } = t()
  return [
    {
      name: within,
      kind: 'number',
      of: ({ share }) => (share === null ? '–' : formatShare(share)),
    },
    { name: p50, kind: 'number', of: (row) => timeOf(row.p50) },
    { name: p99, kind: 'number', of: (row) => timeOf(row.p99) },
  ]
}

export function Services({
  of,
  during,
}: {
  readonly of: Report['services']
  readonly during: Readonly<Record<'from' | 'to', string>>
}) {
  const { services, service, logins, accepted, none } = t()
  const most = Math.max(1, ...of.map((one) => one.logins))
  return (
    <Table
      caption={services}
      rows={of}
      rowKey={({ service: name }) => name}
      empty={none}
      columns={[
        {
          name: service,
          of: ({ service: name, logins: count }) => (
            <span class="stack-tight">
              {name === '' ? (
                <span class="quiet">{overviewTexts().noService}</span>
              ) : (
                <a href={address('/logins', { ...during, service: name })}>{name}</a>
              )}
              <Share of={count / most} />
            </span>
          ),
        },
        { name: logins, kind: 'number', of: (row) => formatNumber(row.logins) },
        { name: accepted, kind: 'number', of: (row) => formatNumber(row.accepted) },
        ...timeColumns<Report['services'][number]>(),
      ]}
    />
  )
}

export function Regions({ of }: { readonly of: Report['regions'] }) {
  const { regions, region, logins, none } = t()
  return (
    <Table
      caption={regions}
      rows={of}
      rowKey={({ region: name }) => name}
      empty={none}
      columns={[
        { name: region, of: ({ region: name }) => regionName(name) },
        { name: logins, kind: 'number', of: ({ count }) => formatNumber(count) },
        ...timeColumns<Report['regions'][number]>(),
      ]}
    />
  )
}

interface Cause {
  readonly text: string
  readonly advice: string
  readonly count: number
}

/** What happened, what helps, and how often it was. */
export function Causes<Row extends Cause>({
  of,
  title,
  linkOf,
}: {
  readonly of: readonly Row[]
  readonly title: string
  readonly linkOf: (cause: Row) => string
}) {
  const { what, advice, count, none } = t()
  return (
    <Table
      caption={title}
      rows={of}
      rowKey={({ text }) => text}
      empty={none}
      columns={[
        { name: what, of: (row) => <a href={linkOf(row)}>{row.text}</a> },
        { name: advice, of: (row) => row.advice },
        { name: count, kind: 'number', of: (row) => formatNumber(row.count) },
      ]}
    />
  )
}
