/** A phone whose object moves to another region: its user does not notice. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Driver, EnrolledUser } from '../driver/driver.ts'
import { only, waitUntil } from '../driver/waiting.ts'
import { fields } from '../simulation/reply.ts'
import { openNod } from './scene.ts'

const PIN = '1234'
let nod: Driver

beforeAll(async () => {
  nod = await openNod('moving')
})
afterAll(() => nod.close())

const move = ({ serial }: Pick<EnrolledUser, 'serial'>, region: string) =>
  nod.service.call('POST', `/deployment/phones/${serial}/move`, { form: { region } })

async function logIn({ owner, phone }: EnrolledUser): Promise<unknown> {
  const { transactionId } = await nod.service.triggerWithPin(owner, PIN)
  await phone.accept(only(await phone.poll()))
  return nod.service.finalize(transactionId)
}

describe('a phone that is moved', () => {
  it('goes on with the login that was open, and with all that follow', async () => {
    const ada = await nod.enroll('ada', { pin: PIN })
    const { transactionId } = await nod.service.triggerWithPin(ada.owner, PIN)
    expect((await move(ada, 'apac')).value).toEqual({ state: 'moved', region: 'apac', moves: 1 })
    await ada.phone.accept(only(await ada.phone.poll()))
    expect(await nod.service.finalize(transactionId)).toBe('ACCEPT')
    expect(await logIn(ada)).toBe('ACCEPT')
    expect((await move(ada, 'weur')).value).toEqual({ state: 'moved', region: 'weur', moves: 2 })
    expect(await logIn(ada)).toBe('ACCEPT')
    expect((await move(ada, 'weur')).value).toEqual({ state: 'stays', region: null, moves: 2 })
  })

  it('grants no guesses: wrong PINs before the move and after it lock the token together', async () => {
    const bob = await nod.enroll('bob', { pin: PIN })
    const guess = async (pass: string) => (await nod.service.check({ ...bob.owner, pass })).detail.message
    for (let count = 0; count < 5; count++) expect(await guess('wrong')).toBe('wrong otp pin')
    await move(bob, 'oc')
    for (let count = 0; count < 5; count++) expect(await guess('wrong')).toBe('wrong otp pin')
    expect(await guess(PIN)).toBe('Failcounter exceeded')
    expect(await nod.failures(bob.serial)).toBe(10)
    // The first object of a phone that was deleted goes on naming the later one.
    await nod.service.call('DELETE', `/token/${bob.serial}`)
    const again = await nod.enroll('bob', { pin: PIN, parameters: { serial: bob.serial } })
    expect(again.serial).toBe(bob.serial)
    expect(await logIn(again)).toBe('ACCEPT')
  })

  it('waits for nobody: requests that come while it moves are served', async () => {
    const cleo = await nod.enroll('cleo', { pin: PIN })
    const asked = await Promise.all([
      ...Array.from({ length: 6 }, () => nod.service.check({ ...cleo.owner, pass: 'wrong' })),
      move(cleo, 'enam'),
      ...Array.from({ length: 3 }, () => nod.service.check({ ...cleo.owner, pass: 'wrong' })),
    ])
    expect(asked.map(({ status }) => status)).toEqual(asked.map(() => 200))
    expect(await nod.failures(cleo.serial)).toBe(9)
  })

  it('is disabled as any other, and the administrator’s move is in the audit', async () => {
    const dan = await nod.enroll('dan', { pin: PIN })
    await move(dan, 'apac')
    expect((await nod.service.call('POST', `/token/disable/${dan.serial}`)).value).toBe(1)
    expect((await nod.service.check({ ...dan.owner, pass: PIN })).authentication).toBe('REJECT')
    await nod.service.call('POST', `/token/enable/${dan.serial}`)
    expect(await logIn(dan)).toBe('ACCEPT')
    await waitUntil(async () => {
      const { value } = await nod.service.call('GET', '/audit/', { query: { serial: dan.serial, action: '*move*' } })
      const lines = fields(value)['auditdata'] as readonly Readonly<Record<string, unknown>>[]
      return lines.length === 1 && lines[0]?.['administrator'] !== null && lines[0]?.['info'] === 'moved to apac'
    })
  })

  it('has to exist, and to be registered', async () => {
    expect((await move({ serial: 'NOSUCH' }, 'apac')).status).toBe(404)
    const { serial } = await nod.beginEnrollment('eve')
    expect((await move({ serial }, 'apac')).status).toBe(404)
    const { status, error } = await move({ serial }, 'atlantis')
    expect([status, error?.code]).toEqual([400, 905])
    expect((await nod.service.call('GET', '/deployment/phones/far')).value).toMatchObject({ next: null })
  })
})
