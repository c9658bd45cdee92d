import { watchTimeline } from '../../operations/login/watch-timeline.ts'
import { watchLogins } from '../../operations/reports/watch-logins.ts'
import { parseTransactionId } from '../../protocol/login/client-request.ts'
import { endItem, liveLoginItem, parseLive, stepItem } from '../../protocol/login/live-login.ts'
import { string } from '../../protocol/shape.ts'
import { eventStream, KEEPALIVE_COMMENT, namedEventText } from '../event-stream.ts'
import { protectedRoute } from '../protected-route.ts'
import { languageOf } from '../request-language.ts'
import { addRoutes } from '../route.ts'
import { Router } from '../router.ts'
import { sendRefusal } from '../send.ts'

export const liveLoginRoutes = new Router()

addRoutes(liveLoginRoutes, '/report/live', {
  GET: protectedRoute(
    {
      summary: 'Watch logins while they happen',
      description:
        'Server-sent events: the newest logins, open ones included, then each login that changes. The stream ends after five minutes; a new one begins with the newest logins again. Each shard that has opened a login is asked three times a minute where nothing happens, and at most once a second.',
      access: 'helpdesk',
      parser: parseLive,
      body: {
        'text/event-stream': string(
          'Event `login`: `data` is a login as GET /report/logins lists it, with `last`, its latest step, and `last_text`. The same `transaction_id` again: it has changed',
        ),
      },
    },
    async (c, credential, request) => {
      const watched = await watchLogins(c.var.ports, credential, request)
      if (!watched.ok) return sendRefusal(c, watched.refusal)
      const language = languageOf(c)
      return eventStream(c, watched.value, (login) =>
        login === undefined
          ? KEEPALIVE_COMMENT
          : namedEventText('login', JSON.stringify(liveLoginItem(login, language))),
      )
    },
  ),
})

addRoutes(liveLoginRoutes, '/transaction/:transaction_id/steps', {
  GET: protectedRoute(
    {
      summary: 'Watch the steps of a login',
      description:
        'Server-sent events: each step that the login has, each further one as it happens, and its end. Of a login that has ended, everything at once. The stream ends after ten minutes.',
      access: 'timeline',
      parser: parseTransactionId,
      body: {
        'text/event-stream': string(
          'Event `step`: `data` has `index`, `kind`, `text`, `time`, `serial`, `since_opening_ms` and `since_step_before_ms`. Event `end`: `outcome`, `cause`, `reason` and `advice`; the outcome `open` if the login goes on',
        ),
      },
      refuses: [404],
    },
    async (c, credential, id) => {
      const watched = await watchTimeline(c.var.ports, credential, id)
      if (!watched.ok) return sendRefusal(c, watched.refusal)
      const language = languageOf(c)
      return eventStream(c, watched.value, (event) => {
        if (event === undefined) return KEEPALIVE_COMMENT
        const item = event.kind === 'step' ? stepItem(event) : endItem(event, language)
        return namedEventText(event.kind, JSON.stringify(item))
      })
    },
  ),
})
