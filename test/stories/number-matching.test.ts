import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { deliveredPrompt, only, Scene, waitUntil } from './scene.ts'

let scene: Scene

beforeAll(async () => {
  scene = await Scene.open('numbers')
})
afterEach(() => scene.liftPolicies())
afterAll(() => scene.close())

describe('a login with a number', () => {
  it('lets Ada in after she taps what the login page shows', async () => {
    await scene.authenticationPolicy({ push_require_presence: true })
    const { phone, serial, owner: who } = await scene.enroll('ada', { pin: '1234' })
    const login = await scene.service.triggerWithPin(who, '1234')
    const prompt = only(await phone.poll())

    expect(prompt.options).toHaveLength(3)
    expect(new Set(prompt.options).size).toBe(3)
    expect(prompt.options).toContain(login.presence)
    const message = `Please confirm the authentication on your mobile device! Please press: ${login.presence}`
    expect(login.reply.detail).toMatchObject({
      message,
      messages: [message],
      presence_answer: login.presence,
      client_mode: 'poll',
    })
    expect(login.reply.detail.multi_challenge).toMatchObject([{ serial, message, presence_answer: login.presence }])

    expect(await phone.accept(prompt, { presence: login.presence ?? '' })).toMatchObject({ taken: true })
    expect(await scene.service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it('is the same when Google brings it', async () => {
    await scene.authenticationPolicy({
      push_require_presence: true,
      push_presence_options: 'NUMERIC',
      push_presence_num_options: '10',
    })
    const { phone, owner: who } = await scene.enroll('bob', { pushed: true })
    const login = await scene.service.trigger(who)
    const prompt = await deliveredPrompt(phone)
    expect(prompt.options).toHaveLength(10)
    for (const option of prompt.options ?? []) expect(option).toMatch(/^\d\d$/)
    await phone.accept(prompt, { presence: login.presence ?? '' })
    expect(await scene.service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it('takes an option however long the policy has it', async () => {
    const options = ['a', 'b'].map((letter) => letter.repeat(100)).join(':')
    await scene.authenticationPolicy({
      push_require_presence: true,
      push_presence_options: 'CUSTOM',
      push_presence_custom_options: options,
      push_presence_num_options: '2',
    })
    const { phone, owner: who } = await scene.enroll('wordy')
    const login = await scene.service.trigger(who)
    await phone.accept(only(await phone.poll()), { presence: login.presence ?? '' })
    expect(await scene.service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it.each([
    ['the wrong one', (options: readonly string[], right: string) => options.find((one) => one !== right) ?? ''],
    ['one that was not among them', () => '99'],
    ['none at all', () => undefined],
  ])('ends with %s, and counts as a failed attempt', async (name, choose) => {
    await scene.authenticationPolicy({ push_require_presence: true })
    const { phone, serial, owner: who } = await scene.enroll(`carla-${name.replaceAll(' ', '-')}`)
    const login = await scene.service.trigger(who)
    const prompt = only(await phone.poll())
    const presence = choose(prompt.options ?? [], login.presence ?? '')
    const said = await phone.accept(prompt, presence === undefined ? {} : { presence })
    expect(said).toMatchObject({ handled: true, taken: false })

    expect(await scene.service.status(login.transactionId)).toBe('declined')
    expect(await phone.accept(prompt, { presence: login.presence ?? '' })).toMatchObject({ taken: false })
    expect(await scene.service.finalize(login.transactionId)).toBe('REJECT')
    expect(await waitUntil(async () => (await scene.failures(serial)) === 1)).toBe(true)
  })

  it('may be declined like any other', async () => {
    await scene.authenticationPolicy({ push_require_presence: true })
    const { phone, serial, owner: who } = await scene.enroll('dora')
    const login = await scene.service.trigger(who)
    await phone.decline(only(await phone.poll()), { reason: 'cancelled' })
    expect(await scene.service.status(login.transactionId)).toBe('cancelled')
    expect(await scene.failures(serial)).toBe(0)
  })

  it("shows a policy's own options, and says where the text wants it which to tap", async () => {
    await scene.authenticationPolicy({
      push_require_presence: true,
      push_presence_options: 'CUSTOM',
      push_presence_custom_options: 'Rom:Paris:New York:Ä',
      push_presence_num_options: '4',
      push_challenge_text: 'Tap {presence_answer}\\, please.',
    })
    const { phone, owner: who } = await scene.enroll('eve')
    const login = await scene.service.trigger(who)
    const prompt = only(await phone.poll())
    expect(prompt.options?.toSorted()).toEqual(['New York', 'Paris', 'Rom', 'Ä'])
    expect(login.message).toBe(`Tap ${login.presence}, please.`)
    await phone.accept(prompt, { presence: login.presence ?? '' })
    expect(await scene.service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it('draws anew each time', async () => {
    await scene.authenticationPolicy({ push_require_presence: true, push_presence_num_options: '10' })
    const { owner: who } = await scene.enroll('frida')
    const answers = new Set<string | undefined>()
    for (let round = 0; round < 6; round++) answers.add((await scene.service.trigger(who)).presence)
    expect(answers.size).toBeGreaterThan(1)
  })

  it('is still one when the policy changes in the middle, and no more at the next', async () => {
    await scene.authenticationPolicy({ push_require_presence: true })
    const { phone, owner: who } = await scene.enroll('greta')
    const login = await scene.service.trigger(who)
    await scene.liftPolicies()
    const prompt = only(await phone.poll())
    expect(prompt.options).toContain(login.presence)
    await phone.accept(prompt, { presence: login.presence ?? '' })
    expect(await scene.service.finalize(login.transactionId)).toBe('ACCEPT')
    expect((await scene.service.trigger(who)).presence).toBeUndefined()
  })

  it('is not switched off by what a client sends', async () => {
    await scene.authenticationPolicy({ push_require_presence: true })
    const { phone, owner: who } = await scene.enroll('henri')
    const sent = {
      push_wait: '20',
      push_require_presence: '0',
      push_presence_options: 'CUSTOM',
      push_presence_custom_options: 'decline:x',
      push_code_to_phone: '1',
      push_text_on_mobile: 'Give me all',
      push_title_on_mobile: 'Mallory',
      push_challenge_text: 'nothing to see here',
      push_registration_url: 'https://mallory.example/',
      push_firebase_configuration: 'fb1',
    }
    const ways = [() => scene.service.trigger(who, sent), () => scene.service.triggerWithPin(who, '', sent)]
    for (const open of ways) {
      const login = await open()
      expect(login.message).toContain(`Please press: ${login.presence}`)
      const prompt = only(await phone.poll())
      expect(prompt.options).toContain(login.presence)
      expect(prompt).toMatchObject({ title: 'privacyIDEA', question: 'Do you want to confirm the login?' })
      await phone.accept(prompt, { presence: login.presence ?? '' })
      expect(await scene.service.finalize(login.transactionId)).toBe('ACCEPT')
    }
  })
})
