/** PINs that Nod cannot compare: a verifier is asked about passwords of a directory, and the old server about PINs of imported tokens. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { waitUntil } from '../driver/waiting.ts'
import { CheckedWorld, UNAVAILABLE, WRONG } from './checked-world.ts'

let world: CheckedWorld

beforeAll(async () => {
  world = await CheckedWorld.open()
})
afterAll(() => world?.close())
beforeEach(() => world.begin())

describe('otppin=userstore', () => {
  it('lets a user log in with the password of the directory, and with nothing else', async () => {
    const ada = await world.withPassword()
    expect(await world.logIn(ada, 'open sesame')).toBe('ACCEPT')
    expect(world.verifier.questions).toEqual([
      expect.objectContaining({
        login: ada.owner.user,
        realm: 'own',
        password: 'open sesame',
        aud: world.verifier.url,
      }),
    ])
    expect(await world.check({ ...ada.owner, pass: '1234' })).toMatchObject(WRONG)
    expect(await world.failures(ada.serial)).toBe(1)
    // It was not kept: the directory has another one now.
    world.verifier.passwords.set(`${ada.owner.user}@own`, 'another')
    expect(await world.check({ ...ada.owner, pass: 'open sesame' })).toMatchObject(WRONG)
    expect(await world.logIn(ada, 'another')).toBe('ACCEPT')
    expect(await world.failures(ada.serial)).toBe(0)
    // No question was asked twice, and none is a token that can be sent again.
    expect(new Set(world.verifier.questions.map(({ jti }) => jti)).size).toBe(world.verifier.questions.length)
  })

  it('asks the directory nothing about an empty password, which it might take for an anonymous login', async () => {
    const ada = await world.withPassword()
    world.verifier.passwords.set(`${ada.owner.user}@own`, '')
    for (const pass of ['', undefined])
      expect(await world.check({ ...ada.owner, ...(pass === undefined ? {} : { pass }) })).toMatchObject(WRONG)
    expect(world.verifier.questions).toEqual([])
    expect(await world.failures(ada.serial)).toBe(2)
  })

  it('asks once for all phones of a user', async () => {
    const ada = await world.withPassword()
    const second = await world.driver.enroll(ada.owner.user, { realm: 'own' })
    expect(await world.check({ ...ada.owner, pass: 'wrong' })).toMatchObject(WRONG)
    expect(world.verifier.questions).toHaveLength(1)
    expect([await world.failures(ada.serial), await world.failures(second.serial)]).toEqual([1, 1])
    expect((await world.check({ ...ada.owner, pass: 'open sesame' })).detail.multi_challenge).toHaveLength(2)
    expect(world.verifier.questions).toHaveLength(2)
  })

  it('asks about four wrong passwords in a quarter of an hour, however many come at once', async () => {
    const ada = await world.withPassword()
    const guesses = Array.from({ length: 12 }, (_, index) => world.check({ ...ada.owner, pass: `guess ${index}` }))
    for (const { authentication } of await Promise.all(guesses)) expect(authentication).toBe('REJECT')
    expect(world.verifier.questions).toHaveLength(4)
    expect(await world.failures(ada.serial)).toBe(4)
    expect(await world.check({ ...ada.owner, pass: 'open sesame' })).toMatchObject({
      authentication: 'REJECT',
      detail: { message: expect.stringContaining('4 failed authentications') },
    })
    expect(world.verifier.questions).toHaveLength(4)
  })

  it('asks nothing about a locked token, and locks it after as many as policy says', async () => {
    const ada = await world.withPassword()
    await world.driver.policy('authorization', { auth_max_fail: '100/1m' }, { realm: 'own' })
    await world.driver.service.call('POST', '/token/set', { form: { serial: ada.serial, max_failcount: '3' } })
    const guesses = Array.from({ length: 6 }, (_, index) => world.check({ ...ada.owner, pass: `guess ${index}` }))
    await Promise.all(guesses)
    expect(world.verifier.questions).toHaveLength(3)
    expect(await world.check({ ...ada.owner, pass: 'open sesame' })).toMatchObject({
      detail: { message: 'Failcounter exceeded' },
    })
    expect(world.verifier.questions).toHaveLength(3)
  })

  it('rings nobody and counts nothing where the verifier forges', async () => {
    const ada = await world.withPassword()
    world.verifier.mischief = 'forges'
    expect(await world.check({ ...ada.owner, pass: 'open sesame' })).toMatchObject(UNAVAILABLE)
    expect(await ada.phone.poll()).toEqual([])
    expect(await world.failures(ada.serial)).toBe(0)
    world.verifier.mischief = 'none'
    expect(await world.logIn(ada, 'open sesame')).toBe('ACCEPT')
  })

  it('counts an attempt while the verifier is asked, and takes it back', async () => {
    const ada = await world.withPassword()
    const { promise, resolve } = Promise.withResolvers<void>()
    world.verifier.gate = promise
    const checking = world.check({ ...ada.owner, pass: 'open sesame' })
    await waitUntil(async () => world.verifier.questions.length === 1)
    expect(await ada.phone.poll()).toEqual([])
    resolve()
    expect(await checking).toMatchObject({ authentication: 'CHALLENGE' })
    expect(await world.failures(ada.serial)).toBe(0)
  })

  it('leaves the password out of database, audit and answers', async () => {
    const ada = await world.withPassword()
    const secret = 'the password of a directory'
    world.verifier.passwords.set(`${ada.owner.user}@own`, secret)
    const opened = await world.check({ ...ada.owner, pass: secret })
    expect(JSON.stringify(opened)).not.toContain(secret)
    const audit = await world.driver.service.call('GET', '/audit/', { query: { user: ada.owner.user } })
    expect(JSON.stringify(audit.value)).not.toContain(secret)
  })
})

describe('the PIN of an imported token that only the old server can compare', () => {
  it('is checked there once, without ringing the phone there, and is Nod’s own from then on', async () => {
    const bob = await world.imported()
    expect(await world.pinState(bob.serial)).toBe('upstream')
    expect(await world.logIn(bob, '4711')).toBe('ACCEPT')
    await waitUntil(async () => (await world.pinState(bob.serial)) === undefined)
    expect(world.copies).toBe(1)
    expect(world.moving.old.challenges.size).toBe(0)
    // The copy of the PIN there is gone.
    expect(world.moving.old.users.get('') ?? []).toEqual([])
    world.moving.old.mischief = 'drops'
    expect(await world.logIn(bob, '4711')).toBe('ACCEPT')
    expect(await world.check({ ...bob.owner, pass: '4712' })).toMatchObject(WRONG)
    expect(world.copies).toBe(1)
  })

  it('keeps logins open that were opened before it became Nod’s own', async () => {
    const bob = await world.imported()
    const { transactionId } = await world.driver.service.trigger(bob.owner)
    const prompt = (await bob.phone.poll())[0] ?? expect.unreachable()
    await world.check({ ...bob.owner, pass: '4711' })
    await waitUntil(async () => (await world.pinState(bob.serial)) === undefined)
    await bob.phone.accept(prompt)
    expect(await world.driver.service.finalize(transactionId, bob.owner)).toBe('ACCEPT')
  })

  it('counts here if it is wrong there, exactly, and stays to be checked', async () => {
    const bob = await world.imported({ max_attempts: 3 })
    const guesses = Array.from({ length: 6 }, (_, index) => world.check({ ...bob.owner, pass: `470${index}` }))
    for (const { authentication } of await Promise.all(guesses)) expect(authentication).toBe('REJECT')
    expect(world.copies).toBe(3)
    expect(await world.failures(bob.serial)).toBe(3)
    expect(await world.pinState(bob.serial)).toBe('upstream')
  })

  it('is that of its own serial: another token of the user does not count', async () => {
    const bob = await world.imported()
    world.moving.old.add(bob.owner.user, { serial: `SPASS-${bob.owner.user}`, type: 'spass', pin: '0815' })
    expect(await world.check({ ...bob.owner, pass: '0815' })).toMatchObject(WRONG)
    expect(await world.failures(bob.serial)).toBe(1)
  })

  it('opens both logins of two that come at once', async () => {
    const bob = await world.imported()
    const both = await Promise.all([1, 2].map(() => world.check({ ...bob.owner, pass: '4711' })))
    for (const { authentication } of both) expect(authentication).toBe('CHALLENGE')
    await waitUntil(async () => (await world.pinState(bob.serial)) === undefined)
    expect(await world.failures(bob.serial)).toBe(0)
  })
})
