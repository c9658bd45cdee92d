/** What the upstream can do to a Nod that users move to: be slow, send too much, be away. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fields } from '../simulation/reply.ts'
import { idOf, MovingWorld } from './moving-world.ts'

let world: MovingWorld

beforeAll(async () => {
  world = await MovingWorld.open()
})
afterAll(() => world.close())
beforeEach(() => world.begin())
afterEach(async () => {
  world.old.mischief = 'none'
  // Begins with a new isolate, whose breaker is closed.
  await world.nod.start()
})

describe('the upstream is away', () => {
  it.each(['drops', 'answers_502', 'hangs', 'hangs_in_body', 'floods', 'answers_html'] as const)(
    'and %s: a user of Nod’s logs in by phone, and is not kept waiting for long',
    async (mischief) => {
      const { owner, phone } = await world.withBoth()
      world.old.mischief = mischief
      const begin = performance.now()
      const opened = await world.check({ ...owner, pass: '1234' })
      expect(opened.detail.multi_challenge).toHaveLength(1)
      await phone.accept((await phone.poll())[0] ?? expect.unreachable())
      expect(await world.check({ ...owner, pass: '', transaction_id: idOf(opened) })).toMatchObject({
        authentication: 'ACCEPT',
      })
      // The login waits for five seconds, the poll for three.
      expect(performance.now() - begin).toBeLessThan(20_000)
      expect(world.old.flooded).toBeLessThan(64 * 1024 * 1024)
    },
  )

  it('is not asked by Nod for half a minute once it has failed five times', async () => {
    const { owner } = await world.withBoth()
    world.old.mischief = 'drops'
    for (let tries = 0; tries < 7; tries++) await world.check({ ...owner, pass: '1234' })
    const asked = world.old.requests.length
    await world.check({ ...owner, pass: '1234' })
    expect(world.old.requests).toHaveLength(asked)
  })

  it('and sends a gigabyte to a caller: that caller’s answer breaks off, and no other’s', async () => {
    const { owner } = await world.withBoth()
    world.old.mischief = 'floods'
    const response = await fetch(`${world.nod.url}/container/big`)
    let size = 0
    const read = async (): Promise<void> => {
      for await (const piece of response.body ?? []) size += piece.length
    }
    await read().catch(() => undefined)
    expect(size).toBeGreaterThan(90 * 1024 * 1024)
    expect(size).toBeLessThan(130 * 1024 * 1024)
    expect((await world.check({ ...owner, pass: '1234' })).detail.multi_challenge).toHaveLength(1)
  })

  it('and does not answer in a minute: those whom it serves are refused then', { timeout: 120_000 }, async () => {
    world.old.mischief = 'hangs'
    expect(await world.check({ user: world.newName(), pass: '1234' })).toMatchObject({ status: 503 })
  })
})

describe('the cut-over', () => {
  it('moves a share of a realm, always the same users, and more of them with a larger share', async () => {
    await world.nod.driver.addRealm('shares', 'poll only')
    const users = await Promise.all(
      Array.from({ length: 12 }, () => world.nod.driver.enroll(world.newName(), { pin: '1234', realm: 'shares' })),
    )
    const served = async (): Promise<readonly string[]> => {
      const replies = await Promise.all(
        users.map(async ({ owner }) => ({ owner, reply: await world.check({ ...owner, pass: '1234' }) })),
      )
      return replies.flatMap(({ owner, reply }) => (reply.authentication === 'CHALLENGE' ? [owner.user] : []))
    }
    const shares: (readonly string[])[] = []
    for (const share of [0, 30, 60, 100]) {
      await world.cutOver('shares', share)
      shares.push(await served())
    }
    expect(shares[0]).toEqual([])
    expect(shares[3]).toHaveLength(12)
    expect(shares[2]).toEqual(expect.arrayContaining([...(shares[1] ?? [])]))
    await world.cutOver('shares', 30)
    expect(await served()).toEqual(shares[1])
  })
})

describe('a user who moves', () => {
  it('logs in through RADIUS, which reads the status', async () => {
    const user = world.newName()
    world.old.add(user, { serial: `TOTP-${user}`, type: 'totp', otps: ['755224'] })
    const form = { user, realm: 'own', pass: '1234755224' }
    expect((await world.nod.driver.caller().call('POST', '/validate/radiuscheck', { form })).status).toBe(204)
    expect((await world.nod.driver.caller().call('POST', '/validate/radiuscheck', { form })).status).toBe(400)
  })

  it('finishes after a wrong one-time password with the right one', async () => {
    const { owner } = await world.withBoth()
    const id = idOf(await world.check({ ...owner, pass: '1234' }))
    expect(await world.check({ ...owner, pass: '000000', transaction_id: id })).toMatchObject({
      authentication: 'REJECT',
    })
    expect(await world.check({ ...owner, pass: '755224', transaction_id: id })).toMatchObject({
      authentication: 'ACCEPT',
    })
  })

  it('is offered both where an application triggers', async () => {
    const { owner } = await world.withBoth()
    const reply = await world.nod.driver.service.triggerchallenge({ ...owner })
    expect(reply).toMatchObject({ value: 2 })
    const second = { ...owner, pass: '755224', transaction_id: idOf(reply) }
    expect(await world.check(second)).toMatchObject({ authentication: 'ACCEPT' })
  })

  it('who has cancelled on the phone may still type the one-time password', async () => {
    const { owner, phone } = await world.withBoth()
    const id = idOf(await world.check({ ...owner, pass: '1234' }))
    await phone.decline((await phone.poll())[0] ?? expect.unreachable(), { reason: 'cancelled' })
    expect(await world.check({ ...owner, pass: '755224', transaction_id: id })).toMatchObject({
      authentication: 'ACCEPT',
    })
  })

  it('that is Nod’s alone is not kept waiting once every realm has moved', async () => {
    const { phone, serial } = await world.withBoth()
    await phone.poll()
    expect(world.old.seen('/ttype/push')).toHaveLength(1)
    expect(phone.lastPoll.get(serial)?.status).toBe(200)
  })

  it('about a token that was disabled here', async () => {
    const { owner, serial } = await world.withBoth()
    await world.settled()
    await world.nod.driver.service.call('POST', `/token/disable/${serial}`)
    world.old.mischief = { lies: serial }
    expect(await world.check({ ...owner, pass: '1234' })).toMatchObject({ authentication: 'REJECT' })
  })
})

describe('an operator', () => {
  it('sees how far the realms have moved, and moves them', async () => {
    const run = async (...args: readonly string[]) => (await world.nod.run(['cut-over', ...args])).stdout
    expect(await run('--realm', 'own', '--share', '20')).toContain('own: 20 %')
    expect(await run('--realm', 'own', '--other-tokens', 'off')).toContain(
      'own: 20 %, without the tokens of the other server',
    )
    const listed = await run()
    expect(listed).toContain(`Users move here from ${world.old.url}`)
    expect(listed).toContain('all other realms: 0 %')
    expect(listed).toContain('own: 20 %')
  })

  it('is told by the doctor whether Nod reaches the upstream, and which version it is', async () => {
    const finding = async () => {
      const { value } = await world.nod.driver.service.call('GET', '/doctor')
      const checks = Array.isArray(value) ? value : (Object.values(fields(value)).find(Array.isArray) ?? [])
      return checks.map(fields).find(({ id }) => id === 'upstream')
    }
    expect(await finding()).toMatchObject({ state: 'ok', text: expect.stringContaining('privacyIDEA 3.14') })
    world.old.mischief = 'answers_html'
    expect(await finding()).toMatchObject({ state: 'fail', text: expect.stringContaining('neither privacyIDEA nor') })
    world.old.mischief = 'drops'
    expect(await finding()).toMatchObject({ state: 'fail', text: expect.stringContaining('does not answer') })
  })
})
