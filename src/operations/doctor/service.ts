/** Checks of how Nod is reached, of its housekeeping and its audit. */
import { present } from '../../present.ts'
import { addSeconds, seconds } from '../../vocabulary.ts'
import type { Swept } from '../../vocabulary/housekeeping.ts'
import { publicUrlOf } from '../public-url.ts'
import type { Check, Finding } from './finding.ts'

/** The rounds begin an hour after the last ones have ended; an alarm may be late. */
const ROUNDS_LATE = seconds(3 * 3600)

/** Addresses that only this machine reaches. */
const LOOPBACK = /^https?:\/\/(?:127\.\d+\.\d+\.\d+|\[::1\]|localhost)(?::\d+)?$/

export const anonymousCheck: Check = {
  id: 'anonymous_check',
  async run({ ports: { limits }, source }) {
    if (!limits.anonymousCheck) return { state: 'ok', text: 'anonymous_denied' }
    const url = publicUrlOf(limits, source)
    return url !== undefined && LOOPBACK.test(url)
      ? { state: 'ok', text: 'anonymous_local' }
      : { state: 'warn', text: 'anonymous_allowed', next: 'ANONYMOUS_CHECK=deny' }
  },
}

export const publicUrl: Check = {
  id: 'public_url',
  async run({ ports: { limits }, source }): Promise<Finding> {
    const url = publicUrlOf(limits, source)
    if (url === undefined) return { state: 'fail', text: 'public_url_missing', next: 'PUBLIC_URL=https://…' }
    const origin = limits.onCloudflare ? source.origin.replace(/^http:/, 'https:') : source.origin
    return URL.parse(url)?.origin === origin || LOOPBACK.test(origin)
      ? { state: 'ok', text: 'public_url_ok', values: { url } }
      : { state: 'warn', text: 'public_url_other', values: { url, origin }, next: `curl ${url}/healthz` }
  },
}

export const auditHead: Check = {
  id: 'audit_head',
  async run({ ports }) {
    const head = await ports.auditHeads.sign()
    return head.ok
      ? { state: 'ok', text: 'head_ok', values: { chains: Object.keys(head.value.chains).length } }
      : { state: 'fail', text: 'head_unsigned', next: 'npm run nod -- audit-head' }
  },
}

export const rounds: Check = {
  id: 'rounds',
  async run({ ports }) {
    const found = await ports.journal.roundState()
    if (!found.ok) return { state: 'fail', text: 'unchecked' }
    const { endedAt, dueAt, failed } = found.value
    const now = ports.now()
    if (failed !== undefined && (endedAt === undefined || failed.at >= addSeconds(endedAt, seconds(-60))))
      return { state: 'warn', text: 'rounds_failed', values: { at: textOf(failed.at), round: failed.round } }
    const isLate = dueAt !== undefined && now > addSeconds(dueAt, ROUNDS_LATE)
    if (endedAt === undefined) return { state: isLate ? 'warn' : 'ok', text: 'rounds_new' }
    const values = { at: textOf(endedAt) }
    const details = found.value.swept && sweptText(found.value.swept)
    return { ...(isLate ? LATE : IN_TIME), values, ...present({ details }) }
  },
}

/** `2026-11-29 13:42 UTC`. */
const textOf = (at: number): string => new Date(at).toISOString().replace(/T(\d\d:\d\d).*/, ' $1 UTC')

const LATE = { state: 'warn', text: 'rounds_late' } as const
const IN_TIME = { state: 'ok', text: 'rounds_ok' } as const

function sweptText({ at, deleted }: Swept): string {
  const counts = Object.entries(deleted).map(([table, count]) => `${table}: ${count}`)
  return `expired rows deleted at ${textOf(at)}: ${counts.join(', ') || 'none'}`
}

export const errors: Check = {
  id: 'errors',
  async run({ ports }) {
    const everywhere = await ports.errors.everywhere()
    const counts = everywhere.ok ? everywhere.value : ports.errors.here()
    const count = counts.reduce((sum, one) => sum + one.count, 0)
    if (count === 0 && everywhere.ok) return { state: 'ok', text: 'errors_none' }
    const details = counts.map((one) => `${one.event}: ${one.count}, last ${textOf(one.lastAt)}`).join('; ')
    const text = everywhere.ok ? 'errors_some' : 'errors_here'
    return { state: 'warn', text, values: { count }, details, next: 'npx wrangler tail --format json' }
  },
}
