import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Driver } from '../driver/driver.ts'
import { only, waitUntil } from '../driver/waiting.ts'
import { google, openNod } from './scene.ts'

let nod: Driver

beforeAll(async () => {
  nod = await openNod('numbers')
})
afterEach(() => nod.deletePolicies())
afterAll(() => nod.close())

describe('a login with a number', () => {
  it('lets Ada in after she taps what the login page shows', async () => {
    await nod.authenticationPolicy({ push_require_presence: true })
    const { phone, serial, owner } = await nod.enroll('ada', { pin: '1234' })
    const login = await nod.service.triggerWithPin(owner, '1234')
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
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it('is the same when Google brings it', async () => {
    await nod.authenticationPolicy({
      push_require_presence: true,
      push_presence_options: 'NUMERIC',
      push_presence_num_options: '10',
    })
    const { phone, owner } = await nod.enroll('bob', { pushed: true })
    const login = await nod.service.trigger(owner)
    const prompt = await google.deliveredPrompt(phone)
    expect(prompt.options).toHaveLength(10)
    for (const option of prompt.options ?? []) expect(option).toMatch(/^\d\d$/)
    await phone.accept(prompt, { presence: login.presence ?? '' })
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it('takes an option however long the policy has it', async () => {
    const options = ['a', 'b'].map((letter) => letter.repeat(100)).join(':')
    await nod.authenticationPolicy({
      push_require_presence: true,
      push_presence_options: 'CUSTOM',
      push_presence_custom_options: options,
      push_presence_num_options: '2',
    })
    const { phone, owner } = await nod.enroll('wordy')
    const login = await nod.service.trigger(owner)
    await phone.accept(only(await phone.poll()), { presence: login.presence ?? '' })
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it.each([
    ['the wrong one', (options: readonly string[], right: string) => options.find((one) => one !== right) ?? ''],
    ['one that was not among them', () => '99'],
    ['none at all', () => undefined],
  ])('ends with %s, and counts as a failed attempt', async (name, choose) => {
    await nod.authenticationPolicy({ push_require_presence: true })
    const { phone, serial, owner } = await nod.enroll(`carla-${name.replaceAll(' ', '-')}`)
    const login = await nod.service.trigger(owner)
    const prompt = only(await phone.poll())
    const presence = choose(prompt.options ?? [], login.presence ?? '')
    const said = await phone.accept(prompt, presence === undefined ? {} : { presence })
    expect(said).toMatchObject({ handled: true, taken: false })

    expect(await nod.service.status(login.transactionId)).toBe('declined')
    expect(await phone.accept(prompt, { presence: login.presence ?? '' })).toMatchObject({ taken: false })
    expect(await nod.service.finalize(login.transactionId)).toBe('REJECT')
    expect(await waitUntil(async () => (await nod.failures(serial)) === 1)).toBe(true)
  })

  it('may be declined like any other', async () => {
    await nod.authenticationPolicy({ push_require_presence: true })
    const { phone, serial, owner } = await nod.enroll('dora')
    const login = await nod.service.trigger(owner)
    await phone.decline(only(await phone.poll()), { reason: 'cancelled' })
    expect(await nod.service.status(login.transactionId)).toBe('cancelled')
    expect(await nod.failures(serial)).toBe(0)
  })

  it("shows a policy's own options, and says where the text wants it which to tap", async () => {
    await nod.authenticationPolicy({
      push_require_presence: true,
      push_presence_options: 'CUSTOM',
      push_presence_custom_options: 'Rom:Paris:New York:Ä',
      push_presence_num_options: '4',
      push_challenge_text: 'Tap {presence_answer}\\, please.',
    })
    const { phone, owner } = await nod.enroll('eve')
    const login = await nod.service.trigger(owner)
    const prompt = only(await phone.poll())
    expect(prompt.options?.toSorted()).toEqual(['New York', 'Paris', 'Rom', 'Ä'])
    expect(login.message).toBe(`Tap ${login.presence}, please.`)
    await phone.accept(prompt, { presence: login.presence ?? '' })
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it('shows other options each time', async () => {
    await nod.authenticationPolicy({ push_require_presence: true, push_presence_num_options: '10' })
    const { owner } = await nod.enroll('frida')
    const answers = new Set<string | undefined>()
    for (let round = 0; round < 6; round++) answers.add((await nod.service.trigger(owner)).presence)
    expect(answers.size).toBeGreaterThan(1)
  })

  it('is still one when the policy changes in the middle, and no more at the next', async () => {
    await nod.authenticationPolicy({ push_require_presence: true })
    const { phone, owner } = await nod.enroll('greta')
    const login = await nod.service.trigger(owner)
    await nod.deletePolicies()
    const prompt = only(await phone.poll())
    expect(prompt.options).toContain(login.presence)
    await phone.accept(prompt, { presence: login.presence ?? '' })
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
    expect((await nod.service.trigger(owner)).presence).toBeUndefined()
  })

  it('is not switched off by what a client sends', async () => {
    await nod.authenticationPolicy({ push_require_presence: true })
    const { phone, owner } = await nod.enroll('henri')
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
    const ways = [() => nod.service.trigger(owner, sent), () => nod.service.triggerWithPin(owner, '', sent)]
    for (const open of ways) {
      const login = await open()
      expect(login.message).toContain(`Please press: ${login.presence}`)
      const prompt = only(await phone.poll())
      expect(prompt.options).toContain(login.presence)
      expect(prompt).toMatchObject({ title: 'privacyIDEA', question: 'Do you want to confirm the login?' })
      await phone.accept(prompt, { presence: login.presence ?? '' })
      expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
    }
  })
})
