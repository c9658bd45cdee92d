/** A user is told on the other phones what has become of their phones and codes, and "not me" undoes it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Prompt } from '../simulation/phone.ts'
import { type Driver, type EnrolledUser } from '../driver/driver.ts'
import { only, waitUntil } from '../driver/waiting.ts'
import { google, openNod } from './scene.ts'

let nod: Driver

beforeAll(async () => {
  nod = await openNod('newphone')
  for (const [realm, firebase] of [
    [nod.realm, 'poll only'],
    [nod.pushedRealm, 'fb1'],
  ] as const)
    await nod.service.setPolicy(`${realm}-enroll`, 'enrollment', nod.enrollmentAction(firebase), { realm })
})
afterAll(() => nod.close())

/** The notice that the phone finds by polling. */
async function noticeOf({ phone, serial }: EnrolledUser, text: string): Promise<Prompt> {
  const found = (): Prompt | undefined => phone.openPrompts().find(({ question }) => question.includes(text))
  const isThere = await waitUntil(async () => {
    await phone.poll(serial)
    return found() !== undefined
  })
  const notice = found()
  if (!isThere || notice === undefined) throw new Error(`no notice says '${text}'`)
  return notice
}

const stateOf = async (serial: string): Promise<string> => {
  const { active, revoked } = await nod.token(serial)
  return revoked === true ? 'revoked' : active === true ? 'active' : 'disabled'
}

describe('a second phone', () => {
  it('is made known to the first, and revoked when its user says "not me"', async () => {
    const owner = await nod.enroll('ada')
    const thief = await nod.enroll('ada')
    const notice = await noticeOf(owner, thief.serial)
    expect(notice.title).toBe('Security notice, not a login')
    expect(await stateOf(thief.serial)).toBe('active')
    await owner.phone.decline(notice, { reason: 'unknown_trigger' })
    expect(await waitUntil(async () => (await stateOf(thief.serial)) === 'revoked')).toBe(true)
    expect(await stateOf(owner.serial)).toBe('active')
  })

  it('stays when its user accepts the notice', async () => {
    const owner = await nod.enroll('bob')
    const second = await nod.enroll('bob')
    await owner.phone.accept(await noticeOf(owner, second.serial))
    const login = await nod.service.trigger(owner.owner)
    expect(login.serials).toHaveLength(2)
    await second.phone.accept(only(await second.phone.poll()))
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
  })
})

describe('a first phone', () => {
  it('is told nothing', async () => {
    const { phone } = await nod.enroll('cleo', { pushed: true })
    expect(await phone.poll()).toEqual([])
    expect(google).toBeDefined()
  })
})
