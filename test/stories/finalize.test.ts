import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fields } from '../simulation/reply.ts'
import { Service } from '../simulation/service.ts'
import type { Driver } from '../driver/driver.ts'
import { only, waitUntil } from '../driver/waiting.ts'
import { openNod, url } from './scene.ts'

let nod: Driver

beforeAll(async () => {
  nod = await openNod('finalize')
})
afterAll(() => nod.close())

/** A login whose phone has said yes. */
async function accepted(user: string, service = nod.service) {
  const holder = await nod.enroll(user)
  const { transactionId } = await service.trigger(holder.owner)
  await holder.phone.accept(only(await holder.phone.poll()))
  return { ...holder, transactionId }
}

/** From now on the token is locked, and its logins refused, once a single attempt has failed. */
async function lockAtFirstFailure(serial: string): Promise<void> {
  expect((await nod.service.call('POST', '/token/set', { form: { serial, max_failcount: '1' } })).value).toBe(1)
}

const REFUSED = { status: 200, value: false, authentication: 'REJECT', error: undefined }

/** The id of nothing: of the right shape, and with the last digit of a good one turned. */
const turned = (id: string): string => id.slice(0, -1) + String((Number(id.at(-1)) + 1) % 10)

describe('an accepted login', () => {
  it('is finalized once', async () => {
    const { transactionId, owner, serial } = await accepted('ada')
    const first = await nod.service.check(nod.service.finalizeForm(transactionId, owner))
    expect(first).toMatchObject({ value: true, authentication: 'ACCEPT', detail: { serial } })
    expect(first.detail).not.toHaveProperty('transaction_id')
    expect(first.detail).not.toHaveProperty('multi_challenge')
    const again = await nod.service.check(nod.service.finalizeForm(transactionId, owner))
    expect(again).toMatchObject({ ...REFUSED, detail: { message: 'wrong otp pin' } })
    expect(again.detail).not.toHaveProperty('transaction_id')
    expect(await nod.service.status(transactionId)).toBe('pending')
    expect(await nod.failures(serial)).toBe(0)
  })

  it('is finalized once when twenty try at once', async () => {
    const { transactionId, owner, serial, phone } = await accepted('bob')
    await lockAtFirstFailure(serial)
    const tries = Array.from({ length: 20 }, () => nod.service.check(nod.service.finalizeForm(transactionId, owner)))
    const replies = await Promise.all(tries)
    expect(replies.filter(({ authentication }) => authentication === 'ACCEPT')).toHaveLength(1)
    expect(replies.filter(({ authentication }) => authentication === 'REJECT')).toHaveLength(19)
    for (const { status } of replies) expect(status).toBe(200)
    const next = await nod.service.trigger(owner)
    await phone.accept(only(await phone.poll()))
    expect(await nod.service.finalize(next.transactionId)).toBe('ACCEPT')
    const uses = async () => (await nod.token(serial))['info']
    expect(await waitUntil(async () => fields(await uses())['count_auth_success'] === '2')).toBe(true)
    expect(await nod.failures(serial)).toBe(0)
  })

  it('is not finalized by others who know its id, and their tries are no failed attempts of its owner', async () => {
    const { transactionId, owner, serial } = await accepted('carla')
    const other = await nod.enroll('mallory')
    const pushed = await nod.enroll('carla', { pushed: true })
    for (const one of [serial, other.serial, pushed.serial]) await lockAtFirstFailure(one)
    const { service, realm } = nod
    const rejected = { ...REFUSED, detail: { message: 'wrong otp pin' } }
    const unknown = (user: string) => ({
      status: 400,
      error: { code: 904, message: `ERR904: User <${user}> does not exist.` },
    })
    const mismatch = {
      status: 400,
      error: { code: 905, message: 'ERR905: Given serial does not belong to given user!' },
    }
    const wrong: Record<string, readonly [Record<string, string>, object]> = {
      'another user': [other.owner, rejected],
      'another serial': [{ serial: other.serial }, rejected],
      'a serial of the same name in another realm': [{ serial: pushed.serial }, rejected],
      'another realm': [pushed.owner, rejected],
      'a realm there is none of': [{ ...owner, realm: 'nowhere' }, unknown(`${owner.user}@nowhere`)],
      'no realm, which is the default one': [{ user: owner.user }, unknown(`${owner.user}@defrealm`)],
      'another case': [{ user: owner.user.toUpperCase(), realm }, unknown(`${owner.user.toUpperCase()}@${realm}`)],
      'the user, and a serial of another': [{ ...owner, serial: other.serial }, mismatch],
      'another user, and the serial': [{ ...other.owner, serial }, mismatch],
    }
    for (const [name, [form, expected]] of Object.entries(wrong)) {
      const reply = await service.check({ ...form, pass: '', transaction_id: transactionId })
      expect(reply, name).toMatchObject(expected)
    }
    expect(await service.check({ pass: '', transaction_id: transactionId })).toMatchObject({
      status: 400,
      error: { code: 905 },
    })
    for (const id of [
      '00000000000000000000',
      turned(transactionId),
      transactionId.slice(1),
      '99999999999999999999',
      'x',
      '-1',
      `${transactionId} `,
      '%00',
    ]) {
      const reply = await service.check({ ...owner, pass: '', transaction_id: id })
      expect(reply, id).toMatchObject({ ...REFUSED, detail: { message: 'wrong otp pin' } })
      expect(
        await service.call('GET', '/validate/polltransaction', { query: { transaction_id: id } }),
        id,
      ).toMatchObject({
        status: 200,
        value: false,
        authentication: 'REJECT',
        detail: { challenge_status: 'pending' },
      })
    }
    for (const one of [other, pushed]) {
      const login = await service.trigger(one.owner)
      expect(login.serials).toContain(one.serial)
    }
    expect(await service.finalize(transactionId, owner)).toBe('ACCEPT')
  })

  it('is not for a user or token that there is not, who hears what the first leg would say', async () => {
    const { transactionId, owner, serial } = await accepted('una')
    const other = await nod.enroll('uwe')
    await nod.service.call('POST', '/user/', { form: { user: 'ute', realm: nod.realm } })
    const { realm } = nod
    const subjects: readonly Record<string, string>[] = [
      { user: 'nobody', realm },
      { user: 'una', realm: 'nowhere' },
      { serial: 'PIPUNOSUCH' },
      { ...owner, serial: other.serial },
      { user: 'ute', realm },
    ]
    for (const subject of subjects) {
      const first = await nod.caller().check({ ...subject, pass: '' })
      const second = await nod.caller().check({ ...subject, pass: '', transaction_id: transactionId })
      expect({ ...fields(second.body), time: 0 }, JSON.stringify(subject)).toEqual({ ...fields(first.body), time: 0 })
      expect(second.status).toBe(first.status)
      const forged = await nod.caller().check({ ...subject, pass: '', transaction_id: turned(transactionId) })
      expect(forged).toMatchObject({ ...REFUSED, detail: { message: 'wrong otp pin' } })
    }
    const unknown = await nod.caller().check({ user: 'nobody', realm, pass: '', transaction_id: transactionId })
    expect(unknown).toMatchObject({
      status: 400,
      error: { code: 904, message: `ERR904: User <nobody@${realm}> does not exist.` },
    })
    expect(await nod.failures(serial)).toBe(0)
    expect(await nod.service.finalize(transactionId, owner)).toBe('ACCEPT')
  })

  it('is finalized whatever was typed, or nothing', async () => {
    const { owner, phone } = await nod.enroll('dora', { pin: '1234' })
    for (const extra of [{ pass: '1234' }, { pass: 'anything' }, { pass: '' }, {}] as Record<string, string>[]) {
      const login = await nod.service.trigger(owner)
      await phone.accept(only(await phone.poll()))
      const reply = await nod.service.check({ ...owner, transaction_id: login.transactionId, ...extra })
      expect(reply, JSON.stringify(extra)).toMatchObject({ value: true, authentication: 'ACCEPT' })
    }
  })

  it("is its owner's, whether the token or the user was named", async () => {
    const { phone, serial, owner } = await nod.enroll('eve')
    const { transactionId } = await nod.service.trigger({ serial })
    await phone.accept(only(await phone.poll()))
    expect(await nod.service.finalize(transactionId, `${owner.user}@${owner.realm}`)).toBe('ACCEPT')
  })

  it('keeps apart what two services do at once for the same user', async () => {
    const { phone, owner } = await nod.enroll('frida')
    const [one, other] = await Promise.all([nod.service.trigger(owner), nod.service.trigger(owner)])
    const prompts = await phone.poll()
    expect(prompts).toHaveLength(2)
    for (const prompt of prompts.slice(0, 1)) await phone.accept(prompt)
    const outcomes = await Promise.all(
      [one, other].map(({ transactionId }) => nod.service.finalize(transactionId, owner)),
    )
    expect(outcomes.toSorted()).toEqual(['ACCEPT', 'REJECT'])
  })
})

describe('a login that no phone has accepted', () => {
  it('is refused, and can still be accepted', async () => {
    const { phone, serial, owner } = await nod.enroll('greta')
    const login = await nod.service.trigger(owner)
    const early = await nod.service.check(nod.service.finalizeForm(login.transactionId))
    expect(early).toMatchObject({ ...REFUSED, detail: { message: 'Response did not match the challenge.', serial } })
    expect(early.detail).not.toHaveProperty('transaction_id')
    await phone.accept(only(await phone.poll()))
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
    expect(await nod.failures(serial)).toBe(0)
  })

  it('is refused after a no, as often as one asks', async () => {
    const { phone, serial, owner } = await nod.enroll('henri')
    const login = await nod.service.trigger(owner)
    await phone.decline(only(await phone.poll()), { reason: 'unknown_trigger' })
    for (let round = 0; round < 12; round++) expect(await nod.service.finalize(login.transactionId)).toBe('REJECT')
    expect(await nod.failures(serial)).toBe(0)
    await nod.service.trigger(owner)
  })
})

describe('a login that a key opened', () => {
  it('is finalized by that key alone', async () => {
    const [mine, theirs] = [await nod.serviceKey('mine'), await nod.serviceKey('theirs')]
    const opener = new Service({ baseUrl: url, authorization: mine })
    const { transactionId, owner, serial } = await accepted('ines', opener)
    await lockAtFirstFailure(serial)
    const others = {
      'a caller without credentials': nod.caller(),
      'another key': nod.caller({ authorization: theirs }),
      'a key that is none': nod.caller({ authorization: 'nod_none' }),
      'an administrator': nod.caller({ authorization: nod.service.token ?? '' }),
    }
    for (const [name, caller] of Object.entries(others)) {
      const reply = await caller.check({ ...owner, pass: '', transaction_id: transactionId })
      expect(reply, name).toMatchObject({ ...REFUSED, detail: { message: 'wrong otp pin' } })
    }
    expect(await opener.finalize(transactionId)).toBe('ACCEPT')
    await nod.revokeServiceKey('mine')
    await nod.revokeServiceKey('theirs')
  })

  it('cannot be finalized once the key is revoked; logins that others opened go on', async () => {
    const opener = new Service({ baseUrl: url, authorization: await nod.serviceKey('short') })
    const { transactionId, owner, phone } = await accepted('jana', opener)
    const open = await opener.trigger(owner)
    const prompt = only(await phone.poll())
    const ours = await nod.service.trigger(owner)
    const our = only(await phone.poll())
    await nod.revokeServiceKey('short')

    expect(await opener.check({ ...owner, pass: '', transaction_id: transactionId })).toMatchObject(REFUSED)
    expect(await nod.service.finalize(transactionId, owner)).toBe('REJECT')
    expect(await nod.service.status(open.transactionId)).toBe('declined')
    expect(await phone.accept(prompt)).toMatchObject({ taken: false })
    expect(await opener.triggerchallenge(owner)).toMatchObject({ status: 401, error: { code: 4304 } })
    await phone.accept(our)
    expect(await nod.service.finalize(ours.transactionId)).toBe('ACCEPT')
  })
})
