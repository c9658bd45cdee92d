import { lazy } from 'preact-iso'
import { address } from '../../address.ts'
import { formatClock, formatDay, formatNumber, readTime } from '../../format.ts'
import type { Period } from '../../parts/charts.tsx'
import { Empty } from '../../parts/page.tsx'
import { Swatch } from '../../parts/texture.tsx'
import { Table } from '../../parts/table.tsx'
import { type Outcome, OUTCOMES, type Overview } from './outcomes.ts'
import { t } from './texts.ts'

// The page is usable before the chart has been loaded.
const StackedBars = lazy(() => import('../../parts/charts.tsx').then((module) => module.StackedBars))

const LENGTH_MS = { hour: 3_600_000, day: 86_400_000 } as const

/** Logins by outcome over time, as a picture and as a table. `isPast`: links lead to logins of this time alone, and not to those that come. */
export function LoginsChart({
  of: { logins, from, to, span },
  isPast = false,
}: {
  readonly of: Overview
  readonly isPast?: boolean
}) {
  const labels = t()
  if (logins.total === 0) return <Empty>{labels.nobody}</Empty>
  const shown = OUTCOMES.filter(([outcome]) => logins.outcomes[outcome] > 0)
  const periods = everyPeriod(logins.periods, from, to, span)
  return (
    <>
      <StackedBars label={labels.chart} series={shown.map(([name, look]) => ({ name, look }))} periods={periods} />
      <div class="legend">
        {shown.map(([outcome, look]) => (
          <a key={outcome} href={address('/logins', { from, outcome, ...(isPast ? { to } : {}) })}>
            <Swatch of={look} />
            {labels.outcomes[outcome]} <span class="quiet number">{formatNumber(logins.outcomes[outcome])}</span>
          </a>
        ))}
      </div>
      <details>
        <summary>{labels.asTable}</summary>
        <Table
          caption={labels.chart}
          rows={periods.filter(({ total }) => total > 0)}
          rowKey={({ href }) => href}
          empty={labels.nobody}
          columns={[
            { name: labels.period, of: ({ name, href }) => <a href={href}>{name}</a> },
            { name: labels.total, kind: 'number', of: ({ total }) => formatNumber(total) },
            ...shown.map(([outcome]) => ({
              name: labels.outcomes[outcome],
              kind: 'number' as const,
              of: ({ values }: Counted) => formatNumber(values[outcome] ?? 0),
            })),
          ]}
        />
      </details>
    </>
  )
}

interface Counted extends Period {
  readonly name: string
  readonly total: number
}

/** Every period from the first to the last, those without a login included. */
function everyPeriod(
  counted: Overview['logins']['periods'],
  from: string,
  to: string,
  span: Overview['span'],
): readonly Counted[] {
  const length = LENGTH_MS[span]
  const begin = Math.floor((readTime(from)?.getTime() ?? 0) / length) * length
  const end = readTime(to)?.getTime() ?? begin
  const found = new Map(counted.map((period) => [readTime(period.at)?.getTime(), period]))
  const count = Math.max(1, Math.ceil((end - begin) / length))
  return Array.from({ length: count }, (_, index) => {
    const at = new Date(begin + index * length)
    const { total = 0, outcomes = {} } = found.get(at.getTime()) ?? {}
    // Days are those of UTC.
    const name = span === 'hour' ? `${formatDay(at)}, ${hourOf(at)}` : formatDay(at, 'UTC')
    const parts = Object.entries(outcomes).map(
      ([outcome, many]) => `${t().outcomes[outcome as Outcome]} ${formatNumber(many)}`,
    )
    return {
      name,
      total,
      values: outcomes,
      label: [`${name}: ${formatNumber(total)}`, ...parts].join(', '),
      tick: span === 'hour' ? hourOf(at) : shortDay(at),
      href: address('/logins', { from: at.toISOString(), to: new Date(at.getTime() + length).toISOString() }),
    }
  })
}

const hourOf = (at: Date): string => formatClock(at).replace(/:00$/, '')
const shortDay = (at: Date): string => formatDay(at, 'UTC').replace(/\s?\d{4}$/, '')
