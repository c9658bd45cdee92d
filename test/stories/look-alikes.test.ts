/** Prompts of one phone that would look the same carry what tells them apart. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { Driver } from '../driver/driver.ts'
import { only } from '../driver/waiting.ts'
import { fields } from '../simulation/reply.ts'
import type { Service } from '../simulation/service.ts'
import { openTrusting } from './scene.ts'

const ASKS = 'Do you want to confirm the login?'
const TIME = String.raw`\d\d:\d\d:\d\d(\.\d\d\d)?`

let nod: Driver
let close: (() => Promise<void>) | undefined
let vpn: Service
let portal: Service

beforeAll(async () => {
  const opened = await openTrusting('alike', 'vpn', 'portal')
  nod = opened.nod
  ;({ vpn, portal } = opened.services)
  close = opened.close
})
afterEach(() => nod.deletePolicies())
afterAll(() => close?.())

const question = async ({ phone }: Awaited<ReturnType<Driver['enroll']>>) => only(await phone.poll()).question
const matching = (text: string) => expect.stringMatching(new RegExp(`^${text}$`))
const escaped = (text: string) => text.replaceAll(/[?()]/g, String.raw`\$&`)

it('a second login of the same source says when it began', async () => {
  const ada = await nod.enroll('ada')
  await vpn.trigger(ada.owner)
  expect(await question(ada)).toBe(ASKS)
  await vpn.trigger(ada.owner)
  expect(await question(ada)).toEqual(matching(escaped(`${ASKS} (at `) + TIME + escaped(' UTC)')))
})

it('two logins of the same second are told apart, too', async () => {
  const bea = await nod.enroll('bea')
  const opened = await Promise.all([1, 2, 3, 4].map(() => vpn.trigger(bea.owner)))
  expect(opened).toHaveLength(4)
  const questions = (await bea.phone.poll()).map((prompt) => prompt.question)
  expect(questions).toHaveLength(4)
  expect(questions.filter((one) => one === ASKS)).toHaveLength(1)
})

it('logins of two services say which one asks, and from where if one of them knows it', async () => {
  const cleo = await nod.enroll('cleo')
  await vpn.trigger(cleo.owner)
  expect(await question(cleo)).toBe(ASKS)
  await portal.trigger(cleo.owner, { client: '198.51.100.1' })
  expect(await question(cleo)).toEqual(
    matching(escaped(`${ASKS} (service alike-portal, from 198.51.100.1, at `) + TIME + escaped(' UTC)')),
  )
})

it('logins from two places say from where, in German and in the time zone of the deployment where these are set', async () => {
  await nod.service.call('POST', '/system/setConfig', { form: { PolicyTimeZone: 'Europe/Berlin' } })
  const dora = await nod.enroll('dora')
  const open = (client: string) =>
    portal.call('POST', '/validate/triggerchallenge', {
      form: { ...dora.owner, client },
      headers: { 'accept-language': 'de' },
    })
  await open('198.51.100.1')
  expect(await question(dora)).toBe('Wollen Sie die Anmeldung bestätigen?')
  await open('203.0.113.9')
  expect(await question(dora)).toEqual(
    matching(escaped('Wollen Sie die Anmeldung bestätigen? (von 203.0.113.9, um ') + TIME + escaped(')')),
  )
  await nod.service.call('DELETE', '/system/PolicyTimeZone')
})

it('logins whose texts differ already say nothing more', async () => {
  await nod.authenticationPolicy({ push_text_on_mobile: 'Log in from {client_ip}?' })
  const emmy = await nod.enroll('emmy')
  for (const client of ['198.51.100.1', '203.0.113.9']) {
    await portal.trigger(emmy.owner, { client })
    expect(await question(emmy)).toBe(`Log in from ${client}?`)
  }
})

it('characters that nobody sees make no difference', async () => {
  await nod.authenticationPolicy({ push_text_on_mobile: 'Is it you, on {ua_string}?' })
  const eve = await nod.enroll('eve')
  const open = (userAgent: string) =>
    vpn.call('POST', '/validate/triggerchallenge', { form: eve.owner, headers: { 'user-agent': userAgent } })
  await open('Firefox')
  expect(await question(eve)).toBe('Is it you, on Firefox?')
  await open('Fire fox')
  expect(await question(eve)).toContain('Is it you, on Fire fox? (at ')
})

it('a long question is cut, and not what tells it apart', async () => {
  await nod.authenticationPolicy({ push_text_on_mobile: 'ü'.repeat(500) })
  const fay = await nod.enroll('fay')
  await vpn.trigger(fay.owner)
  const first = await question(fay)
  await vpn.trigger(fay.owner)
  const second = await question(fay)
  expect(first).toMatch(/^ü+…$/)
  expect(second).toMatch(/^ü+… \(at [\d:.]+ UTC\)$/)
  expect(Buffer.byteLength(second)).toBeLessThanOrEqual(Buffer.byteLength(first))
})

it('the receipt has the question as it was shown', async () => {
  const gwen = await nod.enroll('gwen')
  await vpn.trigger(gwen.owner)
  await gwen.phone.poll()
  const login = await vpn.trigger(gwen.owner)
  const prompt = only(await gwen.phone.poll())
  await gwen.phone.accept(prompt)
  const { value } = await nod.service.call('GET', `/transaction/${login.transactionId}/receipt`)
  expect(fields(fields(value)['context'])['question']).toBe(prompt.question)
  expect(prompt.question).toContain('(at ')
})

it('without the push firewall texts are exactly as policy says', async () => {
  for (const push_firewall of ['off', 'shadow']) {
    await nod.authenticationPolicy({ push_firewall })
    const hanna = await nod.enroll(`hanna ${push_firewall}`)
    for (let round = 0; round < 3; round++) await vpn.trigger(hanna.owner)
    expect((await hanna.phone.poll()).map((prompt) => prompt.question)).toEqual([ASKS, ASKS, ASKS])
    await nod.deletePolicies()
  }
})
