/** Whose a token is, where it is listed, what is noted of it; and what becomes of one whose phone is lost. */
import { assign, copyOwner, copyPin } from '../../operations/token/assign.ts'
import { changeTokens } from '../../operations/token/change-tokens.ts'
import { markTokenLost } from '../../operations/token/lost-token.ts'
import { lostTokenItem, lostTokenShape } from '../../protocol/token/lost-token-item.ts'
import type { RequestParser } from '../../protocol/parameters.ts'
import { boolean } from '../../protocol/shape.ts'
import type { TokenChangeRequest, InfoEntry } from '../../protocol/token/token-change-request.ts'
import {
  parseAssign,
  parseCopy,
  parseLostToken,
  parseInfoEntry,
  parseInfoKey,
  parseTokenRealms,
} from '../../protocol/token/token-change-request.ts'
import { done } from '../../refusal.ts'
import { protectedRoute } from '../protected-route.ts'
import { tokenChangeRoute } from '../token-change-route.ts'
import { sendOutcome } from '../respond.ts'
import { Router } from '../router.ts'
import { addRoutes } from '../route.ts'

export const tokenOwnerRoutes = new Router()

const value = boolean('true')
const always = (): boolean => true

addRoutes(tokenOwnerRoutes, '/token/assign', {
  POST: protectedRoute(
    { summary: 'Give a token to a user', who: 'self', reads: parseAssign, value },
    async (c, credential, asked) => sendOutcome(c, await assign(c.var.ports, credential, c.var.source, asked), always),
  ),
})

const copies = (summary: string, copy: typeof copyPin) =>
  protectedRoute({ summary, who: 'helpdesk', reads: parseCopy, value }, async (c, credential, asked) =>
    sendOutcome(c, await copy(c.var.ports, credential, c.var.source, asked), always),
  )

addRoutes(tokenOwnerRoutes, '/token/copypin', { POST: copies('Give a token the PIN of another', copyPin) })
addRoutes(tokenOwnerRoutes, '/token/copyuser', { POST: copies('Give a token to the owner of another', copyOwner) })

addRoutes(tokenOwnerRoutes, '/token/lost/:serial', {
  POST: protectedRoute(
    {
      summary: 'Disable the token of a lost phone, and issue a bypass code to its owner',
      who: 'helpdesk',
      reads: parseLostToken,
      value: lostTokenShape,
    },
    async (c, credential, serial) =>
      sendOutcome(c, await markTokenLost(c.var.ports, credential, c.var.source, serial), lostTokenItem),
  ),
})

addRoutes(tokenOwnerRoutes, '/token/realm/:serial', {
  POST: tokenChangeRoute(
    {
      right: 'tokenrealms',
      action: 'POST /token/realm/<serial>',
      summary: 'List tokens in these realms beside their owner’s',
      reads: parseTokenRealms,
      value,
      example: { realms: 'sales,branch' },
    },
    (c, asking, tokens, realms) =>
      changeTokens(c.var.ports, { ...asking, info: realms.join(', ') }, tokens, () => done({ kind: 'realms', realms })),
    always,
  ),
})

const notes = (action: string, summary: string, reads: RequestParser<TokenChangeRequest<InfoEntry>>) =>
  tokenChangeRoute(
    { right: 'settokeninfo', action, summary, reads, value, example: { key: 'handed_out', value: 'in person' } },
    (c, asking, tokens, note) => {
      const info = note.kind === 'info' ? note.key : note.kind
      return changeTokens(c.var.ports, { ...asking, info }, tokens, () => done(note))
    },
    always,
  )

addRoutes(tokenOwnerRoutes, '/token/info/:serial/:key', {
  POST: notes('POST /token/info/<serial>/<key>', 'Note something of tokens, or whether they may poll', parseInfoEntry),
  DELETE: notes('DELETE /token/info/<serial>/<key>', 'Take a note away', parseInfoKey),
})
