import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Driver } from '../driver/driver.ts'
import { openNod, url } from './scene.ts'

let nod: Driver
let transactionId: string

/** As test/served/setup.ts configures it. */
const OURS = 'https://login.example'

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
  it('may read how its login stands, from a configured origin only', async () => {
    expect(await allowed(poll(), OURS)).toBe(OURS)
    expect(await allowed('/validate/polltransaction', OURS, { transaction_id: transactionId })).toBe(OURS)
    expect(await allowed('/validate/polltransaction/01234567890123456789', OURS)).toBe(OURS)
    for (const origin of ['https://evil.example', 'http://login.example', 'https://login.example:444', 'null'])
      expect(await allowed(poll(), origin), origin).toBeNull()
  })

  it('is told apart by caches, and sends no credentials', async () => {
    const { headers } = await nod.service.call('GET', poll(), { headers: { origin: OURS } })
    expect(headers.get('vary')).toBe('Origin')
    expect(headers.get('access-control-allow-credentials')).toBeNull()
  })

  it('may read nothing else', async () => {
    const { service } = nod
    for (const path of ['/validate/check', '/validate/triggerchallenge', '/token/', '/auth', '/ttype/push/info']) {
      const { headers } = await service.call('GET', path, { headers: { origin: OURS } })
      expect(headers.get('access-control-allow-origin'), path).toBeNull()
    }
  })

  it('never reads anything under a service key, whose address would be in it', async () => {
    const key = await nod.serviceKey('page')
    const behindKey = nod.caller({ baseUrl: `${url}/s/${key}` })
    for (const path of [poll(), `//validate//polltransaction/${transactionId}`]) {
      const reply = await behindKey.call('GET', path, { headers: { origin: OURS } })
      expect(reply).toMatchObject({ status: 200, detail: { challenge_status: 'pending' } })
      expect(reply.headers.get('access-control-allow-origin')).toBeNull()
    }
    await nod.revokeServiceKey('page')
  })
})
