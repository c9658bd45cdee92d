/** What administrators change of tokens: of one, named in the path or as a parameter, of several, or of all of a user's. */
import type { ChooseChange } from '../../operations/token/change-token.ts'
import type { TokenChangeResult } from '../../operations/token/change-tokens.ts'
import {
  changeTokens,
  resetTokens,
  setPin,
  setRandomPin,
  setTokenSettings,
} from '../../operations/token/change-tokens.ts'
import type { OwnerRight } from '../../operations/access/identify.ts'
import type { Shape } from '../../protocol/shape.ts'
import { boolean, integer, listOf, object, string } from '../../protocol/shape.ts'
import {
  parseDescription,
  parsePinChange,
  parseTokenSettings,
  parseTokenSelection,
} from '../../protocol/token/token-change-request.ts'
import { done } from '../../refusal.ts'
import { protectedRoute, callerFields } from '../protected-route.ts'
import { recordSuccess } from '../request-audit.ts'
import { tokenChangeCaller, changedCount, tokenChangeRoute } from '../token-change-route.ts'
import { sendValue, sendRefusal } from '../respond.ts'
import { Router } from '../router.ts'
import { addRoutes } from '../route.ts'

export const tokenChangeRoutes = new Router()

const changedShape = integer('How many tokens changed')
const accountShape: Shape = {
  anyOf: [
    integer('Of one token: 1'),
    object({
      count_success: integer('How many tokens changed'),
      failed: listOf(string('Serial'), 'Those that could not be changed'),
      unauthorized: listOf(string('Serial'), 'Those that the caller may not change'),
    }),
  ],
}
/** Of several, which could not be changed is told too. */
const account = ({ serials, several, failed, unauthorized }: TokenChangeResult): unknown =>
  several ? { count_success: serials.length, failed, unauthorized } : serials.length

const changes = (right: OwnerRight, action: string, summary: string, change: ChooseChange) =>
  tokenChangeRoute(
    { right, self: true, action, summary, reads: parseTokenSelection, value: changedShape },
    (c, asking, tokens) => changeTokens(c.var.ports, asking, tokens, change),
    changedCount,
  )

const accounts = (right: OwnerRight, action: string, summary: string, change: ChooseChange) =>
  tokenChangeRoute(
    { right, self: true, action, summary, reads: parseTokenSelection, value: accountShape },
    (c, asking, tokens) => changeTokens(c.var.ports, asking, tokens, change),
    account,
  )

const enable = changes('enable', 'POST /token/enable/<serial>', 'Let tokens be used again', () =>
  done({ kind: 'active', active: true }),
)
const disable = changes('disable', 'POST /token/disable/<serial>', 'Let tokens not be used for now', () =>
  done({ kind: 'active', active: false }),
)
const revoke = changes('revoke', 'POST /token/revoke/<serial>', 'Revoke tokens for good', () =>
  done({ kind: 'revoked' }),
)
const unassign = accounts(
  'unassign',
  'POST /token/unassign',
  'Take tokens from their owner, and their PIN with it',
  () => done({ kind: 'unassigned' }),
)
export const deleteTokens = accounts('delete', 'DELETE /token/<serial>', 'Delete tokens', () =>
  done({ kind: 'deleted' }),
)

const reset = tokenChangeRoute(
  {
    right: 'reset',
    self: true,
    action: 'POST /token/reset/<serial>',
    summary: 'Unlock tokens: their wrong PINs are forgotten',
    reads: parseTokenSelection,
    value: changedShape,
  },
  async (c, asking, tokens) => {
    const changed = await resetTokens(c.var.ports, asking, tokens)
    if (!changed.ok) return changed
    // A Phone's own counters are no change of the catalogue, which would have a record.
    const { serials, administrator } = changed.value
    const { owner } = callerFields(asking.credential)
    for (const serial of serials) recordSuccess(c, asking.action, '', { administrator, owner, serial })
    return changed
  },
  changedCount,
)

const setpin = tokenChangeRoute(
  {
    right: 'setpin',
    self: true,
    action: 'POST /token/setpin/<serial>',
    summary: 'Set or take away the PIN of tokens',
    reads: parsePinChange,
    value: changedShape,
    example: { otppin: '1234' },
  },
  (c, asking, tokens, pin) => setPin(c.var.ports, asking, tokens, pin),
  changedCount,
)

const setrandompin = protectedRoute(
  {
    summary: 'Give tokens a PIN that nobody chose',
    who: 'self',
    reads: parseTokenSelection,
    value: changedShape,
    detail: object({}, { pin: string('The PIN, shown this once') }),
  },
  async (c, credential, { tokens }) => {
    const asking = tokenChangeCaller(c, credential, 'setrandompin', 'POST /token/setrandompin/<serial>')
    const drawn = await setRandomPin(c.var.ports, asking, tokens)
    if (!drawn.ok) return sendRefusal(c, drawn.refusal)
    const changed = changedCount(drawn.value)
    return sendValue(c, changed, changed === 0 ? {} : { pin: drawn.value.pin })
  },
)

const set = tokenChangeRoute(
  {
    right: 'set',
    action: 'POST /token/set/<serial>',
    summary: 'Set what bounds tokens, and their description',
    reads: parseTokenSettings,
    value: integer('What was set, counted: each thing of each token'),
    example: { max_failcount: '5' },
  },
  async (c, asking, tokens, settings) => {
    const changed = await setTokenSettings(c.var.ports, asking, tokens, settings)
    return changed.ok ? done(changedCount(changed.value) * Object.keys(settings).length) : changed
  },
  (updates) => updates,
)

const description = tokenChangeRoute(
  {
    right: 'setdescription',
    self: true,
    action: 'POST /token/description/<serial>',
    summary: 'Describe tokens',
    reads: parseDescription,
    value: boolean('true'),
    example: { description: 'her phone' },
  },
  (c, asking, tokens, settings) => setTokenSettings(c.var.ports, asking, tokens, settings),
  () => true,
)

const verbs = { enable, disable, revoke, reset, setpin, setrandompin, set, description }
for (const [verb, handler] of Object.entries(verbs)) {
  addRoutes(tokenChangeRoutes, `/token/${verb}`, { POST: handler })
  addRoutes(tokenChangeRoutes, `/token/${verb}/:serial`, { POST: handler })
}
addRoutes(tokenChangeRoutes, '/token/unassign', { POST: unassign })
// Last: whatever else stands there is a serial.
addRoutes(tokenChangeRoutes, '/token/:serial', { DELETE: deleteTokens })
