/** What administrators change of tokens: of one, named in the path or as a parameter, of several, or of all of a user's. */
import type { Changing } from '../operations/token/change-token.ts'
import type { Changed } from '../operations/token/change-tokens.ts'
import { changeTokens, resetTokens, setPin, setRandomPin, setTokens } from '../operations/token/change-tokens.ts'
import type { OwnerRight } from '../operations/access/identify.ts'
import type { Shape } from '../protocol/shape.ts'
import { boolean, integer, listOf, object, string } from '../protocol/shape.ts'
import { parseDescription, parsePin, parseSettings, parseTokens } from '../protocol/token/token-change-request.ts'
import { done } from '../refusal.ts'
import { administered, whoseIs } from './administered.ts'
import { noteDone } from './noted.ts'
import { askingOf, count, ofTokens } from './of-tokens.ts'
import { answered, refused } from './respond.ts'
import { Room } from './room.ts'
import { methods } from './routes.ts'

export const tokenChanges = new Room()

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
const account = ({ serials, several, failed, unauthorized }: Changed): unknown =>
  several ? { count_success: serials.length, failed, unauthorized } : serials.length

const changes = (right: OwnerRight, action: string, summary: string, change: Changing) =>
  ofTokens(
    { right, self: true, action, summary, reads: parseTokens, value: changedShape },
    (c, asking, tokens) => changeTokens(c.var.ports, asking, tokens, change),
    count,
  )

const accounts = (right: OwnerRight, action: string, summary: string, change: Changing) =>
  ofTokens(
    { right, self: true, action, summary, reads: parseTokens, value: accountShape },
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
export const remove = accounts('delete', 'DELETE /token/<serial>', 'Delete tokens', () => done({ kind: 'deleted' }))

const reset = ofTokens(
  {
    right: 'reset',
    self: true,
    action: 'POST /token/reset/<serial>',
    summary: 'Unlock tokens: their wrong PINs are forgotten',
    reads: parseTokens,
    value: changedShape,
  },
  async (c, asking, tokens) => {
    const changed = await resetTokens(c.var.ports, asking, tokens)
    if (!changed.ok) return changed
    // A Phone's own counters are no change of the catalogue, which would have a record.
    const { serials, administrator } = changed.value
    const { owner } = whoseIs(asking.credential)
    for (const serial of serials) noteDone(c, asking.action, '', { administrator, owner, serial })
    return changed
  },
  count,
)

const setpin = ofTokens(
  {
    right: 'setpin',
    self: true,
    action: 'POST /token/setpin/<serial>',
    summary: 'Set or take away the PIN of tokens',
    reads: parsePin,
    value: changedShape,
    example: { otppin: '1234' },
  },
  (c, asking, tokens, pin) => setPin(c.var.ports, asking, tokens, pin),
  count,
)

const setrandompin = administered(
  {
    summary: 'Give tokens a PIN that nobody chose',
    who: 'self',
    reads: parseTokens,
    value: changedShape,
    detail: object({}, { pin: string('The PIN, shown this once') }),
  },
  async (c, credential, { tokens }) => {
    const asking = askingOf(c, credential, 'setrandompin', 'POST /token/setrandompin/<serial>')
    const drawn = await setRandomPin(c.var.ports, asking, tokens)
    if (!drawn.ok) return refused(c, drawn.refusal)
    const changed = count(drawn.value)
    return answered(c, changed, changed === 0 ? {} : { pin: drawn.value.pin })
  },
)

const set = ofTokens(
  {
    right: 'set',
    action: 'POST /token/set/<serial>',
    summary: 'Set what bounds tokens, and their description',
    reads: parseSettings,
    value: integer('What was set, counted: each thing of each token'),
    example: { max_failcount: '5' },
  },
  async (c, asking, tokens, settings) => {
    const changed = await setTokens(c.var.ports, asking, tokens, settings)
    return changed.ok ? done(count(changed.value) * Object.keys(settings).length) : changed
  },
  (updates) => updates,
)

const description = ofTokens(
  {
    right: 'setdescription',
    self: true,
    action: 'POST /token/description/<serial>',
    summary: 'Describe tokens',
    reads: parseDescription,
    value: boolean('true'),
    example: { description: 'her phone' },
  },
  (c, asking, tokens, settings) => setTokens(c.var.ports, asking, tokens, settings),
  () => true,
)

const verbs = { enable, disable, revoke, reset, setpin, setrandompin, set, description }
for (const [verb, handler] of Object.entries(verbs)) {
  methods(tokenChanges, `/token/${verb}`, { POST: handler })
  methods(tokenChanges, `/token/${verb}/:serial`, { POST: handler })
}
methods(tokenChanges, '/token/unassign', { POST: unassign })
// Last: whatever else stands there is a serial.
methods(tokenChanges, '/token/:serial', { DELETE: remove })
