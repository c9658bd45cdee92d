import { grantBypass, listBypasses, withdrawBypass } from '../operations/token/bypass.ts'
import type { BypassCode } from '../ports/bypass.ts'
import { parseBypass, parseBypassId } from '../protocol/token/bypass-request.ts'
import { readingNothing } from '../protocol/parameters.ts'
import { integer, listOf, object, string } from '../protocol/shape.ts'
import { administered } from './administered.ts'
import { replied } from './respond.ts'
import { Room } from './room.ts'
import { methods } from './routes.ts'

export const bypass = new Room()

const itemOf = ({ id, owner, issuedAt, expiresAt, issuedBy, reason }: BypassCode) => ({
  id,
  user: owner.login,
  realm: owner.realm,
  issued_at: issuedAt,
  expires_at: expiresAt,
  issued_by: issuedBy,
  reason,
})

const ITEM = {
  id: integer('Number of the code'),
  user: string('Login name of its user'),
  realm: string('Realm of its user'),
  issued_at: integer('Milliseconds since 1970'),
  expires_at: integer('Milliseconds since 1970'),
  issued_by: string('Who issued it'),
  reason: string('Why'),
}

methods(bypass, '/token/bypass', {
  GET: administered(
    {
      summary: 'List the bypass codes that are open',
      who: 'helpdesk',
      reads: readingNothing,
      value: listOf(object(ITEM)),
    },
    async (c, credential) => replied(c, await listBypasses(c.var.ports, credential), (open) => open.map(itemOf)),
  ),
  POST: administered(
    {
      summary: 'Issue a code that lets a user in once, without the phone',
      who: 'helpdesk',
      reads: parseBypass,
      value: object({ ...ITEM, code: string('What the user enters; shown this once') }),
      example: { user: 'ada', reason: 'lost phone' },
    },
    async (c, credential, asked) =>
      replied(c, await grantBypass(c.var.ports, credential, c.var.source, asked), ({ code, ...open }) => ({
        ...itemOf(open),
        code,
      })),
  ),
})

methods(bypass, '/token/bypass/:id', {
  DELETE: administered(
    { summary: 'Withdraw a bypass code', who: 'helpdesk', reads: parseBypassId, value: integer('1') },
    async (c, credential, id) => replied(c, await withdrawBypass(c.var.ports, credential, c.var.source, id), () => 1),
  ),
})
