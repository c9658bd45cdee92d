import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { fields } from '../simulation/reply.ts'
import type { Driver } from '../driver/driver.ts'
import { openNod, url } from './scene.ts'

let nod: Driver

beforeAll(async () => {
  nod = await openNod('policy-api')
})
afterEach(() => nod.deletePolicies())
afterAll(() => nod.close())

const call = (method: string, path: string, json?: unknown) =>
  nod.service.call(method, path, json === undefined ? {} : { json: json as Record<string, unknown> })
const scope = 'authentication'
/** The names of this file's policies. */
const kept = async (): Promise<readonly unknown[]> => {
  const { value } = await call('GET', '/policy/')
  return (Array.isArray(value) ? value : [])
    .map((one: unknown) => fields(one)['name'])
    .filter((name) => String(name).startsWith('moved'))
}

describe('an administrator', () => {
  it('sees which actions there are', async () => {
    const { value } = await call('GET', '/policy/defs')
    expect(value).toMatchObject({
      authentication: {
        push_wait: { type: 'int', group: 'PUSH', default: '0', desc: expect.any(String) },
        push_allow_polling: { value: ['allow', 'deny', 'token'] },
      },
      enrollment: { push_ttl: { type: 'int' } },
      hardening: expect.any(Object),
    })
    expect((await call('GET', '/policy/defs/enrollment')).value).toEqual(fields(value)['enrollment'])
    expect((await call('GET', '/policy/defs/kitchen')).value).toBeNull()
    expect((await call('GET', '/policy/defs/pinodes')).value).toEqual([])
    expect((await call('GET', '/policy/defs/conditions')).value).toMatchObject({
      sections: { userinfo: { description: 'username, userid, givenname, surname, email' } },
      comparators: { equals: {}, '!in': {} },
      handle_missing_data: { raise_error: {} },
    })
  })

  it('renames a policy, but not to the name of another', async () => {
    const name = await nod.authenticationPolicy({ push_wait: '5' }, { priority: 3 })
    const { value: before } = await call('GET', `/policy/${name}`)
    const renamed = await call('PATCH', `/policy/${name}`, { name: 'moved-on' })
    expect(renamed).toMatchObject({ status: 200, value: expect.any(Number) })
    expect((await call('GET', `/policy/${name}`)).value).toEqual([])
    const [one] = Array.isArray(before) ? before : []
    expect((await call('GET', '/policy/moved-on')).value).toEqual([{ ...fields(one), name: 'moved-on' }])

    const other = await nod.authenticationPolicy({ push_wait: '6' })
    expect(await call('PATCH', `/policy/${other}`, { name: 'moved-on' })).toMatchObject({
      status: 400,
      error: { code: 905, message: 'ERR905: Policy already exists: moved-on' },
    })
    expect(await call('PATCH', `/policy/${other}`, { name: 'simulate' })).toMatchObject({ status: 400 })
    expect(await call('PATCH', `/policy/${other}`, {})).toMatchObject({ status: 400, error: { code: 905 } })
    await call('DELETE', '/policy/moved-on')
  })

  it.each([
    ['POST', '/policy/enable/nosuch', 404, 601, "The policy with name 'nosuch' does not exist"],
    ['POST', '/policy/disable/nosuch', 404, 601, "The policy with name 'nosuch' does not exist"],
    ['DELETE', '/policy/nosuch', 404, 601, 'The requested Policy could not be found.'],
    ['PATCH', '/policy/nosuch', 400, 905, 'ERR905: Policy does not exist: nosuch'],
  ])('is told by %s %s that there is no such policy', async (method, path, status, code, message) => {
    const body = method === 'PATCH' ? { name: 'moved' } : undefined
    expect(await call(method, path, body)).toMatchObject({ status, error: { code, message } })
  })

  it('sees which policies would match', async () => {
    const { realm } = nod
    const name = await nod.authenticationPolicy({ push_wait: '5' }, { user: 'ada' })
    const check = (user: string) =>
      nod.service.call('GET', '/policy/check', { query: { user, realm, scope, action: 'push_wait' } })
    expect((await check('ada')).value).toMatchObject({ allowed: true, policy: [{ name }] })
    expect((await check('bob')).value).toEqual({ allowed: false, info: 'No policies found' })
    const office = await nod.authenticationPolicy({ push_text_on_mobile: 'Office' }, { client: '10.0.0.0/8' })
    const at = (client: string) => {
      const query = { user: 'ada', realm, scope, action: 'push_text_on_mobile', client }
      return nod.service.call('GET', '/policy/check', { query })
    }
    expect((await at('10.1.2.3')).value).toMatchObject({ allowed: true, policy: [{ name: office }] })
    expect((await at('192.0.2.1')).value).toMatchObject({ allowed: false })
    const { status } = await nod.service.call('GET', '/policy/check', { query: { user: 'ada' } })
    expect(status).toBe(400)
  })
})

describe('a simulation', () => {
  const simulate = (request: Record<string, unknown>) => call('POST', '/policy/simulate', { scope, ...request })

  it('shows which values apply, which policy sets them, and why another policy does not match', async () => {
    const { realm } = nod
    const { serial } = await nod.enroll('ada')
    const owner = { user: 'ada', realm }
    const day = await nod.authenticationPolicy(
      { push_wait: '20' },
      { time: 'Mon-Fri: 8-17', client: '10.0.0.0/8', user: 'a.*' },
    )
    const night = await nod.authenticationPolicy({ push_wait: '0', push_require_presence: true }, { priority: 2 })
    const request = { ...owner, client: '10.1.2.3', time: '2026-11-24T09:30:00Z', user_agent: 'PAM/1' }
    const { value } = await simulate(request)
    expect(value).toMatchObject({
      situation: { ...owner, serial, client: '10.1.2.3', user_agent: 'PAM/1', time: '2026-11-24T09:30:00.000Z' },
      login: { push: { mode: 'standard', wait: 20 } },
      scopes: {
        authentication: {
          settings: {
            push_wait: { value: '20', policies: [day] },
            push_require_presence: { value: true, policies: [night] },
            push_title_on_mobile: { value: 'privacyIDEA', policies: [] },
            push_code_to_phone: { value: false, policies: [] },
          },
        },
      },
    })
    expect(Object.keys(fields(fields(value)['scopes']))).toEqual([scope])

    const later = await simulate({ ...request, client: '192.0.2.7', time: '2026-11-28T18:00:00+01:00' })
    const { settings, policies } = fields(fields(fields(later.value)['scopes'])[scope])
    expect(settings).toMatchObject({ push_wait: { value: '0', policies: [night] } })
    expect(policies).toContainEqual({
      name: day,
      priority: 1,
      active: true,
      matches: false,
      unmet: [
        { restriction: 'client', wanted: '10.0.0.0/8', compared: '192.0.2.7' },
        { restriction: 'time', wanted: 'Mon-Fri: 8-17', compared: 'sat 17:00' },
      ],
    })
    expect(policies).toContainEqual({ name: night, priority: 2, active: true, matches: true, unmet: [] })
    expect(fields(fields(later.value)['login'])['push']).toMatchObject({ mode: 'presence', wait: 0 })
  })

  it('is in the realm that set_realm moves the user to, as a login is', async () => {
    const { realm, pushedRealm } = nod
    const { serial } = await nod.enroll('gerda', { pushed: true })
    await nod.authenticationPolicy({ set_realm: pushedRealm }, { realm: [realm], time: 'Mon-Fri: 8-17' })
    await nod.authenticationPolicy({ push_wait: '7' }, { realm: [pushedRealm] })
    const asked = { user: 'gerda', realm, time: '2026-11-24T09:30:00Z' }
    expect((await simulate(asked)).value).toMatchObject({
      situation: { user: 'gerda', realm: pushedRealm, serial },
      login: { push: { wait: 7 } },
      scopes: { authentication: { settings: { push_wait: { value: '7' } } } },
    })
    expect((await simulate({ ...asked, time: '2026-11-24T19:30:00Z' })).value).toMatchObject({
      situation: { realm, serial: null },
      login: { push: { wait: 0 } },
    })
  })

  it('shows the error that a login would answer', async () => {
    const { realm } = nod
    const [one, other] = [
      await nod.authenticationPolicy({ push_wait: '5' }),
      await nod.authenticationPolicy({ push_wait: '6' }),
    ]
    const conditions = [['HTTP Request header', 'X-Zone', 'equals', 'office', true]]
    const zoned = await nod.authenticationPolicy({ push_title_on_mobile: 'Zone' }, { conditions })
    const { value } = await simulate({ user: 'ada', realm })
    const { settings, policies } = fields(fields(fields(value)['scopes'])[scope])
    expect(settings).toMatchObject({
      push_wait: { error: `There are policies with conflicting actions: ['${other}', '${one}']` },
      push_title_on_mobile: {
        error: `The policy '${zoned}' asks about HTTP Request header 'X-Zone', which is not known here.`,
      },
    })
    expect(policies).toContainEqual(
      expect.objectContaining({
        name: zoned,
        unmet: [
          {
            restriction: 'conditions',
            wanted: "HTTP Request header 'X-Zone' equals 'office'",
            compared: null,
            is_error: true,
          },
        ],
      }),
    )
    const zone = await simulate({ user: 'ada', realm, headers: { 'x-zone': 'office' } })
    expect(fields(fields(fields(zone.value)['scopes'])[scope])['settings']).toMatchObject({
      push_title_on_mobile: { value: 'Zone', policies: [zoned] },
    })
  })

  it('covers every scope, and refuses an unknown one', async () => {
    const { value } = await call('POST', '/policy/simulate', { user: 'nobody-yet', realm: nod.realm })
    const { scopes, situation } = fields(value)
    expect(Object.keys(fields(scopes))).toEqual(expect.arrayContaining([scope, 'enrollment', 'admin', 'webui']))
    expect(situation).toMatchObject({ user: 'nobody-yet', serial: null })
    expect(await simulate({ scope: 'kitchen' })).toMatchObject({ status: 400, error: { code: 905 } })
    expect(await simulate({ time: 'soon' })).toMatchObject({ status: 400, error: { code: 905 } })
    expect(await simulate({ headers: 'all' })).toMatchObject({ status: 400, error: { code: 905 } })
  })

  it('lists inactive policies', async () => {
    const name = await nod.authenticationPolicy({ push_wait: '5' }, { active: false })
    const { value } = await simulate({ user: 'ada', realm: nod.realm })
    expect(fields(fields(fields(value)['scopes'])[scope])['policies']).toContainEqual({
      name,
      priority: 1,
      active: false,
      matches: false,
      unmet: [],
    })
  })
})

describe('an administrator who changes a policy', () => {
  const name = 'moved-edited'
  const waiting = (push_wait: string, more: Record<string, unknown> = {}) => ({ scope, action: { push_wait }, ...more })
  const validate = async (json: Record<string, unknown>, of = name) =>
    fields((await call('POST', `/policy/${of}/validate`, json)).value)
  const history = async () => fields((await call('GET', `/policy/${name}/history`)).value)

  it('hears before saving what saving would answer, and nothing is saved', async () => {
    expect(await validate(waiting('5'))).toEqual({ valid: true, conflicts: [] })
    expect(await validate(waiting('600'))).toEqual({
      valid: false,
      conflicts: [],
      refusal: {
        status: 400,
        code: 905,
        field: 'action',
        action: 'push_wait',
        message: "push_wait: '600' is not a whole number from 0 to 120",
      },
    })
    for (const [wrong, field] of [
      [waiting('5', { client: 'here' }), 'client'],
      [waiting('5', { time: 'Someday' }), 'time'],
      [waiting('5', { realm: 'nosuch' }), 'realm'],
      [waiting('5', { priority: 0 }), 'priority'],
      [waiting('5', { scope: 'kitchen' }), 'scope'],
      [waiting('5', { user: 7 }), 'user'],
      [{ scope }, 'action'],
    ] as const)
      expect(await validate(wrong), field).toMatchObject({ valid: false, refusal: { field } })
    expect(await validate(waiting('5'), 'bad%20name')).toMatchObject({ refusal: { field: 'name' } })
    // A right that its writer would lose.
    const locked = await validate({ scope: 'admin', action: { enable: true } })
    expect(locked).toMatchObject({ valid: false, refusal: { status: 400 } })
    expect(await kept()).toEqual([])
    expect(await history()).toEqual({ policy: null, revision: 0, versions: [] })
  })

  it('sees which other policy sets the same differently', async () => {
    const realm = [nod.realm]
    const other = await nod.authenticationPolicy({ push_wait: '5' }, { user: 'torn' })
    const { conflicts } = await validate(waiting('6', { realm }))
    expect(conflicts).toEqual([{ kind: 'refused', action: 'push_wait', policies: [other, name], values: ['5', '6'] }])
    expect((await validate(waiting('6', { realm, priority: 2 })))['conflicts']).toEqual([])
    expect((await call('GET', '/deployment/policies/conflicts')).value).not.toContainEqual(
      expect.objectContaining({ policies: expect.arrayContaining([name]) }),
    )
    await call('POST', `/policy/${name}`, waiting('6', { realm }))
    expect((await call('GET', '/deployment/policies/conflicts')).value).toContainEqual(
      expect.objectContaining({ action: 'push_wait', policies: [other, name].toSorted() }),
    )
    await call('DELETE', `/policy/${name}`)
  })

  it('sees what it would change for a user', async () => {
    const realm = [nod.realm]
    const asked = { user: 'ada', realm: nod.realm, scope }
    const draft = waiting('7', { name, realm, user: 'ada' })
    const simulate = async (more: object) =>
      fields((await call('POST', '/policy/simulate', { ...asked, ...more })).value)
    expect(await simulate({})).toMatchObject({ login: { push: { wait: 0 } } })
    expect(await simulate({ draft })).toMatchObject({
      login: { push: { wait: 7 } },
      scopes: { authentication: { settings: { push_wait: { value: '7', policies: [name] } } } },
    })
    expect(await simulate({ draft: { ...draft, active: false } })).toMatchObject({ login: { push: { wait: 0 } } })
    // As if it moved the user to another realm.
    const moving = { name, scope, action: { set_realm: nod.pushedRealm }, realm }
    expect(await simulate({ draft: moving })).toMatchObject({ situation: { realm: nod.pushedRealm } })
    for (const bad of [{ ...draft, action: { push_wait: '600' } }, { ...draft, clients: '10.0.0.1' }, 'x', { scope }])
      expect((await call('POST', '/policy/simulate', { ...asked, draft: bad })).status, JSON.stringify(bad)).toBe(400)
    expect(await kept()).toEqual([])
  })

  it('does not overwrite what another has changed meanwhile, and can put back what was', async () => {
    const realm = [nod.realm]
    const save = (json: Record<string, unknown>) => call('POST', `/policy/${name}`, json)
    expect((await save(waiting('5', { realm, revision: 0 }))).status).toBe(200)
    const { revision } = await history()
    expect((await save(waiting('6', { realm, revision }))).status).toBe(200)
    const refused = await save(waiting('7', { realm, revision }))
    expect(refused).toMatchObject({
      status: 409,
      error: { code: 905, message: expect.stringContaining('has been changed by ') },
    })
    expect(await validate(waiting('7', { realm, revision }))).toMatchObject({ refusal: { status: 409 } })
    expect((await save(waiting('7', { realm, revision: 'new' }))).status).toBe(400)

    const now = await history()
    const [newest, first] = Array.isArray(now['versions']) ? now['versions'].map(fields) : []
    expect(newest).toMatchObject({ revision: now['revision'], action: 'POST /policy/<name>', at: expect.any(Number) })
    expect(first?.['policy']).toMatchObject({ action: { push_wait: '5' }, realm })
    expect((await save({ ...fields(first?.['policy']), revision: now['revision'] })).status).toBe(200)
    expect(await history()).toMatchObject({ policy: { action: { push_wait: '5' } } })

    await call('DELETE', `/policy/${name}`)
    expect((await save(waiting('8', { realm, revision: now['revision'] }))).error).toMatchObject({
      message: expect.stringContaining('has been deleted or renamed by '),
    })
    expect(fields((await call('GET', '/deployment/policies/changes')).value)['changes']).toContainEqual(
      expect.objectContaining({ name, action: 'DELETE /policy/<name>', policy: null }),
    )
  })
})

describe('conditions', () => {
  it('on tokens are met by one token of an owner and not by the other', async () => {
    const { service } = nod
    const first = await nod.enroll('twin')
    const second = await nod.enroll('twin')
    const conditions = [['token', 'serial', 'equals', first.serial, true]]
    await nod.authenticationPolicy({ push_require_presence: true }, { conditions })
    await service.trigger(first.owner)
    const [one, other] = [await first.phone.poll(), await second.phone.poll()]
    expect(one[0]?.options).toBeDefined()
    expect(other[0]).toBeDefined()
    expect(other[0]?.options).toBeUndefined()
  })

  it('on a token are compared when its phone polls', async () => {
    const held = await nod.enroll('polled')
    const free = await nod.enroll('free')
    await nod.authenticationPolicy(
      { push_allow_polling: 'deny' },
      { conditions: [['token', 'serial', 'equals', held.serial, true]] },
    )
    await Promise.all([held.phone.poll(), free.phone.poll()])
    expect(held.phone.lastPoll.get(held.serial)).toMatchObject({ status: 403, error: { code: 303 } })
    expect(free.phone.lastPoll.get(free.serial)).toMatchObject({ status: 200 })
  })

  it('on users and headers decide a login, and a missing value refuses it', async () => {
    const { service } = nod
    const { owner } = await nod.enroll('carla')
    const titled = async (headers: Record<string, string> = {}) => {
      const body = new URLSearchParams({ ...owner })
      const authorization = service.token ?? ''
      const reply = await fetch(`${url}/validate/triggerchallenge`, {
        method: 'POST',
        body,
        headers: { authorization, ...headers },
      })
      return fields(fields(await reply.json())['detail'])['message'] ?? reply.status
    }
    const about = (...condition: readonly unknown[]) => ({ conditions: [condition] })
    await nod.authenticationPolicy(
      { push_challenge_text: 'mail' },
      about('userinfo', 'email', 'matches', '.*@nod\\.example', true),
    )
    expect(await titled()).toBe(403)
    await service.call('POST', '/user/', { form: { ...owner, email: 'carla@nod.example' } })
    expect(await titled()).toBe('mail')
    await nod.deletePolicies()
    const zone = ['HTTP Request header', 'X-Zone', 'in', 'office, lab', true, 'condition_is_false'] as const
    await nod.authenticationPolicy({ push_challenge_text: 'zone' }, about(...zone))
    expect(await titled({ 'X-Zone': 'lab' })).toBe('zone')
    expect(await titled({ 'X-Zone': 'street' })).not.toBe('zone')
    expect(await titled()).not.toBe('zone')
  })
})

describe('the clock of policies', () => {
  it('is in the time zone of PolicyTimeZone', async () => {
    const set = (zone: string) => call('POST', '/system/setConfig', { PolicyTimeZone: zone })
    expect(await set('Europe/Berlin')).toMatchObject({ status: 200 })
    try {
      const name = await nod.authenticationPolicy({ push_wait: '5' }, { time: 'Tue: 8-9' })
      const { value } = await call('POST', '/policy/simulate', {
        scope,
        user: 'ada',
        realm: nod.realm,
        time: '2026-11-24T07:30:00Z',
      })
      const { settings } = fields(fields(fields(value)['scopes'])[scope])
      expect(settings).toMatchObject({ push_wait: { value: '5', policies: [name] } })
      expect(await set('Europe/Atlantis')).toMatchObject({ status: 400, error: { code: 905 } })
    } finally {
      await call('DELETE', '/system/PolicyTimeZone')
    }
  })
})

describe('a file of policies', () => {
  const upload = async (text: string, query = '') => {
    const form = new FormData()
    form.set('file', new Blob([text], { type: 'text/plain' }), 'policies.cfg')
    const headers = { authorization: nod.service.token ?? '' }
    const reply = await fetch(`${url}/policy/import/policies.cfg${query}`, { method: 'POST', body: form, headers })
    const { result, detail } = (await reply.json()) as { result: Record<string, unknown>; detail: unknown }
    return { status: reply.status, value: result['value'], error: fields(result['error'] ?? {}), detail }
  }
  const file = (...policies: readonly string[]) => `${policies.join('\n\n')}\n`
  const good = "[moved-1]\nscope = authentication\nuser = ['ada']\naction = {'push_wait': '5'}"

  it('is imported as a whole and replaces policies of the same names', async () => {
    const other = '[moved-2]\nscope = user\naction = {}'
    expect(await upload(file(good, other))).toMatchObject({
      status: 200,
      value: 2,
      detail: { policies: ['moved-1', 'moved-2'], left_out: [] },
    })
    expect(await kept()).toEqual(['moved-1', 'moved-2'])
    const again = good.replace("user = ['ada']", "client = ['10.0.0.1']")
    expect(await upload(file(again))).toMatchObject({ status: 200, value: 1 })
    expect((await call('GET', '/policy/moved-1')).value).toMatchObject([{ user: [], client: ['10.0.0.1'] }])
    for (const name of await kept()) await call('DELETE', `/policy/${String(name)}`)
  })

  it('is refused as a whole if Nod does not support all of it, or imported without that', async () => {
    const bad = [
      "[moved-3]\nscope = enrollment\naction = {'push_ttl': '5', 'hotp_force_app_pin': True}",
      "[moved-4]\nscope = authentication\npinode = ['localnode']\naction = {'push_wait': '5'}",
      "[moved-5]\nscope = container\naction = {'container_ssl_verify': 'True'}",
      "[moved-6]\nscope = enrollment\naction = {'totp_otplen': '8'}",
      "[moved-7]\nscope = authentication\naction = {'push_wait': '600', 'push_title_on_mobile': 'ACME'}",
    ]
    const refused = await upload(file(good, ...bad))
    expect(refused).toMatchObject({ status: 400, error: { code: 905 } })
    const message = String(refused.error['message'])
    for (const named of ['hotp_force_app_pin', 'moved-4: pinode', 'moved-5', 'totp_otplen', "push_wait: '600'"])
      expect(message).toContain(named)
    expect(await kept()).toEqual([])

    const dry = await upload(file(good, ...bad), '?skip=1&dry_run=1')
    expect(dry).toMatchObject({ status: 200, value: 3 })
    expect(await kept()).toEqual([])

    const imported = await upload(file(good, ...bad), '?skip=1')
    expect(dry.detail).toEqual(imported.detail)
    expect(imported).toMatchObject({ status: 200, value: 3 })
    expect(fields(imported.detail)['policies']).toEqual(['moved-1', 'moved-3', 'moved-7'])
    expect(fields(imported.detail)['left_out']).toMatchObject([
      { policy: 'moved-3', action: 'hotp_force_app_pin' },
      { policy: 'moved-4', why: 'pinode: Nod has no nodes; a policy holds everywhere' },
      { policy: 'moved-5' },
      { policy: 'moved-6', action: 'totp_otplen' },
      { policy: 'moved-7', action: 'push_wait' },
    ])
    expect((await call('GET', '/policy/moved-3')).value).toMatchObject([{ action: { push_ttl: '5' } }])
    for (const name of await kept()) await call('DELETE', `/policy/${String(name)}`)
  })

  it('is the same after an export and an import', async () => {
    const name = await nod.authenticationPolicy(
      { push_text_on_mobile: String.raw`It's "you"\, {user}?`, push_require_presence: true },
      {
        user: ['*', '!bob'],
        time: 'Mon-Fri: 8-17',
        priority: 7,
        description: 'why',
        conditions: [['userinfo', 'email', 'in', 'a, b', true, 'condition_is_false']],
      },
    )
    const exported = await fetch(`${url}/policy/export/all.cfg`, {
      headers: { authorization: nod.service.token ?? '' },
    })
    expect(exported.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(exported.headers.get('content-disposition')).toBe('attachment; filename=all.cfg')
    const text = await exported.text()
    const before = await call('GET', '/policy/')
    await call('DELETE', `/policy/${name}`)
    expect((await upload(text)).status).toBe(200)
    expect((await call('GET', '/policy/')).value).toEqual(before.value)
  })

  it('that cannot be read changes nothing', async () => {
    for (const text of ['', 'hello', '[moved-9]\nscope = authentication\naction = open(1)', '{"policies": 5}'])
      expect(await upload(text), text).toMatchObject({ status: 400, error: { code: 905 } })
    // Larger than any other request may be.
    expect(await upload('x'.repeat(100_000))).toMatchObject({ status: 400, error: { code: 905 } })
    expect(await kept()).toEqual([])
  })

  it('can be JSON, as a server lists its policies', async () => {
    const listed = await call('GET', '/policy/')
    expect(await call('POST', '/policy/import/all.json', { result: { value: listed.value } })).toMatchObject({
      status: 200,
    })
    expect((await call('GET', '/policy/')).value).toEqual(listed.value)
  })
})
