import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Service } from '../simulation/service.ts'
import { openService } from './http-world.ts'

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
