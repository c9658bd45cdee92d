import { Hono } from 'hono'
import { exportAudit, listAudit } from '../operations/audit.ts'
import { auditCsv, auditPage } from '../protocol/audit-line.ts'
import { parseAudit } from '../protocol/audit-request.ts'
import type { AuditLine } from '../vocabulary.ts'
import { administered } from './administered.ts'
import type { Known } from './context.ts'
import { answered, refused } from './respond.ts'
import { methods } from './routes.ts'

export const audit = new Hono<Known>()

methods(audit, '/audit', {
  GET: administered(async (c, credential, params) => {
    const asked = parseAudit(params)
    const listed = asked.ok ? await listAudit(c.var.ports, credential, asked.value) : asked
    if (!listed.ok) return refused(c, listed.refusal)
    const { lines, ...page } = listed.value
    return answered(c, auditPage(lines, { ...page, page: asked.ok ? asked.value.page : 1 }))
  }),
})

methods(audit, '/audit/:file', {
  GET: administered(async (c, credential, params) => {
    const asked = parseAudit(params)
    const exported = asked.ok ? await exportAudit(c.var.ports, credential, asked.value) : asked
    if (!exported.ok) return refused(c, exported.refusal)
    const file = c.req.param('file') ?? ''
    if (!/^[\w.-]{1,100}\.csv$/.test(file)) return refused(c, { reason: 'path_unknown' })
    return c.body(csv(exported.value), 200, {
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Disposition': `attachment; filename=${file}`,
    })
  }),
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
