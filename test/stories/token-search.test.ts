import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fields } from '../simulation/reply.ts'
import type { Driver } from '../driver/driver.ts'
import { openNod } from './scene.ts'

let nod: Driver
beforeAll(async () => {
  nod = await openNod('search')
})
afterAll(() => nod.close())

async function search(query: Readonly<Record<string, string>>) {
  const reply = await nod.service.call('GET', '/token/search', { query })
  expect(reply.status).toBe(200)
  const value = fields(reply.value)
  if (!Array.isArray(value['tokens'])) throw new Error('no tokens')
  return { ...value, tokens: value['tokens'].map((token) => fields(token)) } as Readonly<Record<string, unknown>> & {
    readonly tokens: readonly Readonly<Record<string, unknown>>[]
  }
}

describe('an administrator who types the beginning of a name', () => {
  it('sees the tokens of those users, and pages on by the cursor', async () => {
    const { serial, owner } = await nod.enroll('searched.one')
    const second = await nod.enroll('searched.two')
    const found = await search({ q: 'SEARCHED.', limit: '1' })
    expect(found).toMatchObject({ count: 2, count_is_exact: true })
    expect(found.tokens).toMatchObject([
      {
        serial,
        user: 'searched.one',
        realm: owner.realm,
        status: 'ready',
        found_by: 'user',
        rollout_state: 'enrolled',
      },
    ])
    const next = await search({ q: 'SEARCHED.', limit: '1', cursor: String(found['next']) })
    expect(next.tokens.map((token) => token['serial'])).toEqual([second.serial])
    expect(next['next']).toBeNull()
    const cursor = String(found['next'])
    expect(await nod.service.call('GET', '/token/search', { query: { q: 'else', cursor } })).toMatchObject({
      status: 400,
      error: { code: 905 },
    })
  })

  it('finds a token by its serial in any case, and by what is wrong with it', async () => {
    const { serial } = await nod.enroll('searched.off')
    expect((await search({ q: serial.toLowerCase() })).tokens).toMatchObject([{ serial, found_by: 'serial' }])
    expect((await search({ q: 'searched.off', status: 'disabled' })).tokens).toEqual([])
    await nod.service.call('POST', `/token/disable/${serial}`)
    expect((await search({ q: 'searched.off', status: 'disabled' })).tokens).toMatchObject([
      { serial, status: 'disabled', active: false },
    ])
  })

  it('sees no token of a realm that policy does not let them list', async () => {
    const { owner, serial } = await nod.enroll('searched.secret')
    const elsewhere = await nod.enroll('searched.seen', { pushed: true })
    const rights = { tokenlist: true, policywrite: true, policydelete: true } as const
    await nod.withPolicy('admin', rights, { realm: [elsewhere.owner.realm] }, async () => {
      const seen = (await search({ q: 'searched.se' })).tokens.map((token) => token['serial'])
      expect(seen).toEqual([elsewhere.serial])
      expect((await search({ q: serial })).tokens).toEqual([])
      expect(await search({ q: 'searched.se', realm: owner.realm })).toMatchObject({ tokens: [], count: 0 })
    })
  })

  it('is told which value a filter takes', async () => {
    for (const query of [{ status: 'odd' }, { by: 'pin' }, { type: 'hotp' }, { limit: '0' }, { cursor: 'e30' }])
      expect(await nod.service.call('GET', '/token/search', { query: query as never })).toMatchObject({
        status: 400,
        error: { code: 905 },
      })
  })
})
