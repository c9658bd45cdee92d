import { Hono } from 'hono'
import { changeToken, resetToken, setPin } from '../operations/change-token.ts'
import { enroll } from '../operations/enroll.ts'
import { listTokens } from '../operations/list-tokens.ts'
import type { TokenChange } from '../ports/catalogue.ts'
import { DIALECTS } from '../protocol/dialect.ts'
import { parseInit } from '../protocol/client-request.ts'
import type { Parameters } from '../protocol/parameters.ts'
import { isTrue, read } from '../protocol/parameters.ts'
import { tokenItem } from '../protocol/token-item.ts'
import { parseListing, parseSerial, pinSchema } from '../protocol/token-request.ts'
import { done, refuse } from '../refusal.ts'
import type { Outcome } from '../refusal.ts'
import { administered } from './administered.ts'
import type { Known } from './context.ts'
import { noteDone } from './noted.ts'
import { answered, refused } from './respond.ts'
import { methods } from './routes.ts'

export const token = new Hono<Known>()

methods(token, '/token', {
  GET: administered(async (c, credential, params) => {
    const listing = parseListing(params)
    if (!listing.ok) return refused(c, listing.refusal)
    const listed = await listTokens(c.var.ports, credential, listing.value)
    if (!listed.ok) return refused(c, listed.refusal)
    const { tokens, count } = listed.value
    const { page, pageSize } = listing.value
    const value = {
      tokens: tokens.map(tokenItem),
      count,
      prev: page > 1 ? page - 1 : null,
      next: page * pageSize < count ? page + 1 : null,
    }
    return answered(c, value)
  }),
})

methods(token, '/token/init', {
  POST: administered(async (c, credential, params) => {
    const enrolled = await enroll(c.var.ports, credential, c.var.source, parseInit(params))
    if (!enrolled.ok) return refused(c, enrolled.refusal)
    const { serial, type, credential: secret, uri, image } = enrolled.value
    return answered(c, true, {
      serial,
      rollout_state: 'clientwait',
      enrollment_credential: secret,
      pushurl: { description: DIALECTS[type].uri.description, value: uri, img: image },
    })
  }),
})

/** A change of one token, its serial in the path or a parameter; the answer is how many it changed, unless `value` says otherwise. */
const changes = (
  action: string,
  change: (params: Parameters) => Outcome<TokenChange>,
  value: (changed: number) => unknown = (changed) => changed,
) =>
  administered(async (c, credential, params) => {
    const serial = parseSerial(params)
    if (!serial.ok) return refused(c, serial.refusal)
    const wanted = change(params)
    if (!wanted.ok) return refused(c, wanted.refusal)
    const asked = { serial: serial.value, change: wanted.value, action }
    const changed = await changeToken(c.var.ports, credential, c.var.source, asked)
    return changed.ok ? answered(c, value(changed.value)) : refused(c, changed.refusal)
  })

const enable = changes('POST /token/enable/<serial>', () => done({ kind: 'active', active: true }))
const disable = changes('POST /token/disable/<serial>', () => done({ kind: 'active', active: false }))
const revoke = changes('POST /token/revoke/<serial>', () => done({ kind: 'revoked' }))
const remove = changes('DELETE /token/<serial>', () => done({ kind: 'deleted' }))
const allowPolling = changes(
  'POST /token/info/<serial>/<key>',
  (params) =>
    params['value'] === undefined
      ? refuse({ reason: 'parameter_missing', name: 'value' })
      : done({ kind: 'polling_allowed', allowed: isTrue(params['value']) }),
  () => true,
)

const reset = administered(async (c, credential, params) => {
  const serial = parseSerial(params)
  const after = serial.ok ? await resetToken(c.var.ports, credential, serial.value) : serial
  if (!after.ok) return refused(c, after.refusal)
  // A Phone's own counters are no change of the catalogue, which would have a record.
  const about = { administrator: after.value, serial: serial.ok ? serial.value : undefined }
  noteDone(c, 'POST /token/reset/<serial>', '', about)
  return answered(c, 1)
})

const setpin = administered(async (c, credential, params) => {
  const serial = parseSerial(params)
  if (!serial.ok) return refused(c, serial.refusal)
  const given = read(pinSchema, params)
  if (!given.ok) return refused(c, given.refusal)
  const pin = given.value.otppin ?? given.value.pin
  const set = await setPin(c.var.ports, credential, c.var.source, serial.value, pin)
  return set.ok ? answered(c, set.value) : refused(c, set.refusal)
})

for (const [verb, handler] of Object.entries({ enable, disable, revoke, reset, setpin })) {
  methods(token, `/token/${verb}`, { POST: handler })
  methods(token, `/token/${verb}/:serial`, { POST: handler })
}
/** Of a token's info only this key is an administrator's to set. Source: contract 13.2. */
methods(token, '/token/info/:serial/polling_allowed', { POST: allowPolling })
methods(token, '/token/:serial', { DELETE: remove })
