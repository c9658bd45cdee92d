/** What policies of the scope admin leave of a role. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { fields } from '../simulation/reply.ts'
import type { Form, Service } from '../simulation/service.ts'
import type { Driver, EnrolledUser } from '../driver/driver.ts'
import { only, waitUntil } from '../driver/waiting.ts'
import { openNod } from './scene.ts'

let nod: Driver
let hedy: Service
let here: EnrolledUser
let elsewhere: EnrolledUser
const HEDY = 'rights-hedy'
const OWNER = 'rights-owner'

beforeAll(async () => {
  nod = await openNod('rights')
  await nod.service.call('POST', '/administrator', {
    form: { login: HEDY, password: 'long enough by far', role: 'admin' },
  })
  hedy = nod.caller()
  await hedy.auth(HEDY, 'long enough by far')
  here = await nod.enroll('ada')
  elsewhere = await nod.enroll('bob', { pushed: true })
})
afterEach(async () => {
  // The owner's last: until then somebody has to be able to delete the others.
  for (const name of ['rights-hedy', 'rights-more', OWNER]) await nod.service.call('DELETE', `/policy/${name}`)
})
afterAll(async () => {
  await nod.service.call('DELETE', `/administrator/${HEDY}`)
  await nod.close()
})

/** The first administrator may do everything, and Hedy this. */
async function grant(action: Readonly<Record<string, true>>, extra: Readonly<Record<string, unknown>> = {}) {
  await nod.service.setPolicy(OWNER, 'admin', { '*': true }, { adminuser: ['admin'] })
  await nod.service.setPolicy('rights-hedy', 'admin', action, { adminuser: [HEDY], ...extra })
}

const missing = (right: string) => ({
  status: 403,
  error: { code: 303, message: `Admin actions are defined, but the action ${right} is not allowed!` },
})

describe('while there is no policy of the scope admin', () => {
  it('everything is allowed that the role allows', async () => {
    expect(await hedy.call('POST', `/token/disable/${here.serial}`)).toMatchObject({ value: 1 })
    expect(await hedy.call('POST', `/token/enable/${here.serial}`)).toMatchObject({ value: 1 })
    expect(await hedy.call('GET', '/policy/')).toMatchObject({ status: 200 })
  })
})

describe('an administrator of a policy', () => {
  it('may do what is granted, and hears of the rest which right is missing', async () => {
    await grant({ disable: true, tokenlist: true })
    expect(await hedy.call('POST', `/token/disable/${here.serial}`)).toMatchObject({ value: 1 })
    expect(await hedy.call('POST', `/token/enable/${here.serial}`)).toMatchObject(missing('enable'))
    // Who may do it to nobody is not told which tokens there are.
    expect(await hedy.call('DELETE', '/token/NOSUCH')).toMatchObject(missing('delete'))
    expect(await hedy.call('GET', '/policy/')).toMatchObject(missing('policyread'))
    expect(await hedy.call('POST', '/system/setConfig', { form: { splitAtSign: 'True' } })).toMatchObject(
      missing('configwrite'),
    )
    expect(await hedy.call('GET', '/apikey/')).toMatchObject(missing('apikey_read'))
    expect(await hedy.call('GET', '/administrator')).toMatchObject(missing('administrator_read'))
    expect(await hedy.call('GET', '/smsgateway')).toMatchObject(missing('smsgateway_read'))
    expect(await hedy.call('GET', '/audit/')).toMatchObject(missing('auditlog'))
    expect(await hedy.call('GET', '/token/challenges/')).toMatchObject(missing('getchallenges'))
    expect(await hedy.triggerchallenge(here.owner)).toMatchObject(missing('triggerchallenge'))
    expect(await hedy.call('POST', '/token/init', { form: { type: 'push', genkey: '1' } })).toMatchObject({
      status: 403,
      error: { message: 'Admin actions are defined, but you are not allowed to enroll this token type!' },
    })
    await nod.service.call('POST', `/token/enable/${here.serial}`)
  })

  it('is told of these rights when signing in', async () => {
    await grant({ disable: true, tokenlist: true })
    const again = nod.caller()
    const { value } = await again.call('POST', '/auth', { form: { username: HEDY, password: 'long enough by far' } })
    expect(fields(value)['rights']).toEqual(['disable', 'tokenlist'])
    const asking = nod.caller({ authorization: hedy.token ?? '' })
    expect(await asking.call('GET', '/auth/rights')).toMatchObject({ status: 200, value: {} })
    await grant({ enrollPUSH: true })
    expect(await asking.call('GET', '/auth/rights')).toMatchObject({ value: { push: expect.any(String) } })
  })

  it('of a realm touches tokens of that realm, and sees no other', async () => {
    await grant(
      { disable: true, enable: true, tokenlist: true, triggerchallenge: true, enrollPUSH: true, cancelchallenge: true },
      { realm: [nod.realm] },
    )
    expect(await hedy.call('POST', `/token/disable/${here.serial}`)).toMatchObject({ value: 1 })
    expect(await hedy.call('POST', `/token/enable/${here.serial}`)).toMatchObject({ value: 1 })
    expect(await hedy.call('POST', `/token/disable/${elsewhere.serial}`)).toMatchObject(missing('disable'))
    expect((await nod.token(elsewhere.serial))['active']).toBe(true)

    const { value } = await hedy.call('GET', '/token/', { query: { pagesize: '500' } })
    const listed = fields(value)['tokens']
    expect(Array.isArray(listed) && listed.map((token) => fields(token)['user_realm'])).toEqual([nod.realm])
    expect(await hedy.call('GET', '/token/', { query: elsewhere.owner })).toMatchObject(missing('tokenlist'))

    const login = await hedy.trigger(here.owner)
    expect(await hedy.triggerchallenge(elsewhere.owner)).toMatchObject(missing('triggerchallenge'))
    const other = await nod.service.trigger(elsewhere.owner)
    expect(await hedy.call('DELETE', `/token/challenges/transaction/${other.transactionId}`)).toMatchObject(
      missing('cancelchallenge'),
    )
    expect(await hedy.call('DELETE', `/token/challenges/transaction/${login.transactionId}`)).toMatchObject({
      value: { deleted: 1 },
    })
    expect(await hedy.call('DELETE', '/token/challenges/expired')).toMatchObject(missing('cancelchallenge'))
    await nod.service.call('DELETE', `/token/challenges/transaction/${other.transactionId}`)

    // Neither for another realm, nor by taking another realm's token over.
    for (const form of [elsewhere.owner, { ...here.owner, serial: elsewhere.serial }])
      expect(await hedy.call('POST', '/token/init', { form: { type: 'push', genkey: '1', ...form } })).toMatchObject({
        status: 403,
        error: { code: 303 },
      })
    expect(await nod.token(elsewhere.serial)).toMatchObject({ rollout_state: 'enrolled', username: 'bob' })
  })

  it('of a realm learns which of several tokens are of another realm, and nothing of its users', async () => {
    await grant({ unassign: true, delete: true, disable: true }, { realm: [nod.realm] })
    const { serial } = await nod.enroll('dora')
    const form = { serials: `${serial},${elsewhere.serial},PIPUNOSUCH` }
    const told = { failed: ['PIPUNOSUCH'], unauthorized: [elsewhere.serial] }
    expect(await hedy.call('DELETE', '/token/', { form })).toMatchObject({ value: { count_success: 1, ...told } })
    expect(await nod.token(elsewhere.serial)).toMatchObject({ username: 'bob' })
    const tried = async () => {
      const query = { serial: elsewhere.serial, success: '0', action: 'DELETE /token/<serial>', administrator: HEDY }
      return fields((await nod.service.call('GET', '/audit/', { query })).value)['count']
    }
    expect(await waitUntil(async () => (await tried()) === 1)).toBe(true)
    // Nor without one of one's own among them.
    const others = { serials: `${elsewhere.serial},PIPUNOSUCH` }
    expect(await hedy.call('DELETE', '/token/', { form: others })).toMatchObject({ status: 403 })
    expect(await waitUntil(async () => (await tried()) === 2)).toBe(true)
    for (const user of ['bob', 'nosuch']) {
      const whom = { user, realm: nod.pushedRealm }
      expect(await hedy.call('POST', '/token/disable', { form: whom })).toMatchObject(missing('disable'))
    }
  })

  it('of one user touches that user’s tokens alone', async () => {
    const carol = await nod.enroll('carol')
    await grant({ disable: true, tokenlist: true }, { realm: [nod.realm], user: ['carol'] })
    expect(await hedy.call('POST', `/token/disable/${here.serial}`)).toMatchObject(missing('disable'))
    expect(await hedy.call('POST', `/token/disable/${carol.serial}`)).toMatchObject({ value: 1 })
    expect(await hedy.call('GET', '/token/', { query: carol.owner })).toMatchObject({ value: { count: 1 } })
    expect(await hedy.call('GET', '/token/')).toMatchObject(missing('tokenlist'))
  })

  it('of a realm reads that realm’s lines of the audit', async () => {
    await nod.service.check({ ...here.owner, pass: 'wrong' })
    await nod.service.check({ ...elsewhere.owner, pass: 'wrong' })
    await grant({ auditlog: true, auditlog_download: true }, { realm: [nod.realm] })
    const realms = async (path: string): Promise<unknown[]> => {
      const { value } = await hedy.call('GET', path, { query: { page_size: '500' } })
      const lines = fields(value)['auditdata']
      return Array.isArray(lines) ? [...new Set(lines.map((line) => fields(line)['realm']))] : []
    }
    expect(await waitUntil(async () => (await realms('/audit/')).length > 0)).toBe(true)
    expect(await realms('/audit/')).toEqual([nod.realm])
    const csv = await hedy.call('GET', '/audit/all.csv')
    expect(csv.text).toContain(`'${nod.realm}'`)
    expect(csv.text).not.toContain(`'${nod.pushedRealm}'`)
  })

  it('sees the logins of the users it is granted, in the list and while they happen, and no counts of all', async () => {
    for (const { owner } of [here, elsewhere])
      await nod.service.call('POST', '/validate/check', { form: { ...owner, pass: 'wrong' } })
    await grant({ logins_read: true }, { realm: [nod.realm] })
    const realmsOf = async (path: string) => {
      await nod.service.call('POST', '/deployment/audit/flush')
      const { value } = await hedy.call('GET', path)
      return new Set(
        (fields(value)['logins'] as readonly Readonly<Record<string, unknown>>[]).map(({ realm }) => realm),
      )
    }
    expect(await waitUntil(async () => (await realmsOf('/report/logins')).size > 0)).toBe(true)
    expect(await realmsOf('/report/logins')).toEqual(new Set([nod.realm]))
    expect(await realmsOf(`/report/logins?realm=${nod.pushedRealm}`)).toEqual(new Set())
    expect(await hedy.call('GET', '/report/overview')).toMatchObject(missing('report_read'))
    expect(await hedy.call('GET', '/report/steps')).toMatchObject(missing('report_read'))
    await grant({ report_read: true })
    expect(await hedy.call('GET', '/report/live')).toMatchObject(missing('logins_read'))
    const { value } = await hedy.call('GET', '/report/overview')
    const alarms = fields(value)['alarms'] as readonly Readonly<Record<string, unknown>>[]
    expect(
      alarms.filter(({ kind }) => ['health', 'locked_tokens', 'unreachable_phones'].includes(String(kind))),
    ).toEqual([])
  })

  it('gains nothing that the role does not have', async () => {
    const form = { login: 'rights-help', password: 'long enough by far', role: 'helpdesk' }
    await nod.service.call('POST', '/administrator', { form })
    const help = nod.caller()
    await help.auth(form.login, form.password)
    await grant({ '*': true }, { adminuser: [HEDY, form.login] })
    expect(await help.call('GET', '/policy/')).toMatchObject({ status: 401, error: { code: 4306 } })
    expect(await help.call('POST', `/token/disable/NOSUCH`)).toMatchObject({ status: 404 })
    await nod.service.call('DELETE', `/administrator/${form.login}`)
  })

  it('is not the service of the same name', async () => {
    const key = nod.caller({ authorization: await nod.serviceKey('robot', 'admin') })
    await grant({ disable: true }, { adminuser: [`${nod.realm}-robot`] })
    expect(await key.call('POST', '/token/disable/NOSUCH')).toMatchObject(missing('disable'))
    await nod.service.setPolicy(
      'rights-more',
      'admin',
      { disable: true },
      {
        adminuser: [`service:${nod.realm}-robot`],
      },
    )
    expect(await key.call('POST', '/token/disable/NOSUCH')).toMatchObject({ status: 404 })
    await nod.revokeServiceKey('robot')
  })

  it('is not taken for the service of the same name in the audit', async () => {
    const key = nod.caller({ authorization: await nod.serviceKey('twin', 'helpdesk') })
    const { serial, owner } = await nod.enroll('dave')
    const { transactionId } = await nod.service.trigger(owner)
    await key.call('DELETE', `/token/challenges/transaction/${transactionId}`)
    for (const verb of ['reset', 'disable']) await key.call('POST', `/token/${verb}/${serial}`)
    await key.call('POST', `/token/disable/${nod.realm}NONE`)
    const lines = async (administrator: string, query: Form) => {
      const { value } = await nod.service.call('GET', '/audit/', { query: { ...query, administrator } })
      return fields(value)['count']
    }
    const withdrawn = { action: 'DELETE /token/challenges/transaction/<transaction_id>' }
    for (const [query, count] of [
      [{ serial }, 2],
      [{ serial: `${nod.realm}NONE` }, 1],
      [withdrawn, 1],
    ] as const)
      expect(
        await waitUntil(async () => (await lines(`service:${nod.realm}-twin`, query)) === count),
        JSON.stringify(query),
      ).toBe(true)
    expect(await lines(`${nod.realm}-twin`, {})).toBe(0)
    await nod.revokeServiceKey('twin')
  })
})

describe('a service key for validate', () => {
  it('keeps logging users in, whatever changes about administrators', async () => {
    const plugin = nod.caller({ authorization: await nod.serviceKey('vpn') })
    await grant({ disable: true })
    const login = await plugin.trigger(here.owner)
    await here.phone.accept(only(await here.phone.poll()))
    expect(await plugin.finalize(login.transactionId)).toBe('ACCEPT')
    await nod.revokeServiceKey('vpn')
  })
})

describe('the last way in', () => {
  const shut = { status: 400, error: { code: 905, message: expect.stringContaining('Nobody could write policies') } }

  it('is not closed by a policy that grants policywrite to no administrator that exists', async () => {
    const write = (action: unknown, extra: Readonly<Record<string, unknown>> = {}) =>
      nod.service.call('POST', '/policy/rights-more', { json: { scope: 'admin', action, ...extra } })
    expect(await write('disable')).toMatchObject(shut)
    expect(await write('policywrite', { adminuser: ['nobody'] })).toMatchObject(shut)
    expect(await write('policywrite', { adminrealm: ['sales'] })).toMatchObject(shut)
    expect(await write('policywrite', { client: ['192.0.2.1'] })).toMatchObject(shut)
    expect(await write('disable', { active: false })).toMatchObject({ status: 200 })
    expect(await nod.service.call('POST', '/policy/enable/rights-more')).toMatchObject(shut)
  })

  it('is not closed by deleting the last such policy, or the last such administrator', async () => {
    await nod.service.setPolicy(
      'rights-hedy',
      'admin',
      { policywrite: true, policydelete: true },
      {
        adminuser: [HEDY],
      },
    )
    await hedy.setPolicy('rights-more', 'admin', { administrator_write: true }, { adminuser: ['admin'] })
    expect(await hedy.call('DELETE', '/policy/rights-hedy')).toMatchObject(shut)
    expect(await hedy.call('POST', '/policy/disable/rights-hedy')).toMatchObject(shut)
    expect(await nod.service.call('DELETE', `/administrator/${HEDY}`)).toMatchObject(shut)
    expect(await nod.service.call('POST', `/administrator/disable/${HEDY}`)).toMatchObject(shut)
    await hedy.deletePolicy('rights-more')
    await hedy.deletePolicy('rights-hedy')
  })
})

it.each([
  ['disable', 'disable=sometimes'],
  ['nosuch', 'nosuch'],
  ['enrollHOTP', 'enrollHOTP'],
])('a policy with %s is refused where it says %s', async (_, action) => {
  const reply = await nod.service.call('POST', '/policy/rights-more', { json: { scope: 'admin', action } })
  expect(reply).toMatchObject({ status: 400, error: { code: 905 } })
})
