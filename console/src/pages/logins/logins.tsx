import { useEffect, useState } from 'preact/hooks'
import { listLogins, type LoginFilter, loginsCsv } from '../../../../client/src/index.ts'
import { useDownload } from '../../download.ts'
import { formatNumber, formatTime, readTime } from '../../format.ts'
import { Button } from '../../parts/button.tsx'
import { FailureNotice } from '../../parts/failure.tsx'
import { Badge, Notice, type Tone } from '../../parts/notice.tsx'
import { Card, Loading, Page } from '../../parts/page.tsx'
import { usePages } from '../../pages-query.ts'
import { useAnnouncement, useSettled } from './quiet.ts'
import { Asked } from './asked.tsx'
import { type Filters, LoginFilters, useLoginFilters } from './filters.tsx'
import { LoginTable } from './list.tsx'
import { joined, type Tail, useTail } from './tail.ts'
import { TestLogin } from './test-login.tsx'
import { t } from './texts.ts'

/** The audit has a login two minutes after its end: the list is read again so often. */
const REFRESH_MS = 30_000
const TYPING_MS = 300

/** Logins while they happen, and before. */
export default function Logins() {
  const { filters, setFilters } = useLoginFilters()
  const settled = useSettled(filters, TYPING_MS)
  const [isTesting, setTesting] = useState(false)
  // A time that is over gets no further logins.
  const isLive = settled.to === '' || (readTime(settled.to)?.getTime() ?? 0) > Date.now()
  const tail = useTail(settled, isLive)
  const isOpen = settled.outcome === 'open'
  const file = useDownload((nod, options) => loginsCsv(nod, filterOf(settled), options), 'logins.csv')
  const labels = t()
  return (
    <Page
      title={labels.title}
      lead={labels.lead}
      actions={
        <>
          <Button onClick={() => setTesting(true)}>{labels.test}</Button>
          <Button busy={file.isBusy} disabled={isOpen} onClick={file.download}>
            {labels.download}
          </Button>
        </>
      }
    >
      <LoginFilters filters={filters} setFilters={setFilters} />
      {file.failure !== undefined && <FailureNotice failure={file.failure} />}
      {isLive && <LiveState of={tail} />}
      {isOpen ? <Asked filters={settled} live={tail.all} /> : <All filters={settled} tail={tail} isLive={isLive} />}
      {isTesting && <TestLogin onClose={() => setTesting(false)} />}
    </Page>
  )
}

/** The filters as the API takes them. */
const filterOf = (filters: Filters): LoginFilter =>
  Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== ''))

/** Whether logins come in, and a way to hold them. */
function LiveState({ of: { isPaused, setPaused, held, stream, logins } }: { readonly of: Tail }) {
  const labels = t()
  const { connection, failure, retry } = stream
  const newest = [...logins.values()].at(-1)
  const said = useAnnouncement(logins, (count) => labels.changed(formatNumber(count), newest?.user ?? ''))
  const tones: Readonly<Record<typeof connection, Tone>> = { opening: 'plain', open: 'good', cut: 'warn', ended: 'bad' }
  if (failure !== undefined) return <FailureNotice failure={failure} onRetry={retry} />
  return (
    <div class="stack-tight">
      <div class="logins-head live-state">
        <span role="status">
          <Badge tone={isPaused ? 'plain' : tones[connection]}>{labels.live[isPaused ? 'paused' : connection]}</Badge>
        </span>
        <Button small onClick={() => setPaused(!isPaused)}>
          {isPaused ? (held > 0 ? labels.held(formatNumber(held)) : labels.resume) : labels.pause}
        </Button>
      </div>
      {connection === 'cut' && (
        <Notice
          tone="warn"
          action={
            <Button small onClick={retry}>
              {labels.retry}
            </Button>
          }
        >
          {labels.cut}
        </Notice>
      )}
      <p class="visually-hidden" role="status">
        {said}
      </p>
    </div>
  )
}

function All({ filters, tail, isLive }: { readonly filters: Filters; readonly tail: Tail; readonly isLive: boolean }) {
  const past = usePages(
    (nod, cursor, options) => listLogins(nod, { ...filterOf(filters), cursor }, options),
    ({ logins }) => logins,
    [filters],
  )
  const { items = [], more, reload } = past
  const isFirstPage = items.length <= 50
  useEffect(() => {
    if (!isLive || tail.isPaused || !isFirstPage) return undefined
    const timer = setInterval(() => document.visibilityState === 'visible' && reload(), REFRESH_MS)
    return () => clearInterval(timer)
  }, [isLive, tail.isPaused, isFirstPage, JSON.stringify(filters)])
  const logins = joined(tail.logins, items, more === undefined)
  const stoppedAt = readTime(past.last?.stopped_at)
  const labels = t()
  const isReading = past.isLoading && logins.length === 0
  return (
    <>
      {past.failure !== undefined && <FailureNotice failure={past.failure} onRetry={reload} />}
      {isReading ? (
        <Loading />
      ) : (
        (past.failure === undefined || logins.length > 0) && (
          <Card flush>
            <LoginTable of={logins} empty={isLive ? labels.emptyLive : labels.empty} />
          </Card>
        )
      )}
      {stoppedAt !== undefined && <Notice>{labels.stopped(formatTime(stoppedAt))}</Notice>}
      {more !== undefined && (
        <div class="row">
          <Button busy={past.isLoading} onClick={more}>
            {stoppedAt === undefined ? labels.olderMore : labels.goOn}
          </Button>
        </div>
      )}
    </>
  )
}
