import { listArchive, openPart } from '../../operations/administration/audit-archive.ts'
import {
  archiveItem,
  archiveShape,
  parsePart,
  parsePartList,
} from '../../protocol/administration/audit-archive-request.ts'
import { string } from '../../protocol/shape.ts'
import { protectedRoute } from '../protected-route.ts'
import { sendOutcome, sendRefusal } from '../send.ts'
import { Router } from '../router.ts'
import { addRoutes } from '../route.ts'

export const auditArchiveRoutes = new Router()

addRoutes(auditArchiveRoutes, '/deployment/audit/archive', {
  GET: protectedRoute(
    {
      summary: 'List the parts of the audit’s archive',
      description: 'The oldest first, and how retention stands.',
      access: 'admin',
      parser: parsePartList,
      value: archiveShape,
      example: { after_day: '2026-11-28' },
    },
    async (c, credential, after) => sendOutcome(c, await listArchive(c.var.ports, credential, after), archiveItem),
  ),
})

addRoutes(auditArchiveRoutes, '/deployment/audit/archive/:day/:part', {
  GET: protectedRoute(
    {
      summary: 'Get a part of the audit’s archive',
      description: 'Lines of JSON, compressed with gzip.',
      access: 'admin',
      parser: parsePart,
      body: { 'application/gzip': string('As it is in the bucket') },
      refuses: [404, 503],
      example: { day: '2026-11-28', part: '1' },
    },
    async (c, credential, part) => {
      const opened = await openPart(c.var.ports, credential, part)
      if (!opened.ok) return sendRefusal(c, opened.refusal)
      const { name, content } = opened.value
      return c.body(content, 200, {
        'Content-Type': 'application/gzip',
        'Content-Disposition': `attachment; filename=${name}`,
      })
    },
  ),
})
