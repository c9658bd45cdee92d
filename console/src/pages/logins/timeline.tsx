import { call, type ValueOf } from '../../../../client/src/index.ts'
import { formatDuration, readTime } from '../../format.ts'
import { Loaded } from '../../parts/page.tsx'
import { useQuery } from '../../query.ts'
import { t } from './texts.ts'

type Login = ValueOf<'GET /transaction/{transaction_id}'>
type Step = Login['steps'][number]

const EVERY_MS = 1000

/** The steps of a login as they happen, each with the time since the one before it. */
export function Timeline({ transactionId }: { readonly transactionId: string }) {
  const query = useQuery(
    (nod, options) => call(nod, 'GET /transaction/{transaction_id}', { transaction_id: transactionId }, options),
    [transactionId],
    { every: EVERY_MS },
  )
  return <Loaded query={query}>{({ steps }) => <Steps of={steps} />}</Loaded>
}

const timeOf = ({ time }: Step): number => readTime(`${time}Z`.replace(/Z+$/, 'Z'))?.getTime() ?? 0

function Steps({ of: steps }: { readonly of: readonly Step[] }) {
  const [first, ...others] = steps
  if (first === undefined) return null
  const begin = timeOf(first)
  const whole = Math.max(1, ...others.map((step) => timeOf(step) - begin))
  return (
    <ol class="timeline" aria-label={t().timeline}>
      {steps.map((step, index) => {
        const at = timeOf(step) - begin
        const before = index === 0 ? at : timeOf(steps[index - 1] ?? first) - begin
        return (
          <li key={index}>
            <span class="timeline-text">
              {step.event}
              {step.serial !== '' && <span class="quiet small"> {step.serial}</span>}
            </span>
            <svg class="timeline-bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
              <rect x={(before / whole) * 100} width={Math.max(0.8, ((at - before) / whole) * 100)} height="6" rx="1" />
            </svg>
            <span class="timeline-time number">{index === 0 ? '' : `+${formatDuration(at - before)}`}</span>
          </li>
        )
      })}
    </ol>
  )
}
