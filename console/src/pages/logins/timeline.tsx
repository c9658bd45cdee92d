import { useEffect, useState } from 'preact/hooks'
import { type LiveEnd, type LiveStep, liveSteps } from '../../../../client/src/index.ts'
import { formatClock, formatDuration, readTime } from '../../format.ts'
import { Button } from '../../parts/button.tsx'
import { FailureNotice } from '../../parts/failure.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Loading } from '../../parts/page.tsx'
import { type Stream, useStream } from '../../stream.ts'
import { t } from './login-texts.ts'

/** A login as far as it has come. */
export interface Progress {
  readonly steps: readonly LiveStep[]
  readonly end: LiveEnd | undefined
  readonly stream: Stream
}

/** Watches the steps of a login. */
export function useSteps(transactionId: string): Progress {
  const [state, setState] = useState<Omit<Progress, 'stream'>>({ steps: [], end: undefined })
  useEffect(() => setState({ steps: [], end: undefined }), [transactionId])
  const stream = useStream(
    (nod, options) => liveSteps(nod, transactionId, options),
    (event) =>
      setState(({ steps, end }) =>
        event.event === 'end'
          ? { steps, end: event }
          : // A stream that is opened anew begins with the first step.
            { steps: [...steps.slice(0, event.index), event, ...steps.slice(event.index + 1)], end },
      ),
    [transactionId],
  )
  return { ...state, stream }
}

/** The steps of a login as they happen, each with the time since the one before it. */
export function Timeline({
  transactionId,
  onAnswered,
}: {
  readonly transactionId: string
  /** The phone has answered. */
  readonly onAnswered?: (() => void) | undefined
}) {
  const progress = useSteps(transactionId)
  const { failure, retry } = progress.stream
  const isAnswered = progress.steps.some(({ kind }) => ANSWERS.includes(kind))
  useEffect(() => {
    if (isAnswered) onAnswered?.()
  }, [isAnswered])
  if (failure !== undefined) return <FailureNotice failure={failure} onRetry={retry} />
  return <Steps of={progress} />
}

const ANSWERS: readonly string[] = ['accepted', 'confirmed', 'declined']
/** Steps in which a person has acted. */
const BY_USER: readonly string[] = ['accepted', 'confirmed', 'declined', 'wrong_number', 'wrong_code', 'registered']

export function Steps({ of: { steps, end, stream } }: { readonly of: Progress }) {
  const labels = t()
  const [first] = steps
  const last = steps.at(-1)
  const hasSeveral = new Set(steps.map(({ serial }) => serial).filter(Boolean)).size > 1
  const whole = Math.max(1, ...steps.map(({ since_opening_ms: since }) => since))
  return (
    <div class="stack">
      {stream.connection === 'cut' && (
        <Notice
          tone="warn"
          action={
            <Button small onClick={stream.retry}>
              {labels.retry}
            </Button>
          }
        >
          {labels.cut}
        </Notice>
      )}
      <p class="visually-hidden" role="status">
        {last !== undefined && nameOf(last)}
      </p>
      {first === undefined && (end === undefined ? <Loading /> : <Notice>{labels.erased}</Notice>)}
      {first !== undefined && (
        <ol class="timeline" aria-label={labels.timeline}>
          {steps.map((step) => {
            const { index, serial, since_opening_ms: at, since_step_before_ms: took } = step
            const isPeople = BY_USER.includes(step.kind)
            return (
              <li key={index}>
                <span class="timeline-text">
                  {nameOf(step)}
                  {hasSeveral && serial !== '' && <span class="quiet small break"> {serial}</span>}
                </span>
                <svg class="timeline-bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
                  <rect
                    class={isPeople ? 'timeline-people' : undefined}
                    x={((at - took) / whole) * 100}
                    width={Math.max(0.8, (took / whole) * 100)}
                    height="6"
                  />
                </svg>
                <span class="timeline-time number">{index === 0 ? clockOf(step) : `+${formatDuration(took)}`}</span>
              </li>
            )
          })}
          {end === undefined && last !== undefined && <Waiting key={`after ${last.index}`} after={last} />}
        </ol>
      )}
    </div>
  )
}

const clockOf = ({ time }: LiveStep): string => {
  const at = readTime(time)
  return at === undefined ? '' : formatClock(at)
}

/** A step in words. What it names besides, as a reason, stands behind it. */
export function nameOf({ kind, text }: Pick<LiveStep, 'kind' | 'text'>): string {
  const { steps, details } = t()
  const name = (steps as Readonly<Record<string, string>>)[kind]
  if (name === undefined) return text
  const said = text.replace(/^[^:]*: /, '').replace(/^withdrawn by /, '')
  const known = (details as Readonly<Record<string, string>>)[said]
  if (known !== undefined) return `${name}: ${known}`
  const isNamed = kind === 'delivery_failed' || (kind === 'withdrawn' && said !== text)
  return isNamed ? `${name}: ${said}` : name
}

const WAITS: Readonly<Record<string, keyof ReturnType<typeof t>['waits']>> = {
  opened: 'opened',
  restricted: 'opened',
  delivery_failed: 'opened',
  accepted: 'service',
  confirmed: 'code',
  wrong_code: 'code',
}
const SECOND_MS = 1000

/** What the login waits for, and for how long by now. */
function Waiting({ after }: { readonly after: LiveStep }) {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), SECOND_MS)
    return () => clearInterval(timer)
  }, [])
  const since = readTime(after.time)?.getTime() ?? now
  return (
    <li class="timeline-wait">
      <span class="timeline-text quiet">
        <span class="spinner" aria-hidden="true" /> {t().waits[WAITS[after.kind] ?? 'phone']} …
      </span>
      <span />
      <span class="timeline-time number" aria-hidden="true">
        {Math.max(0, Math.round((now - since) / SECOND_MS))} s
      </span>
    </li>
  )
}
