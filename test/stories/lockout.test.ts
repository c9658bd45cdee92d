/** Guessing PINs, and what it does to the owner: strangers make only themselves wait. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { FreeRadius } from '../clients/freeradius.ts'
import { type Driver, type Owner } from '../driver/driver.ts'
import { only, waitUntil } from '../driver/waiting.ts'
import { type Reply } from '../simulation/reply.ts'
import type { Service } from '../simulation/service.ts'
import { openTrusting, url } from './scene.ts'

let nod: Driver
let close: (() => Promise<void>) | undefined
let portal: Service

beforeAll(async () => {
  const opened = await openTrusting('lockout', 'portal')
  nod = opened.nod
  ;({ portal } = opened.services)
  close = opened.close
})
afterEach(() => nod.deletePolicies())
afterAll(() => close?.())

const from = (client: string, owner: Owner, pass: string): Promise<Reply> =>
  portal.call('POST', '/validate/check', { form: { ...owner, pass, client } })
const stranger = (index: number): string => `203.0.113.${index}`
const HOME = '198.51.100.1'
const CAFE = '198.51.100.2'
const PAUSED = 'Too many wrong PINs. Try again later.'
/** Guesses six times from each of so many addresses; answers what the last reply of each said. */
const besiege = (owner: Owner, addresses: number, tries = ['0', '1', '2', '3', '4', '5']) =>
  Promise.all(
    Array.from({ length: addresses }, async (_, index) => {
      const replies: Reply[] = []
      for (const pass of tries) replies.push(await from(stranger(index), owner, pass))
      return replies.map(({ detail }) => detail.message)
    }),
  )

describe('strangers who guess the PIN of somebody', () => {
  it('have five tries from each address, lock nobody out, and void no login that is approved', async () => {
    const { phone, serial, owner } = await nod.enroll('ada', { pin: '1234' })
    const login = await from(HOME, owner, '1234')
    await phone.accept(only(await phone.poll()))
    const heard = await besiege(owner, 4)
    expect(heard).toEqual(Array.from({ length: 4 }, () => [...Array<string>(5).fill('wrong otp pin'), PAUSED]))
    expect(await portal.finalize(String(login.detail.transaction_id), owner)).toBe('ACCEPT')
    // From another place, too, as if nothing had happened.
    const abroad = await from(CAFE, owner, '1234')
    await phone.accept(only(await phone.poll()))
    expect(await portal.finalize(String(abroad.detail.transaction_id), owner)).toBe('ACCEPT')
    expect(await nod.failures(serial)).toBe(0)
  })

  it('are told how long to wait, and the right PIN is not compared until then', async () => {
    const { phone, owner } = await nod.enroll('bea', { pin: '1234' })
    for (const pass of ['0', '1', '2', '3', '4']) await from(CAFE, owner, pass)
    const paused = await from(CAFE, owner, '1234')
    expect(paused).toMatchObject({ status: 200, authentication: 'REJECT', detail: { message: PAUSED } })
    expect(Number(paused.headers.get('retry-after'))).toBeGreaterThan(30)
    expect(Number(paused.headers.get('retry-after'))).toBeLessThanOrEqual(60)
    expect(await phone.poll()).toEqual([])
    // An answer by the status alone has nothing beside it.
    const form = { ...owner, pass: '1234', client: CAFE }
    await nod.authenticationPolicy({ hide_specific_error_message: true })
    const hidden = await portal.call('POST', '/validate/check', { form })
    expect(hidden.headers.get('retry-after')).toBeNull()
    expect(hidden.detail.message).toBe('Authentication failed.')
  })

  it('try one PIN with everybody: of each user one try is used, and a right one rings a phone that only its owner can answer', async () => {
    await nod.authenticationPolicy({ push_require_presence: true })
    const users = await Promise.all(
      ['1234', '2345', '3456', '4567'].map((pin, index) => nod.enroll(`carl ${index}`, { pin })),
    )
    const replies = await Promise.all(users.map(({ owner }) => from(CAFE, owner, '1234')))
    expect(replies.map(({ authentication }) => authentication)).toEqual(['CHALLENGE', 'REJECT', 'REJECT', 'REJECT'])
    const id = String(replies[0]?.detail.transaction_id)
    expect(await portal.finalize(id, only(users.slice(0, 1)).owner)).toBe('REJECT')
    for (const { owner } of users.slice(1)) {
      const tries = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((pass) => from(CAFE, owner, pass)))
      expect(tries.filter(({ detail }) => detail.message === PAUSED)).toHaveLength(1)
    }
  })

  it('go on waiting when the user logs in, at every token of theirs', async () => {
    await nod.authenticationPolicy({ reset_all_user_tokens: true })
    const { phone, owner } = await nod.enroll('cleo', { pin: '1234' })
    await nod.enroll('cleo', { pin: '1234' })
    for (const pass of ['0', '1', '2', '3', '4']) await from(CAFE, owner, pass)
    const login = await from(HOME, owner, '1234')
    await phone.accept(only(await phone.poll()))
    expect(await portal.finalize(String(login.detail.transaction_id), owner)).toBe('ACCEPT')
    expect((await from(CAFE, owner, '5')).detail.message).toBe(PAUSED)
  })

  it('lock the token everywhere with a hundred wrong ones, until the helpdesk resets it', async () => {
    const { serial, owner } = await nod.enroll('dora', { pin: '1234' })
    await besiege(owner, 20, ['0', '1', '2', '3', '4'])
    expect((await from(HOME, owner, '1234')).detail.message).toBe('Failcounter exceeded')
    expect(await nod.failures(serial)).toBe(10)
    await nod.service.call('POST', '/token/reset', { form: { serial } })
    expect((await from(HOME, owner, '1234')).authentication).toBe('CHALLENGE')
    expect((await from(stranger(0), owner, '1234')).authentication).toBe('CHALLENGE')
  })
})

describe('wrong PINs from nobody knows where', () => {
  it('lock the token after ten, as in privacyIDEA: a RADIUS server names the NAS alone', async () => {
    const { serial, owner } = await nod.enroll('emil', { pin: '1234' })
    const server = new FreeRadius({ url: `${url}/validate/check`, realm: owner.realm })
    const packet = (userPassword: string, nasIpAddress: string) =>
      server.access({ userName: owner.user, userPassword, nasIpAddress })
    for (let guess = 0; guess < 10; guess++)
      expect((await packet(String(guess), stranger(guess))).replyMessage).toBe('wrong otp pin')
    expect(await packet('1234', HOME)).toEqual({ code: 'Access-Reject', replyMessage: 'Failcounter exceeded' })
    expect(await nod.failures(serial)).toBe(10)
  })

  it('are nothing to those who name an address, and the other way round', async () => {
    const { serial, owner } = await nod.enroll('fritz', { pin: '1234' })
    await besiege(owner, 2)
    for (let guess = 0; guess < 9; guess++) await nod.service.check({ ...owner, pass: String(guess) })
    expect(await nod.failures(serial)).toBe(9)
    expect((await from(HOME, owner, '1234')).authentication).toBe('CHALLENGE')
  })
})

describe('somebody who knows a PIN and takes every place to wait', () => {
  it('gets a user’s share of them: others wait, and so does the user’s own login', async () => {
    const { phone, owner } = await nod.enroll('gisa', { pin: '1234' })
    const other = await nod.enroll('hanno', { pin: '1234' })
    const ids: string[] = []
    for (let opened = 0; opened < 5; opened++) ids.push(String((await from(CAFE, owner, '1234')).detail.transaction_id))
    const poll = (id: string) => nod.caller().call('GET', `/validate/polltransaction/${id}`, { query: { wait: '4' } })
    const refused: Reply[] = []
    const polls = ids.flatMap((id) =>
      Array.from({ length: 8 }, async () => {
        const reply = await poll(id)
        if (reply.status === 503) refused.push(reply)
      }),
    )
    // There are two shards: at most eight polls of the user wait in each.
    expect(await waitUntil(async () => refused.length >= 24)).toBe(true)
    for (const reply of refused) expect(reply.headers.get('retry-after')).toBe('5')
    const theirs = String((await from(HOME, other.owner, '1234')).detail.transaction_id)
    const waiting = poll(theirs)
    await nod.authenticationPolicy({ push_wait: '20' })
    const theirNonces = new Set((await phone.poll()).map(({ nonce }) => nonce))
    const own = from(HOME, owner, '1234')
    const newest = async () => (await phone.poll()).find(({ nonce }) => !theirNonces.has(nonce))
    let prompt = await newest()
    while (prompt === undefined) prompt = await newest()
    await phone.accept(prompt)
    expect((await own).authentication).toBe('ACCEPT')
    expect((await waiting).status).toBe(200)
    await Promise.all(polls)
  })
})
