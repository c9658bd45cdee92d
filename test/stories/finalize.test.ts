import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Service } from '../simulation/service.ts'
import { only, Scene, sleep, url } from './scene.ts'

let scene: Scene

beforeAll(async () => {
  scene = await Scene.open('finalize')
})
afterAll(() => scene.close())

/** A login whose phone has said yes. */
async function accepted(user: string, service = scene.service) {
  const holder = await scene.enroll(user)
  const { transactionId } = await service.trigger(holder.owner)
  await holder.phone.accept(only(await holder.phone.poll()))
  return { ...holder, transactionId }
}

const REFUSED = { status: 200, value: false, authentication: 'REJECT', error: undefined }

/** The id of nothing: of the right shape, and with the last digit of a good one turned. */
const turned = (id: string): string => id.slice(0, -1) + String((Number(id.at(-1)) + 1) % 10)

describe('an accepted login', () => {
  it('is used once', async () => {
    const { transactionId, owner: who, serial } = await accepted('ada')
    const first = await scene.service.check(scene.service.finalizeForm(transactionId, who))
    expect(first).toMatchObject({ value: true, authentication: 'ACCEPT', detail: { serial } })
    expect(first.detail).not.toHaveProperty('transaction_id')
    expect(first.detail).not.toHaveProperty('multi_challenge')
    const again = await scene.service.check(scene.service.finalizeForm(transactionId, who))
    expect(again).toMatchObject({ ...REFUSED, detail: { message: 'wrong otp pin' } })
    expect(again.detail).not.toHaveProperty('transaction_id')
    expect(await scene.service.status(transactionId)).toBe('pending')
    expect(await scene.failures(serial)).toBe(0)
  })

  it('is used once by twenty who try at once', async () => {
    const { transactionId, owner: who, serial } = await accepted('bob')
    const tries = Array.from({ length: 20 }, () => scene.service.check(scene.service.finalizeForm(transactionId, who)))
    const replies = await Promise.all(tries)
    expect(replies.filter(({ authentication }) => authentication === 'ACCEPT')).toHaveLength(1)
    expect(replies.filter(({ authentication }) => authentication === 'REJECT')).toHaveLength(19)
    for (const { status } of replies) expect(status).toBe(200)
    await sleep(300)
    const token = await scene.token(serial)
    expect(token).toMatchObject({ failcount: 0, info: { count_auth_success: '1' } })
  })

  it('is not for whoever else knows its id, and trying costs its owner nothing', async () => {
    const { transactionId, owner: who, serial } = await accepted('carla')
    const other = await scene.enroll('mallory')
    const pushed = await scene.enroll('carla', { pushed: true })
    const { service, realm } = scene
    const wrong: Record<string, Record<string, string>> = {
      'another user': other.owner,
      'another serial': { serial: other.serial },
      'a serial of the same name in another realm': { serial: pushed.serial },
      'another realm': pushed.owner,
      'a realm there is none of': { ...who, realm: 'nowhere' },
      'no realm, which is the default one': { user: who.user },
      'another case': { user: who.user.toUpperCase(), realm },
      'the user, and a serial of another': { ...who, serial: other.serial },
      'another user, and the serial': { ...other.owner, serial },
    }
    for (const [name, form] of Object.entries(wrong)) {
      const reply = await service.check({ ...form, pass: '', transaction_id: transactionId })
      expect(reply, name).toMatchObject({ ...REFUSED, detail: { message: 'wrong otp pin' } })
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
      const reply = await service.check({ ...who, pass: '', transaction_id: id })
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
    await sleep(300)
    for (const one of [serial, other.serial, pushed.serial]) expect(await scene.failures(one)).toBe(0)
    expect(await service.finalize(transactionId, who)).toBe('ACCEPT')
  })

  it('is used with whatever was typed, or nothing', async () => {
    const { owner: who, phone } = await scene.enroll('dora', { pin: '1234' })
    for (const extra of [{ pass: '1234' }, { pass: 'anything' }, { pass: '' }, {}] as Record<string, string>[]) {
      const login = await scene.service.trigger(who)
      await phone.accept(only(await phone.poll()))
      const reply = await scene.service.check({ ...who, transaction_id: login.transactionId, ...extra })
      expect(reply, JSON.stringify(extra)).toMatchObject({ value: true, authentication: 'ACCEPT' })
    }
  })

  it("is its owner's, whether the token or the user was named", async () => {
    const { phone, serial, owner: who } = await scene.enroll('eve')
    const { transactionId } = await scene.service.trigger({ serial })
    await phone.accept(only(await phone.poll()))
    expect(await scene.service.finalize(transactionId, `${who.user}@${who.realm}`)).toBe('ACCEPT')
  })

  it('keeps apart what two services do at once for the same user', async () => {
    const { phone, owner: who } = await scene.enroll('frida')
    const [one, other] = await Promise.all([scene.service.trigger(who), scene.service.trigger(who)])
    const prompts = await phone.poll()
    expect(prompts).toHaveLength(2)
    for (const prompt of prompts.slice(0, 1)) await phone.accept(prompt)
    const outcomes = await Promise.all(
      [one, other].map(({ transactionId }) => scene.service.finalize(transactionId, who)),
    )
    expect(outcomes.toSorted()).toEqual(['ACCEPT', 'REJECT'])
  })
})

describe('a login that nobody has said yes to', () => {
  it('is refused, and can still be accepted', async () => {
    const { phone, serial, owner: who } = await scene.enroll('greta')
    const login = await scene.service.trigger(who)
    const early = await scene.service.check(scene.service.finalizeForm(login.transactionId))
    expect(early).toMatchObject({ ...REFUSED, detail: { message: 'Response did not match the challenge.', serial } })
    expect(early.detail).not.toHaveProperty('transaction_id')
    await phone.accept(only(await phone.poll()))
    expect(await scene.service.finalize(login.transactionId)).toBe('ACCEPT')
    expect(await scene.failures(serial)).toBe(0)
  })

  it('is refused after a no, as often as one asks', async () => {
    const { phone, serial, owner: who } = await scene.enroll('henri')
    const login = await scene.service.trigger(who)
    await phone.decline(only(await phone.poll()), { reason: 'unknown_trigger' })
    for (let round = 0; round < 12; round++) expect(await scene.service.finalize(login.transactionId)).toBe('REJECT')
    expect(await scene.failures(serial)).toBe(0)
    await scene.service.trigger(who)
  })
})

describe('a login that a key opened', () => {
  it('is used by that key alone', async () => {
    const [mine, theirs] = [await scene.serviceKey('mine'), await scene.serviceKey('theirs')]
    const owner = new Service({ baseUrl: url, authorization: mine })
    const { transactionId, owner: who, serial } = await accepted('ines', owner)
    const others = {
      'nobody in particular': scene.caller(),
      'another key': scene.caller({ authorization: theirs }),
      'a key that is none': scene.caller({ authorization: 'nod_none' }),
      'an administrator': scene.caller({ authorization: scene.service.token ?? '' }),
    }
    for (const [name, caller] of Object.entries(others)) {
      const reply = await caller.check({ ...who, pass: '', transaction_id: transactionId })
      expect(reply, name).toMatchObject({ ...REFUSED, detail: { message: 'wrong otp pin' } })
    }
    await sleep(300)
    expect(await scene.failures(serial)).toBe(0)
    expect(await owner.finalize(transactionId)).toBe('ACCEPT')
    await scene.revokeServiceKey('mine')
    await scene.revokeServiceKey('theirs')
  })

  it('is used by no one once the key is revoked; what others opened goes on', async () => {
    const owner = new Service({ baseUrl: url, authorization: await scene.serviceKey('short') })
    const { transactionId, owner: who, phone } = await accepted('jana', owner)
    const open = await owner.trigger(who)
    const prompt = only(await phone.poll())
    const ours = await scene.service.trigger(who)
    const our = only(await phone.poll())
    await scene.revokeServiceKey('short')

    expect(await owner.check({ ...who, pass: '', transaction_id: transactionId })).toMatchObject(REFUSED)
    expect(await scene.service.finalize(transactionId, who)).toBe('REJECT')
    expect(await scene.service.status(open.transactionId)).toBe('declined')
    expect(await phone.accept(prompt)).toMatchObject({ taken: false })
    expect(await owner.triggerchallenge(who)).toMatchObject({ status: 401, error: { code: 4304 } })
    await phone.accept(our)
    expect(await scene.service.finalize(ours.transactionId)).toBe('ACCEPT')
  })
})
