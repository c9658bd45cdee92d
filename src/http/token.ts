import { changeToken, resetToken, setPin } from '../operations/change-token.ts'
import { enroll } from '../operations/enroll.ts'
import { listTokens } from '../operations/list-tokens.ts'
import type { TokenChange } from '../ports/catalogue.ts'
import { DIALECTS } from '../protocol/dialect.ts'
import { parseInit } from '../protocol/client-request.ts'
import { integer, listOf, object, orNull, string, boolean } from '../protocol/shape.ts'
import { tokenItem, tokenShape } from '../protocol/token-item.ts'
import { parseListing, parseNewPin, parsePollingAllowed, parseSerial } from '../protocol/token-request.ts'
import { administered, judging } from './administered.ts'
import { noteDone } from './noted.ts'
import { answered, refused, replied } from './respond.ts'
import { Room } from './room.ts'
import { methods } from './routes.ts'

export const token = new Room()

methods(token, '/token', {
  GET: administered(
    {
      summary: 'List tokens',
      who: 'helpdesk',
      reads: parseListing,
      value: object({
        tokens: listOf(tokenShape),
        count: integer('Those of other pages included'),
        prev: orNull(integer('The page before')),
        next: orNull(integer('The next page')),
      }),
      example: { user: 'ada' },
    },
    async (c, credential, listing) => {
      const { page, pageSize } = listing
      return replied(c, await listTokens(c.var.ports, credential, listing), ({ tokens, count: all }) => ({
        tokens: tokens.map(tokenItem),
        count: all,
        prev: page > 1 ? page - 1 : null,
        next: page * pageSize < all ? page + 1 : null,
      }))
    },
  ),
})

methods(token, '/token/init', {
  POST: judging(
    {
      summary: 'Enroll a phone',
      description:
        'The answer has the QR code to scan. It is good once, for as long as policy says; then the phone registers.',
      who: 'helpdesk',
      reads: parseInit,
      value: boolean('true'),
      detail: object({
        serial: string('Serial of the token'),
        rollout_state: string('clientwait'),
        enrollment_credential: string('What the phone registers with; a secret'),
        pushurl: object({
          description: string('What it is'),
          value: string('The enrollment URI; a secret'),
          img: string('The same as a QR code, a PNG as data URI'),
        }),
      }),
      refuses: [403],
      example: { type: 'push', genkey: '1', user: 'ada', pin: '1234' },
    },
    async (c, credential, asked) => {
      const enrolled = await enroll(c.var.ports, credential, c.var.source, asked)
      if (!enrolled.ok) return refused(c, enrolled.refusal)
      const { serial, type, credential: secret, uri, image } = enrolled.value
      return answered(c, true, {
        serial,
        rollout_state: 'clientwait',
        enrollment_credential: secret,
        pushurl: { description: DIALECTS[type].uri.description, value: uri, img: image },
      })
    },
  ),
})

const changed = integer('How many tokens changed')

/** A change of one token, its serial in the path or a parameter; the answer is how many it changed. */
const changes = (action: string, summary: string, change: TokenChange) =>
  administered({ summary, who: 'helpdesk', reads: parseSerial, value: changed }, async (c, credential, serial) =>
    replied(c, await changeToken(c.var.ports, credential, c.var.source, { serial, change, action }), (all) => all),
  )

const enable = changes('POST /token/enable/<serial>', 'Let a token be used again', { kind: 'active', active: true })
const disable = changes('POST /token/disable/<serial>', 'Let a token not be used for now', {
  kind: 'active',
  active: false,
})
const revoke = changes('POST /token/revoke/<serial>', 'Revoke a token for good', { kind: 'revoked' })
const remove = changes('DELETE /token/<serial>', 'Delete a token', { kind: 'deleted' })

const allowPolling = administered(
  {
    summary: 'Say whether a phone may poll, where a policy leaves that to its token',
    who: 'helpdesk',
    reads: parsePollingAllowed,
    value: boolean('true'),
    example: { value: 'True' },
  },
  async (c, credential, { serial, allowed }) => {
    const action = 'POST /token/info/<serial>/<key>'
    const asked = { serial, change: { kind: 'polling_allowed', allowed }, action } as const
    return replied(c, await changeToken(c.var.ports, credential, c.var.source, asked), () => true)
  },
)

const reset = administered(
  { summary: 'Unlock a token: its wrong PINs are forgotten', who: 'helpdesk', reads: parseSerial, value: changed },
  async (c, credential, serial) => {
    const after = await resetToken(c.var.ports, credential, serial)
    // A Phone's own counters are no change of the catalogue, which would have a record.
    if (after.ok) noteDone(c, 'POST /token/reset/<serial>', '', { administrator: after.value, serial })
    return replied(c, after, () => 1)
  },
)

const setpin = administered(
  {
    summary: 'Set or take away the PIN of a token',
    who: 'helpdesk',
    reads: parseNewPin,
    value: changed,
    example: { otppin: '1234' },
  },
  async (c, credential, { serial, pin }) =>
    replied(c, await setPin(c.var.ports, credential, c.var.source, serial, pin), (all) => all),
)

for (const [verb, handler] of Object.entries({ enable, disable, revoke, reset, setpin })) {
  methods(token, `/token/${verb}`, { POST: handler })
  methods(token, `/token/${verb}/:serial`, { POST: handler })
}
/** Of a token's info only this key is an administrator's to set. Source: contract 13.2. */
methods(token, '/token/info/:serial/polling_allowed', { POST: allowPolling })
methods(token, '/token/:serial', { DELETE: remove })
