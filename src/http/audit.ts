import { exportAudit, listAudit } from '../operations/administration/audit.ts'
import { auditCsv, auditPage, auditPageShape } from '../protocol/administration/audit-line.ts'
import { parseAudit, parseAuditExport } from '../protocol/administration/audit-request.ts'
import { string } from '../protocol/shape.ts'
import type { AuditLine } from '../vocabulary/audit.ts'
import { administered } from './administered.ts'
import { refused, replied } from './respond.ts'
import { Room } from './room.ts'
import { methods } from './routes.ts'

export const audit = new Room()

methods(audit, '/audit', {
  GET: administered(
    {
      summary: 'List who asked what, and what came of it',
      description: 'A line for every step of a login, the newest first, open logins included.',
      who: 'self',
      reads: parseAudit,
      value: auditPageShape,
      example: { user: 'ada', timelimit: '1d' },
    },
    async (c, credential, asked) =>
      replied(c, await listAudit(c.var.ports, credential, asked), ({ lines, ...page }) =>
        auditPage(lines, { ...page, page: asked.page }),
      ),
  ),
})

methods(audit, '/audit/:file', {
  GET: administered(
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
      if (!exported.ok) return refused(c, exported.refusal)
      if (!/^[\w.-]{1,100}\.csv$/.test(file)) return refused(c, { reason: 'path_unknown' })
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
