/** Riding: somebody who knows the PIN asks at the same moment and from the same place as the user, to share the user's login and
 *  finalize it first. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { FreeRadius, type RadiusReply } from '../clients/freeradius.ts'
import { type Driver, nextPrompt, type Owner } from '../driver/driver.ts'
import { only, waitUntil } from '../driver/waiting.ts'
import type { Prompt } from '../simulation/phone.ts'
import { fields, type Reply } from '../simulation/reply.ts'
import type { Service } from '../simulation/service.ts'
import { openNod, url } from './scene.ts'

const CAFE = '198.51.100.20'
const NAS = '192.0.2.1'

let nod: Driver
let portal: Service
let radius: (owner: Owner) => { ask: (password: string, state?: string) => Promise<RadiusReply> }

beforeAll(async () => {
  nod = await openNod('riding')
  await nod.service.call('POST', '/system/setConfig', { form: { OverrideAuthorizationClient: '127.0.0.1' } })
  portal = nod.caller({ authorization: await nod.serviceKey('portal') })
  const key = await nod.serviceKey('radius')
  radius = ({ user, realm }) => {
    // The plugin can send no header, so its key stands in the path.
    const server = new FreeRadius({ url: `${url}/s/${key}/validate/check`, realm, timeout: 30 })
    return {
      ask: (userPassword, state) =>
        server.access({ userName: user, userPassword, nasIpAddress: NAS, ...(state === undefined ? {} : { state }) }),
    }
  }
})
afterEach(() => nod.deletePolicies())
afterAll(async () => {
  await nod.service.call('DELETE', '/system/OverrideAuthorizationClient')
  await nod.close()
})

const retransmits = (...services: readonly string[]) => ({
  join_repeated_requests: services.map((name) => `riding-${name}`).join(' '),
})
const ask = (owner: Owner, service = portal): Promise<Reply> =>
  service.call('POST', '/validate/check', { form: { ...owner, pass: '1234', client: CAFE } })
const idOf = ({ detail }: Reply): string => String(detail.transaction_id)

describe('somebody who knows the PIN and asks from the user’s own café at the same moment', () => {
  it.each<[string, Readonly<Record<string, string | true>>]>([
    ['a tap', {}],
    ['a number', { push_require_presence: true }],
    ['a code', { push_code_to_phone: true }],
  ])('gets a login of their own, which the user’s yes does not open: %s', async (name, mode) => {
    if (Object.keys(mode).length > 0) await nod.authenticationPolicy(mode)
    const { phone, owner } = await nod.enroll(`vera ${name}`, { pin: '1234' })
    const [mine, riders] = [await ask(owner), await ask(owner)]
    expect(idOf(riders)).not.toBe(idOf(mine))
    const prompts = await phone.poll()
    expect(prompts).toHaveLength(2)
    // The older one is the user's.
    const [prompt = only([])] = prompts
    const presence = mine.detail['presence_answer']
    const answered = await phone.accept(prompt, presence === undefined ? {} : { presence })
    const extra: Record<string, string> = answered.displayCode === undefined ? {} : { pass: answered.displayCode }
    expect(await portal.finalize(idOf(riders), owner, extra)).toBe('REJECT')
    expect(await portal.finalize(idOf(mine), owner, extra)).toBe('ACCEPT')
  })

  it.each<[string, Readonly<Record<string, string | true>>]>([
    ['a number', { push_require_presence: true }],
    ['a code', { push_code_to_phone: true }],
  ])('gets one of their own with %s even where the service may join repeats', async (name, mode) => {
    await nod.authenticationPolicy({ ...mode, ...retransmits('portal') })
    const { phone, owner } = await nod.enroll(`nora ${name}`, { pin: '1234' })
    expect(idOf(await ask(owner))).not.toBe(idOf(await ask(owner)))
    expect(await phone.poll()).toHaveLength(2)
  })

  it('gets one of their own where policy names other services only', async () => {
    await nod.authenticationPolicy(retransmits('mail', 'radius'))
    const { owner } = await nod.enroll('olga', { pin: '1234' })
    const anonymous = nod.caller()
    for (const service of [portal, anonymous])
      expect(idOf(await ask(owner, service))).not.toBe(idOf(await ask(owner, service)))
  })
})

describe('a RADIUS server that retransmits, under the defaults', () => {
  it('gets a login for each packet, and the user’s yes to either lets that packet in', async () => {
    const { phone, owner } = await nod.enroll('renate', { pin: '1234' })
    const { ask: send } = radius(owner)
    const [first, again] = await Promise.all([send('1234'), send('1234')])
    expect([first.code, again.code]).toEqual(['Access-Challenge', 'Access-Challenge'])
    expect(first.state).not.toBe(again.state)
    const prompts = await phone.poll()
    expect(prompts).toHaveLength(2)
    const answers = () => Promise.all([send('x', first.state), send('x', again.state)])
    const [one = only([]), other = only([])] = prompts
    await phone.accept(one)
    const codes = (await answers()).map(({ code }) => code)
    expect(codes.toSorted()).toEqual(['Access-Accept', 'Access-Reject'])
    await phone.accept(other)
    expect((await answers()).filter(({ code }) => code === 'Access-Accept')).toHaveLength(1)
  })

  it('under push_wait hears the yes that was said to its own packet', async () => {
    await nod.authenticationPolicy({ push_wait: '20' })
    const { phone, owner } = await nod.enroll('regine', { pin: '1234' })
    const { ask: send } = radius(owner)
    const packets = Promise.all([send('1234'), send('1234')])
    const prompts: Prompt[] = []
    await waitUntil(async () => prompts.push(...(await phone.poll())) === 2)
    for (const prompt of prompts) await phone.accept(prompt)
    expect((await packets).map(({ code }) => code)).toEqual(['Access-Accept', 'Access-Accept'])
  })
})

describe('a RADIUS server that retransmits, where policy lets it join', () => {
  it('gets one login for both packets, and the same outcome for both', async () => {
    await nod.authenticationPolicy(retransmits('radius'))
    const { phone, owner } = await nod.enroll('rosa', { pin: '1234' })
    const { ask: send } = radius(owner)
    const packets = await Promise.all([send('1234'), send('1234')])
    expect(packets.map(({ code }) => code)).toEqual(['Access-Challenge', 'Access-Challenge'])
    const [state = '', again] = packets.map((packet) => packet.state)
    expect(again).toBe(state)
    expect((await send('x', state)).code).toBe('Access-Reject')
    await phone.accept(only(await phone.poll()))
    const answers = await Promise.all([send('x', state), send('x', state), send('x', state)])
    // Two packets share the login. A third is somebody else's.
    expect(answers.map(({ code }) => code).toSorted()).toEqual(['Access-Accept', 'Access-Accept', 'Access-Reject'])
    const { value } = await nod.service.call('GET', '/audit/', { query: { ...owner, action: '*check' } })
    const lines = (fields(value)['auditdata'] as readonly Record<string, unknown>[]).map(({ info }) => info)
    expect(lines.filter((info) => info === 'joined by a repeated request')).toHaveLength(1)
    expect(lines.filter((info) => info === 'Found matching challenge')).toHaveLength(1)
  })

  it.each([
    ['yes', 'Access-Accept'],
    ['no', 'Access-Reject'],
  ] as const)('hears the phone’s %s for both packets under push_wait', async (answer, code) => {
    await nod.authenticationPolicy({ ...retransmits('radius'), push_wait: '20' })
    const { phone, owner } = await nod.enroll(`rita ${answer}`, { pin: '1234' })
    const { ask: send } = radius(owner)
    const first = send('1234')
    const prompt = await nextPrompt(phone)
    const again = send('1234')
    // The repeat joins, so nothing more comes to the phone; the audit says when it has.
    const hasJoined = async (): Promise<boolean> => {
      const { value } = await nod.service.call('GET', '/audit/', { query: { ...owner, info: 'joined*' } })
      return Number(fields(value)['count']) === 1
    }
    while (!(await hasJoined())) continue
    await (answer === 'yes' ? phone.accept(prompt) : phone.decline(prompt))
    expect([(await first).code, (await again).code]).toEqual([code, code])
  })

  it('gets another login for a packet of another NAS', async () => {
    const { owner } = await nod.enroll('rolf', { pin: '1234' })
    const form = (client: string) => ({ ...owner, pass: '1234', client })
    const server = nod.caller({ authorization: await nod.serviceKey('radius2') })
    await nod.authenticationPolicy(retransmits('radius2'))
    const send = (client: string) => server.call('POST', '/validate/check', { form: form(client) })
    const first = idOf(await send(NAS))
    expect(idOf(await send('192.0.2.2'))).not.toBe(first)
    expect(idOf(await send(NAS))).toBe(first)
  })
})
