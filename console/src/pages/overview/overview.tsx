import { useLocation } from 'preact-iso'
import { useEffect } from 'preact/hooks'
import { call, listServiceKeys } from '../../../../client/src/index.ts'
import { address, useFilters } from '../../address.ts'
import { formatDuration, formatNumber, formatShare } from '../../format.ts'
import { ButtonLink } from '../../parts/button.tsx'
import { SelectField } from '../../parts/form.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Card, Loaded, Page } from '../../parts/page.tsx'
import { useQuery } from '../../query.ts'
import { ask, LED, session } from '../../session.ts'
import { LoginsChart } from './logins-chart.tsx'
import { Deliveries, LoginList, Refusals, Services, Steps } from './lists.tsx'
import { LET_IN, NOT_LET_IN, type Overview, SUCCESSES } from './outcomes.ts'
import { t } from './texts.ts'

const HOURS = { '24h': 24, '7d': 7 * 24, '30d': 30 * 24 } as const
type Span = keyof typeof HOURS
const HOUR_MS = 3_600_000
const EVERY_MS = 60_000

/** What goes on: alarms first, then logins by outcome, the time that each step takes, and what lies behind every figure. */
export default function OverviewPage() {
  const { filters, setFilters } = useFilters(['span'])
  const span: Span = filters.span in HOURS ? (filters.span as Span) : '24h'
  const from = () => new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS - (HOURS[span] - 1) * HOUR_MS).toISOString()
  const query = useQuery((nod, options) => call(nod, 'GET /report/overview', { from: from() }, options), [span], {
    every: EVERY_MS,
  })
  useFirstSteps(filters.span === '' && query.value?.logins.total === 0)
  const labels = t()
  return (
    <Page
      title={labels.title}
      actions={
        <SelectField
          name="span"
          label={labels.span}
          options={Object.entries(labels.spans)}
          value={span}
          onChange={(value) => setFilters({ span: value === '24h' ? '' : value })}
        />
      }
    >
      <Loaded query={query}>
        {(overview) => (
          <>
            <Alarms of={overview.alarms} />
            <Figures of={overview} />
            <Card title={labels.logins}>
              <LoginsChart of={overview} />
            </Card>
            <div class="columns">
              <Card title={labels.steps}>
                <Steps of={overview.steps} />
              </Card>
              <div class="stack">
                <Card title={labels.services}>
                  <Services of={overview.logins.services} from={overview.from} />
                </Card>
                <Card title={labels.deliveries}>
                  <Deliveries of={overview.deliveries} />
                  {overview.rings.silenced > 0 && <p>{labels.silenced(formatNumber(overview.rings.silenced))}</p>}
                </Card>
              </div>
            </div>
            <div class="columns">
              <LoginList
                title={labels.broken}
                filter={{ from: overview.from, outcome: 'refused' }}
                empty={labels.noFailure}
              />
              <div class="stack">
                <Card title={labels.refusals}>
                  <Refusals of={overview.logins.refusals} from={overview.from} />
                </Card>
                <LoginList
                  title={labels.slow}
                  filter={{ from: overview.from, slower_than: slowerThan(overview) }}
                  empty={labels.noneSlower(formatDuration(slowerThan(overview)))}
                />
              </div>
            </div>
          </>
        )}
      </Loaded>
    </Page>
  )
}

/** Leads the administrator of a deployment that nobody has used to the first steps: once in a tab, so that the way back is open. */
function useFirstSteps(isQuiet: boolean): void {
  const { route } = useLocation()
  useEffect(() => {
    if (!isQuiet || session.value?.role !== 'admin' || sessionStorage.getItem(LED) !== null) return
    sessionStorage.setItem(LED, '1')
    void ask((nod) => listServiceKeys(nod)).then((keys) => {
      if (keys.ok && keys.value.length === 0) route(address('/start'), true)
    })
  }, [isQuiet])
}

/** What nine of ten logins stay below. */
const slowerThan = ({ steps }: Overview): number => Math.round(steps.find(({ step }) => step === 'system')?.p90 ?? 1000)

/** The page of the console that has the list behind an alarm. */
const PAGE_OF = {
  not_me: address('/logins', { outcome: 'not_me' }),
  failing_firebase: address('/doctor'),
  health: address('/doctor'),
  locked_tokens: address('/tokens', { status: 'locked' }),
  silenced_rings: address('/logins'),
  unreachable_phones: address('/tokens', { status: 'unreachable' }),
} as const

const URGENT = ['not_me', 'failing_firebase', 'health']

const Alarms = ({ of }: { readonly of: Overview['alarms'] }) =>
  of.length === 0 ? null : (
    <div class="stack-tight">
      {of.map(({ kind, name, text }) => (
        <Notice
          key={`${kind} ${name}`}
          tone={URGENT.includes(kind) ? 'bad' : 'warn'}
          action={
            <ButtonLink small href={PAGE_OF[kind]}>
              {t().alarms.open}
            </ButtonLink>
          }
        >
          {text}
        </Notice>
      ))}
    </div>
  )

const time = (ms: number | null | undefined) => (ms === null || ms === undefined ? '–' : formatDuration(ms))

function Figures({ of: { logins, steps, from } }: { readonly of: Overview }) {
  const { figures } = t()
  const good = SUCCESSES.reduce((sum, outcome) => sum + logins.outcomes[outcome], 0)
  const system = steps.find(({ step }) => step === 'system')
  return (
    <div class="figures">
      <Figure name={figures.total} value={formatNumber(logins.total)} href={address('/logins', { from })} />
      <Figure
        name={figures.accepted}
        value={logins.total === 0 ? '–' : formatShare(good / logins.total)}
        href={address('/logins', { from, outcome: LET_IN })}
      />
      <Figure
        name={figures.open}
        value={formatNumber(logins.total - good)}
        href={address('/logins', { from, outcome: NOT_LET_IN })}
      />
      <Figure
        name={figures.system}
        value={time(system?.p50)}
        href={address('/logins', { from, slower_than: String(system?.p50 ?? '') })}
      />
      <Figure
        name={figures.slow}
        value={time(system?.p99)}
        href={address('/logins', { from, slower_than: String(Math.round(system?.p99 ?? 0)) })}
      />
    </div>
  )
}

const Figure = ({ name, value, href }: { readonly name: string; readonly value: string; readonly href?: string }) => {
  const content = (
    <>
      <b>{value}</b>
      <span>{name}</span>
    </>
  )
  return href === undefined ? (
    <div class="figure">{content}</div>
  ) : (
    <a class="figure" href={href}>
      {content}
    </a>
  )
}
