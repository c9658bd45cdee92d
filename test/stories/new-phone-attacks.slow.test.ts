/** Attacks on what users are told of their phones: by somebody who has a session, the helpdesk's ear, or one of the phones. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { declineForm } from '../simulation/phone/forms.ts'
import type { Prompt } from '../simulation/phone.ts'
import { fields } from '../simulation/reply.ts'
import type { Form } from '../simulation/service.ts'
import type { Driver } from '../driver/driver.ts'
import { only, waitUntil } from '../driver/waiting.ts'
import { noticeOf, notMe, tokenSteps } from './notice-steps.ts'
import { openNod } from './scene.ts'

let nod: Driver

beforeAll(async () => {
  nod = await openNod('new-phone-attacks')
  const { realm } = nod
  await nod.service.call('DELETE', `/policy/${realm}-enroll`)
  await nod.service.setPolicy(`${realm}-enroll`, 'enrollment', nod.enrollmentAction('poll only'), { realm })
})
afterAll(() => nod.close())

const isNotice = ({ title }: Prompt): boolean => title === 'Security notice, not a login'

const { stateOf, becomes, change } = tokenSteps(() => nod)

/** The challenges of a token, as administrators list them. */
async function challenges(serial: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { value } = await nod.service.call('GET', `/token/challenges/${serial}`)
  const { challenges: listed } = fields(value)
  return Array.isArray(listed) ? listed.map(fields) : []
}

/** The owner's phone, and that of an attacker who has enrolled it for the owner; the owner's has found the notice. */
async function attacked(user: string) {
  const owner = await nod.enroll(user)
  const attacker = await nod.enroll(user)
  return { owner, attacker, notice: await noticeOf(owner, attacker.serial) }
}

describe('an attacker who has enrolled a phone for somebody', () => {
  it('does not finalize the login that it approved before the owner said "not me"', async () => {
    const { owner, attacker, notice } = await attacked('ada')
    const login = await nod.service.trigger(attacker.owner)
    await attacker.phone.accept(only((await attacker.phone.poll(attacker.serial)).filter((one) => !isNotice(one))))
    expect(await nod.service.status(login.transactionId)).toBe('accept')
    await notMe(owner, notice)
    expect(await becomes(attacker, 'revoked')).toBe(true)
    expect(await nod.service.finalize(login.transactionId)).not.toBe('ACCEPT')
  })

  it('has one login at most if it finalizes in the same moment', async () => {
    const { owner, attacker, notice } = await attacked('bob')
    const login = await nod.service.trigger(attacker.owner)
    await attacker.phone.accept(only((await attacker.phone.poll(attacker.serial)).filter((one) => !isNotice(one))))
    const [first] = await Promise.all([nod.service.finalize(login.transactionId), notMe(owner, notice)])
    expect(await becomes(attacker, 'revoked')).toBe(true)
    expect(['ACCEPT', 'REJECT']).toContain(first)
    expect(await nod.service.finalize(login.transactionId)).not.toBe('ACCEPT')
    expect((await nod.service.trigger(attacker.owner)).serials).toEqual([owner.serial])
  })

  it('does not escape by changing what else there is to the token', async () => {
    const { owner, attacker, notice } = await attacked('cleo')
    expect(await attacker.phone.refresh(attacker.serial, 'another-registration-token')).toBe(true)
    await nod.service.call('POST', '/token/setpin', { form: { serial: attacker.serial, otppin: '4321' } })
    await nod.service.call('POST', '/token/description', { form: { serial: attacker.serial, description: 'mine' } })
    await notMe(owner, notice)
    expect(await becomes(attacker, 'revoked')).toBe(true)
  })

  it('does not escape by disabling the token until the owner has answered', async () => {
    const { owner, attacker, notice } = await attacked('dora')
    await change('disable', attacker.serial)
    await notMe(owner, notice)
    expect(await becomes(attacker, 'revoked')).toBe(true)
    expect((await change('enable', attacker.serial)).status).toBe(400)
  })

  it('does not escape by assigning the token to the owner again', async () => {
    const { owner, attacker, notice } = await attacked('doris')
    const assigned = await nod.service.call('POST', '/token/assign', {
      form: { serial: attacker.serial, user: 'doris', realm: nod.realm },
    })
    expect(assigned.status).toBe(200)
    await notMe(owner, notice)
    expect(await becomes(attacker, 'revoked')).toBe(true)
  })

  it('cannot take the notice back, with the rights of a helpdesk', async () => {
    const { owner, attacker, notice } = await attacked('emil')
    const listed = only(await challenges(owner.serial))
    expect(fields(listed['data'])).toMatchObject({ type: 'push', mode: 'standard', notice: 'phone_bound' })
    const id = String(listed['transaction_id'])
    const withdrawn = await nod.service.call('DELETE', `/token/challenges/transaction/${id}`)
    expect(withdrawn.value).toMatchObject({ deleted: 0 })
    await nod.service.call('DELETE', '/token/challenges/expired')
    await notMe(owner, notice)
    expect(await becomes(attacker, 'revoked')).toBe(true)
  })

  it('does not mute the owner by disabling their phone meanwhile', async () => {
    const owner = await nod.enroll('fay')
    await change('disable', owner.serial)
    const attacker = await nod.enroll('fay')
    expect(await owner.phone.poll(owner.serial)).toEqual([])
    await change('enable', owner.serial)
    await notMe(owner, await noticeOf(owner, attacker.serial))
    expect(await becomes(attacker, 'revoked')).toBe(true)
  })
})

describe('an attacker with the session of a user', () => {
  it('enrolls a phone of which the owner knows at once, and cannot take that back', async () => {
    const owner = await nod.enroll('pia', { pin: '1234' })
    await nod.withPolicy('webui', { login_mode: 'privacyIDEA' }, { realm: [nod.realm] }, async () => {
      const auth = (form: Form) => nod.caller().call('POST', '/auth', { form })
      const opened = await auth({ username: 'pia', password: '1234', realm: nod.realm })
      await owner.phone.accept(only(await owner.phone.poll(owner.serial)))
      const id = String(opened.detail.transaction_id)
      const { value } = await auth({ username: 'pia', password: '', realm: nod.realm, transaction_id: id })
      const stolen = nod.caller({ authorization: String(fields(value)['token']) })
      const detail = await stolen.init({ user: 'pia', realm: nod.realm })
      const phone = nod.phone()
      const { serial } = await phone.register(phone.scan(detail.pushurl?.value ?? ''))
      const attacker = { phone, serial, owner: owner.owner }
      const notice = await noticeOf(owner, serial)
      const listed = only(await challenges(owner.serial))
      const withdrawn = await stolen.call('DELETE', `/token/challenges/transaction/${String(listed['transaction_id'])}`)
      expect(withdrawn.status).toBe(401)
      await notMe(owner, notice)
      expect(await becomes(attacker, 'revoked')).toBe(true)
      expect((await stolen.call('POST', '/token/enable', { form: { serial } })).status).toBe(400)
    })
  })
})

describe('a notice that its phone has accepted', () => {
  it('logs nobody in, by any request', async () => {
    const { owner, notice } = await attacked('gil')
    const id = String(only(await challenges(owner.serial))['transaction_id'])
    const before = await nod.service.call('GET', `/validate/polltransaction/${id}`)
    expect(before).toMatchObject({ value: false })
    await owner.phone.accept(notice)
    const poll = await nod.service.call('GET', `/validate/polltransaction/${id}`)
    expect(poll).toMatchObject({ status: 200, value: false, detail: { challenge_status: 'pending' } })
    const forms: readonly Form[] = [
      { ...owner.owner, pass: '', transaction_id: id },
      { serial: owner.serial, pass: '', transaction_id: id },
      { ...owner.owner, pass: '', state: id },
    ]
    for (const form of forms) {
      const reply = await nod.service.check(form)
      expect([reply.value, reply.authentication]).not.toContain('ACCEPT')
      expect(reply.value).not.toBe(true)
    }
    const receipt = await nod.service.call('GET', `/transaction/${id}/receipt`)
    expect(receipt).toMatchObject({
      status: 404,
      error: { message: 'This login has no receipt: it is a notice to the phone, which lets nobody in.' },
    })
    const cancelled = await nod.service.check({ ...owner.owner, transaction_id: id, cancel_enrollment: 'true' })
    expect(cancelled.value).not.toBe(true)
  })
})

describe('somebody with a phone of the user', () => {
  it('that was reported lost is not told, and undoes nothing by a notice it has already', async () => {
    const lost = await nod.enroll('hana')
    const found = await nod.enroll('hana')
    const notice = await noticeOf(lost, found.serial)
    const reported = await nod.service.call('POST', `/token/lost/${lost.serial}`)
    expect(reported.status).toBe(200)
    expect(await notMe(lost, notice)).not.toMatchObject({ taken: true })
    const next = await nod.enroll('hana')
    await noticeOf(found, next.serial)
    expect(await lost.phone.poll(lost.serial)).toEqual([])
    expect([await stateOf(found.serial), await stateOf(next.serial)]).toEqual(['active', 'active'])
    // Enabled again, the answer from before does not count either.
    await change('enable', lost.serial)
    await lost.phone.answer(notice, await declineForm(notice, 'unknown_trigger', (text) => lost.phone.sign(text)))
    expect(await stateOf(found.serial)).toBe('active')
  })

  it('that is revoked undoes nothing', async () => {
    const { owner, attacker, notice } = await attacked('ian')
    await change('revoke', owner.serial)
    expect(await notMe(owner, notice)).not.toMatchObject({ taken: true })
    expect(await stateOf(attacker.serial)).toBe('active')
  })

  it('does not take the notice from the others by accepting it', async () => {
    const one = await nod.enroll('june')
    const stolen = await nod.enroll('june')
    await stolen.phone.accept(await noticeOf(stolen, await thirdOf('june')))
    const third = (await tokensOf('june')).find((serial) => ![one.serial, stolen.serial].includes(serial)) ?? ''
    await notMe(one, await noticeOf(one, third))
    expect(await waitUntil(async () => (await stateOf(third)) === 'revoked')).toBe(true)
  })
})

const thirdOf = async (user: string): Promise<string> => (await nod.enroll(user)).serial
async function tokensOf(user: string): Promise<readonly string[]> {
  const { value } = await nod.service.call('GET', '/token/', { query: { user, realm: nod.realm } })
  const { tokens } = fields(value)
  return Array.isArray(tokens) ? tokens.map((token) => String(fields(token)['serial'])) : []
}

describe('a decline', () => {
  it('is for the notice it was signed for and for no other', async () => {
    const owner = await nod.enroll('kim')
    const first = await nod.enroll('kim')
    const about = await noticeOf(owner, first.serial)
    const second = await nod.enroll('kim')
    const other = await noticeOf(owner, second.serial)
    const form = await declineForm(about, 'unknown_trigger', (text) => owner.phone.sign(text))
    const replayed = await owner.phone.post(other.url, { ...form, nonce: other.nonce })
    expect(replayed.value).toBe(false)
    expect([await stateOf(first.serial), await stateOf(second.serial)]).toEqual(['active', 'active'])
    await owner.phone.answer(about, form)
    expect(await becomes(first, 'revoked')).toBe(true)
    expect(await stateOf(second.serial)).toBe('active')
  })

  it('by the new phone of its own notice does not exist: it has none, and signs for no other', async () => {
    const { owner, attacker, notice } = await attacked('lea')
    const form = await declineForm(notice, 'unknown_trigger', (text) => attacker.phone.sign(text))
    expect((await attacker.phone.post(notice.url, form)).value).toBe(false)
    expect((await attacker.phone.post(notice.url, { ...form, serial: attacker.serial })).value).toBe(false)
    expect((await attacker.phone.poll(attacker.serial)).filter(isNotice)).toEqual([])
    expect([await stateOf(owner.serial), await stateOf(attacker.serial)]).toEqual(['active', 'active'])
  })

  it('does not undo what was done anew since', async () => {
    const { owner, attacker: second, notice } = await attacked('mia')
    // The helpdesk has made sure who the user is.
    await change('disable', second.serial)
    await change('enable', second.serial)
    await noticeOf(owner, 'was added')
    expect(await notMe(owner, notice)).not.toMatchObject({ taken: true })
    expect(await stateOf(second.serial)).toBe('active')
  })
})

describe('a crowd', () => {
  it('of notices does not hide the prompt of a login', async () => {
    const owner = await nod.enroll('nils')
    for (let count = 0; count < 6; count += 1) await nod.enroll('nils')
    await waitUntil(async () => (await owner.phone.poll(owner.serial)).some(isNotice))
    const login = await nod.service.trigger({ serial: owner.serial })
    const prompts = await owner.phone.poll(owner.serial)
    const shown = prompts.filter((prompt) => !isNotice(prompt))
    expect(shown).toHaveLength(1)
    expect(owner.phone.openPrompts().filter(isNotice).length).toBeLessThanOrEqual(3)
    await owner.phone.accept(only(shown))
    expect(await nod.service.finalize(login.transactionId, { serial: owner.serial })).toBe('ACCEPT')
  })

  it('of logins does not hide a notice', async () => {
    const owner = await nod.enroll('olga', { pin: '1234' })
    for (let count = 0; count < 8; count += 1) await nod.service.check({ ...owner.owner, pass: '1234' })
    const attacker = await nod.enroll('olga')
    await notMe(owner, await noticeOf(owner, attacker.serial))
    expect(await becomes(attacker, 'revoked')).toBe(true)
  })
})
