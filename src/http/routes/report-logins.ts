import { reportOwnLogin } from '../../operations/reports/report-own-login.ts'
import { listLogins } from '../../operations/reports/list-logins.ts'
import { reportLogins, stepsByService } from '../../operations/reports/report-logins.ts'
import { type Overview, reportOverview } from '../../operations/reports/report-overview.ts'
import {
  bucketsValue,
  loginCountsShape,
  loginCountsValue,
  stepShape,
  stepValue,
  stepWithBucketsShape,
  timeShape,
  timeValue,
} from '../../protocol/administration/login-report.ts'
import {
  alarmShape,
  alarmsOf,
  deliveryShape,
  deliveryValue,
  ringsShape,
  ringsValue,
} from '../../protocol/administration/overview.ts'
import { parseCounts, parseLoginList, writeCursor } from '../../protocol/administration/report-request.ts'
import { loginHelp, refusalExplanation } from '../../protocol/login/login-explanations.ts'
import { type DescribedLogin, loginItem, loginsCsv, loginShape } from '../../protocol/login/login-item.ts'
import { parseTransactionId } from '../../protocol/login/client-request.ts'
import { listOf, object, oneOf, orNull, string, time } from '../../protocol/shape.ts'
import type { Language } from '../../vocabulary.ts'
import { REPORT_CONSEQUENCES } from '../../vocabulary/fraud-reports.ts'
import { recordSuccess } from '../request-audit.ts'
import { protectedRoute } from '../protected-route.ts'
import { languageOf } from '../request-language.ts'
import { reasonOfText } from '../refusal-texts.ts'
import { addRoutes } from '../route.ts'
import { Router } from '../router.ts'
import { sendOutcome, sendRefusal, sendValue } from '../send.ts'

export const loginReportRoutes = new Router()

addRoutes(loginReportRoutes, '/report/overview', {
  GET: protectedRoute(
    {
      summary: 'Show how logins go, and what needs somebody',
      description:
        'Logins by outcome, hour, service and mode; how long their steps took; deliveries; and alarms. All are counted, none is sampled. A login is counted when its record is in the audit: at most two minutes after its end.',
      access: 'helpdesk',
      parser: parseCounts,
      value: object({
        ...timeShape,
        alarms: listOf(alarmShape, 'The most urgent first'),
        logins: loginCountsShape,
        steps: listOf(stepShape),
        deliveries: listOf(deliveryShape),
        rings: ringsShape,
      }),
      example: { service: 'vpn' },
    },
    async (c, credential, request) =>
      sendOutcome(c, await reportOverview(c.var.ports, credential, request), (overview) =>
        overviewValue(overview, languageOf(c)),
      ),
  ),
})

const overviewValue = (overview: Overview, language: Language) => ({
  ...timeValue(overview.query),
  alarms: alarmsOf(overview, language),
  logins: loginCountsValue(overview.totals, (reason) => loginHelp(refusalExplanation(reason), language).reason),
  steps: overview.steps.map(stepValue),
  deliveries: overview.deliveries.map(deliveryValue),
  rings: ringsValue(overview.rings),
})

addRoutes(loginReportRoutes, '/report/steps', {
  GET: protectedRoute(
    {
      summary: 'Show how long the steps of logins took',
      description:
        'In histograms with fixed buckets, so that the counts of any two times add up. A quantile lies in its bucket in proportion.',
      access: 'helpdesk',
      parser: parseCounts,
      value: object({
        ...timeShape,
        steps: listOf(stepWithBucketsShape),
        services: listOf(object({ service: string('Name of the service key; empty: none'), steps: listOf(stepShape) })),
      }),
      example: { service: 'vpn' },
    },
    async (c, credential, request) =>
      sendOutcome(c, await reportLogins(c.var.ports, credential, request), (report) => ({
        ...timeValue(report.query),
        steps: report.steps.map((step) => ({ ...stepValue(step), ...bucketsValue(step) })),
        services: stepsByService(report).map(({ service, steps }) => ({ service, steps: steps.map(stepValue) })),
      })),
  ),
})

addRoutes(loginReportRoutes, '/report/logins', {
  GET: protectedRoute(
    {
      summary: 'List logins that have ended or were refused',
      description:
        'The newest first, with the reason in words and what to do. Users get their own. A page may have fewer logins than asked for, even none, and go on: a request looks at 20,000 records of the audit at most, and says so (`stopped_at`).',
      access: 'self',
      parser: parseLoginList,
      value: object({
        logins: listOf(loginShape),
        next: orNull(string('`cursor` of the next page; null after the last')),
        stopped_at: orNull(
          time(
            'How far back it has looked, if it has stopped after 20,000 records; null: it is full, or has looked at all',
          ),
        ),
      }),
      body: { 'text/csv': string('With `outform=csv`: a header line, and a line for each login of the page') },
      example: { outcome: 'not_me' },
    },
    async (c, credential, { isCsv, ...request }) => {
      const page = await listLogins(c.var.ports, credential, request)
      if (!page.ok) return sendRefusal(c, page.refusal)
      const language = languageOf(c)
      const logins = page.value.logins.map((login) => reportedLogin(login, language))
      const next = page.value.next === undefined ? null : writeCursor(page.value.next)
      if (!isCsv) return sendValue(c, { logins, next, stopped_at: page.value.stoppedAt ?? null })
      return c.body(loginsCsv(logins), 200, {
        'Content-Type': 'text/csv; charset=utf-8',
        'Content-Disposition': 'attachment; filename=logins.csv',
        ...(next === null ? {} : { 'Nod-Next': next }),
      })
    },
  ),
})

addRoutes(loginReportRoutes, '/report/logins/:transaction_id/not-me', {
  POST: protectedRoute(
    {
      summary: 'Report that one’s own login was somebody else’s',
      description: 'Has the consequences of “not me” on each of the user’s phones. What the service let in stays.',
      access: 'user',
      parser: parseTransactionId,
      value: object({ consequence: oneOf('The strictest at any of the phones', ...REPORT_CONSEQUENCES) }),
      refuses: [404],
    },
    async (c, credential, transactionId) => {
      const reported = await reportOwnLogin(c.var.ports, credential, c.var.source, transactionId)
      if (!reported.ok) return sendRefusal(c, reported.refusal)
      const { consequence, owner, serial } = reported.value
      const subject = { owner, transactionId, caller: credential, ...(serial === undefined ? {} : { serial }) }
      recordSuccess(c, 'POST /report/logins/<transaction_id>/not-me', `not me: ${consequence}`, subject)
      return sendValue(c, { consequence })
    },
  ),
})

/** Renders a login. The audit has a refusal as its message, which mostly tells the reason. */
function reportedLogin(login: DescribedLogin, language: Language) {
  if (login.outcome !== 'refused') return loginItem(login, language)
  const text = (login.record.info ?? '').replace(/^ERR\d+: /, '')
  const reason = reasonOfText(text) ?? (/^User <.*> does not exist\.$/.test(text) ? 'user_unknown' : undefined)
  const explanation = reason === undefined ? 'refused' : refusalExplanation(reason)
  return loginItem({ ...login, explanation, text }, language)
}
