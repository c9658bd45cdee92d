/** Metrics as text: OpenMetrics 1.0, or the older format of Prometheus for programs that ask for it.
 *  Source: prometheus/OpenMetrics, specification 1.0; prometheus.io, "Exposition formats", text format 0.0.4. */
import { BUCKET_BOUNDS, TIMED_STEPS } from '../../vocabulary/login-reports.ts'
import { counterName, type Counters, type Gauges, readCounterName } from '../../vocabulary/metrics.ts'

/** How the metrics are written, with their content types. */
export const METRIC_FORMATS = {
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
} as const
export type MetricFormat = keyof typeof METRIC_FORMATS

/** The format that an `Accept` header asks for: OpenMetrics, unless it takes only the older one. */
export const metricFormat = (accept = ''): MetricFormat =>
  /text\/plain/i.test(accept) && !/openmetrics-text|\*\/\*/i.test(accept.replace(/\*\/\*;q=0\.[01]\b/g, ''))
    ? 'prometheus'
    : 'openmetrics'

type Labels = Readonly<Record<string, string>>
type Sample = readonly [suffix: string, labels: Labels, value: number]

interface Family {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly unit?: 'seconds'
  readonly help: string
  readonly samples: readonly Sample[]
}

/** Writes the metrics. */
export function metricsText(counters: Counters, gauges: Gauges, format: MetricFormat): string {
  const lines = [...countersOf(counters), ...gaugesOf(gauges)].flatMap((family) => familyLines(family, format))
  return `${lines.join('\n')}\n${format === 'openmetrics' ? '# EOF\n' : ''}`
}

function familyLines({ name, type, unit, help, samples }: Family, format: MetricFormat): readonly string[] {
  if (samples.length === 0) return []
  // The older format names a counter with its suffix.
  const named = format === 'prometheus' && type === 'counter' ? `${name}_total` : name
  return [
    `# TYPE ${named} ${type}`,
    ...(unit === undefined || format === 'prometheus' ? [] : [`# UNIT ${named} ${unit}`]),
    `# HELP ${named} ${escaped(help, format === 'openmetrics')}`,
    ...samples.map(([suffix, labels, value]) => `${name}${suffix}${labelText(labels)} ${value}`),
  ]
}

const escaped = (text: string, isQuoted: boolean): string => {
  const plain = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  return isQuoted ? plain.replaceAll('"', '\\"') : plain
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value, true)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function countersOf(counters: Counters): readonly Family[] {
  const logins: Sample[] = []
  const refusals: Sample[] = []
  const deliveries: Sample[] = []
  const rings: Sample[] = []
  const errors: Sample[] = []
  const timed = new Set<string>()
  for (const key of Object.keys(counters).toSorted()) {
    const name = readCounterName(key)
    const value = counters[key] ?? 0
    if (name[0] === 'login') {
      const [, outcome, service, mode] = name
      logins.push(['_total', { outcome, service, mode }, value])
    } else if (name[0] === 'refusal') refusals.push(['_total', { reason: name[1] }, value])
    else if (name[0] === 'delivery') deliveries.push(['_total', { firebase: name[1], result: name[2] }, value])
    else if (name[0] === 'error') errors.push(['_total', { event: name[1] }, value])
    else if (name[0] === 'ring') rings.push(['_total', { cause: name[1], push_firewall: name[2] }, value])
    else timed.add(name[2])
  }
  const counter = (name: string, help: string, samples: readonly Sample[]): Family => ({
    name,
    type: 'counter',
    help,
    samples,
  })
  return [
    counter('nod_logins', 'Logins that have ended, or were refused before they opened.', logins),
    counter('nod_login_refusals', 'Refused requests about logins, those about open ones included.', refusals),
    counter(
      'nod_deliveries',
      'Push messages that FCM has taken (delivered), and tries that failed, by cause.',
      deliveries,
    ),
    counter('nod_silenced_rings', 'Rings that the push firewall kept silent, or would have (shadow).', rings),
    counter('nod_errors', 'Errors that instances have logged and reported, by event.', errors),
    {
      name: 'nod_login_step_seconds',
      type: 'histogram',
      unit: 'seconds',
      help: 'How long the steps of logins took.',
      samples: TIMED_STEPS.flatMap((step) => [...timed].flatMap((region) => histogram(counters, step, region))),
    },
  ]
}

/** The samples of one histogram; none without a login. Buckets add up. */
function histogram(counters: Counters, step: string, region: string): readonly Sample[] {
  const count = (bucket: string): number => counters[counterName('step', step, region, bucket)] ?? 0
  let sum = 0
  const buckets = [...BUCKET_BOUNDS, undefined].map((bound): Sample => {
    sum += count(bound === undefined ? 'inf' : String(bound))
    return ['_bucket', { step, region, le: bound === undefined ? '+Inf' : decimal(bound / 1000) }, sum]
  })
  if (sum === 0) return []
  return [...buckets, ['_sum', { step, region }, count('sum') / 1000], ['_count', { step, region }, sum]]
}

/** A number as both formats and every version of Prometheus write a bucket's bound. */
const decimal = (number: number): string => (Number.isInteger(number) ? `${number}.0` : String(number))

const gauge = (name: string, help: string, value: number | undefined, unit?: 'seconds'): Family => ({
  name,
  type: 'gauge',
  help,
  ...(unit === undefined ? {} : { unit }),
  samples: value === undefined ? [] : [['', {}, value]],
})
const inSeconds = (at: number | undefined) => (at === undefined ? undefined : at / 1000)

function gaugesOf(gauges: Gauges): readonly Family[] {
  return [
    gauge('nod_audit_links_waiting', 'Links of the audit that are not added up yet.', gauges.linksWaiting),
    gauge('nod_shards', 'Shards that have opened logins.', gauges.shards),
    gauge('nod_shards_behind', 'Shards that do not know the newest settings.', gauges.shardsBehind),
    gauge('nod_webhook_events_waiting', 'Security events that wait for a webhook.', gauges.webhookEventsWaiting),
    gauge('nod_restores_open', 'Restores of the database that nobody has dealt with.', gauges.restoresOpen),
    gauge(
      'nod_housekeeping_ended_timestamp_seconds',
      'When the hourly rounds of housekeeping were last all done.',
      inSeconds(gauges.roundsEndedAt),
      'seconds',
    ),
    gauge(
      'nod_housekeeping_failed_timestamp_seconds',
      'When a round of housekeeping last failed.',
      inSeconds(gauges.roundFailedAt),
      'seconds',
    ),
  ]
}
