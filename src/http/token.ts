import { Hono } from 'hono'
import { changeToken, resetToken, setPin } from '../operations/change-token.ts'
import { enroll } from '../operations/enroll.ts'
import { listTokens } from '../operations/list-tokens.ts'
import type { TokenChange } from '../ports/catalogue.ts'
import { parseInit } from '../protocol/client-request.ts'
import type { Parameters } from '../protocol/parameters.ts'
import { isTrue, read } from '../protocol/parameters.ts'
import { tokenItem } from '../protocol/token-item.ts'
import { parseListing, parseSerial, pinSchema } from '../protocol/token-request.ts'
import { done, refuse } from '../refusal.ts'
import type { Outcome } from '../refusal.ts'
import { administered } from './administered.ts'
import type { Known } from './context.ts'
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
      current: page,
    }
    return answered(c, value)
  }),
})

methods(token, '/token/init', {
  POST: administered(async (c, credential, params) => {
    const enrolled = await enroll(c.var.ports, credential, c.var.source, parseInit(params))
    if (!enrolled.ok) return refused(c, enrolled.refusal)
    const { serial, credential: secret, uri, image } = enrolled.value
    return answered(c, true, {
      serial,
      rollout_state: 'clientwait',
      enrollment_credential: secret,
      pushurl: { description: 'URL for privacyIDEA Push Token', value: uri, img: image },
    })
  }),
})

/** A change of one token, its serial in the path or a parameter; the answer is how many it changed. */
function changes(
  verb: string,
  change: (params: Parameters) => Outcome<TokenChange>,
  paths = [`/token/${verb}`, `/token/${verb}/:serial`],
): void {
  const handler = administered(async (c, credential, params) => {
    const serial = parseSerial(params)
    if (!serial.ok) return refused(c, serial.refusal)
    const wanted = change(params)
    if (!wanted.ok) return refused(c, wanted.refusal)
    const action = `POST /token/${verb}`
    const changed = await changeToken(c.var.ports, credential, c.var.source, {
      serial: serial.value,
      change: wanted.value,
      action,
    })
    return changed.ok ? answered(c, changed.value) : refused(c, changed.refusal)
  })
  for (const path of paths) methods(token, path, { POST: handler })
}

changes('enable', () => done({ kind: 'active', active: true }))
changes('disable', () => done({ kind: 'active', active: false }))
changes('revoke', () => done({ kind: 'revoked' }))

/** One key of a token's info: only whether it may poll is an administrator's to set. Source: contract 13.2. */
changes(
  'info',
  (params) =>
    params['value'] === undefined
      ? refuse({ reason: 'parameter_missing', name: 'value' })
      : done({ kind: 'polling_allowed', allowed: isTrue(params['value']) }),
  ['/token/info/:serial/polling_allowed'],
)

const reset = administered(async (c, credential, params) => {
  const serial = parseSerial(params)
  const after = serial.ok ? await resetToken(c.var.ports, credential, serial.value) : serial
  return after.ok ? answered(c, after.value) : refused(c, after.refusal)
})
methods(token, '/token/reset', { POST: reset })
methods(token, '/token/reset/:serial', { POST: reset })

const setpin = administered(async (c, credential, params) => {
  const serial = parseSerial(params)
  if (!serial.ok) return refused(c, serial.refusal)
  const given = read(pinSchema, params)
  if (!given.ok) return refused(c, given.refusal)
  const pin = given.value.otppin ?? given.value.pin
  if (pin === undefined) return answered(c, 0)
  const set = await setPin(c.var.ports, credential, c.var.source, serial.value, pin)
  return set.ok ? answered(c, set.value) : refused(c, set.refusal)
})
methods(token, '/token/setpin', { POST: setpin })
methods(token, '/token/setpin/:serial', { POST: setpin })

methods(token, '/token/:serial', {
  DELETE: administered(async (c, credential, params) => {
    const serial = parseSerial(params)
    if (!serial.ok) return refused(c, serial.refusal)
    const change = { serial: serial.value, change: { kind: 'deleted' }, action: 'DELETE /token' } as const
    const deleted = await changeToken(c.var.ports, credential, c.var.source, change)
    return deleted.ok ? answered(c, deleted.value) : refused(c, deleted.refusal)
  }),
})
