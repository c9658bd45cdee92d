import { exportAudit, listAudit } from '../../operations/administration/audit.ts'
import { auditCsv, auditPage, auditPageShape } from '../../protocol/administration/audit-line.ts'
import { parseAudit, parseAuditExport } from '../../protocol/administration/audit-request.ts'
import { string } from '../../protocol/shape.ts'
import type { AuditLine } from '../../vocabulary/audit.ts'
import { protectedRoute } from '../protected-route.ts'
import { sendRefusal, sendOutcome } from '../respond.ts'
import { Router } from '../router.ts'
import { addRoutes } from '../route.ts'

export const auditRoutes = new Router()

addRoutes(auditRoutes, '/audit', {
  GET: protectedRoute(
    {
      summary: 'List who asked what, and what came of it',
      description: 'A line for every step of a login, the newest first, open logins included.',
      who: 'self',
      reads: parseAudit,
      value: auditPageShape,
      example: { user: 'ada', timelimit: '1d' },
    },
    async (c, credential, asked) =>
      sendOutcome(c, await listAudit(c.var.ports, credential, asked), ({ lines, ...page }) =>
        auditPage(lines, { ...page, page: asked.page }),
      ),
  ),
})

addRoutes(auditRoutes, '/audit/:file', {
  GET: protectedRoute(
    {
      summary: 'The same lines as a file, however many',
      who: 'helpdesk',
      reads: parseAuditExport,
      body: { 'text/csv': string('A line each, the values in single quotes') },
      refuses: [404],
      example: { file: 'audit.csv' },
    },
    async (c, credential, { file, ...asked }) => {
      const exported = await exportAudit(c.var.ports, credential, asked)
      if (!exported.ok) return sendRefusal(c, exported.refusal)
      if (!/^[\w.-]{1,100}\.csv$/.test(file)) return sendRefusal(c, { reason: 'path_unknown' })
      return c.body(csv(exported.value), 200, {
        'Content-Type': 'text/csv; charset=utf-8',
        'Content-Disposition': `attachment; filename=${file}`,
      })
    },
  ),
})

/** Read no faster than it is taken. */
function csv(lines: AsyncGenerator<readonly AuditLine[]>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream({
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
