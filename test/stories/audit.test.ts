import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { flushAudit } from '../served/flush-audit.ts'
import type { Form } from '../simulation/service.ts'
import { fields } from '../simulation/reply.ts'
import type { Driver } from '../driver/driver.ts'
import { only, waitUntil } from '../driver/waiting.ts'
import { openNod, url } from './scene.ts'

let nod: Driver

beforeAll(async () => {
  nod = await openNod('audit')
})
afterEach(() => nod.deletePolicies())
afterAll(() => nod.close())

type Line = Readonly<Record<string, string | number>>

async function page(query: Form = {}) {
  const reply = await nod.service.call('GET', '/audit/', { query })
  expect(reply).toMatchObject({ status: 200 })
  const { auditdata, auditcolumns, count, current, next, prev } = fields(reply.value)
  return { lines: auditdata as readonly Line[], columns: auditcolumns as readonly string[], count, current, next, prev }
}

/** What the audit says of this user, the newest first. */
const about = async (user: string, query: Form = {}): Promise<readonly Line[]> =>
  (await page({ user, realm: `${nod.realm}*`, page_size: '100', ...query })).lines

const some = (lines: readonly Line[], ...columns: string[]) =>
  lines.map((line) => columns.map((column) => line[column]))

/** The lines of this user since the phone was enrolled, as soon as there are so many. */
async function linesOf(user: string, count: number, ...columns: string[]): Promise<unknown> {
  let found: readonly Line[] = []
  const isIt = ({ action, info }: Line) => action !== 'POST /token/init' && info !== 'registered'
  await waitUntil(async () => {
    found = (await about(user)).filter(isIt)
    return found.length >= count
  })
  return some(found, ...columns)
}

describe('a login in the audit', () => {
  it('is there at once, a line for each of its steps, with its user and what the phone said', async () => {
    const { phone, serial, owner } = await nod.enroll('ada', { pin: '4711' })
    const login = await nod.service.triggerWithPin(owner, '4711')
    expect(some(await about('ada'), 'action', 'authentication')).toContainEqual(['POST /validate/check', 'CHALLENGE'])
    await phone.accept(only(await phone.poll()))
    const detail = `transaction_id: ${login.transactionId}`
    expect(some(await about('ada', { transaction_id: login.transactionId }), 'action', 'info')).toEqual([
      ['POST /ttype/<ttype>', 'accepted'],
      ['POST /validate/check', 'triggered 1 challenges'],
    ])
    await nod.service.finalize(login.transactionId)
    expect(await about('ada', { transaction_id: login.transactionId })).toMatchObject([
      {
        action: 'POST /validate/check',
        success: 1,
        authentication: 'ACCEPT',
        info: 'Found matching challenge',
        action_detail: detail,
        user_agent: 'simulated-service',
        user_agent_version: '1.0',
        user: 'ada',
        realm: 'audit',
        resolver: 'nod',
        serial,
        client: '127.0.0.1',
      },
      {
        action: 'POST /ttype/<ttype>',
        success: 1,
        authentication: '',
        info: 'accepted',
        action_detail: `${detail}, status: accept`,
        user: 'ada',
        serial,
        token_type: 'push',
        user_agent: 'privacyIDEA-App',
      },
      { action: 'POST /validate/check', success: 0, authentication: 'CHALLENGE', user: 'ada', realm: 'audit', serial },
    ])
  })

  it('says the same, each line once, when its record has reached the catalogue', async () => {
    const { phone, owner } = await nod.enroll('bea')
    const login = await nod.service.trigger(owner)
    await phone.accept(only(await phone.poll()))
    await nod.service.finalize(login.transactionId)
    const query = { transaction_id: login.transactionId }
    const before = await about('bea', query)
    expect(before).toHaveLength(3)
    await flushAudit(nod.service)
    await new Promise((wait) => setTimeout(wait, 2500))
    expect(await about('bea', query)).toEqual(before)
  })

  it('tells the reasons of a decline apart', async () => {
    await nod.authenticationPolicy({ push_firewall: 'off' })
    const { phone, owner } = await nod.enroll('carl')
    await nod.service.trigger(owner)
    await phone.decline(only(await phone.poll()), { reason: 'unknown_trigger' })
    await nod.service.trigger(owner)
    await phone.decline(only(await phone.poll()), { reason: 'cancelled' })
    expect(await linesOf('carl', 4, 'action', 'success', 'authentication', 'info')).toEqual([
      ['POST /ttype/<ttype>', 1, 'DECLINED', 'declined: cancelled'],
      ['POST /validate/triggerchallenge', 1, 'CHALLENGE', 'triggered 1 challenges'],
      ['POST /ttype/<ttype>', 1, 'DECLINED', 'declined: unknown_trigger'],
      ['POST /validate/triggerchallenge', 1, 'CHALLENGE', 'triggered 1 challenges'],
    ])
    expect(some(await about('carl', { authentication: 'DECLINED' }), 'action_detail')).toEqual([
      [expect.stringMatching(/^transaction_id: \d{20}, status: cancelled, reason: cancelled$/)],
      [expect.stringMatching(/^transaction_id: \d{20}, status: declined, reason: unknown_trigger$/)],
    ])
  })

  it('shows a wrong number, and the finalize that was refused after it', async () => {
    const { phone, owner } = await nod.enroll('dora')
    await nod.authenticationPolicy({ push_require_presence: true })
    const login = await nod.service.trigger(owner)
    const prompt = only(await phone.poll())
    const wrong = prompt.options?.find((option) => option !== login.presence) ?? ''
    await phone.accept(prompt, { presence: wrong })
    await nod.service.finalize(login.transactionId)
    expect(await linesOf('dora', 3, 'action', 'success', 'authentication', 'info')).toEqual([
      ['POST /validate/check', 0, 'REJECT', 'Response did not match the challenge.'],
      ['POST /ttype/<ttype>', 0, 'REJECT', 'wrong number'],
      ['POST /validate/triggerchallenge', 1, 'CHALLENGE', 'triggered 1 challenges'],
    ])
  })

  it('shows that it was withdrawn, or that it expired', async () => {
    const { serial, owner } = await nod.enroll('eric')
    await nod.service.trigger(owner)
    await nod.service.call('POST', `/token/disable/${serial}`)
    expect(await linesOf('eric', 3, 'action', 'success', 'authentication', 'info', 'administrator')).toEqual([
      ['login withdrawn', 0, 'REJECT', 'token changed', ''],
      ['POST /token/disable/<serial>', 1, '', '', 'admin'],
      ['POST /validate/triggerchallenge', 1, 'CHALLENGE', 'triggered 1 challenges', ''],
    ])

    const other = await nod.enroll('emil')
    await nod.service.call('POST', '/system/setConfig', { form: { PushChallengeValidityTime: '1' } })
    await nod.service.trigger(other.owner)
    await nod.service.call('DELETE', '/system/PushChallengeValidityTime')
    expect(await linesOf('emil', 2, 'action', 'success', 'authentication', 'info')).toEqual([
      ['login expired', 0, 'REJECT', 'not answered in time'],
      ['POST /validate/triggerchallenge', 1, 'CHALLENGE', 'triggered 1 challenges'],
    ])
  })

  it('that waits for the phone names the request that it was', async () => {
    const { phone, owner } = await nod.enroll('fay')
    await nod.authenticationPolicy({ push_wait: '10' })
    const waiting = nod.service.check({ ...owner, pass: '' })
    await waitUntil(async () => (await phone.poll()).length > 0)
    await phone.accept(only(phone.openPrompts()))
    expect((await waiting).authentication).toBe('ACCEPT')
    expect(await linesOf('fay', 3, 'action', 'authentication')).toEqual([
      ['POST /validate/check', 'ACCEPT'],
      ['POST /ttype/<ttype>', ''],
      ['POST /validate/check', 'CHALLENGE'],
    ])
  })

  it('names the service whose key opened it', async () => {
    const { owner } = await nod.enroll('gil')
    const vpn = nod.caller({ authorization: await nod.serviceKey('vpn') })
    const login = await vpn.trigger(owner)
    expect(some(await about('gil', { service: 'audit-vpn' }), 'action_detail')).toEqual([
      [`transaction_id: ${login.transactionId}, service: audit-vpn`],
    ])
    await nod.revokeServiceKey('vpn')
  })
})

describe('what opened no login', () => {
  it('is there with its reason: a wrong PIN, a stranger, a used-up login', async () => {
    const { owner } = await nod.enroll('hal', { pin: '1234' })
    await nod.service.check({ ...owner, pass: '9999' })
    await nod.service.check({ ...owner, pass: '', transaction_id: '12345678901234567890' })
    expect(await linesOf('hal', 2, 'action', 'success', 'authentication', 'info')).toEqual([
      ['POST /validate/check', 0, 'REJECT', 'wrong otp pin (transaction_unknown)'],
      ['POST /validate/check', 0, 'REJECT', 'wrong otp pin'],
    ])
    await nod.service.check({ user: 'nobody', realm: nod.realm, pass: '' })
    expect(await linesOf('nobody', 1, 'action', 'success', 'authentication', 'info')).toEqual([
      ['POST /validate/check', 0, '', 'ERR904: User <nobody@audit> does not exist.'],
    ])
  })

  it('of a phone: registering, a new registration token, a signature that is not its own', async () => {
    const { phone, serial } = await nod.enroll('ida')
    await phone.refresh(serial, 'elsewhere')
    const form = { serial, signature: 'A'.repeat(400), nonce: 'A'.repeat(64) }
    await nod.service.call('POST', '/ttype/push', { form })
    await nod.service.call('POST', '/ttype/push', {
      form: { serial, enrollment_credential: 'wrong', fbtoken: 'x', pubkey: 'y' },
    })
    const found = async () => (await page({ serial, page_size: '100' })).lines
    await waitUntil(async () => (await found()).length >= 5)
    expect(some(await found(), 'action', 'success', 'user', 'info')).toEqual([
      ['POST /ttype/<ttype>', 0, '', "No token with this serial number in the rollout state 'clientwait'."],
      ['POST /ttype/<ttype>', 0, '', 'no open challenge of this phone, or not its signature'],
      ['POST /ttype/<ttype>', 1, 'ida', 'registration token replaced'],
      ['POST /ttype/<ttype>', 1, 'ida', 'registered'],
      ['POST /token/init', 1, 'ida', ''],
    ])
  })

  it('of a sign-in by a name that nobody has: not the name, which may be a password in the wrong field', async () => {
    const typed = `hunter2-${nod.realm}`
    const { service } = nod
    await service.call('POST', '/auth', { form: { username: typed, password: 'guess' } })
    await service.call('POST', '/auth', { form: { username: `${typed}@${nod.realm}`, password: 'guess' } })
    await service.call('POST', '/auth', { form: { username: typed, realm: nod.realm, password: 'guess' } })
    await service.call('POST', '/auth', { form: { username: 'admin', realm: typed, password: 'guess' } })
    const found = async (info: string) =>
      (await page({ action: 'POST /auth', user: '(unknown)', info, timelimit: '1m' })).lines.length
    const areThere = async () => (await found('Authentication failed.')) >= 3 && (await found('Unknown realm.')) >= 1
    expect(await waitUntil(areThere)).toBe(true)
    const response = await fetch(`${url}/audit/all.csv`, { headers: { authorization: nod.service.token ?? '' } })
    expect(await response.text()).not.toContain(typed)
  })

  it('of administrators: signing in, what they changed, what they were refused', async () => {
    const { service } = nod
    await service.auth('admin', 'adminpw-of-tests')
    await service.call('POST', '/auth', { form: { username: 'admin', password: 'guess' } })
    const { serial } = await nod.enroll('jane')
    await service.call('POST', `/token/reset/${serial}`)
    await service.call('POST', '/token/revoke/PIPUNOSUCH00')
    await nod.authenticationPolicy({ push_wait: '1' })
    const find = async (query: Form) =>
      some((await page(query)).lines.slice(0, 1), 'success', 'authentication', 'administrator', 'user', 'info')
    const eventually = async (query: Form, expected: unknown) => {
      await waitUntil(async () => JSON.stringify(await find(query)) === JSON.stringify([expected]))
      expect(await find(query)).toEqual([expected])
    }
    await eventually({ action: 'POST /auth', administrator: 'admin' }, [1, 'ACCEPT', 'admin', '', 'signed in'])
    await eventually({ action: 'POST /auth', user: 'admin' }, [0, 'REJECT', '', 'admin', 'Authentication failed.'])
    await eventually({ action: 'POST /token/reset*', serial }, [1, '', 'admin', '', ''])
    await eventually({ action: 'POST /token/revoke/<serial>', serial: 'PIPUNOSUCH00' }, [
      0,
      '',
      'admin',
      '',
      'No token found for serials: PIPUNOSUCH00',
    ])
    const rule = only((await page({ action: 'POST /policy/*', action_detail: 'audit-policy-*', page_size: '1' })).lines)
    expect(rule).toMatchObject({
      success: 1,
      administrator: 'admin',
      action_detail: expect.stringMatching(/^audit-policy-\d+$/),
    })
  })
})

describe('a login that an administrator withdraws', () => {
  it('is shown as withdrawn, and by which request', async () => {
    const { owner } = await nod.enroll('kim')
    const { transactionId } = await nod.service.trigger(owner)
    await nod.service.call('DELETE', `/token/challenges/transaction/${transactionId}`)
    const found = async () =>
      some((await page({ transaction_id: transactionId })).lines, 'action', 'administrator', 'info')
    await waitUntil(async () => (await found()).length === 3)
    expect(new Set(await found())).toEqual(
      new Set([
        ['POST /validate/triggerchallenge', '', 'triggered 1 challenges'],
        ['login withdrawn', '', 'withdrawn by admin'],
        ['DELETE /token/challenges/transaction/<transaction_id>', 'admin', '1 challenges'],
      ]),
    )
  })
})

describe('a page of the audit', () => {
  it('is the newest fifteen lines, with privacyIDEA’s columns and its way of counting pages', async () => {
    const first = await page()
    expect(first.lines).toHaveLength(15)
    expect(first).toMatchObject({ current: 1, next: 2, prev: null, count: expect.any(Number) })
    expect(Object.keys(first.lines[0] ?? {}).toSorted()).toEqual([...first.columns].toSorted())
    const second = await page({ page: '2', page_size: '5' })
    expect(second).toMatchObject({ current: 2, next: 3, prev: 1 })
    expect(second.lines).toHaveLength(5)
    const dates = first.lines.map(({ date }) => String(date))
    expect(dates).toEqual(dates.toSorted().toReversed())
    expect(dates[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/)
  })

  it('never shows a line twice nor leaves one out, open logins and ended ones side by side', async () => {
    const { phone, owner } = await nod.enroll('kate')
    for (let login = 0; login < 4; login++) {
      const { transactionId } = await nod.service.trigger(owner)
      if (login % 2 === 0) continue
      await phone.poll()
      const mine = phone.openPrompts().at(-1)
      if (mine !== undefined) await phone.accept(mine)
      await nod.service.finalize(transactionId)
    }
    const all = await about('kate')
    const paged: Line[] = []
    for (let at = 1; ; at++) {
      const { lines, next } = await page({
        user: 'kate',
        realm: nod.realm,
        page: String(at),
        page_size: '2',
      })
      paged.push(...lines)
      if (next === null) break
    }
    expect(paged).toEqual(all)
    expect(new Set(all.map(({ number }) => number)).size).toBe(all.length)
    expect(await about('kate', { sortorder: 'asc' })).toEqual(all.toReversed())
  })

  it('is filtered by any of its columns, with * and !', async () => {
    const { serial, owner } = await nod.enroll('lea', { pin: '1' })
    await nod.service.check({ ...owner, pass: 'no' })
    await nod.service.triggerWithPin(owner, '1')
    await waitUntil(async () => (await about('lea', { authentication: 'REJECT' })).length === 1)
    const count = async (query: Form) => (await about('lea', query)).length
    expect(await count({ authentication: 'CHALLENGE' })).toBe(1)
    expect(await count({ authentication: '!CHALLENGE' })).toBe(3)
    expect(await count({ success: '0' })).toBe(2)
    expect(await count({ success: '1' })).toBe(2)
    expect(await count({ action: '*VALIDATE*' })).toBe(2)
    expect(await count({ action: '!*validate*' })).toBe(2)
    expect(await count({ serial: `${serial.slice(0, 8)}*` })).toBe(3)
    expect(await count({ administrator: 'admin' })).toBe(1)
    expect(await count({ client: '127.0.*' })).toBe(4)
    expect(await count({ client: '10.*' })).toBe(0)
    expect(await count({ user_agent: 'simulated*' })).toBe(3)
    expect(await count({ policies: '**', container_type: '' })).toBe(4)
    expect(await count({ user: 'LE*' })).toBe(4)
    expect(await count({ timelimit: '1h' })).toBe(4)
    expect(await count({ date: `${new Date().toISOString().slice(0, 10)}*` })).toBe(4)
    expect(await count({ date: '2020-01*' })).toBe(0)
    const sorted = await about('lea', { sortname: 'action', sortorder: 'asc' })
    const actions = sorted.map(({ action }) => String(action))
    expect(actions).toEqual(actions.toSorted((one, other) => (one < other ? -1 : 1)))
    const wrong = await nod.service.call('GET', '/audit/', { query: { timelimit: 'soon' } })
    expect(wrong).toMatchObject({ status: 400, error: { code: 905 } })
  })
})

describe('who reads the audit', () => {
  it('is an administrator or the helpdesk, nobody else', async () => {
    const { service } = nod
    const helpdesk = nod.caller({ authorization: await nod.serviceKey('desk', 'helpdesk') })
    expect(await helpdesk.call('GET', '/audit/')).toMatchObject({ status: 200 })
    const plugin = nod.caller({ authorization: await nod.serviceKey('plugin') })
    expect(await plugin.call('GET', '/audit/')).toMatchObject({ status: 401, error: { code: 4306 } })
    expect(await nod.caller().call('GET', '/audit/')).toMatchObject({ status: 401, error: { code: 4033 } })
    expect(await service.call('POST', '/audit/')).toMatchObject({ status: 405 })
    expect(await nod.caller().call('GET', '/audit/audit.csv')).toMatchObject({ status: 401, error: { code: 4033 } })
    for (const name of ['desk', 'plugin']) await nod.revokeServiceKey(name)
  })

  it('may take it away as CSV, with the same filters', async () => {
    const { owner } = await nod.enroll("m'ark")
    await nod.service.trigger(owner)
    const found = await about("m'ark")
    const response = await fetch(`${url}/audit/mark.csv?user=m%27ark&realm=${nod.realm}`, {
      headers: { authorization: nod.service.token ?? '' },
    })
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(response.headers.get('content-disposition')).toBe('attachment; filename=mark.csv')
    const rows = (await response.text()).trimEnd().split('\n')
    const { columns } = await page({ page_size: '1' })
    const expected = found.map((line) =>
      columns.map((column) => `'${String(line[column]).replaceAll("'", "''")}'`).join(','),
    )
    expect(rows).toEqual([columns.map((column) => `'${column}'`).join(','), ...expected])
    expect((await nod.service.call('GET', '/audit/mark.txt')).status).toBe(404)
  })

  it('sees what a change of policies, settings and administrators changed', async () => {
    const call = (method: string, path: string, form: Form = {}) => nod.service.call(method, path, { form })
    const name = `${nod.realm}-change`
    const policy = { scope: 'authentication', realm: nod.realm, active: 'true' }
    await call('POST', `/policy/${name}`, { ...policy, action: 'push_wait=20' })
    await call('POST', `/policy/${name}`, { ...policy, action: 'push_wait=30' })
    await call('POST', `/policy/disable/${name}`)
    await call('DELETE', `/policy/${name}`)
    const ofPolicy = (await page({ action: '*policy*', action_detail: name })).lines
    const [created, changed, disabled, deleted] = ofPolicy
      .toReversed()
      .map(({ info }) => JSON.parse(String(info)) as Form)
    expect(created).toEqual({ after: expect.objectContaining({ name, action: { push_wait: '20' } }) })
    expect(changed).toEqual({ before: { action: { push_wait: '20' } }, after: { action: { push_wait: '30' } } })
    expect(disabled).toEqual({ before: { active: true }, after: { active: false } })
    expect(deleted).toEqual({ before: expect.objectContaining({ name, active: false }) })

    await call('POST', '/system/setConfig', { DefaultMaxFailCount: '12' })
    await call('POST', '/system/setConfig', { DefaultMaxFailCount: '13' })
    await call('DELETE', '/system/DefaultMaxFailCount')
    const settings = (await page({ action: '*system*', action_detail: 'DefaultMaxFailCount', page_size: '3' })).lines
    expect(settings.map(({ info }) => JSON.parse(String(info)) as unknown)).toEqual([
      { before: { DefaultMaxFailCount: '13' } },
      { before: { DefaultMaxFailCount: '12' }, after: { DefaultMaxFailCount: '13' } },
      expect.objectContaining({ after: { DefaultMaxFailCount: '12' } }),
    ])

    const login = `${nod.realm}-hedy`
    await call('POST', '/administrator', { login, password: 'first-secret-of-hers', role: 'helpdesk' })
    await call('POST', `/administrator/disable/${login}`)
    await call('DELETE', `/administrator/${login}`)
    const ofAdministrator = (await page({ action: '*administrator*', action_detail: `*${login}*` })).lines
    expect(ofAdministrator.map(({ info }) => info).toReversed()).toEqual([
      '{"after":{"role":"helpdesk","disabled":false}}',
      '{"before":{"disabled":false},"after":{"disabled":true}}',
      '{"before":{"role":"helpdesk","disabled":true,"phoneRequired":false}}',
    ])
  })

  it('sees which policies decided a login, and how long each step took since it opened', async () => {
    await nod.authenticationPolicy({ push_text_on_mobile: 'Is it you?' })
    const { phone, owner } = await nod.enroll('olga')
    const { transactionId } = await nod.service.trigger(owner)
    await phone.accept(only(await phone.poll()))
    await nod.service.finalize(transactionId)
    const { lines } = await page({ transaction_id: transactionId, sortorder: 'asc' })
    expect(lines).toHaveLength(3)
    for (const line of lines) {
      expect(line['transaction_id']).toBe(transactionId)
      expect(String(line['policies']).split(',')).toEqual(expect.arrayContaining([expect.stringContaining(nod.realm)]))
      expect(line['startdate']).toBe(lines[0]?.['date'])
    }
    const durations = lines.map(({ duration }) => Number(duration))
    expect(durations[0]).toBe(0)
    expect(durations).toEqual(durations.toSorted((one, other) => one - other))
    expect((await page({ policies: `*${nod.realm}*`, transaction_id: transactionId })).lines).toHaveLength(3)
  })

  it('reads no secret there: no PIN, code, key, nonce, credential or registration token', async () => {
    await nod.authenticationPolicy({ push_code_to_phone: true })
    const { phone, serial, owner } = await nod.enroll('nele', { pin: 'sesame-4711' })
    const login = await nod.service.triggerWithPin(owner, 'sesame-4711')
    const prompt = only(await phone.poll())
    const { displayCode: code = '' } = await phone.accept(prompt)
    await nod.service.finalize(login.transactionId, undefined, { pass: code })
    await nod.service.check({ ...owner, pass: 'wrong-sesame' })
    await phone.refresh(serial, 'a-new-registration-token')
    const key = await nod.serviceKey('secret')
    const inPath = nod.caller({ baseUrl: `${url}/s/${key}` })
    await inPath.trigger(owner)
    await inPath.call('GET', '/audit/')
    await nod.service.call('POST', `/token/setpin/${serial}`, { form: { otppin: 'sesame-0815' } })
    const again = await nod.service.call('POST', '/token/init', {
      form: { type: 'push', genkey: '1', serial, ...owner, pin: 'sesame-again' },
    })
    await nod.service.call('POST', '/auth', { form: { username: 'admin', password: 'not-the-password' } })
    await waitUntil(async () => (await page({ action: 'POST /auth', success: '0', timelimit: '1m' })).lines.length > 0)
    await nod.revokeServiceKey('secret')

    const response = await fetch(`${url}/audit/all.csv`, { headers: { authorization: nod.service.token ?? '' } })
    const all = await response.text()
    const secrets = {
      pin: 'sesame',
      code,
      nonce: prompt.nonce,
      registrationToken: 'a-new-registration-token',
      firstRegistrationToken: phone.registrationToken,
      key,
      credential: again.detail.enrollment_credential,
      password: 'not-the-password',
      token: nod.service.token,
    }
    expect(all.split('\n').length).toBeGreaterThan(20)
    expect(code).toMatch(/^\d{6}$/)
    // Six digits stand in many an id and time: the code is one that stands for itself.
    const standsThere = (secret: string): boolean =>
      secret === code ? new RegExp(`(?<![.\\d])${code}(?!\\d)`).test(all) : all.includes(secret)
    const told = Object.entries(secrets).filter(([, secret]) => standsThere(String(secret)))
    expect(told).toEqual([])
  })
})
