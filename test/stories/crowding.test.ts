/** Somebody who knows the PIN opens logins so that the owner's own is not shown. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Driver, EnrolledUser, Owner } from '../driver/driver.ts'
import { only } from '../driver/waiting.ts'
import type { Reply } from '../simulation/reply.ts'
import type { Service } from '../simulation/service.ts'
import { openTrusting } from './scene.ts'

const PIN = '1234'
const HOME = '198.51.100.1'
/** More than a phone remembers. */
const CROWD = 55

let nod: Driver
let close: (() => Promise<void>) | undefined
/** Names the address of its end users. */
let portal: Service
/** Names none. */
let vpn: Service

beforeAll(async () => {
  const opened = await openTrusting('crowding', 'portal', 'vpn')
  nod = opened.nod
  ;({ portal, vpn } = opened.services)
  close = opened.close
})
afterAll(() => close?.())

const openFrom = async (client: string, owner: Owner): Promise<Reply> => {
  const reply = await portal.call('POST', '/validate/check', { form: { ...owner, pass: PIN, client } })
  expect(reply.authentication).toBe('CHALLENGE')
  return reply
}
const idOf = ({ detail }: Reply): string => String(detail.transaction_id)

/** Opens logins from so many networks, with the right PIN. */
const crowd = (owner: Owner, networks = CROWD): Promise<readonly Reply[]> =>
  Promise.all(Array.from({ length: networks }, (_, index) => openFrom(`203.0.${index}.7`, owner)))

/** Logs in from home, so that this place is known. */
async function logInFromHome({ owner, phone }: EnrolledUser): Promise<void> {
  const login = await openFrom(HOME, owner)
  await phone.accept(only(await phone.poll()))
  expect(await portal.finalize(idOf(login), owner)).toBe('ACCEPT')
}

/** The transaction that each prompt of the next poll is of: the prompt is answered, and the login looked at. */
async function shownTo({ phone }: EnrolledUser) {
  const prompts = await phone.poll()
  expect(prompts).toHaveLength(5)
  return prompts
}

/** Accepts every prompt that is shown, and says whether this login was among them. */
async function isShown(user: EnrolledUser, id: string): Promise<boolean> {
  for (const prompt of await shownTo(user)) await user.phone.accept(prompt)
  return (await nod.service.status(id)) !== 'pending'
}

it('shows Bob the login that waits, however many of his were over before', async () => {
  const { phone, owner } = await nod.enroll('bob')
  for (let round = 0; round < 6; round++) {
    await nod.service.triggerWithPin(owner, '')
    // "Me, but stop": a login that was not him would have consequences.
    await phone.decline(only(await phone.poll()), { reason: 'cancelled' })
  }
  const login = await nod.service.trigger(owner)
  // Rung so often without success, it opens as code to phone.
  const { displayCode = '' } = await phone.accept(only(await phone.poll()))
  expect(await nod.service.finalize(login.transactionId, owner, { pass: displayCode })).toBe('ACCEPT')
})

it('takes no option where none was shown, though the phone signed it', async () => {
  const { phone, owner } = await nod.enroll('eve')
  const login = await nod.service.trigger(owner)
  const shown = await phone.accept(only(await phone.poll()), { presence: 'A' })
  expect(shown.taken).toBe(false)
  expect(await nod.service.status(login.transactionId)).toBe('pending')
})

describe('an attacker who knows the PIN and opens one login after the other', () => {
  it('at one service gets four of the five places, and the login at another service is shown', async () => {
    const ada = await nod.enroll('ada', { pin: PIN })
    const mine = await openFrom(HOME, ada.owner)
    for (let round = 0; round < 20; round++) await vpn.triggerWithPin(ada.owner, PIN)
    expect(await isShown(ada, idOf(mine))).toBe(true)
  })

  it('from more networks than the phone has places gets four, and the login from home is shown', async () => {
    const bea = await nod.enroll('bea', { pin: PIN })
    await logInFromHome(bea)
    const mine = await openFrom(HOME, bea.owner)
    await crowd(bea.owner)
    expect(await isShown(bea, idOf(mine))).toBe(true)
  })

  it('from many networks does not hide a login of a service that names no address', async () => {
    const cleo = await nod.enroll('cleo', { pin: PIN })
    const mine = await vpn.triggerWithPin(cleo.owner, PIN)
    await crowd(cleo.owner, 8)
    expect(await isShown(cleo, mine.transactionId)).toBe(true)
  })

  it('does not get the yes of an owner whose older app names no login in its answer', async () => {
    const dora = await nod.enroll('dora', { pin: PIN })
    await logInFromHome(dora)
    const mine = await openFrom(HOME, dora.owner)
    const prompt = only(await dora.phone.poll())
    await crowd(dora.owner, 8)
    expect(await dora.phone.accept(prompt, { withNonce: false })).toMatchObject({ taken: true })
    expect(await nod.service.status(idOf(mine))).not.toBe('pending')
  })

  it('does not reach the others’ turn by cancelling logins of the owner’s source', async () => {
    const emmy = await nod.enroll('emmy', { pin: PIN })
    const mine = await vpn.triggerWithPin(emmy.owner, PIN)
    const later = await vpn.triggerWithPin(emmy.owner, PIN)
    await crowd(emmy.owner, 8)
    await nod.service.call('DELETE', `/token/challenges/transaction/${later.transactionId}`)
    expect(await isShown(emmy, mine.transactionId)).toBe(true)
  })

  it('changes nothing in the order of what is shown: the oldest first', async () => {
    const fay = await nod.enroll('fay', { pin: PIN })
    const opened = [await vpn.triggerWithPin(fay.owner, PIN), await vpn.triggerWithPin(fay.owner, PIN)]
    for (let index = 0; index < 6; index++) await openFrom(`203.0.${index}.7`, fay.owner)
    const prompts = await shownTo(fay)
    await fay.phone.accept(prompts[0] ?? only([]))
    expect(await nod.service.status(opened[1]?.transactionId ?? '')).not.toBe('pending')
  })
})
