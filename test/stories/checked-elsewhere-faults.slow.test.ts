/** What those who check PINs can do to a Nod: be slow, lie, send too much, be away. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CheckedWorld, UNAVAILABLE, WRONG } from './checked-world.ts'

let world: CheckedWorld

beforeAll(async () => {
  world = await CheckedWorld.open()
})
afterAll(() => world?.close())
beforeEach(() => world.begin())

afterEach(async () => {
  await world.driver.deletePolicies()
  // Begins with a new isolate, whose breakers are closed.
  await world.moving.nod.start()
})

describe('the verifier of passwords', () => {
  it.each([
    'hangs',
    'hangs_in_body',
    'answers_500',
    'drops',
    'says_maybe',
    'forges',
    'unsigned',
    'reflects',
    'repeats',
    'redirects',
    'floods',
  ] as const)('%s: nobody is rung, and nothing is counted', async (mischief) => {
    const ada = await world.withPassword()
    expect(await world.logIn(ada, 'open sesame')).toBe('ACCEPT')
    world.verifier.mischief = mischief
    expect(await world.check({ ...ada.owner, pass: 'open sesame' })).toMatchObject(UNAVAILABLE)
    expect(await ada.phone.poll()).toEqual([])
    expect(await world.failures(ada.serial)).toBe(0)
    world.verifier.mischief = 'none'
    expect(await world.logIn(ada, 'open sesame')).toBe('ACCEPT')
  })

  it('is not asked for half a minute once it has failed five times', async () => {
    const ada = await world.withPassword()
    world.verifier.mischief = 'drops'
    for (let tries = 0; tries < 6; tries++) await world.check({ ...ada.owner, pass: 'open sesame' })
    const asked = world.verifier.texts.length
    world.verifier.mischief = 'none'
    expect(await world.check({ ...ada.owner, pass: 'open sesame' })).toMatchObject(UNAVAILABLE)
    expect(world.verifier.texts).toHaveLength(asked)
    expect(await world.failures(ada.serial)).toBe(0)
  })

  it('keeps no other user waiting while it hangs, and nobody for long', async () => {
    const ada = await world.withPassword()
    // In another realm, where PINs are those of tokens.
    await world.driver.addRealm('elsewhere', 'poll only')
    await world.moving.cutOver('elsewhere', 100, { other_tokens: '0' })
    const grace = await world.driver.enroll(world.moving.newName(), { pin: '1234', realm: 'elsewhere' })
    world.verifier.mischief = 'hangs'
    const begin = performance.now()
    const waiting = world
      .check({ ...ada.owner, pass: 'open sesame' })
      .then((reply) => ({ reply, at: performance.now() }))
    expect(await world.logIn(grace, '1234')).toBe('ACCEPT')
    const { reply, at } = await waiting
    expect(reply).toMatchObject(UNAVAILABLE)
    expect(at - begin).toBeLessThan(15_000)
  })

  it('is removed: the policy that remains lets nobody in', async () => {
    const ada = await world.withPassword()
    await world.moving.nod.start({ PASSWORD_CHECK_URL: '' })
    expect(await world.check({ ...ada.owner, pass: 'open sesame' })).toMatchObject(UNAVAILABLE)
    expect(await world.check({ ...ada.owner, pass: '1234' })).toMatchObject(UNAVAILABLE)
    await world.moving.nod.start({ PASSWORD_CHECK_URL: world.verifier.url })
    expect(await world.logIn(ada, 'open sesame')).toBe('ACCEPT')
  })
})

describe('what nobody else is asked about', () => {
  it('asks nobody where a service triggers, or another policy says what the PIN is', async () => {
    const ada = await world.withPassword()
    const { transactionId } = await world.driver.service.trigger(ada.owner)
    await ada.phone.accept((await ada.phone.poll())[0] ?? expect.unreachable())
    expect(await world.driver.service.finalize(transactionId, ada.owner)).toBe('ACCEPT')
    await world.driver.deletePolicies()
    await world.driver.policy('authentication', { otppin: 'none' }, { realm: 'own' })
    expect(await world.logIn(ada, '')).toBe('ACCEPT')
    await world.driver.deletePolicies()
    expect(await world.logIn(ada, '1234')).toBe('ACCEPT')
    expect(world.verifier.questions).toEqual([])
  })

  it('is a PIN that an administrator has set since the import', async () => {
    const bob = await world.imported()
    await world.driver.service.call('POST', '/token/setpin', { form: { serial: bob.serial, otppin: '9999' } })
    expect(await world.check({ ...bob.owner, pass: '4711' })).toMatchObject(WRONG)
    expect(await world.logIn(bob, '9999')).toBe('ACCEPT')
    expect(world.copies).toBe(0)
  })
})

describe('the old server, asked about the PIN of an imported token', () => {
  it.each(['hangs', 'hangs_in_body', 'floods', 'drops', 'answers_502', 'answers_html'] as const)(
    'counts nothing and rings nobody where the old server %s',
    async (mischief) => {
      const bob = await world.imported()
      world.moving.old.mischief = mischief
      expect(await world.check({ ...bob.owner, pass: '4711' })).toMatchObject(UNAVAILABLE)
      expect(await bob.phone.poll()).toEqual([])
      expect(await world.failures(bob.serial)).toBe(0)
      world.moving.old.mischief = 'none'
      expect(await world.logIn(bob, '4711')).toBe('ACCEPT')
    },
  )
})

describe('the old server as verifier of passwords', () => {
  it('is asked at its sign-in, and only a clear answer counts', async () => {
    await world.moving.nod.start({ PASSWORD_CHECK_URL: 'upstream' })
    const ada = await world.withPassword()
    world.moving.old.passwords.set(`${ada.owner.user}@own`, 'open sesame')
    expect(await world.logIn(ada, 'open sesame')).toBe('ACCEPT')
    expect(await world.check({ ...ada.owner, pass: 'wrong' })).toMatchObject(WRONG)
    expect(await world.failures(ada.serial)).toBe(1)
    world.moving.old.asksTokens = true
    expect(await world.check({ ...ada.owner, pass: 'open sesame' })).toMatchObject(UNAVAILABLE)
    world.moving.old.asksTokens = false
    expect(await world.failures(ada.serial)).toBe(1)
    // An administrator of the old server is no user of a directory.
    const { account } = world.moving.old
    const named = await world.driver.enroll(account.login, { realm: 'own' })
    expect(await world.check({ ...named.owner, pass: account.password })).toMatchObject(UNAVAILABLE)
  })
})
