import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Driver } from '../driver/driver.ts'
import { openNod, url } from './scene.ts'

let nod: Driver
let transactionId: string

/** The origin that test/served/setup.ts configures. */
const CONFIGURED = 'https://login.example'

beforeAll(async () => {
  nod = await openNod('cors')
  const { owner } = await nod.enroll('ada')
  transactionId = (await nod.service.trigger(owner)).transactionId
})
afterAll(() => nod.close())

const allowed = async (path: string, origin: string, query: Record<string, string> = {}) => {
  const reply = await nod.service.call('GET', path, { query, headers: { origin } })
  return reply.headers.get('access-control-allow-origin')
}
const poll = () => `/validate/polltransaction/${transactionId}`

describe('a login page in a browser', () => {
  it('can read the status of its login from a configured origin only', async () => {
    expect(await allowed(poll(), CONFIGURED)).toBe(CONFIGURED)
    expect(await allowed('/validate/polltransaction', CONFIGURED, { transaction_id: transactionId })).toBe(CONFIGURED)
    expect(await allowed('/validate/polltransaction/01234567890123456789', CONFIGURED)).toBe(CONFIGURED)
    for (const origin of ['https://evil.example', 'http://login.example', 'https://login.example:444', 'null'])
      expect(await allowed(poll(), origin), origin).toBeNull()
  })

  it('gets responses that caches keep apart by origin, and sends no credentials', async () => {
    const { headers } = await nod.service.call('GET', poll(), { headers: { origin: CONFIGURED } })
    expect(headers.get('vary')).toBe('Origin')
    expect(headers.get('access-control-allow-credentials')).toBeNull()
  })

  it('can read no other response', async () => {
    const { service } = nod
    for (const path of ['/validate/check', '/validate/triggerchallenge', '/token/', '/auth', '/ttype/push/info']) {
      const { headers } = await service.call('GET', path, { headers: { origin: CONFIGURED } })
      expect(headers.get('access-control-allow-origin'), path).toBeNull()
    }
  })

  it('can read nothing below a service key, which must not be in a page', async () => {
    const key = await nod.serviceKey('page')
    const behindKey = nod.caller({ baseUrl: `${url}/s/${key}` })
    for (const path of [poll(), `//validate//polltransaction/${transactionId}`]) {
      const reply = await behindKey.call('GET', path, { headers: { origin: CONFIGURED } })
      expect(reply).toMatchObject({ status: 200, detail: { challenge_status: 'pending' } })
      expect(reply.headers.get('access-control-allow-origin')).toBeNull()
    }
    await nod.revokeServiceKey('page')
  })
})
