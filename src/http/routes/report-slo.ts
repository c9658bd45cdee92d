import { OBJECTIVE_MS, reportSlo } from '../../operations/reports/report-slo.ts'
import { parseSlo } from '../../protocol/administration/slo-request.ts'
import { sloShape, sloValue } from '../../protocol/administration/slo-report.ts'
import { type Explanation, loginHelp, refusalExplanation } from '../../protocol/login/login-explanations.ts'
import { string } from '../../protocol/shape.ts'
import type { Language } from '../../vocabulary.ts'
import { contentPolicyFor } from '../content-policy.ts'
import { protectedRoute } from '../protected-route.ts'
import { languageOf } from '../request-language.ts'
import { addRoutes } from '../route.ts'
import { Router } from '../router.ts'
import { sendRefusal, sendValue } from '../send.ts'
import { SLO_STYLE, sloPage } from '../slo-page.ts'

/** The report of the service level. Source: docs/protocol.md, "Service level". */
export const sloReportRoutes = new Router()

addRoutes(sloReportRoutes, '/report/slo', {
  GET: protectedRoute(
    {
      summary: 'Report how many logins took the system less than a second',
      description:
        'Nod’s own time, without that of people and their phones, by step, region and service; what failed, and why. Counted, not sampled. Days are whole, UTC.',
      access: 'helpdesk',
      parser: parseSlo,
      value: sloShape,
      body: { 'text/html': string('With `outform=html`: a page to print, without script') },
      example: { days: '30' },
    },
    async (c, credential, { isPage, ...request }) => {
      const report = await reportSlo(c.var.ports, credential, request)
      if (!report.ok) return sendRefusal(c, report.refusal)
      const language = languageOf(c)
      const value = sloValue(report.value, OBJECTIVE_MS, (kind, name) => helpOf(kind, name, language))
      if (!isPage) return sendValue(c, value)
      return c.html(sloPage(value, language), 200, {
        'Content-Security-Policy': await contentPolicyFor(SLO_STYLE),
        'Referrer-Policy': 'no-referrer',
        'X-Content-Type-Options': 'nosniff',
      })
    },
  ),
})

const FAILED = {
  en: 'The login was withdrawn, or the number or code was wrong.',
  de: 'Die Anmeldung wurde zurückgezogen, oder Zahl oder Code waren falsch.',
} as const

function helpOf(kind: 'outcome' | 'refused', name: string, language: Language) {
  if (kind === 'refused') return loginHelp(refusalExplanation(name), language)
  // A login can fail in several ways, which its list tells apart.
  return name === 'failed' ? { reason: FAILED[language], advice: '' } : loginHelp(name as Explanation, language)
}
