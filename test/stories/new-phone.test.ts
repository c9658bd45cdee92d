/** A user is told on the other phones what has become of their phones and codes, and "not me" undoes it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PRIVACYIDEA } from '../simulation/phone/app.ts'
import { Receiver } from '../simulation/receiver.ts'
import { fields } from '../simulation/reply.ts'
import type { Driver } from '../driver/driver.ts'
import { only, waitUntil } from '../driver/waiting.ts'
import { noticeOf, notMe, tokenSteps } from './notice-steps.ts'
import { google, openNod } from './scene.ts'

let nod: Driver

/** Writes the realm's policy of enrollment, with this switch for notices. */
const policy = (realm: string, firebase: string, notices: object = {}): Promise<void> =>
  nod.service.setPolicy(`${realm}-enroll`, 'enrollment', { ...nod.enrollmentAction(firebase), ...notices }, { realm })

beforeAll(async () => {
  nod = await openNod('newphone')
  await nod.service.call('DELETE', `/policy/${nod.realm}-enroll`)
  await nod.service.call('DELETE', `/policy/${nod.pushedRealm}-enroll`)
  await policy(nod.realm, 'poll only')
  await policy(nod.pushedRealm, 'fb1')
})
afterAll(() => nod.close())

const { stateOf, becomes, change } = tokenSteps(() => nod)

/** The audit's lines about a token whose detail has this text. */
async function audited(serial: string, text: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { value } = await nod.service.call('GET', '/audit/', { query: { serial, page_size: '100' } })
  const { auditdata } = fields(value)
  const lines = Array.isArray(auditdata) ? auditdata.map(fields) : []
  return lines.filter(({ action_detail: detail }) => String(detail).includes(text))
}

/** Two phones of a user; the first has found the notice of the second. */
async function twoPhones(user: string) {
  const first = await nod.enroll(user)
  const second = await nod.enroll(user)
  return { first, second, notice: await noticeOf(first, second.serial) }
}

describe('a second phone', () => {
  it('is made known to the first, and revoked when its user says "not me"', async () => {
    const { first, second, notice } = await twoPhones('ada')
    expect(notice.title).toBe('Security notice, not a login')
    expect(notice.question).toContain(`Another phone (${second.serial}) was added`)
    expect(await stateOf(second.serial)).toBe('active')
    expect(await notMe(first, notice)).toMatchObject({ handled: true })
    expect(await becomes(second, 'revoked')).toBe(true)
    expect(await stateOf(first.serial)).toBe('active')
    expect(
      only(await audited(second.serial, `not me, says the user of ${first.serial}: phone enrolled`)),
    ).toMatchObject({
      action: 'revoke declined token',
      success: 1,
      user: 'ada',
    })
    // It lets nobody in, and is not told of anything.
    expect((await nod.service.trigger(first.owner)).serials).toEqual([first.serial])
  })

  it('stays when its user accepts the notice, or says "me, but stop"', async () => {
    for (const answer of ['accept', 'cancelled'] as const) {
      const { first, second, notice } = await twoPhones(`bob-${answer}`)
      if (answer === 'accept') await first.phone.accept(notice)
      else await first.phone.decline(notice, { reason: answer })
      const login = await nod.service.trigger(first.owner)
      expect(login.serials).toHaveLength(2)
      await second.phone.accept(only(await second.phone.poll()))
      expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
      // It is not told again.
      expect(await first.phone.poll()).toEqual([])
      expect(await stateOf(second.serial)).toBe('active')
    }
  })

  it('is made known by FCM, in the language of the last login', async () => {
    const { phone, owner, serial } = await nod.enroll('cleo', { pushed: true })
    const login = await nod.service.call('POST', '/validate/triggerchallenge', {
      form: owner,
      headers: { 'accept-language': 'de' },
    })
    await phone.accept(only(await phone.poll(serial)))
    await nod.service.finalize(String(login.detail.transaction_id), owner)
    await nod.enroll('cleo', { pushed: true })
    const isNotice = ({ data }: { readonly data: Readonly<Record<string, string>> }): boolean =>
      data['title'] === 'Sicherheitshinweis, keine Anmeldung'
    expect(await waitUntil(async () => (await google.messagesTo(phone)).some(isNotice))).toBe(true)
    const message = (await google.messagesTo(phone)).find(isNotice)
    expect(await phone.receive(message?.data)).toMatchObject({ serial })
    expect(phone.dropped).toEqual([])
  })

  it('is made known with the address to call, where a policy has one', async () => {
    await policy(nod.realm, 'poll only', { new_phone_notice_contact: 'Helpdesk: 030 1234' })
    const { notice } = await twoPhones('carl')
    await policy(nod.realm, 'poll only')
    expect(notice.question).toMatch(/Decline, and that phone is blocked\. Helpdesk: 030 1234$/)
  })

  it('is made known to a phone that wrong PINs have locked', async () => {
    const first = await nod.enroll('dora', { pin: '1234' })
    for (let tried = 0; tried < 10; tried += 1) await nod.service.check({ ...first.owner, pass: '0000' })
    expect(await nod.failures(first.serial)).toBe(10)
    const second = await nod.enroll('dora')
    await notMe(first, await noticeOf(first, second.serial))
    expect(await becomes(second, 'revoked')).toBe(true)
  })

  it('is told to nobody where a policy says so', async () => {
    await policy(nod.realm, 'poll only', { new_phone_notice: 'off' })
    const first = await nod.enroll('emil')
    const second = await nod.enroll('emil')
    await policy(nod.realm, 'poll only')
    const third = await nod.enroll('emil')
    await noticeOf(first, third.serial)
    expect(first.phone.openPrompts().some(({ question }) => question.includes(second.serial))).toBe(false)
  })

  it('is made known to a phone with eduMFA’s app, which can revoke it', async () => {
    const first = await nod.enroll('fay', { type: 'edupush' })
    const second = await nod.enroll('fay', { app: PRIVACYIDEA })
    const notice = await noticeOf(first, second.serial)
    await first.phone.decline(notice)
    expect(await becomes(second, 'revoked')).toBe(true)
  })
})

describe('the audit', () => {
  it('has what a phone was told and answered, as no authentication', async () => {
    const { first, notice } = await twoPhones('gia')
    await first.phone.accept(notice)
    const { value } = await nod.service.call('GET', '/audit/', { query: { user: 'gia', realm: nod.realm } })
    const { auditdata } = fields(value)
    const lines = Array.isArray(auditdata) ? auditdata.map(fields) : []
    const told = lines.filter(({ action_detail: detail }) => String(detail).includes('transaction_id'))
    expect(told.map(({ action, info, authentication, success }) => [action, info, authentication, success])).toEqual([
      ['POST /ttype/<ttype>', 'accepted', '', 1],
      ['security notice', 'told of another phone', '', 1],
    ])
  })
})

describe('a webhook', () => {
  const CHANGE = 'https://schemas.openid.net/secevent/caep/event-type/credential-change'

  it('hears of a second phone, and of the first one’s "not me"; a first phone is no news', async () => {
    const siem = new Receiver(nod.url)
    await siem.start()
    const form = { name: 'newphone-siem', url: siem.url, events: 'new_phone' }
    expect(await nod.service.call('POST', '/webhook', { form })).toMatchObject({ status: 200 })
    const { first, second, notice } = await twoPhones('gus')
    const aboutGus = () => {
      const told = siem.received.filter(({ claims }) => JSON.stringify(claims).includes('"gus"'))
      return told.map(({ claims }) => fields(fields(claims['events'])[CHANGE]))
    }
    expect(await waitUntil(() => aboutGus().length > 0)).toBe(true)
    expect(aboutGus()).toMatchObject([{ change_type: 'create', credential_type: 'app' }])
    expect(JSON.stringify(siem.received)).toContain(second.serial)
    await notMe(first, notice)
    expect(await waitUntil(() => aboutGus().length > 1)).toBe(true)
    expect(aboutGus()[1]).toMatchObject({ change_type: 'revoke', initiating_entity: 'user' })
    await nod.service.call('DELETE', '/webhook/newphone-siem')
    await siem.stop()
  })
})

describe('a first phone', () => {
  it('is made known to nobody', async () => {
    const { phone, serial } = await nod.enroll('gil')
    expect(await phone.poll(serial)).toEqual([])
  })
})

describe('a token', () => {
  it('that is enabled is made known to the other phones, and "not me" disables it again', async () => {
    const { first, second, notice } = await twoPhones('hana')
    await first.phone.accept(notice)
    await change('disable', second.serial)
    await change('enable', second.serial)
    const enabled = await noticeOf(first, 'was enabled')
    expect(enabled.question).toContain(second.serial)
    await notMe(first, enabled)
    expect(await becomes(second, 'disabled')).toBe(true)
  })

  it('that is enrolled again is made known to the other phones, not to the one that is replaced', async () => {
    const { first, second, notice } = await twoPhones('ian')
    await first.phone.accept(notice)
    const again = await nod.enroll('ian', { serial: second.serial, phone: nod.phone() })
    const moved = await noticeOf(first, 'moved to another phone')
    expect(await second.phone.poll(second.serial)).toEqual([])
    await notMe(first, moved)
    expect(await becomes(again, 'revoked')).toBe(true)
  })

  it('that is assigned to a user is made known to their phones', async () => {
    const first = await nod.enroll('june')
    const second = await nod.enroll('somebody')
    await change('unassign', second.serial)
    await nod.service.call('POST', '/token/assign', { form: { serial: second.serial, ...first.owner } })
    await notMe(first, await noticeOf(first, 'was assigned to you'))
    expect(await becomes(second, 'disabled')).toBe(true)
  })
})

describe('a bypass code', () => {
  const codes = async (user: string): Promise<number> => {
    const { value } = await nod.service.call('GET', '/token/bypass')
    const open = Array.isArray(value) ? value.map(fields) : []
    return open.filter(({ realm, user: of }) => realm === nod.realm && of === user).length
  }

  it('is made known before anybody has it, and "not me" voids it', async () => {
    const first = await nod.enroll('kim')
    const reply = await nod.service.call('POST', '/token/bypass', { form: { ...first.owner, reason: 'story' } })
    const { code } = fields(reply.value)
    const notice = await noticeOf(first, 'A code was issued')
    expect(await codes('kim')).toBe(1)
    await notMe(first, notice)
    expect(await waitUntil(async () => (await codes('kim')) === 0)).toBe(true)
    const used = await nod.service.check({ ...first.owner, pass: String(code) })
    expect(used.authentication).not.toBe('ACCEPT')
  })

  it('that has replaced the one that was declined stays', async () => {
    const first = await nod.enroll('lea')
    await nod.service.call('POST', '/token/bypass', { form: { ...first.owner, reason: 'story' } })
    const earlier = await noticeOf(first, 'A code was issued')
    await nod.service.call('POST', '/token/bypass', { form: { ...first.owner, reason: 'story' } })
    expect(await notMe(first, earlier)).not.toMatchObject({ taken: true })
    expect(await codes('lea')).toBe(1)
  })

  it('is made known when it is used', async () => {
    const first = await nod.enroll('mia')
    const reply = await nod.service.call('POST', '/token/bypass', { form: { ...first.owner, reason: 'story' } })
    const { code } = fields(reply.value)
    const used = await nod.service.check({ ...first.owner, pass: String(code) })
    expect(used.authentication).toBe('ACCEPT')
    const notice = await noticeOf(first, 'A code was used')
    expect(await notMe(first, notice)).toMatchObject({ handled: true })
  })
})
