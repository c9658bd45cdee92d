import { readUpstreamAnswer, versionIn } from '../../protocol/upstream/upstream-answer.ts'
import { seconds } from '../../vocabulary.ts'
import type { Check } from './finding.ts'

const LIMIT = seconds(3)

/** Whether the server that users move here from answers, and which version it is. */
export const upstream: Check = {
  id: 'upstream',
  async run({ ports }) {
    const { upstream: server } = ports
    if (server === undefined) return { state: 'skip', text: 'unchecked' }
    // Anybody may ask this, and it changes nothing; an unknown login is pending.
    const target = '/validate/polltransaction?transaction_id=0'
    const asked = await server.ask({ method: 'GET', target, headers: { accept: 'application/json' } }, LIMIT)
    const values = { url: server.url }
    if (!asked.ok) return { state: 'fail', text: 'upstream_unreachable', values, next: 'UPSTREAM_URL' }
    if (readUpstreamAnswer(asked.value.text) === undefined)
      return {
        state: 'fail',
        text: 'upstream_other',
        values,
        details: `HTTP ${asked.value.status}`,
        next: 'UPSTREAM_URL',
      }
    const known = { ...values, version: versionIn(asked.value.text) ?? '?' }
    if (server.hasAccount) {
      const listed = await server.askAsAccount(
        { method: 'GET', target: '/token/?pagesize=1', headers: {} },
        LIMIT,
        false,
      )
      if (!listed.ok || listed.value.status !== 200)
        return {
          state: 'fail',
          text: 'upstream_account_refused',
          values: known,
          next: 'wrangler secret put UPSTREAM_PASSWORD',
        }
    } else
      return { state: 'warn', text: 'upstream_no_account', values: known, next: 'UPSTREAM_LOGIN, UPSTREAM_PASSWORD' }
    return { state: 'ok', text: 'upstream_ok', values: known }
  },
}
