/** The counters of the metrics, made from the counts of logins. */
import type { Counts } from '../../vocabulary/login-reports.ts'
import { counterName, type Counters, OTHER_SERVICES } from '../../vocabulary/metrics.ts'

/** So many services have a label of their own, the first that had a login. No service loses its label. */
const MAX_SERVICES = 200

/** Counts of one region, service and mode. */
interface Part {
  readonly region: string
  readonly service: string
  readonly mode: string
  readonly counts: Counts
}

/** What is kept between two scrapes, so that no counter falls when D1 is put back to an earlier state. */
export interface KeptCounters {
  /** As D1 last had them. */
  readonly stored: Counters
  /** What D1 has lost: it is added for ever. */
  readonly lost: Counters
  /** The services that have a label of their own. */
  readonly services: readonly string[]
}

export const NOTHING_KEPT: KeptCounters = { stored: {}, lost: {}, services: [] }

/** What is kept after D1 has these counts. What is lower than before is lost there, and stays counted. */
export function keepCounters(before: KeptCounters, parts: readonly Part[]): KeptCounters {
  const services = new Set(before.services)
  for (const { service } of parts) if (services.size < MAX_SERVICES) services.add(service)
  const stored = countersOf(parts, services)
  const lost = { ...before.lost }
  for (const [name, number] of Object.entries(before.stored)) {
    const fallen = number - (stored[name] ?? 0)
    if (fallen > 0) lost[name] = (lost[name] ?? 0) + fallen
  }
  return { stored, lost, services: [...services] }
}

/** The counters as they are told: none is ever lower than it was. */
export function shownCounters({ stored, lost }: KeptCounters): Counters {
  const told: Record<string, number> = { ...stored }
  for (const [name, number] of Object.entries(lost)) told[name] = (told[name] ?? 0) + number
  return told
}

function countersOf(parts: readonly Part[], services: ReadonlySet<string>): Counters {
  const counters: Record<string, number> = {}
  for (const { region, service, mode, counts } of parts) {
    const label = services.has(service) ? service : OTHER_SERVICES
    for (const [name, number] of Object.entries(counts)) {
      const counter = counterOf(name, { region, service: label, mode })
      if (counter !== undefined) counters[counter] = (counters[counter] ?? 0) + number
    }
  }
  return counters
}

type Labels = Omit<Part, 'counts'>

/** The counter that a count adds to. A Firebase configuration's name may have slashes; a cause has none. */
function counterOf(name: string, { region, service, mode }: Labels): string | undefined {
  const [, kind, rest = ''] = /^([a-z]+)\/(.*)$/.exec(name) ?? []
  const at = rest.lastIndexOf('/')
  const [first, last] = at < 0 ? [rest, ''] : [rest.slice(0, at), rest.slice(at + 1)]
  if (kind === 'outcome') return counterName('login', rest, service, mode)
  if (kind === 'refused') return counterName('refusal', rest)
  if (kind === 'delivery') return counterName('delivery', first, last)
  if (kind === 'ring') return counterName('ring', first, last === 'shadow' ? 'shadow' : 'on')
  if (kind === 'step') return counterName('step', first, region, last)
  return undefined
}

const OPENED = ['accepted', 'unfinished', 'declined', 'not_me', 'cancelled', 'expired', 'failed'] as const

/** Adds the counters that matter before they count: the first login that is called somebody else's must be seen as a rise. */
export function withZeros(counters: Counters, firebase: readonly string[]): Counters {
  const services = new Map<string, readonly [service: string, mode: string]>()
  for (const name of Object.keys(counters)) {
    const [kind, , service = '', mode = ''] = JSON.parse(name) as readonly string[]
    if (kind === 'login' && mode !== '') services.set(`${mode} ${service}`, [service, mode])
  }
  const names = [
    ...[...services.values()].flatMap(([service, mode]) =>
      OPENED.map((one) => counterName('login', one, service, mode)),
    ),
    ...firebase.map((one) => counterName('delivery', one, 'delivered')),
    ...(['over_budget', 'paused', 'pin_known'] as const).map((cause) => counterName('ring', cause, 'on')),
  ]
  return { ...Object.fromEntries(names.map((name) => [name, 0])), ...counters }
}
