import { call, download } from '../../../../client/src/index.ts'
import { address, useFilters } from '../../address.ts'
import { useDownload } from '../../download.ts'
import { formatDuration, formatNumber, formatShare } from '../../format.ts'
import { Button } from '../../parts/button.tsx'
import { FailureNotice } from '../../parts/failure.tsx'
import { SelectField } from '../../parts/form.tsx'
import { Card, Empty, Loaded, Page } from '../../parts/page.tsx'
import { useQuery } from '../../query.ts'
import { LoginsChart } from '../overview/logins-chart.tsx'
import { LET_IN } from '../overview/outcomes.ts'
import { Causes, Regions, type Report, Services } from './tables.tsx'
import { monthOptions, thisMonth } from './months.ts'
import { t } from './texts.ts'

/** The report of one month: whether logins were in time, by day, service and region, and what went wrong. */
export default function ReportPage() {
  const { filters, setFilters } = useFilters(['month'])
  const month = filters.month === '' ? thisMonth() : filters.month
  const query = useQuery((nod, options) => call(nod, 'GET /report/slo', { month }, options), [month])
  const file = useDownload(
    (nod, options) => download(nod, 'GET /report/slo', { month, outform: 'html' }, options),
    `${month}.html`,
  )
  const labels = t()
  return (
    <Page
      title={labels.title}
      lead={labels.lead}
      actions={
        <>
          <SelectField
            name="month"
            label={labels.month}
            options={monthOptions(month)}
            value={month}
            onChange={(value) => setFilters({ month: value === thisMonth() ? '' : value })}
          />
          <Button onClick={() => print()}>{labels.print}</Button>
          <Button busy={file.isBusy} onClick={file.download}>
            {labels.file}
          </Button>
        </>
      }
    >
      {file.failure !== undefined && <FailureNotice failure={file.failure} />}
      <Loaded query={query}>{(report) => <Content of={report} />}</Loaded>
    </Page>
  )
}

function Content({ of: report }: { readonly of: Report }) {
  const labels = t()
  const { from, to } = report
  return (
    <>
      <Figures of={report} />
      <Card title={labels.chart}>
        <Days from={from} to={to} />
      </Card>
      <Card title={labels.services}>
        <Services of={report.services} during={{ from, to }} />
      </Card>
      {report.regions.length > 1 && (
        <Card title={labels.regions}>
          <Regions of={report.regions} />
        </Card>
      )}
      {report.failures.length > 0 && (
        <Card title={labels.failures}>
          <Causes
            of={report.failures}
            title={labels.failures}
            linkOf={({ outcome }) => address('/logins', { from, to, outcome })}
          />
        </Card>
      )}
      {report.refusals.length > 0 && (
        <Card title={labels.refusals}>
          <Causes
            of={report.refusals}
            title={labels.refusals}
            linkOf={() => address('/logins', { from, to, outcome: 'refused' })}
          />
        </Card>
      )}
    </>
  )
}

const timeOf = (ms: number | null): string => (ms === null ? '–' : formatDuration(ms))

function Figures({ of: { system, logins, within_ms: within, from, to } }: { readonly of: Report }) {
  const labels = t()
  const { share, before } = system
  const { figures } = labels
  return (
    <>
      {share === null ? (
        <Empty>{labels.none}</Empty>
      ) : (
        <div class="figure">
          <b>{formatShare(share)}</b>
          <span>{labels.share(formatDuration(within))}</span>
          {before.share !== null && <span>{labels.before(formatShare(before.share))}</span>}
        </div>
      )}
      <div class="figures">
        <a class="figure" href={address('/logins', { from, to })}>
          <b>{formatNumber(logins.total)}</b>
          <span>{figures.total}</span>
        </a>
        <a class="figure" href={address('/logins', { from, to, outcome: LET_IN })}>
          <b>{formatNumber(logins.accepted)}</b>
          <span>{figures.accepted}</span>
        </a>
        <div class="figure">
          <b>{timeOf(system.p50)}</b>
          <span>{figures.p50}</span>
        </div>
        <a
          class="figure"
          href={address('/logins', { from, to, slower_than: system.p99 === null ? '' : String(system.p99) })}
        >
          <b>{timeOf(system.p99)}</b>
          <span>{figures.p99}</span>
        </a>
      </div>
    </>
  )
}

/** Logins by outcome, for each day of the month. */
function Days({ from, to }: { readonly from: string; readonly to: string }) {
  const query = useQuery((nod, options) => call(nod, 'GET /report/overview', { from, to }, options), [from, to])
  return <Loaded query={query}>{(overview) => <LoginsChart of={overview} isPast />}</Loaded>
}
