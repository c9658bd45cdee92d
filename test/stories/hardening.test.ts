/** What the hardening policies hide in responses. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { fields } from '../simulation/reply.ts'
import type { Driver } from '../driver/driver.ts'
import { openNod } from './scene.ts'

let nod: Driver

beforeAll(async () => {
  nod = await openNod('hardening')
})
afterEach(async () => {
  await nod.service.call('DELETE', '/policy/hardening')
})
afterAll(() => nod.close())

it('hide_version: only authenticated callers see the version', async () => {
  await nod.service.setPolicy('hardening', 'hardening', { hide_version: true })
  const { phone } = await nod.enroll('ada')
  const anonymous = nod.caller()
  const forged = nod.caller({ authorization: `nod_${'x'.repeat(43)}` })
  for (const reply of [
    await anonymous.check({ user: 'ada', realm: nod.realm, pass: 'wrong' }),
    await anonymous.call('POST', '/auth', { form: { username: 'x', password: 'x' } }),
    await anonymous.call('GET', '/token/'),
    await anonymous.call('GET', '/no/such/path'),
    await forged.call('GET', '/token/'),
  ]) {
    expect(fields(reply.body)).not.toHaveProperty('version')
    expect(fields(reply.body)).not.toHaveProperty('versionnumber')
    expect(fields(reply.body)).toHaveProperty('jsonrpc')
  }
  expect((await anonymous.call('GET', '/healthz')).body).toEqual({ status: 'ok' })
  expect(fields((await nod.service.call('GET', '/token/')).body)).toHaveProperty('version')
  expect(fields((await nod.service.call('GET', '/healthz')).body)).toHaveProperty('version')
  // The app does not need the version.
  const login = await nod.service.trigger({ user: 'ada', realm: nod.realm })
  const [prompt] = await phone.poll()
  if (prompt !== undefined) await phone.accept(prompt)
  expect(await anonymous.status(login.transactionId)).toBe('accept')
  const { text } = await anonymous.call('GET', `/transaction/${login.transactionId}/events`)
  expect(text).toContain('"challenge_status":"accept"')
  expect(text).not.toContain('version')
})

it('hide_auth_error_status: every error of a login or sign-in has status 401', async () => {
  await nod.service.setPolicy('hardening', 'hardening', { hide_auth_error_status: true })
  const anonymous = nod.caller()
  expect(await anonymous.check({ user: 'nobody', pass: '' })).toMatchObject({ status: 401, error: { code: 904 } })
  expect(await anonymous.check({ pass: '' })).toMatchObject({ status: 401, error: { code: 905 } })
  expect(await anonymous.check({ serial: 'NOSUCH', pass: '' })).toMatchObject({ status: 401, error: { code: 601 } })
  expect(await anonymous.call('POST', '/auth', { form: {} })).toMatchObject({ status: 401 })
  expect(await anonymous.call('POST', '/validate/radiuscheck', { form: {} })).toMatchObject({ status: 401, text: '' })
  expect(await nod.service.call('DELETE', '/token/NOSUCH')).toMatchObject({ status: 404 })
  expect(await anonymous.call('GET', '/ttype/push')).toMatchObject({ status: 400 })
})

it('hide_specific_error_message_for_ttype: a phone gets one message for every error', async () => {
  await nod.service.setPolicy('hardening', 'token', { hide_specific_error_message_for_ttype: true })
  const { phone } = await nod.enroll('bob')
  const anonymous = nod.caller()
  const hidden = { code: -311, message: 'Failed special token function' }
  const form = { serial: 'NOSUCH', fbtoken: 'x', pubkey: 'x', enrollment_credential: 'x' }
  expect(await anonymous.call('POST', '/ttype/push', { form })).toMatchObject({ status: 404, error: hidden })
  expect(await anonymous.call('GET', '/ttype/push')).toMatchObject({ status: 400, error: hidden })
  expect(await anonymous.call('POST', '/ttype/hotp', { form })).toMatchObject({ status: 400, error: hidden })
  expect(await phone.poll()).toEqual([])
})
