import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Reply } from '../simulation/reply.ts'
import type { Service } from '../simulation/service.ts'
import { delivered, only, Scene } from './scene.ts'

let scene: Scene
let vpn: Service
let mail: Service

beforeAll(async () => {
  scene = await Scene.open('repeats')
  vpn = scene.caller({ authorization: await scene.key('vpn') })
  mail = scene.caller({ authorization: await scene.key('mail') })
})
afterEach(() => scene.lift())
afterAll(() => scene.close())

const KEY = { 'Idempotency-Key': '2f1c7c1e-66b1-4d5e-8c1e-1d0f0b4f8a11' }
const check = (
  service: Service,
  form: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = KEY,
) => service.call('POST', '/validate/check', { form, headers })
const idOf = ({ detail }: Reply) => detail.transaction_id

describe('a service that repeats its request under the same Idempotency-Key', () => {
  it('is told the same once more, and the phone shows one question', async () => {
    await scene.rule({ push_require_presence: true })
    const { phone, who } = await scene.enroll('ada', { pin: '1234' })
    const form = { ...who, pass: '1234' }
    const [first, again] = [await check(vpn, form), await check(vpn, form)]
    expect(again.detail).toEqual(first.detail)
    expect(first).toMatchObject({ authentication: 'CHALLENGE' })
    const prompt = only(await phone.poll())
    await phone.accept(prompt, { presence: String(first.detail['presence_answer']) })
    expect(await vpn.finalize(String(idOf(first)), who)).toBe('ACCEPT')
    // The login is used up, and what repeats it gets no other.
    expect(idOf(await check(vpn, form))).toBe(idOf(first))
    expect(await vpn.finalize(String(idOf(first)), who)).toBe('REJECT')
  })

  it('opens one login however often it asks at once', async () => {
    const { phone, who } = await scene.enroll('bob', { pin: '1234', pushed: true })
    const form = { ...who, pass: '1234' }
    const replies = await Promise.all(Array.from({ length: 8 }, () => check(vpn, form)))
    expect(new Set(replies.map(idOf)).size).toBe(1)
    await phone.accept(await delivered(phone))
    expect(only(await Promise.all(replies.slice(0, 1).map((reply) => vpn.finalize(String(idOf(reply)), who))))).toBe(
      'ACCEPT',
    )
  })

  it('may trigger so too', async () => {
    const { phone, who } = await scene.enroll('carla')
    const trigger = () => vpn.call('POST', '/validate/triggerchallenge', { form: who, headers: KEY })
    expect(idOf(await trigger())).toBe(idOf(await trigger()))
    expect(await phone.poll()).toHaveLength(1)
  })

  it('has a wrong PIN counted once', async () => {
    const { serial, who } = await scene.enroll('dora', { pin: '1234' })
    const form = { ...who, pass: '9999' }
    for (const _ of [1, 2, 3]) expect(await check(vpn, form)).toMatchObject({ authentication: 'REJECT' })
    expect(await scene.failures(serial)).toBe(1)
  })
})

describe('another login is opened by', () => {
  const form = { user: 'eve', realm: 'repeats', pass: '1234' }
  let first: Reply

  beforeAll(async () => {
    await scene.enroll('eve', { pin: '1234' })
    await scene.enroll('finn', { pin: '1234' })
    first = await check(vpn, form)
  })

  it.each<[string, () => Promise<Reply>]>([
    ['another service under the same key', () => check(mail, form)],
    ['whoever has no credential, which anybody could be', () => check(scene.caller(), form)],
    ['the same service under another key', () => check(vpn, form, { 'Idempotency-Key': 'another' })],
    ['the same service without a key', () => check(vpn, form, {})],
    ['a request for somebody else', () => check(vpn, { ...form, user: 'finn' })],
    ['a request to another end', () => vpn.call('POST', '/validate/triggerchallenge', { form, headers: KEY })],
    ['a request that differs in one parameter', () => check(vpn, { ...form, exception: '1' })],
  ])('%s', async (_, ask) => {
    const reply = await ask()
    expect(reply).toMatchObject({ status: 200, authentication: 'CHALLENGE' })
    expect(idOf(reply)).not.toBe(idOf(first))
  })

  it('nobody who has the key of the request but not the PIN', async () => {
    const reply = await check(vpn, { ...form, pass: '4321' })
    expect(reply).toMatchObject({ authentication: 'REJECT' })
    expect(idOf(reply)).toBeUndefined()
  })
})
