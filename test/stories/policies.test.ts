import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { fields } from '../simulation/reply.ts'
import type { Driver } from '../driver/driver.ts'
import { only } from '../driver/waiting.ts'
import { google, openNod, url } from './scene.ts'

let nod: Driver

beforeAll(async () => {
  nod = await openNod('policies')
})
afterEach(() => nod.deletePolicies())
afterAll(() => nod.close())

const write = (name: string, sent: Record<string, unknown>) =>
  nod.service.call('POST', `/policy/policies-${name}`, { json: sent })
const erase = (name: string) => nod.service.call('DELETE', `/policy/policies-${name}`)

describe('policies of an administrator', () => {
  it('are stored as written, changed in the fields that are sent, and deleted', async () => {
    const { service, realm } = nod
    const action = String.raw`push_wait=20, push_require_presence, push_challenge_text='Look\, then tap'`
    const made = await write('kept', {
      scope: 'authentication',
      action,
      realm,
      user: 'ada, bob',
      client: ['10.0.0.0/8', '!10.1.0.0/16'],
      priority: 3,
      description: 'first',
    })
    expect(made).toMatchObject({ status: 200, value: { 'setPolicy policies-kept': expect.any(Number) } })
    const kept = {
      name: 'policies-kept',
      scope: 'authentication',
      action: { push_wait: '20', push_require_presence: true, push_challenge_text: String.raw`Look\, then tap` },
      realm: [realm],
      user: ['ada', 'bob'],
      client: ['10.0.0.0/8', '!10.1.0.0/16'],
      resolver: [],
      adminrealm: [],
      adminuser: [],
      pinode: [],
      user_agents: [],
      conditions: [],
      time: '',
      priority: 3,
      active: true,
      description: 'first',
      check_all_resolvers: false,
      user_case_insensitive: false,
    }
    expect((await service.call('GET', '/policy/policies-kept')).value).toEqual([kept])
    const { value } = await service.call('GET', '/policy/', { query: { scope: 'authentication', realm } })
    expect(value).toEqual([kept])

    await write('kept', { action: { push_wait: '5' }, user: [] })
    const changed = { ...kept, action: { push_wait: '5' }, user: [], priority: 1 }
    expect((await service.call('GET', '/policy/policies-kept')).value).toEqual([changed])

    expect((await service.call('POST', '/policy/disable/policies-kept')).status).toBe(200)
    expect((await service.call('GET', '/policy/policies-kept')).value).toMatchObject([{ active: false }])
    expect((await service.call('GET', '/policy/', { query: { active: 'true', realm } })).value).toEqual([
      expect.objectContaining({ name: 'policies-enroll' }),
    ])
    expect((await service.call('POST', '/policy/enable/policies-kept')).status).toBe(200)
    expect((await erase('kept')).status).toBe(200)
    expect((await service.call('GET', '/policy/policies-kept')).value).toEqual([])
    for (const [method, path] of [
      ['DELETE', ''],
      ['POST', 'enable/'],
      ['POST', 'disable/'],
    ])
      expect(await service.call(method ?? '', `/policy/${path}policies-kept`), path).toMatchObject({
        status: 404,
        error: { code: 601 },
      })
  })

  const scope = 'authentication'
  it.each<[string, Record<string, unknown>]>([
    ['a number that is none', { scope, action: 'push_wait=long' }],
    ['a wait without end', { scope, action: 'push_wait=121' }],
    ['a wait that is negative', { scope, action: 'push_wait=-1' }],
    ['one option', { scope, action: 'push_presence_num_options=1' }],
    ['options of no kind', { scope, action: 'push_presence_options=ROMAN' }],
    ['an option "decline"', { scope, action: 'push_presence_custom_options=yes:decline' }],
    ['an option with a bar', { scope, action: 'push_presence_custom_options=a|b:c' }],
    ['the same option twice', { scope, action: 'push_presence_custom_options=a:b:a' }],
    ['a bar in a question', { scope, action: 'push_text_on_mobile=yes|no' }],
    ['a bar in a title', { scope, action: 'push_title_on_mobile=a|b' }],
    ['a question of many words', { scope, action: { push_text_on_mobile: 'x'.repeat(501) } }],
    ['a code of one digit', { scope, action: 'push_code_to_phone_digits=1' }],
    ['polling as one likes', { scope, action: 'push_allow_polling=sometimes' }],
    ['passwords of a directory', { scope, action: 'otppin=userstore' }],
    ['an action nobody knows', { scope, action: 'push_party=1' }],
    ['an action of another scope', { scope, action: 'push_ttl=10' }],
    ['an action that is not followed', { scope, action: 'passthru' }],
    ['a change of PINs every month', { scope: 'enrollment', action: 'change_pin_every=30d' }],
    ['an action of another type of token', { scope: 'enrollment', action: 'hotp_force_app_pin' }],
    ['a scope nobody knows', { scope: 'kitchen', action: 'push_wait=1' }],
    ['no action', { scope }],
    ['no scope', { action: 'push_wait=1' }],
    ['a URL without a host', { scope: 'enrollment', action: 'push_registration_url=mfa.example' }],
    ['a URL of another kind', { scope: 'enrollment', action: 'push_registration_url=ftp://mfa.example/' }],
    ['no time to register', { scope: 'enrollment', action: 'push_ttl=0' }],
    ['a client that is none', { scope, action: 'push_wait=1', client: 'the office' }],
    ['a pattern that looks around', { scope, action: 'push_wait=1', user: '(?=ada).*' }],
    ['a time that is none', { scope, action: 'push_wait=1', time: 'Mon-Fri: 8' }],
    ['a realm nobody is in', { scope, action: 'push_wait=1', realm: 'nobodys-realm' }],
    ['a resolver of another server', { scope, action: 'push_wait=1', resolver: 'reso1' }],
    ['a node', { scope, action: 'push_wait=1', pinode: 'localnode' }],
    [
      'a condition about nothing',
      { scope, action: 'push_wait=1', conditions: [['userinfo', 'a', 'equals', 'b', true]] },
    ],
    ['no priority', { scope, action: 'push_wait=1', priority: 0 }],
    ['a list within a list', { scope, action: 'push_wait=1', realm: [['a']] }],
    ['an action in a list of numbers', { scope, action: [1, 2] }],
  ])('are refused with %s', async (_, sent) => {
    const reply = await write('unfit', sent)
    const { value: kept } = await nod.service.call('GET', '/policy/policies-unfit')
    // One that was taken after all must not rule over the files to come.
    await nod.service.call('DELETE', '/policy/policies-unfit')
    expect(reply).toMatchObject({ status: 400, value: undefined, error: { code: 905 } })
    expect(kept).toEqual([])
  })
})

describe('texts', () => {
  it('have their tags filled in on the phone and at the login', async () => {
    const { service } = nod
    const { phone, serial, owner } = await nod.enroll('ada', { pushed: true })
    await service.call('POST', '/user/', { form: { ...owner, givenname: 'Ada', surname: 'Love|lace' } })
    await nod.authenticationPolicy({
      push_title_on_mobile: 'Nod {user}',
      push_text_on_mobile: String.raw`{user} {surname} ({username}@{userrealm}) from {client_ip} with {ua_browser}\, {serial} {{x}}?`,
      push_challenge_text: 'Hello {givenname} {recipient_surname} {action} {url} {{x}}',
      challenge_text_header: 'Above',
      challenge_text_footer: 'Below {serial}',
    })
    const login = await service.trigger(owner)
    expect(login.message).toBe(`Above\nHello Ada Love|lace /validate/triggerchallenge ${url} {x}\nBelow ${serial}`)
    const prompt = await google.deliveredPrompt(phone)
    expect(prompt).toMatchObject({
      title: 'Nod {user}',
      question: `Ada Love¦lace (ada@${owner.realm}) from 127.0.0.1 with simulated-service, ${serial} {x}?`,
    })
    await phone.accept(prompt)
    expect(await service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it.each<[string, string, string]>([
    ['push_text_on_mobile', 'Are you {nosuch}?', 'there is no tag {nosuch} in this text'],
    ['push_text_on_mobile', 'Tap {presence_answer}', 'there is no tag {presence_answer} in this text'],
    [
      'push_text_on_mobile',
      'Are you {user!r}?',
      '{user!r} changes what its tag stands for, which Nod does not do; write {user}',
    ],
    [
      'push_text_on_mobile',
      'With {serial:>20}',
      '{serial:>20} changes what its tag stands for, which Nod does not do; write {serial}',
    ],
    ['push_text_on_mobile', 'Are you {user', "'{user' has a brace without the other; a brace itself is written '{{'"],
    [
      'push_text_on_mobile',
      'Are you user}?',
      "'Are you user}' has a brace without the other; a brace itself is written '}}'",
    ],
    ['edupush_text_on_mobile', 'Are you {}?', 'there is no tag {} in this text'],
    ['push_challenge_text', 'Hi {nosuch}', 'there is no tag {nosuch} in this text'],
    [
      'challenge_text',
      'Hi {user.name}',
      '{user.name} changes what its tag stands for, which Nod does not do; write {user}',
    ],
    ['challenge_text_header', 'Tap {presence_answer}', 'there is no tag {presence_answer} in this text'],
    ['challenge_text_footer', 'Hi {User}', 'there is no tag {User} in this text'],
  ])('of %s that say %j are refused, written or imported', async (action, value, why) => {
    const message = `ERR905: ${action}: ${why}`
    const policy = { name: 'policies-unfit', scope: 'authentication', action: { [action]: value } }
    expect(await write('unfit', policy)).toMatchObject({ status: 400, error: { code: 905, message } })
    const imported = await nod.service.call('POST', '/policy/import/unfit.json', { json: { policies: [policy] } })
    expect(imported).toMatchObject({ status: 400, error: { code: 905 } })
    expect(imported.error?.message).toContain(`policies-unfit: ${action}: ${why}`)
    expect((await nod.service.call('GET', '/policy/policies-unfit')).value).toEqual([])
  })

  it('that no policy sets are in the language of the request, and stay in it', async () => {
    const { phone, serial, owner } = await nod.enroll('greta', { pushed: true })
    const inLanguage = (language: string) => ({ form: owner, headers: { 'accept-language': language } })
    const opened = await nod.service.call(
      'POST',
      '/validate/triggerchallenge',
      inLanguage('de-AT,de;q=0.9,en-US;q=0.8,en;q=0.7'),
    )
    expect(opened.detail.message).toBe('Bitte bestätigen Sie die Anmeldung auf Ihrem Mobilgerät!')
    const prompt = await google.deliveredPrompt(phone)
    expect(prompt).toMatchObject({ title: 'privacyIDEA', question: 'Wollen Sie die Anmeldung bestätigen?' })
    await phone.poll()
    expect(phone.lastPoll.get(serial)?.value).toMatchObject([{ question: 'Wollen Sie die Anmeldung bestätigen?' }])
    await phone.accept(prompt)
    expect(await nod.service.finalize(opened.detail.transaction_id ?? '', owner)).toBe('ACCEPT')

    await nod.authenticationPolicy({ push_require_presence: true })
    const numbers = await nod.service.call('POST', '/validate/triggerchallenge', inLanguage('de'))
    expect(numbers.detail.message).toBe(
      `Bitte bestätigen Sie die Anmeldung auf Ihrem Mobilgerät! Bitte tippen Sie auf: ${numbers.detail.presence_answer}`,
    )
    const french = await nod.service.call('POST', '/validate/triggerchallenge', inLanguage('fr'))
    expect(french.detail.message).toBe(
      `Please confirm the authentication on your mobile device! Please press: ${french.detail.presence_answer}`,
    )
  })

  it('of a code are in the language of the request', async () => {
    const { phone, owner } = await nod.enroll('hanna')
    await nod.authenticationPolicy({ push_code_to_phone: true })
    const { detail } = await nod.service.call('POST', '/validate/triggerchallenge', {
      form: owner,
      headers: { 'accept-language': 'de' },
    })
    expect(detail.message).toBe('Bitte geben Sie den Code ein, den Ihr Smartphone anzeigt.')
    const prompt = only(await phone.poll())
    expect(prompt.question).toBe('Wollen Sie die Anmeldung bestätigen?')
    expect(await phone.accept(prompt)).toMatchObject({ message: 'Geben Sie diesen Code bei der Anmeldung ein' })
  })

  it('of a policy are in the language they were written in', async () => {
    const { phone, owner } = await nod.enroll('irma')
    await nod.authenticationPolicy({ push_text_on_mobile: 'Is it you?', push_challenge_text: 'Look at your phone' })
    const { detail } = await nod.service.call('POST', '/validate/triggerchallenge', {
      form: owner,
      headers: { 'accept-language': 'de' },
    })
    expect(detail.message).toBe('Look at your phone')
    expect(only(await phone.poll()).question).toBe('Is it you?')
  })

  it('have the tags of the owner where a login names a serial alone', async () => {
    const { phone, serial, owner } = await nod.enroll('jo', { parameters: { pin: '1234' } })
    await nod.service.call('POST', '/user/', { form: { ...owner, givenname: 'Jo', surname: 'Doe' } })
    await nod.authenticationPolicy({ push_text_on_mobile: '{givenname} {surname} {username} {userrealm} {ua_browser}' })
    await nod.service.check({ serial, pass: '1234' })
    expect(only(await phone.poll()).question).toBe(`Jo Doe jo ${owner.realm} simulated-service`)
  })

  it('are those of the policy when the login opened, pushed or polled', async () => {
    const { phone, serial, owner } = await nod.enroll('carla', { pushed: true })
    await nod.authenticationPolicy({ push_text_on_mobile: 'Before?', push_require_presence: true })
    await nod.service.trigger(owner)
    await nod.deletePolicies()
    await nod.authenticationPolicy({ push_text_on_mobile: 'After?' })
    await google.deliveredPrompt(phone)
    await phone.poll()
    const [pushed] = await google.messagesTo(phone)
    expect(phone.lastPoll.get(serial)?.value).toEqual([pushed?.data])
    expect(pushed?.data).toMatchObject({ question: 'Before?', version: '2' })

    await nod.service.trigger(owner)
    expect(only(await phone.poll())).toMatchObject({ question: 'After?', options: undefined })
  })
})

/** All of a day that is neither today nor tomorrow. */
function anotherDay(): string {
  const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
  return `${days[(new Date().getUTCDay() + 3) % 7]}: 0-23:59`
}

describe('a policy', () => {
  it('applies to the realm, the user and the address it names', async () => {
    const { service, realm } = nod
    const ada = await nod.enroll('dora')
    const bob = await nod.enroll('eve')
    const isOn = async (owner: { user: string; realm: string }) => (await service.trigger(owner)).presence !== undefined
    const holds = async (extra: Record<string, unknown>) => {
      await nod.authenticationPolicy({ push_require_presence: true }, extra)
      const on = [await isOn(ada.owner), await isOn(bob.owner)]
      await nod.deletePolicies()
      return on
    }
    expect(await holds({})).toEqual([true, true])
    expect(await holds({ realm: nod.pushedRealm })).toEqual([false, false])
    expect(await holds({ realm: realm.toUpperCase() })).toEqual([true, true])
    expect(await holds({ user: 'dora' })).toEqual([true, false])
    expect(await holds({ user: '*, !dora' })).toEqual([false, true])
    expect(await holds({ user: 'DORA', user_case_insensitive: true })).toEqual([true, false])
    expect(await holds({ user: 'd.*' })).toEqual([true, false])
    expect(await holds({ resolver: 'nod' })).toEqual([true, true])
    expect(await holds({ user_agents: 'Simulated-Service' })).toEqual([true, true])
    expect(await holds({ user_agents: 'PAM' })).toEqual([false, false])
    expect(await holds({ time: 'Mon-Sun: 0-23:59' })).toEqual([true, true])
    expect(await holds({ time: anotherDay() })).toEqual([false, false])
    expect(await holds({ client: '192.0.2.0/24' })).toEqual([false, false])
    expect(await holds({ client: '127.0.0.0/8' })).toEqual([true, true])
    expect(await holds({ client: '127.0.0.0/8, !127.0.0.1' })).toEqual([false, false])
    expect(await holds({ active: false })).toEqual([false, false])
  })

  it('applies from the next trigger on', async () => {
    const { owner } = await nod.enroll('frida')
    for (let round = 0; round < 5; round++) {
      await nod.authenticationPolicy({ push_challenge_text: `round ${round}` })
      expect((await nod.service.trigger(owner)).message).toBe(`round ${round}`)
      await nod.deletePolicies()
    }
  })

  it('that another contradicts stops the login, unless one of them has priority', async () => {
    const { service } = nod
    const { phone, owner } = await nod.enroll('greta')
    await nod.authenticationPolicy({ push_text_on_mobile: 'One?' })
    const name = await nod.authenticationPolicy({ push_text_on_mobile: 'Two?' })
    const conflict = {
      status: 403,
      value: undefined,
      error: { code: 303, message: expect.stringMatching(/^There are policies with conflicting actions: \['/) },
    }
    expect(await service.triggerchallenge(owner)).toMatchObject(conflict)
    expect(await service.check({ ...owner, pass: '' })).toMatchObject(conflict)
    expect(await phone.poll()).toEqual([])
    await service.call('POST', `/policy/${name}`, { json: { priority: 2 } })
    await service.trigger(owner)
    expect(only(await phone.poll()).question).toBe('One?')
  })

  it('can forbid phones to poll: all, or those whose token says so', async () => {
    const { service } = nod
    const { phone, serial, owner } = await nod.enroll('henri')
    await service.trigger(owner)
    const polled = async () => {
      await phone.poll()
      const { status, error } = phone.lastPoll.get(serial) ?? {}
      return [status, error?.code, error?.message]
    }
    await nod.authenticationPolicy({ push_allow_polling: 'deny' })
    expect(await polled()).toEqual([403, 303, 'Polling not allowed!'])
    await nod.deletePolicies()
    await nod.authenticationPolicy({ push_allow_polling: 'token' })
    expect(await polled()).toEqual([200, undefined, undefined])
    await service.call('POST', `/token/info/${serial}/polling_allowed`, { form: { value: 'False' } })
    expect(await polled()).toEqual([403, 303, 'Polling not allowed!'])
    expect(fields((await nod.token(serial))['info'])).toMatchObject({ polling_allowed: 'False' })
    await service.call('POST', `/token/info/${serial}/polling_allowed`, { form: { value: 'True' } })
    expect(await polled()).toEqual([200, undefined, undefined])
  })

  it('can forbid polling to all but some users, and by conditions that a poll does not meet', async () => {
    const { service, realm } = nod
    const [ivy, jon] = [await nod.enroll('ivy'), await nod.enroll('jon')]
    await nod.authenticationPolicy({ push_allow_polling: 'deny' }, { realm: [], priority: 9 })
    await nod.authenticationPolicy({ push_allow_polling: 'allow' }, { realm, user: 'ivy' })
    const { transactionId } = await service.trigger(ivy.owner)
    await ivy.phone.accept(only(await ivy.phone.poll()))
    expect(await service.finalize(transactionId)).toBe('ACCEPT')
    await jon.phone.poll()
    expect(jon.phone.lastPoll.get(jon.serial)).toMatchObject({ status: 403, error: { code: 303 } })

    await nod.deletePolicies()
    await service.call('POST', '/user/', { form: { ...jon.owner, email: 'jon@example.org' } })
    await nod.authenticationPolicy(
      { push_allow_polling: 'token' },
      { conditions: [['userinfo', 'email', 'equals', 'jon@example.org', true]] },
    )
    await service.trigger(jon.owner)
    await jon.phone.accept(only(await jon.phone.poll()))
    await service.call('POST', `/token/info/${jon.serial}/polling_allowed`, { form: { value: 'False' } })
    await jon.phone.poll()
    expect(jon.phone.lastPoll.get(jon.serial)).toMatchObject({ status: 403, error: { code: 303 } })
  })
})
