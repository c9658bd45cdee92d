import { Hono } from 'hono'
import {
  addAdministrator,
  changeAdministrator,
  changePassword,
  listAdministrators,
} from '../operations/administrators.ts'
import type { AdministratorChange } from '../ports/catalogue.ts'
import { parseAdministrator, parsePasswordChange } from '../protocol/administrator-request.ts'
import { administered } from './administered.ts'
import type { Known } from './context.ts'
import { replied } from './respond.ts'
import { methods } from './routes.ts'

export const administrators = new Hono<Known>()

methods(administrators, '/administrator', {
  GET: administered(async (c, credential) =>
    replied(c, await listAdministrators(c.var.ports, credential), (all) =>
      all.map(({ createdAt, ...shown }) => ({ ...shown, created_at: createdAt ?? null })),
    ),
  ),
  POST: administered(async (c, credential, params) => {
    const asked = parseAdministrator(params)
    const added = asked.ok ? await addAdministrator(c.var.ports, credential, c.var.source, asked.value) : asked
    return replied(c, added, () => true)
  }),
})

methods(administrators, '/administrator/password', {
  POST: administered(async (c, credential, params) => {
    const asked = parsePasswordChange(params)
    const changed = asked.ok ? await changePassword(c.var.ports, credential, c.var.source, asked.value) : asked
    return replied(c, changed, () => true)
  }),
})

/** A change of somebody else; the answer is how many it changed. */
const changes = (action: string, change: AdministratorChange) =>
  administered(async (c, credential) => {
    const asked = { login: c.req.param('login') ?? '', change, action }
    return replied(c, await changeAdministrator(c.var.ports, credential, c.var.source, asked), () => 1)
  })

methods(administrators, '/administrator/enable/:login', {
  POST: changes('POST /administrator/enable/<login>', { kind: 'disabled', disabled: false }),
})
methods(administrators, '/administrator/disable/:login', {
  POST: changes('POST /administrator/disable/<login>', { kind: 'disabled', disabled: true }),
})
methods(administrators, '/administrator/:login', {
  DELETE: changes('DELETE /administrator/<login>', { kind: 'deleted' }),
})
