/** Policies that are harmless one by one, and together let anybody in. Callers without a key may check in the Nod of these stories. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Phone } from '../simulation/phone.ts'
import type { Driver } from '../driver/driver.ts'
import { openNod } from './scene.ts'

let nod: Driver
const names = new Set<string>()

beforeAll(async () => {
  nod = await openNod('combinations')
})
afterEach(async () => {
  for (const name of names) await nod.service.call('DELETE', `/policy/${name}`)
  names.clear()
})
afterAll(() => nod.close())

type Fields = Readonly<Record<string, unknown>>
const PASS = { passOnNoToken: true }
const ENROLL = { enroll_via_multichallenge: 'PUSH' }
const CONFIRM = { confirm: 'anonymous_enrollment' }

async function write(name: string, action: Fields, extra: Fields = {}, scope = 'authentication') {
  names.add(name)
  return nod.service.call('POST', `/policy/${name}`, { json: { scope, action, realm: [nod.realm], ...extra } })
}
const writeKeyed = (name: string, extra: Fields = {}) => write(name, { api_key_required: true }, extra, 'authorization')
const refusal = { status: 400, error: { code: 905 } }
const saved = { status: 200 }

async function newcomer(user: string) {
  const owner = { user, realm: nod.realm }
  await nod.service.call('POST', '/user/', { form: owner })
  return owner
}

describe('somebody without a key who names a user without a phone', () => {
  it('gets no code to enroll a phone of their own, because the policies cannot be written', async () => {
    expect(await write('co-pass', PASS)).toMatchObject(saved)
    const refused = await write('co-enroll', ENROLL)
    expect(refused).toMatchObject(refusal)
    for (const half of ['passOnNoToken', "'co-pass'", 'enroll_via_multichallenge', "'co-enroll'", 'ANONYMOUS_CHECK'])
      expect(refused.error?.message).toContain(half)
    const stranger = await nod.caller().check({ ...(await newcomer('vic')), pass: 'guessed' })
    // passOnNoToken alone is privacyIDEA's own: the stranger hears that the user would pass, and has no phone.
    expect(stranger).toMatchObject({ authentication: 'ACCEPT' })
    expect(stranger.detail['link']).toBeUndefined()
  })

  it('gets one where an administrator has confirmed that, in either policy', async () => {
    expect(await write('co-pass', PASS)).toMatchObject(saved)
    expect(await write('co-enroll', ENROLL, CONFIRM)).toMatchObject(saved)
    expect((await nod.service.call('GET', '/policy/co-enroll')).value).toMatchObject([
      { confirm: ['anonymous_enrollment'] },
    ])
    const offered = await nod.caller().check({ ...(await newcomer('vera')), pass: 'x' })
    expect(offered).toMatchObject({ authentication: 'CHALLENGE' })
    const phone = new Phone()
    await phone.register(phone.scan(String(offered.detail['link'])))
    await nod.service.deleteToken(offered.detail.serial ?? '')

    // A confirmation is for the policy as it was written with it.
    expect(await write('co-enroll', ENROLL, { description: 'again' })).toMatchObject(refusal)
    expect(await write('co-pass', PASS, CONFIRM)).toMatchObject(saved)
    expect(await write('co-enroll', ENROLL)).toMatchObject(saved)
  })

  it('gets none where these users need a service key, and that policy cannot be taken away alone', async () => {
    expect(await writeKeyed('co-keyed')).toMatchObject(saved)
    expect(await write('co-both', { ...PASS, ...ENROLL })).toMatchObject(saved)
    const owner = await newcomer('vlad')
    expect((await nod.caller().check({ ...owner, pass: 'x' })).detail['link']).toBeUndefined()
    const service = nod.caller({ authorization: await nod.serviceKey('co') })
    const offered = await service.check({ ...owner, pass: 'x' })
    expect(offered).toMatchObject({ authentication: 'CHALLENGE' })
    await nod.service.deleteToken(offered.detail.serial ?? '')
    await nod.revokeServiceKey('co')

    expect(await nod.service.call('DELETE', '/policy/co-keyed')).toMatchObject(refusal)
    expect(await nod.service.call('POST', '/policy/disable/co-keyed')).toMatchObject(refusal)
    expect(await writeKeyed('co-keyed', { user: ['somebody'] })).toMatchObject(refusal)
    expect(
      await writeKeyed('co-keyed', { conditions: [['userinfo', 'email', 'equals', 'a@b.example', true]] }),
    ).toMatchObject(refusal)
    await nod.service.deletePolicy('co-both')
    expect(await nod.service.call('DELETE', '/policy/co-keyed')).toMatchObject(saved)
  })
})

describe('two policies', () => {
  it.each<[string, Fields, Fields]>([
    ['users', { user: ['ada'] }, { user: ['bob'] }],
    ['users, one of whom is left out of the other', { user: ['ada'] }, { user: ['*', '!ada'] }],
    ['networks', { client: '10.0.0.0/8' }, { client: '192.0.2.0/24' }],
    [
      'networks, one of which is left out of the other',
      { client: '10.1.0.0/16' },
      { client: '10.0.0.0/8, !10.1.0.0/16' },
    ],
    ['hours', { time: 'Mon-Fri: 8-12' }, { time: 'Mon-Fri: 13-17, Sat: 8-12' }],
    ['programs', { user_agents: ['PAM'] }, { user_agents: ['FreeRADIUS'] }],
    ['times, since one is inactive', { active: false }, {}],
  ])('about different %s combine to nothing', async (_, one, other) => {
    expect(await write('co-pass', PASS, one)).toMatchObject(saved)
    expect(await write('co-enroll', ENROLL, other)).toMatchObject(saved)
  })

  it.each<[string, Fields, Fields]>([
    ['a pattern of users and one of them', { user: ['a.*'] }, { user: ['ada'] }],
    ['two patterns, which may mean the same', { user: ['a.*'] }, { user: ['.*a'] }],
    [
      'a name in upper case, where the other looks at no case',
      { user: ['Ada'] },
      { user: ['ada'], user_case_insensitive: true },
    ],
    ['a name that another spelling leaves out', { user: ['Ada'] }, { user: ['*', '!ada'] }],
    ['networks within one another', { client: '10.0.0.0/8' }, { client: '10.1.2.3' }],
    ['hours that share a minute', { time: 'Mon: 8-12' }, { time: 'Mon-Tue: 12-13' }],
    [
      'a condition, which the caller may meet',
      {},
      { conditions: [['HTTP Request header', 'X-Way', 'equals', 'vpn', true]] },
    ],
  ])('about %s do', async (_, one, other) => {
    expect(await write('co-pass', PASS, one)).toMatchObject(saved)
    expect(await write('co-enroll', ENROLL, other)).toMatchObject(refusal)
  })
})

describe('a policy that is half of such a combination', () => {
  it('is not enabled without the word', async () => {
    expect(await write('co-pass', PASS)).toMatchObject(saved)
    expect(await write('co-enroll', ENROLL, { active: false })).toMatchObject(saved)
    const enable = (form?: Record<string, string>) =>
      nod.service.call('POST', '/policy/enable/co-enroll', form === undefined ? {} : { form })
    expect(await enable()).toMatchObject(refusal)
    expect(await enable(CONFIRM)).toMatchObject(saved)
    expect(await nod.service.call('POST', '/policy/disable/co-enroll')).toMatchObject(saved)
    expect(await enable()).toMatchObject(saved)
    names.add('co-renamed')
    expect(await nod.service.call('PATCH', '/policy/co-enroll', { json: { name: 'co-renamed' } })).toMatchObject(saved)
  })

  it('takes no other word, and no word where there is nothing to confirm', async () => {
    for (const confirm of ['yes', '1', 'anonymous_enrollment, all'])
      expect(await write('co-pass', PASS, { confirm })).toMatchObject({
        status: 400,
        error: { message: 'ERR905: Invalid parameter confirm: expected anonymous_enrollment' },
      })
    const idle = await write('co-wait', { push_wait: '5' }, CONFIRM)
    expect(idle).toMatchObject(refusal)
    expect(idle.error?.message).toContain('nothing to confirm')
  })

  it('is imported only with the word, else named with the other', async () => {
    const file = JSON.stringify([
      { name: 'co-pass', scope: 'authentication', action: PASS, realm: [nod.realm] },
      { name: 'co-enroll', scope: 'authentication', action: ENROLL, realm: [nod.realm] },
      { name: 'co-text', scope: 'authentication', action: { push_text_on_mobile: 'Hi' }, realm: [nod.realm] },
    ])
    for (const name of ['co-pass', 'co-enroll', 'co-text']) names.add(name)
    const load = (extra: Record<string, string> = {}) =>
      nod.service.call('POST', '/policy/import/all.cfg', { form: { file, ...extra } })
    const refused = await load()
    expect(refused).toMatchObject(refusal)
    expect(refused.error?.message).toContain("co-enroll: passOnNoToken in the policy 'co-pass'")
    const skipped = await load({ skip: '1' })
    expect(skipped).toMatchObject({ status: 200, value: 2 })
    expect(skipped.detail['left_out']).toMatchObject([{ policy: 'co-enroll' }])
    expect(await load(CONFIRM)).toMatchObject({ status: 200, value: 3 })

    // What was exported confirms what it confirmed.
    const exported = await nod.service.call('GET', '/policy/export/all.cfg')
    expect(exported.text).toContain("confirm = ['anonymous_enrollment']")
  })

  it('is imported without what contradicts a profile', async () => {
    const file = JSON.stringify([
      { name: 'co-nist', scope: 'authentication', action: { push_profile: 'nist-63b4' }, realm: [nod.realm] },
      { name: 'co-ttl', scope: 'enrollment', action: { push_ttl: '60' }, realm: [nod.realm] },
    ])
    for (const name of ['co-nist', 'co-ttl']) names.add(name)
    const load = (extra: Record<string, string> = {}) =>
      nod.service.call('POST', '/policy/import/all.cfg', { form: { file, ...extra } })
    const refused = await load(CONFIRM)
    expect(refused).toMatchObject(refusal)
    expect(refused.error?.message).toContain("co-ttl: push_ttl=60 in the policy 'co-ttl'")
    expect(await load({ skip: '1' })).toMatchObject({ status: 200, value: 1 })
  })
})
