/** What an administrator does to a token while somebody is logging in with it: what the service hears then, and what the
 *  phone is shown. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Phone } from '../simulation/phone.ts'
import type { Driver } from '../driver/driver.ts'
import { only, sleep, waitUntil } from '../driver/waiting.ts'
import { openNod } from './scene.ts'

let nod: Driver
let users = 0

beforeAll(async () => {
  nod = await openNod('midlogin')
})
afterAll(() => nod.close())

const post = (path: string, form: Readonly<Record<string, string>> = {}) => nod.service.call('POST', path, { form })
const PAST = '2020-01-01T00:00+0000'

interface Action {
  readonly act: (serial: string) => Promise<unknown>
  /** What a login says that was open: it is over, or it waits for something to be put right. */
  readonly over: boolean
  readonly says: RegExp
  /** What the phone finds when it polls. */
  readonly polls: 'nothing' | 'that nobody knows it'
}

const OVER = /^(?:Response did not match the challenge\.|No suitable token found for authentication\.)$/
const over = { over: true, says: OVER, polls: 'nothing' } as const
const unknown = { over: true, says: OVER, polls: 'that nobody knows it' } as const

const ACTIONS: Readonly<Record<string, Action>> = {
  disabled: { act: (serial) => post(`/token/disable/${serial}`), ...over },
  'disabled and enabled again': {
    act: async (serial) => {
      await post('/token/disable', { serial })
      await post('/token/enable', { serial })
    },
    ...over,
  },
  revoked: { act: (serial) => post(`/token/revoke/${serial}`), ...over },
  deleted: { act: (serial) => nod.service.deleteToken(serial), ...unknown },
  'enrolled anew': { act: (serial) => nod.service.init({ serial }), ...unknown },
  'given another PIN': { act: (serial) => post(`/token/setpin/${serial}`, { otppin: '9876' }), ...over },
  'given a PIN at random': { act: (serial) => post(`/token/setrandompin/${serial}`), ...over },
  unassigned: { act: (serial) => post('/token/unassign', { serial }), ...over },
  'given to somebody else': {
    act: async (serial) => {
      await post('/token/unassign', { serial })
      await post('/token/assign', { serial, user: 'somebody', realm: nod.realm })
    },
    ...over,
  },
  'valid no longer': {
    act: (serial) => post('/token/set', { serial, validity_period_end: PAST }),
    over: true,
    says: /^(?:Response did not match the challenge\.|Outside validity period)$/,
    polls: 'nothing',
  },
  'reported as lost': { act: (serial) => post(`/token/lost/${serial}`), ...over },
  'locked, by another limit of failed attempts': {
    act: (serial) => post('/token/set', { serial, max_failcount: '1' }),
    over: false,
    says: /^Failcounter exceeded$/,
    polls: 'nothing',
  },
  'used up, by another limit of uses': {
    act: (serial) => post('/token/set', { serial, count_auth_max: '1' }),
    over: false,
    says: /^Authentication counter exceeded$/,
    polls: 'nothing',
  },
}
const names = Object.keys(ACTIONS)

/** Somebody with a phone, who has mistyped the PIN once, and a login of theirs. */
async function login() {
  const { phone, serial, owner } = await nod.enroll(`user${++users}`, { pin: '1234' })
  await nod.service.check({ ...owner, pass: '4321' })
  const { transactionId } = await nod.service.triggerWithPin(owner, '1234')
  const prompt = only(await phone.poll())
  const finalize = () => nod.service.check(nod.service.finalizeForm(transactionId))
  return { phone, serial, owner, transactionId, prompt, finalize }
}

async function shown(phone: Phone, serial: string): Promise<Action['polls'] | 'something'> {
  await phone.poll(serial)
  const { error, value } = phone.lastPoll.get(serial) ?? {}
  if (error?.code === 10) return 'that nobody knows it'
  return Array.isArray(value) && value.length === 0 ? 'nothing' : 'something'
}

describe.each(names)('when a token is %s in the middle of a login', (name) => {
  const { act, over: isOver, says, polls } = ACTIONS[name] ?? { act: async () => undefined, ...over }
  const status = (transactionId: string) => nod.service.status(transactionId)

  it('an answer that comes after lets nobody in', async () => {
    const { phone, serial, prompt, transactionId, finalize } = await login()
    await act(serial)
    expect(await shown(phone, serial)).toBe(polls)
    expect(await phone.accept(prompt)).toMatchObject({ handled: true, taken: !isOver })
    expect(await status(transactionId)).toBe(isOver ? 'declined' : 'accept')
    const used = await finalize()
    expect(used).toMatchObject({ status: 200, value: false, authentication: 'REJECT' })
    expect(used.detail.message).toMatch(says)
  })

  it('an answer that came before lets nobody in', async () => {
    const { phone, serial, prompt, transactionId, finalize } = await login()
    await phone.accept(prompt)
    await act(serial)
    const used = await finalize()
    expect(used).toMatchObject({ status: 200, value: false, authentication: 'REJECT' })
    expect(used.detail.message).toMatch(says)
    expect(used.detail).not.toHaveProperty('transaction_id')
    const ended = isOver ? 'declined' : 'accept'
    expect(await waitUntil(async () => (await status(transactionId)) === ended)).toBe(true)
    expect(await shown(phone, serial)).toBe(polls)
  })
})

describe.each([
  'disabled and enabled again',
  'deleted',
  'given another PIN',
  'given to somebody else',
  'valid no longer',
  'used up, by another limit of uses',
])('when a token is %s at the very moment a login is finalized', (name) => {
  it('the login is finalized before, or not at all', async () => {
    const outcomes = []
    const act = async (serial: string) => ACTIONS[name]?.act(serial)
    // Each of the eight ways to begin; in the long run more than once.
    for (let round = 0; round < (process.env['NOD_TEST_ALL'] === '1' ? 24 : 8); round++) {
      const { phone, serial, prompt, finalize } = await login()
      await phone.accept(prompt)
      // Now one of them sets out first, now the other.
      const wait = () => sleep(round % 4)
      const first = round % 8 < 4 ? finalize() : wait().then(finalize)
      const acted = round % 8 < 4 ? wait().then(() => act(serial)) : act(serial)
      const { authentication } = await first
      await acted
      outcomes.push(authentication)
      expect((await finalize()).authentication).toBe('REJECT')
      await nod.service.call('DELETE', `/token/${serial}`)
    }
    expect(outcomes.filter((outcome) => outcome !== 'ACCEPT' && outcome !== 'REJECT')).toEqual([])
  })
})

describe('a login that waits for something to be put right', () => {
  it.each([
    ['locked, by another limit of failed attempts', { max_failcount: '10' }],
    ['used up, by another limit of uses', { count_auth_max: '0' }],
  ])('is let in once it is: a token that is no longer %s', async (name, form) => {
    const { phone, serial, prompt, finalize } = await login()
    await ACTIONS[name]?.act(serial)
    await phone.accept(prompt)
    expect((await finalize()).authentication).toBe('REJECT')
    expect((await post('/token/set', { serial, ...form })).value).toBe(1)
    expect((await finalize()).authentication).toBe('ACCEPT')
  })
})
