/** Posts signed heads of the audit to the address that the operator has set. */
import type { HeadWebhook } from '../ports/audit-heads.ts'
import { seconds } from '../vocabulary.ts'
import { withTimeLimit } from '../time-limit.ts'

const LIMIT = seconds(10)

/** `url`: https. A redirect counts as a failure: nothing is posted anywhere else. */
export const headWebhook = (options: { readonly fetch: typeof fetch; readonly url: string }): HeadWebhook => ({
  async send(jws) {
    const abort = new AbortController()
    try {
      const response = await withTimeLimit(
        options.fetch(options.url, {
          method: 'POST',
          headers: { 'Content-Type': 'application/jose' },
          body: jws,
          redirect: 'manual',
          signal: abort.signal,
        }),
        LIMIT,
        abort,
      )
      if (response === 'late') return `no answer in ${LIMIT} s`
      await response.body?.cancel()
      return response.ok ? undefined : `HTTP ${response.status}`
    } catch (error) {
      return String(error)
    }
  },
})
