import { reportFirewall } from '../../operations/administration/report-firewall.ts'
import { reportPhones } from '../../operations/administration/report-phones.ts'
import {
  firewallCsv,
  firewallReportShape,
  firewallReportValue,
  parseFirewallReport,
} from '../../protocol/administration/firewall-report.ts'
import { pageLinks, pageLinksShape } from '../../protocol/page.ts'
import { parsePhoneReport, phoneItem, phoneShape } from '../../protocol/administration/phone-report.ts'
import { mapOf, integer, listOf, object, string } from '../../protocol/shape.ts'
import { UNREACHED_CAUSES } from '../../vocabulary/phones.ts'
import { protectedRoute } from '../protected-route.ts'
import { sendRefusal, sendOutcome, sendValue } from '../send.ts'
import { Router } from '../router.ts'
import { addRoutes } from '../route.ts'

export const reportRoutes = new Router()

const counts = (...names: readonly string[]) =>
  object(Object.fromEntries(names.map((name) => [name, integer('Phones')])))

addRoutes(reportRoutes, '/report/phones', {
  GET: protectedRoute(
    {
      summary: 'List the phones that push messages do not reach',
      description: 'With the cause, since when, and the app; and a summary of all phones with a token.',
      access: 'helpdesk',
      parser: parsePhoneReport,
      value: object({
        phones: listOf(phoneShape),
        count: integer('Number of phones on all pages'),
        ...pageLinksShape,
        summary: object({
          phones: integer('All phones with a token'),
          reached: integer('Phones that push messages reach'),
          unreached: counts(...UNREACHED_CAUSES),
          code_to_phone: counts('able', 'unable', 'unknown'),
          apps: mapOf(integer('Phones'), 'By app'),
        }),
      }),
      example: { why: 'quarantined' },
    },
    async (c, credential, listing) =>
      sendOutcome(c, await reportPhones(c.var.ports, credential, listing), ({ phones, count, summary }) => ({
        phones: phones.map(phoneItem),
        count,
        ...pageLinks(listing, count),
        summary: {
          phones: summary.phones,
          reached: summary.reached,
          unreached: summary.unreached,
          code_to_phone: summary.codeToPhone,
          apps: summary.apps,
        },
      })),
  ),
})

addRoutes(reportRoutes, '/report/firewall', {
  GET: protectedRoute(
    {
      summary: 'Count the logins that the push firewall silenced, or would have under shadow',
      description:
        'By day and service, and how many of them were finalized later. It reads the audit records of these days, which have a login two minutes after its end; a deployment with a million logins a day asks for a few days at once.',
      access: 'admin',
      parser: parseFirewallReport,
      value: firewallReportShape,
      body: {
        'text/csv': string('With `outform=csv`: a header line, and a line for each day, service, cause and mode'),
      },
      example: { days: '7' },
    },
    async (c, credential, request) => {
      const report = await reportFirewall(c.var.ports, credential, request)
      if (!report.ok) return sendRefusal(c, report.refusal)
      if (!request.isCsv) return sendValue(c, firewallReportValue(report.value))
      return c.body(firewallCsv(report.value), 200, {
        'Content-Type': 'text/csv; charset=utf-8',
        'Content-Disposition': 'attachment; filename=firewall.csv',
      })
    },
  ),
})
