import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Action } from '../driver/driver.ts'
import type { Service } from '../simulation/service.ts'
import { equip, openService } from './http-world.ts'

let service: Service
beforeAll(async () => {
  service = await openService()
})

/** A policy as a restored or older database may hold it: its Firebase secret is gone. */
async function storePolicy(name: string, active: boolean): Promise<void> {
  await service.call('POST', `/policy/${name}`, {
    form: {
      scope: 'enrollment',
      action: 'push_firebase_configuration=poll only',
      user: 'nobody',
      active: active ? '1' : '0',
    },
  })
  await env.DB.prepare("UPDATE policies SET body = replace(body, 'poll only', 'gone') WHERE name = ?").bind(name).run()
}

const refused = {
  status: 400,
  error: {
    code: 905,
    message:
      "ERR905: push_firebase_configuration: there is no Firebase configuration 'gone'; set the secret FIREBASE_GONE",
  },
}

describe('a stored policy whose Firebase secret is gone', () => {
  it('cannot be enabled, but disabled and renamed while it is', async () => {
    await storePolicy('gone-1', false)
    expect(await service.call('POST', '/policy/enable/gone-1')).toMatchObject(refused)
    expect(await service.call('POST', '/policy/disable/gone-1')).toMatchObject({ status: 200 })
    expect(await service.call('PATCH', '/policy/gone-1', { json: { name: 'gone-2' } })).toMatchObject({ status: 200 })
    await service.call('DELETE', '/policy/gone-2')
  })

  it('cannot be renamed while it is enabled', async () => {
    await storePolicy('gone-3', true)
    expect(await service.call('PATCH', '/policy/gone-3', { json: { name: 'gone-4' } })).toMatchObject(refused)
    expect(await service.call('DELETE', '/policy/gone-3')).toMatchObject({ status: 200 })
  })
})

/** Stores a policy as an older Nod or a backup holds it, without what is checked when it is written. Another policy is written
 *  afterwards, so that every isolate reads the policies anew. */
async function storeUnchecked(name: string, scope: string, action: Action): Promise<void> {
  const form = { scope, action: 'push_text_on_mobile=Hi', user: 'nobody' }
  await service.call('POST', `/policy/${name}`, {
    form: { ...form, scope: 'authentication' },
  })
  await env.DB.prepare(
    "UPDATE policies SET body = json_set(body, '$.scope', ?, '$.action', json(?), '$.user', json('[]'), '$.realm', json('[\"polled\"]')) WHERE name = ?",
  )
    .bind(scope, JSON.stringify(action), name)
    .run()
  await service.call('POST', '/policy/newer', { form: { ...form, scope: 'authentication' } })
}

describe('a stored policy that weakens the profile of another one', () => {
  const asks = { push_profile: 'nist-63b4' } as const

  it.each<[string, string, Action]>([
    ['authentication', "push_wait=20 in the policy 'weak'", { push_wait: '20' }],
    ['authentication', "push_require_presence in the policy 'weak'", { push_require_presence: true }],
    ['authentication', "push_code_to_phone_digits=2 in the policy 'weak'", { push_code_to_phone_digits: '2' }],
    ['authentication', "push_ssl_verify=0 in the policy 'weak'", { push_ssl_verify: '0' }],
    ['authentication', "push_firewall=off in the policy 'weak'", { push_firewall: 'off' }],
  ])('keeps logins from opening: %s, %s', async (scope, short, action) => {
    const { who, phone } = await equip('ada', 'polled')
    await service.setPolicy('asking', 'authentication', asks, { realm: 'polled' })
    await storeUnchecked('weak', scope, action)
    for (const reply of [await service.triggerchallenge(who), await service.check({ ...who, pass: '' })]) {
      expect(reply).toMatchObject({ status: 403, error: { code: 303 } })
      expect(reply.error?.message).toContain("'asking'")
      expect(reply.error?.message).toContain(short)
    }
    expect(await phone.poll()).toEqual([])
    const health = async () => (await service.call('GET', '/healthz', { query: { deep: '1' } })).text
    expect(await health()).toContain(`${short}, which falls short of`)
    // It hinders no change of other policies, and can be switched off.
    expect((await service.call('POST', '/policy/newer', { form: { description: 'x' } })).status).toBe(200)
    expect((await service.call('PATCH', '/policy/weak', { json: { name: 'weaker' } })).status).toBe(400)
    expect((await service.call('POST', '/policy/disable/weak')).status).toBe(200)
    expect(await health()).toContain('the policies go together')
    expect((await service.triggerchallenge(who)).status).toBe(200)
    for (const name of ['asking', 'weak', 'newer']) await service.call('DELETE', `/policy/${name}`)
  })

  it.each<[string, Action]>([
    ["push_ttl=60 in the policy 'weak'", { push_ttl: '60' }],
    ["push_ssl_verify=0 in the policy 'weak'", { push_ssl_verify: '0' }],
    ["otp_pin_random=4 in the policy 'weak'", { otp_pin_random: '4' }],
    [
      "push_registration_url=http://nod.example/ttype/push in the policy 'weak'",
      { push_registration_url: 'http://nod.example/ttype/push' },
    ],
  ])('keeps phones from being enrolled: %s', async (short, action) => {
    await service.setPolicy('asking', 'authentication', asks, { realm: 'polled', client: '203.0.113.0/24' })
    // Only one policy may set the address.
    const hasAddress = Object.hasOwn(action, 'push_registration_url')
    if (hasAddress) await service.call('POST', '/policy/disable/polled-enroll')
    const gateway: Action = hasAddress ? { push_firebase_configuration: 'poll only' } : {}
    await storeUnchecked('weak', 'enrollment', { ...action, ...gateway })
    const reply = await service.call('POST', '/token/init', {
      form: { type: 'push', genkey: '1', user: 'eve', realm: 'polled' },
    })
    expect(reply).toMatchObject({ status: 403, error: { code: 303 } })
    expect(reply.error?.message).toContain("'asking'")
    expect(reply.error?.message).toContain(short)
    for (const name of ['asking', 'weak', 'newer']) await service.call('DELETE', `/policy/${name}`)
    await service.call('POST', '/policy/enable/polled-enroll')
  })
})
