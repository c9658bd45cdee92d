import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { EnrolledUser } from '../../driver/driver.ts'
import { fields } from '../../simulation/reply.ts'
import { essence, walk } from './walk.ts'
import { ReplicaWorld } from './world.ts'

const PIN = '1234'

let world: ReplicaWorld
beforeAll(async () => {
  world = await ReplicaWorld.open()
  await world.addRealm('other', 'poll only')
})
afterAll(() => world?.close())

let ada: EnrolledUser
beforeEach(async () => {
  ada = await world.enroll(world.unique('ada'), { pin: PIN })
  await world.bringReplicaUpToDate()
  // This isolate knows all that the replica knows.
  await world.late.trigger(ada.owner)
})
afterEach(async () => {
  await world.loseCallsOf()
  await world.findReplica()
})

const serialsOf = (login: { readonly serials: readonly string[] }): readonly string[] => login.serials.toSorted()

async function failCount(serial: string): Promise<number | undefined> {
  const { value } = await world.service.call('GET', '/token/', { query: { serial } })
  const [item] = fields(value)['tokens'] as readonly { readonly failcount: number }[]
  return item?.failcount
}

describe('a login that opens after a change, by a replica that is behind', () => {
  it('follows a new policy', async () => {
    await world.service.setPolicy('code', 'authentication', { push_code_to_phone: true }, { user: [ada.owner.user] })
    expect((await world.late.trigger(ada.owner)).clientMode).toBe('interactive')
    await world.service.deletePolicy('code')
    expect((await world.late.trigger(ada.owner)).clientMode).toBe('poll')
  })

  it('rings a phone that has just registered', async () => {
    const second = await world.enroll(ada.owner.user, { pin: PIN })
    expect(serialsOf(await world.late.trigger(ada.owner))).toEqual([ada.serial, second.serial].toSorted())
  })

  it('rings the phone of a token that was assigned, and no more that of one that was taken away', async () => {
    const other = await world.enroll(world.unique('grace'), { pin: PIN })
    await world.bringReplicaUpToDate()
    await world.service.call('POST', '/token/unassign', { form: { serial: other.serial } })
    expect((await world.late.triggerchallenge(other.owner)).detail.transaction_id).toBeUndefined()
    await world.service.call('POST', '/token/assign', { form: { serial: other.serial, ...ada.owner, pin: PIN } })
    expect(serialsOf(await world.late.triggerWithPin(ada.owner, PIN))).toEqual([ada.serial, other.serial].toSorted())
    await world.bringReplicaUpToDate()
    await world.service.call('POST', '/token/unassign', { form: { serial: other.serial } })
    expect((await world.late.trigger(ada.owner)).serials).toEqual([ada.serial])
  })

  it('rings the phone of a token that was enabled', async () => {
    const second = await world.enroll(ada.owner.user, { pin: PIN })
    await world.service.call('POST', `/token/disable/${second.serial}`)
    await world.bringReplicaUpToDate()
    await world.late.trigger(ada.owner)
    await world.service.call('POST', `/token/enable/${second.serial}`)
    expect(serialsOf(await world.late.trigger(ada.owner))).toEqual([ada.serial, second.serial].toSorted())
  })

  it('rings the phones of all tokens that one request has enabled', async () => {
    const others = [await world.enroll(ada.owner.user, { pin: PIN }), await world.enroll(ada.owner.user, { pin: PIN })]
    for (const { serial } of others) await world.service.call('POST', `/token/disable/${serial}`)
    await world.bringReplicaUpToDate()
    expect((await world.late.trigger(ada.owner)).serials).toEqual([ada.serial])
    const enabled = await world.service.call('POST', '/token/enable', { form: ada.owner })
    expect(enabled.value).toBe(2)
    const all = [ada.serial, ...others.map(({ serial }) => serial)]
    expect(serialsOf(await world.late.trigger(ada.owner))).toEqual(all.toSorted())
  })

  it.each([
    ['disabled', 'POST', (serial: string) => `/token/disable/${serial}`],
    ['revoked', 'POST', (serial: string) => `/token/revoke/${serial}`],
    ['deleted', 'DELETE', (serial: string) => `/token/${serial}`],
  ])('rings no phone whose token was %s', async (_, method, path) => {
    const changed = await world.service.call(method, path(ada.serial))
    expect(changed.status).toBe(200)
    const late = await world.late.triggerchallenge(ada.owner)
    expect(late.detail.transaction_id).toBeUndefined()
    expect(essence(late)).toEqual(essence(await world.service.triggerchallenge(ada.owner)))
  })

  it('takes the new PIN, and not the old one, which counts once', async () => {
    await world.service.call('POST', `/token/setpin/${ada.serial}`, { form: { otppin: '987654' } })
    expect((await world.late.check({ ...ada.owner, pass: PIN })).authentication).toBe('REJECT')
    expect(await failCount(ada.serial)).toBe(1)
    expect((await world.late.check({ ...ada.owner, pass: '987654' })).authentication).toBe('CHALLENGE')
  })

  it('counts no failed attempt of a phone with another PIN, if it is refused by a new policy', async () => {
    const second = await world.enroll(ada.owner.user, { pin: '5678' })
    await world.bringReplicaUpToDate()
    await world.late.trigger(ada.owner)
    await world.service.setPolicy('key', 'authorization', { api_key_required: true }, { user: [ada.owner.user] })
    const { transaction_id: id } = (await world.late.check({ ...ada.owner, pass: PIN })).detail
    expect(id).toBeUndefined()
    expect(await failCount(second.serial)).toBe(0)
    await world.service.deletePolicy('key')
  })

  it('is refused to a service key that was revoked, and opened by one that is new', async () => {
    const name = world.unique('vpn')
    const key = await world.serviceKey(name)
    const service = world.lateCaller({ authorization: key })
    expect((await service.triggerchallenge(ada.owner)).status).toBe(200)
    await world.revokeServiceKey(name)
    expect((await service.triggerchallenge(ada.owner)).status).toBe(401)
  })

  it('follows the default realm', async () => {
    const { user } = ada.owner
    await world.service.call('POST', '/defaultrealm/polled')
    await world.bringReplicaUpToDate()
    expect((await world.late.check({ user, pass: PIN })).authentication).toBe('CHALLENGE')
    await world.service.call('POST', '/defaultrealm/other')
    expect((await world.late.check({ user, pass: PIN })).authentication).not.toBe('CHALLENGE')
    await world.service.call('POST', '/defaultrealm/polled')
    expect((await world.late.check({ user, pass: PIN })).authentication).toBe('CHALLENGE')
  })

  it('is refused to a user who was deleted, however often an isolate that knows of it asks', async () => {
    const gone = await world.enroll(world.unique('gone'), { pin: PIN })
    await world.bringReplicaUpToDate()
    const deleted = await world.service.call('DELETE', `/user/polled/${gone.owner.user}`, {
      query: { realm: 'polled' },
    })
    expect(deleted.status).toBe(200)
    for (const _ of ['the primary tells of the newest settings', 'they are known']) {
      const late = await world.late.triggerchallenge(gone.owner)
      expect(late.detail.transaction_id).toBeUndefined()
      expect(essence(late)).toEqual(essence(await world.service.triggerchallenge(gone.owner)))
    }
  })

  it('rings a phone whose token was valid only until yesterday, and is valid again', async () => {
    const second = await world.enroll(ada.owner.user, { pin: PIN })
    const setEnd = (end: string) =>
      world.service.call('POST', '/token/set', { form: { serial: second.serial, validity_period_end: end } })
    expect((await setEnd('2020-01-01T00:00+00:00')).status).toBe(200)
    await world.bringReplicaUpToDate()
    expect((await world.late.trigger(ada.owner)).serials).toEqual([ada.serial])
    await setEnd('2099-01-01T00:00+00:00')
    expect(serialsOf(await world.late.trigger(ada.owner))).toEqual([ada.serial, second.serial].toSorted())
  })

  it('lets a user without a token pass only if the primary knows of no token', async () => {
    const user = world.unique('new')
    await world.service.call('POST', '/user/', { form: { user, realm: 'polled' } })
    await world.service.setPolicy('pass', 'authentication', { passOnNoToken: true }, { user: [user] })
    await world.bringReplicaUpToDate()
    const login = { user, realm: 'polled', pass: PIN }
    expect((await world.late.check(login)).authentication).toBe('ACCEPT')
    await world.enroll(user, { pin: PIN })
    expect((await world.late.check(login)).authentication).toBe('CHALLENGE')
    await world.service.deletePolicy('pass')
  })
})

describe('bad days', () => {
  it('a replica that is gone makes logins ask the primary', async () => {
    await world.loseReplica()
    expect((await world.late.trigger(ada.owner)).serials).toEqual([ada.serial])
  })

  it('names the shards that could not be told of a change, until they are', async () => {
    // Both shards have opened a login: the shard is eight bits of the id.
    const used = new Set<bigint>()
    while (used.size < 2) used.add((BigInt((await world.service.trigger(ada.owner)).transactionId) >> 52n) & 255n)
    await world.loseCallsOf('Transactions weur/0', 'Transactions weur/1')
    const changed = await world.service.call('POST', '/system/setConfig', { form: { splitAtSign: 'True' } })
    expect(changed.status).toBe(200)
    expect(changed.headers.get('nod-shards-behind')).toBe('weur/0, weur/1')
    await world.loseCallsOf()
    const again = await world.service.call('POST', '/system/setConfig', { form: { splitAtSign: 'True' } })
    expect(again.headers.get('nod-shards-behind')).toBeNull()
  })
})

describe('a random walk of changes', () => {
  it('never leads to a login by a late replica that the primary would not open, or the other way round', async () => {
    const steps = Number(process.env['STEPS'] ?? 10)
    const counts = await walk(world, Number(process.env['SEED'] ?? 1), steps)
    expect(counts['opened']).toBeGreaterThan(steps / 4)
  })
})
