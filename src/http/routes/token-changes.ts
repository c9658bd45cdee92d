/** Changes of tokens: of one in the path or the parameters, of several, or of all tokens of a user. */
import {
  changeTokens,
  resetTokens,
  setPin,
  setRandomPin,
  setTokenRealms,
  setTokenSettings,
} from '../../operations/token/change-tokens.ts'
import { pauseRings, resumeRings } from '../../operations/token/pause-rings.ts'
import type { RequestParser } from '../../protocol/parameters.ts'
import { boolean, integer, object, string } from '../../protocol/shape.ts'
import {
  type InfoEntry,
  parseDescription,
  parseInfoEntry,
  parseInfoKey,
  parsePause,
  parsePinChange,
  parseTokenRealms,
  parseTokenSelection,
  parseTokenSettings,
  type TokenChangeRequest,
} from '../../protocol/token/token-change-request.ts'
import { done } from '../../refusal.ts'
import { callerFields, protectedRoute } from '../protected-route.ts'
import { recordSuccess } from '../request-audit.ts'
import { sendRefusal, sendValue } from '../send.ts'
import { addRoutes } from '../route.ts'
import { Router } from '../router.ts'
import { tokenPage } from './token-page.ts'
import {
  changedCount,
  COUNT,
  COUNT_AND_FAILURES,
  tokenChangeContext,
  tokenChangeRoute,
  tokenSelectionRoute,
} from '../token-change-route.ts'

export const tokenChangeRoutes = new Router()

const enable = tokenSelectionRoute(
  { right: 'enable', self: true, action: 'POST /token/enable/<serial>', summary: 'Enable tokens', report: COUNT },
  () => done({ kind: 'active', active: true }),
)
const disable = tokenSelectionRoute(
  { right: 'disable', self: true, action: 'POST /token/disable/<serial>', summary: 'Disable tokens', report: COUNT },
  () => done({ kind: 'active', active: false }),
)
const revoke = tokenSelectionRoute(
  {
    right: 'revoke',
    self: true,
    action: 'POST /token/revoke/<serial>',
    summary: 'Revoke tokens, which cannot be undone',
    report: COUNT,
  },
  () => done({ kind: 'revoked' }),
)
export const deleteTokens = tokenSelectionRoute(
  {
    right: 'delete',
    self: true,
    action: 'DELETE /token/<serial>',
    summary: 'Delete tokens',
    report: COUNT_AND_FAILURES,
  },
  () => done({ kind: 'deleted' }),
)

const reset = tokenChangeRoute(
  {
    right: 'reset',
    self: true,
    action: 'POST /token/reset/<serial>',
    summary: 'Reset the failed attempts of tokens',
    parser: parseTokenSelection,
    value: COUNT.shape,
  },
  async (c, context, tokens) => {
    const changed = await resetTokens(c.var.ports, context, tokens)
    if (!changed.ok) return changed
    // The counters are in the Phone object. A change of the catalogue would have written its audit entry itself.
    const { serials, administrator } = changed.value
    const { owner } = callerFields(context.credential)
    for (const serial of serials) recordSuccess(c, context.action, '', { administrator, owner, serial })
    return changed
  },
  changedCount,
)

const pause = tokenChangeRoute(
  {
    right: 'pause_rings',
    self: true,
    action: 'POST /token/pause/<serial>',
    summary: 'Pause the rings of tokens',
    description:
      'Their phones are not rung meanwhile. Logins still open, in a mode that needs what the login screen shows, and a phone finds them when it polls.',
    parser: parsePause,
    value: COUNT.shape,
    example: { minutes: '60' },
  },
  (c, context, tokens, pauseFor) => pauseRings(c.var.ports, context, tokens, pauseFor),
  changedCount,
)

const resume = tokenChangeRoute(
  {
    right: 'pause_rings',
    self: true,
    action: 'POST /token/resume/<serial>',
    summary: 'Resume the rings of tokens',
    parser: parseTokenSelection,
    value: COUNT.shape,
  },
  (c, context, tokens) => resumeRings(c.var.ports, context, tokens),
  changedCount,
)

const setpin = tokenChangeRoute(
  {
    right: 'setpin',
    self: true,
    action: 'POST /token/setpin/<serial>',
    summary: 'Set or remove the PIN of tokens',
    parser: parsePinChange,
    value: COUNT.shape,
    example: { otppin: '1234' },
  },
  (c, context, tokens, pin) => setPin(c.var.ports, context, tokens, pin),
  changedCount,
)

const setrandompin = protectedRoute(
  {
    summary: 'Set a random PIN for tokens',
    access: 'self',
    parser: parseTokenSelection,
    value: COUNT.shape,
    detail: object({}, { pin: string('The PIN, shown only once') }),
  },
  async (c, credential, { tokens }) => {
    const context = tokenChangeContext(c, credential, 'setrandompin', 'POST /token/setrandompin/<serial>')
    const changed = await setRandomPin(c.var.ports, context, tokens)
    if (!changed.ok) return sendRefusal(c, changed.refusal)
    const count = changedCount(changed.value)
    return sendValue(c, count, count === 0 ? {} : { pin: changed.value.pin })
  },
)

const set = tokenChangeRoute(
  {
    right: 'set',
    action: 'POST /token/set/<serial>',
    summary: 'Set limits and description of tokens',
    parser: parseTokenSettings,
    value: integer('Number of settings written: of each setting of each token'),
    example: { max_failcount: '5' },
  },
  async (c, context, tokens, settings) => {
    const changed = await setTokenSettings(c.var.ports, context, tokens, settings)
    return changed.ok ? done(changedCount(changed.value) * Object.keys(settings).length) : changed
  },
  (count) => count,
)

const description = tokenChangeRoute(
  {
    right: 'setdescription',
    self: true,
    action: 'POST /token/description/<serial>',
    summary: 'Set the description of tokens',
    parser: parseDescription,
    value: boolean('true'),
    example: { description: 'her phone' },
  },
  (c, context, tokens, settings) => setTokenSettings(c.var.ports, context, tokens, settings),
  () => true,
)

const realm = tokenChangeRoute(
  {
    right: 'tokenrealms',
    action: 'POST /token/realm/<serial>',
    summary: "Set the realms that list tokens, besides their owner's",
    parser: parseTokenRealms,
    value: boolean('true'),
    example: { realms: 'sales,branch' },
  },
  (c, context, tokens, realms) => setTokenRealms(c.var.ports, context, tokens, realms),
  () => true,
)

const infoRoute = (action: string, summary: string, parser: RequestParser<TokenChangeRequest<InfoEntry>>) =>
  tokenChangeRoute(
    {
      right: 'settokeninfo',
      action,
      summary,
      parser,
      value: boolean('true'),
      example: { key: 'handed_out', value: 'in person' },
    },
    (c, context, tokens, entry) => {
      const info = entry.kind === 'info' ? entry.key : entry.kind
      return changeTokens(c.var.ports, { ...context, info }, tokens, () => done(entry))
    },
    () => true,
  )

const verbs = { enable, disable, revoke, reset, pause, resume, setpin, setrandompin, set, description }
for (const [verb, handler] of Object.entries(verbs)) {
  addRoutes(tokenChangeRoutes, `/token/${verb}`, { POST: handler })
  addRoutes(tokenChangeRoutes, `/token/${verb}/:serial`, { POST: handler })
}
addRoutes(tokenChangeRoutes, '/token/realm/:serial', { POST: realm })
addRoutes(tokenChangeRoutes, '/token/info/:serial/:key', {
  POST: infoRoute('POST /token/info/<serial>/<key>', 'Set a token info, or whether the phone may poll', parseInfoEntry),
  DELETE: infoRoute('DELETE /token/info/<serial>/<key>', 'Delete a token info', parseInfoKey),
})
// Last, because `:serial` matches every other path below /token.
addRoutes(tokenChangeRoutes, '/token/:serial', { GET: tokenPage, DELETE: deleteTokens })
