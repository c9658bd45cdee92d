import { Hono } from 'hono'
import { grantBypass, listBypasses, withdrawBypass } from '../operations/bypass.ts'
import type { BypassCode } from '../ports/bypass.ts'
import { parseBypass } from '../protocol/bypass-request.ts'
import { administered } from './administered.ts'
import type { Known } from './context.ts'
import { replied } from './respond.ts'
import { methods } from './routes.ts'

export const bypass = new Hono<Known>()

const itemOf = ({ id, owner, issuedAt, expiresAt, issuedBy, reason }: BypassCode) => ({
  id,
  user: owner.login,
  realm: owner.realm,
  issued_at: issuedAt,
  expires_at: expiresAt,
  issued_by: issuedBy,
  reason,
})

methods(bypass, '/token/bypass', {
  GET: administered(async (c, credential) =>
    replied(c, await listBypasses(c.var.ports, credential), (open) => open.map(itemOf)),
  ),
  POST: administered(async (c, credential, params) => {
    const asked = parseBypass(params)
    const issued = asked.ok ? await grantBypass(c.var.ports, credential, c.var.source, asked.value) : asked
    return replied(c, issued, ({ code, ...open }) => ({ ...itemOf(open), code }))
  }),
})

methods(bypass, '/token/bypass/:id', {
  DELETE: administered(async (c, credential) => {
    const withdrawn = await withdrawBypass(c.var.ports, credential, c.var.source, c.req.param('id') ?? '')
    return replied(c, withdrawn, () => 1)
  }),
})
