/** Whose a token is, where it is listed, what is noted of it; and what becomes of one whose phone is lost. */
import { assign, copyOwner, copyPin } from '../operations/token/assign.ts'
import { changeTokens } from '../operations/token/change-tokens.ts'
import { loseToken } from '../operations/token/lose-token.ts'
import { lostAnswer, lostShape } from '../protocol/token/lost-answer.ts'
import type { Reader } from '../protocol/parameters.ts'
import { boolean } from '../protocol/shape.ts'
import type { ChangeAsked, Note } from '../protocol/token/token-change-request.ts'
import {
  parseAssign,
  parseCopy,
  parseLost,
  parseNote,
  parseNoteKey,
  parseRealms,
} from '../protocol/token/token-change-request.ts'
import { done } from '../refusal.ts'
import { administered } from './administered.ts'
import { ofTokens } from './of-tokens.ts'
import { replied } from './respond.ts'
import { Room } from './room.ts'
import { methods } from './routes.ts'

export const tokenOwners = new Room()

const value = boolean('true')
const always = (): boolean => true

methods(tokenOwners, '/token/assign', {
  POST: administered(
    { summary: 'Give a token to a user', who: 'self', reads: parseAssign, value },
    async (c, credential, asked) => replied(c, await assign(c.var.ports, credential, c.var.source, asked), always),
  ),
})

const copies = (summary: string, copy: typeof copyPin) =>
  administered({ summary, who: 'helpdesk', reads: parseCopy, value }, async (c, credential, asked) =>
    replied(c, await copy(c.var.ports, credential, c.var.source, asked), always),
  )

methods(tokenOwners, '/token/copypin', { POST: copies('Give a token the PIN of another', copyPin) })
methods(tokenOwners, '/token/copyuser', { POST: copies('Give a token to the owner of another', copyOwner) })

methods(tokenOwners, '/token/lost/:serial', {
  POST: administered(
    {
      summary: 'Disable the token of a lost phone, and issue a bypass code to its owner',
      who: 'helpdesk',
      reads: parseLost,
      value: lostShape,
    },
    async (c, credential, serial) =>
      replied(c, await loseToken(c.var.ports, credential, c.var.source, serial), lostAnswer),
  ),
})

methods(tokenOwners, '/token/realm/:serial', {
  POST: ofTokens(
    {
      right: 'tokenrealms',
      action: 'POST /token/realm/<serial>',
      summary: 'List tokens in these realms beside their owner’s',
      reads: parseRealms,
      value,
      example: { realms: 'sales,branch' },
    },
    (c, asking, tokens, realms) =>
      changeTokens(c.var.ports, { ...asking, info: realms.join(', ') }, tokens, () => done({ kind: 'realms', realms })),
    always,
  ),
})

const notes = (action: string, summary: string, reads: Reader<ChangeAsked<Note>>) =>
  ofTokens(
    { right: 'settokeninfo', action, summary, reads, value, example: { key: 'handed_out', value: 'in person' } },
    (c, asking, tokens, note) => {
      const info = note.kind === 'info' ? note.key : note.kind
      return changeTokens(c.var.ports, { ...asking, info }, tokens, () => done(note))
    },
    always,
  )

methods(tokenOwners, '/token/info/:serial/:key', {
  POST: notes('POST /token/info/<serial>/<key>', 'Note something of tokens, or whether they may poll', parseNote),
  DELETE: notes('DELETE /token/info/<serial>/<key>', 'Take a note away', parseNoteKey),
})
