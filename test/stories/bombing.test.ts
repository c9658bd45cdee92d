/** Somebody who knows the PIN rings the phone again and again, and waits for the user to give in. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { FreeRadius } from '../clients/freeradius.ts'
import { type Driver, type EnrolledUser, type EnrollOptions, nextPrompt, type Owner } from '../driver/driver.ts'
import { only, waitUntil } from '../driver/waiting.ts'
import { EDUMFA, PRIVACYIDEA } from '../simulation/phone.ts'
import type { Reply } from '../simulation/reply.ts'
import type { Service } from '../simulation/service.ts'
import { google, openTrusting, url } from './scene.ts'

const HOME = '198.51.100.40'
const CAFE = '198.51.100.41'
const HOTEL = '198.51.100.42'
const PIN = '1234'
const TAP = 'Please confirm the authentication on your mobile device!'
const CODE = 'Please enter the code displayed on your smartphone.'
const HINT = ' Use the polling feature of your privacyIDEA Authenticator App to check for a new Login request.'

let nod: Driver
let close: (() => Promise<void>) | undefined
let portal: Service

beforeAll(async () => {
  const opened = await openTrusting('bombing', 'portal')
  nod = opened.nod
  ;({ portal } = opened.services)
  close = opened.close
})
afterEach(() => nod.deletePolicies())
afterAll(() => close?.())

const from = (client: string, owner: Owner, pass = PIN): Promise<Reply> =>
  portal.call('POST', '/validate/check', { form: { ...owner, pass, client } })
const idOf = (reply: Reply | undefined): string => String(reply?.detail.transaction_id)
const crowd = (index: number): string => `203.0.${113 + Math.floor(index / 200)}.${1 + (index % 200)}`
/** Opens logins one after the other, as fast as they go. */
async function bomb(owner: Owner, count: number, source: (index: number) => string = () => CAFE) {
  const replies: Reply[] = []
  for (let index = 0; index < count; index++) replies.push(await from(source(index), owner))
  return replies
}
const enroll = (name: string, options: EnrollOptions = {}): Promise<EnrolledUser> =>
  nod.enroll(name, { pushed: true, pin: PIN, ...options })
const hasRung = ({ phone }: EnrolledUser, times: number): Promise<boolean> =>
  waitUntil(async () => (await google.messagesTo(phone)).length >= times)
const rung = async ({ phone }: EnrolledUser): Promise<number> => (await google.messagesTo(phone)).length

/** The owner logs in from there; answers how it went, and what the phone showed when it was asked to look. */
async function logIn({ phone, owner }: EnrolledUser, client: string, isBefore = (_nonce: string) => false) {
  const login = await from(client, owner)
  const shown = await phone.poll()
  const prompt = only(shown.filter(({ nonce }) => !isBefore(nonce)))
  const { displayCode = '' } = await phone.accept(prompt)
  return { login, outcome: await portal.finalize(idOf(login), owner, { pass: displayCode }) }
}
/** Of the prompts that a phone shows those that it has not shown before. */
const newTo = async ({ phone }: EnrolledUser) => {
  const before = new Set((await phone.poll()).map(({ nonce }) => nonce))
  return (nonce: string) => before.has(nonce)
}

describe('somebody who knows the PIN and rings from one place', () => {
  it('rings five times. Every login opens all the same, and needs the code of the phone, which they do not see', async () => {
    const ada = await enroll('ada')
    const replies = await bomb(ada.owner, 12)
    expect(replies.every(({ authentication }) => authentication === 'CHALLENGE')).toBe(true)
    expect(replies.map(({ detail }) => detail.message)).toEqual([
      ...Array<string>(5).fill(TAP),
      ...Array<string>(7).fill(CODE + HINT),
    ])
    expect(await hasRung(ada, 5)).toBe(true)
    // She opens the app at last and taps whatever it shows: five prompts, all of them for a code.
    const prompts = await ada.phone.poll()
    expect(prompts).toHaveLength(5)
    for (const prompt of prompts) expect((await ada.phone.accept(prompt)).displayCode).toMatch(/^\d{6}$/)
    const gained = await Promise.all(replies.map((reply) => portal.finalize(idOf(reply), ada.owner)))
    expect(new Set(gained)).toEqual(new Set(['REJECT']))
    expect(await rung(ada)).toBe(5)
    expect(await nod.failures(ada.serial)).toBe(0)
  })

  it('keeps five logins open at a time: the sixth ends their oldest, and nobody else’s', async () => {
    const bob = await enroll('bob')
    const own = await from(HOME, bob.owner)
    const replies = await bomb(bob.owner, 8)
    const status = (reply: Reply | undefined) => nod.service.status(idOf(reply))
    expect(await waitUntil(async () => (await status(replies[2])) === 'declined')).toBe(true)
    expect(await Promise.all([own, ...replies].map(status))).toEqual([
      'pending',
      ...Array<string>(3).fill('declined'),
      ...Array<string>(5).fill('pending'),
    ])
    const timeline = await nod.service.call('GET', `/transaction/${idOf(replies[0])}`)
    expect(timeline.text).toContain('newer logins of the same source are open')
  })

  it('does not end a login that its user has approved, not even at the same service in the same café', async () => {
    const cleo = await enroll('cleo')
    const own = await from(CAFE, cleo.owner)
    await cleo.phone.accept(only(await cleo.phone.poll()))
    await bomb(cleo.owner, 12)
    expect(await portal.finalize(idOf(own), cleo.owner)).toBe('ACCEPT')
  })

  it('does not silence the owner, who logs in from where she has been before', async () => {
    const dora = await enroll('dora')
    expect((await logIn(dora, HOME)).outcome).toBe('ACCEPT')
    await bomb(dora.owner, 12)
    expect(await hasRung(dora, 6)).toBe(true)
    const isTheirs = await newTo(dora)
    const { login, outcome } = await logIn(dora, HOME, isTheirs)
    expect([login.detail.message, outcome]).toEqual([TAP, 'ACCEPT'])
    expect(await hasRung(dora, 7)).toBe(true)
    // Her success gives the attacker nothing back.
    expect((await from(CAFE, dora.owner)).detail.message).toBe(CODE + HINT)
  })

  it('locks nobody out whose phone may not poll: what needs a code is delivered, and nothing that a tap would approve', async () => {
    await nod.authenticationPolicy({ push_allow_polling: 'deny' })
    const olga = await enroll('olga')
    await bomb(olga.owner, 5)
    const login = await from(HOTEL, olga.owner)
    expect(login.detail.message).toBe(CODE)
    expect(await hasRung(olga, 6)).toBe(true)
    const [newest] = (await google.messagesTo(olga.phone)).slice(-1)
    const { displayCode = '' } = await olga.phone.accept((await olga.phone.receive(newest?.data ?? {})) ?? only([]))
    expect(await portal.finalize(idOf(login), olga.owner, { pass: displayCode })).toBe('ACCEPT')
    await nod.authenticationPolicy({ push_wait: '1' })
    await bomb(olga.owner, 1)
    expect(await rung(olga)).toBe(6)
  })

  it('locks nobody out where ringing counts as a failed attempt', async () => {
    await nod.authenticationPolicy({ increase_failcounter_on_challenge: true })
    const emil = await enroll('emil')
    expect((await bomb(emil.owner, 14)).every(({ authentication }) => authentication === 'CHALLENGE')).toBe(true)
    expect(await nod.failures(emil.serial)).toBe(5)
  })
})

describe('somebody who knows the PIN and rings from very many places', () => {
  it('rings five times in all, and neither locks out nor crowds out the owner', async () => {
    const fay = await enroll('fay')
    expect((await logIn(fay, HOME)).outcome).toBe('ACCEPT')
    const replies = await bomb(fay.owner, 55, crowd)
    expect(replies.filter(({ detail }) => detail.message === TAP)).toHaveLength(5)
    const isTheirs = await newTo(fay)
    const mine = await from(HOME, fay.owner)
    expect(mine.detail.message).toBe(TAP)
    // More come while she looks for her phone.
    await bomb(fay.owner, 20, (index) => crowd(index + 55))
    expect(await hasRung(fay, 7)).toBe(true)
    expect(await rung(fay)).toBe(7)
    const [newest] = (await google.messagesTo(fay.phone)).slice(-1)
    const prompt = await fay.phone.receive(newest?.data ?? {})
    if (prompt === undefined) throw new Error('the phone dropped the prompt')
    expect(isTheirs(prompt.nonce)).toBe(false)
    await fay.phone.accept(prompt)
    expect(await portal.finalize(idOf(mine), fay.owner)).toBe('ACCEPT')
    expect(await nod.failures(fay.serial)).toBe(0)
  })

  it('cannot keep her out of a place she has never been to: she opens the app and types the code', async () => {
    const gina = await enroll('gina')
    await bomb(gina.owner, 12, crowd)
    const isTheirs = await newTo(gina)
    const { login, outcome } = await logIn(gina, HOTEL, isTheirs)
    expect([login.detail.message, outcome]).toEqual([CODE + HINT, 'ACCEPT'])
    // From now on she has been there.
    expect((await from(HOTEL, gina.owner)).detail.message).toBe(TAP)
  })
})

describe('a login over the budget that can show nothing', () => {
  it.each([
    ['eduMFA’s app', { type: 'edupush', app: EDUMFA }],
    ['an app before 4.7', { app: { ...PRIVACYIDEA, version: '4.6.0' } }],
  ] as const)('stays a tap, and is found by opening the app: %s', async (name, options) => {
    const user = await enroll(`hal ${name}`, options)
    await bomb(user.owner, 5)
    const isTheirs = await newTo(user)
    const { login, outcome } = await logIn(user, CAFE, isTheirs)
    expect(login.detail.message).toMatch(/^Please confirm .* to check for a new Login request\.$/)
    expect([await rung(user), outcome]).toEqual([5, 'ACCEPT'])
  })

  it('waits for the phone as it would otherwise, unrung, by FreeRADIUS with push_wait', async () => {
    const ida = await enroll('ida')
    await bomb(ida.owner, 5)
    await nod.authenticationPolicy({ push_wait: '20' })
    const key = await nod.serviceKey('radius')
    const radius = new FreeRadius({ url: `${url}/s/${key}/validate/check`, realm: ida.owner.realm, timeout: 30 })
    const access = { userName: ida.owner.user, userPassword: PIN }
    const isTheirs = await newTo(ida)
    const waiting = radius.access(access)
    let own = await ida.phone.poll()
    while (own.every(({ nonce }) => isTheirs(nonce))) own = await ida.phone.poll()
    await ida.phone.accept(only(own.filter(({ nonce }) => !isTheirs(nonce))))
    expect((await waiting).code).toBe('Access-Accept')
    expect(await rung(ida)).toBe(5)
  })

  it('keeps the number that policy asks for', async () => {
    await nod.authenticationPolicy({ push_require_presence: true })
    const jan = await enroll('jan')
    await bomb(jan.owner, 5)
    const isTheirs = await newTo(jan)
    const login = await from(HOTEL, jan.owner)
    const presence = String(login.detail['presence_answer'])
    expect(login.detail.message).toBe(`${TAP} Please press: ${presence}${HINT}`)
    await jan.phone.accept(only((await jan.phone.poll()).filter(({ nonce }) => !isTheirs(nonce))), { presence })
    expect(await portal.finalize(idOf(login), jan.owner)).toBe('ACCEPT')
  })
})

describe('what clients show over the budget', () => {
  it('is the text that asks for the code, by FreeRADIUS, whose user types it', async () => {
    const kim = await enroll('kim')
    const key = await nod.serviceKey('dialin')
    const radius = new FreeRadius({ url: `${url}/s/${key}/validate/check`, realm: kim.owner.realm, timeout: 30 })
    const ask = (userPassword: string, state?: string) =>
      radius.access({ userName: kim.owner.user, userPassword, ...(state === undefined ? {} : { state }) })
    for (let time = 0; time < 5; time++) await ask(PIN)
    const isTheirs = await newTo(kim)
    const challenge = await ask(PIN)
    expect(challenge).toMatchObject({ code: 'Access-Challenge', replyMessage: CODE + HINT })
    const prompt = only((await kim.phone.poll()).filter(({ nonce }) => !isTheirs(nonce)))
    const { displayCode = '' } = await kim.phone.accept(prompt)
    expect((await ask(displayCode, challenge.state)).code).toBe('Access-Accept')
    // Where the service names no address, a success starts the budget of all its users' logins by this phone anew.
    expect((await ask(PIN)).replyMessage).toBe(TAP)
  })
})

describe('push_firewall', () => {
  it('shadow rings on, keeps the mode, and says what it would have done', async () => {
    await nod.authenticationPolicy({ push_firewall: 'shadow' })
    const lea = await enroll('lea')
    const replies = await bomb(lea.owner, 8)
    expect(replies.every(({ detail }) => detail.message === TAP)).toBe(true)
    expect(await hasRung(lea, 8)).toBe(true)
    const steps = async (reply: Reply | undefined) =>
      (await nod.service.call('GET', `/transaction/${idOf(reply)}`)).text
    expect(await steps(replies[4])).not.toContain('would be restricted')
    expect(await steps(replies[5])).toContain('would be restricted: ring budget used up')
    expect(await nod.service.status(idOf(replies[0]))).toBe('pending')
  })

  it('off rings on, as privacyIDEA does', async () => {
    await nod.authenticationPolicy({ push_firewall: 'off' })
    const max = await enroll('max')
    await bomb(max.owner, 13)
    expect(await hasRung(max, 13)).toBe(true)
  })

  it('takes limit and window from policy', async () => {
    await nod.authenticationPolicy({ push_firewall_limit: '2', push_firewall_window: '1' })
    const nia = await enroll('nia')
    const replies = await bomb(nia.owner, 3)
    expect(replies.map(({ detail }) => detail.message)).toEqual([TAP, TAP, CODE + HINT])
    const timeline = await nod.service.call('GET', `/transaction/${idOf(replies[2])}`)
    expect(timeline.text).toContain('restricted: ring budget used up')
    await nextPrompt(nia.phone)
  })
})
