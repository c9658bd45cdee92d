import { reportPhones } from '../../operations/administration/report-phones.ts'
import { pageLinks, pageLinksShape } from '../../protocol/page.ts'
import { parsePhoneReport, phoneItem, phoneShape } from '../../protocol/administration/phone-report.ts'
import { mapOf, integer, listOf, object } from '../../protocol/shape.ts'
import { UNREACHED_CAUSES } from '../../vocabulary/phones.ts'
import { protectedRoute } from '../protected-route.ts'
import { sendOutcome } from '../send.ts'
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
