import { exportAudit, listAudit } from '../../operations/administration/audit.ts'
import { auditCsv, auditCsvHeader, auditPage, auditPageShape } from '../../protocol/administration/audit-line.ts'
import { parseAudit, parseAuditExport } from '../../protocol/administration/audit-request.ts'
import { string } from '../../protocol/shape.ts'
import type { AuditLine } from '../../vocabulary/audit.ts'
import { protectedRoute } from '../protected-route.ts'
import { sendRefusal, sendOutcome } from '../send.ts'
import { Router } from '../router.ts'
import { addRoutes } from '../route.ts'

export const auditRoutes = new Router()

addRoutes(auditRoutes, '/audit', {
  GET: protectedRoute(
    {
      summary: 'List audit entries',
      description: 'One entry for each step of a login and each change, newest first, open logins included.',
      access: 'self',
      parser: parseAudit,
      value: auditPageShape,
      example: { user: 'ada', timelimit: '1d' },
    },
    async (c, credential, request) =>
      sendOutcome(c, await listAudit(c.var.ports, credential, request), (page) => auditPage(page, request.page)),
  ),
})

addRoutes(auditRoutes, '/audit/:file', {
  GET: protectedRoute(
    {
      summary: 'Export audit entries as a file',
      access: 'helpdesk',
      parser: parseAuditExport,
      body: { 'text/csv': string('The names of the columns, then one line per entry; values in single quotes') },
      refuses: [404],
      example: { file: 'audit.csv' },
    },
    async (c, credential, { file, ...request }) => {
      const exported = await exportAudit(c.var.ports, credential, request)
      if (!exported.ok) return sendRefusal(c, exported.refusal)
      if (!/^[\w.-]{1,100}\.csv$/.test(file)) return sendRefusal(c, { reason: 'path_unknown' })
      return c.body(csvStream(exported.value), 200, {
        'Content-Type': 'text/csv; charset=utf-8',
        'Content-Disposition': `attachment; filename=${file}`,
      })
    },
  ),
})

/** Streams the entries as CSV, reading only as fast as the caller does. */
function csvStream(lines: AsyncGenerator<readonly AuditLine[]>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream({
    start(controller) {
      controller.enqueue(encoder.encode(auditCsvHeader))
    },
    async pull(controller) {
      const { done, value } = await lines.next()
      if (done) return controller.close()
      controller.enqueue(encoder.encode(value.map(auditCsv).join('')))
    },
    async cancel() {
      await lines.return(undefined)
    },
  })
}
