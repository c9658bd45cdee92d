/** Every administrative function of `@nod/client` against a real Nod. `client.test.ts` has logins, sessions and failures. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as client from '../../client/src/index.ts'
import { type Driver, nextPrompt } from '../driver/driver.ts'
import { waitUntil } from '../driver/waiting.ts'
import { openNod, url } from './scene.ts'

let nod: Driver
/** The administrator, and a service with a key. */
let admin: client.Nod
let vpn: client.Nod

const { orThrow } = client

beforeAll(async () => {
  nod = await openNod('client-administration')
  admin = client.connect({ url, token: nod.service.token ?? '' })
  vpn = client.connect({ url, key: await nod.serviceKey('vpn') })
})
afterAll(async () => {
  await nod.revokeServiceKey('vpn')
  await nod.close()
})

const failureOf = <T>(outcome: client.Outcome<T>): unknown => (outcome.ok ? outcome.value : outcome.failure)

describe('an administrator', () => {
  it('manages tokens, one or several', async () => {
    const { serial, owner } = await nod.enroll('jane')
    const { serial: other } = await nod.enroll('jane')
    const serials = [serial, other]
    const one = async <T>(outcome: Promise<client.Outcome<T>>): Promise<T> => orThrow(await outcome)
    expect(await one(client.disableTokens(admin, { serials }))).toBe(2)
    expect(await one(client.enableTokens(admin, owner))).toBe(2)
    expect(await one(client.pauseRings(admin, serial, 5))).toBe(1)
    expect(await one(client.resumeRings(admin, serial))).toBe(1)
    expect(await one(client.setPin(admin, serial, '1234'))).toBe(1)
    expect(await one(client.copyPin(admin, serial, other))).toBe(true)
    expect(await one(client.setRandomPin(admin, serial))).toMatch(/\S{4,}/)
    expect(await one(client.resetTokens(admin, serial))).toBe(1)
    expect(await one(client.setTokenLimits(admin, serial, { max_failcount: 5 }))).toBe(1)
    expect(await one(client.describeTokens(admin, serial, 'of Jane'))).toBe(true)
    expect(await one(client.setTokenInfo(admin, serial, 'note', 'old'))).toBe(true)
    expect(await one(client.deleteTokenInfo(admin, serial, 'note'))).toBe(true)
    expect(await one(client.setTokenRealms(admin, serial, [nod.realm]))).toBe(true)
    const token = await one(client.findToken(admin, serial))
    expect(token).toMatchObject({ serial, description: 'of Jane', maxfail: 5, active: true })
    expect(await one(client.findToken(admin, 'PIPU00000000'))).toBeUndefined()
    expect(await one(client.unassignTokens(admin, other))).toBe(1)
    expect(await one(client.assignToken(admin, { serial: other, ...owner }))).toBe(true)
    expect(await one(client.copyOwner(admin, serial, other))).toBe(true)
    expect((await one(client.searchTokens(admin, { q: serial }))).tokens).toMatchObject([
      { serial, found_by: 'serial' },
    ])
    const pages: number[] = []
    for await (const page of client.tokenPages(admin, { ...owner, pagesize: 1 }))
      pages.push(orThrow(page).tokens.length)
    expect(pages).toEqual([1, 1])
    expect(await (await one(client.tokensCsv(admin, owner))).text()).toContain(serial)
    expect(await one(client.listChallenges(admin, owner))).toMatchObject({ count: 0 })
    expect(await one(client.markTokenLost(admin, other))).toMatchObject({ init: true, disable: 1 })
    const { id, code } = await one(client.issueBypassCode(admin, { ...owner, reason: 'lost phone' }))
    expect(await one(client.check(vpn, { ...owner, pass: code }))).toMatchObject({ status: 'accepted' })
    expect(failureOf(await client.withdrawBypassCode(admin, id))).toMatchObject({ reason: 'not_found' })
    const { id: second } = await one(client.issueBypassCode(admin, { ...owner, reason: 'lost phone' }))
    expect((await one(client.listBypassCodes(admin))).map((bypass) => bypass.id)).toContain(second)
    expect(await one(client.withdrawBypassCode(admin, second))).toBe(1)
    expect(await one(client.revokeTokens(admin, serial))).toBe(1)
    expect(failureOf(await client.enableTokens(admin, serial))).toMatchObject({ reason: 'token_revoked', code: 1007 })
    expect(await one(client.deleteTokens(admin, { serials }))).toMatchObject({ count_success: 2 })
  })

  it('manages policies, users, realms, settings, keys, administrators and webhooks', async () => {
    const { realm } = nod
    const one = async <T>(outcome: Promise<client.Outcome<T>>): Promise<T> => orThrow(await outcome)
    const change = { scope: 'authentication', action: { push_wait: 1 }, realm: ['client-other'] }
    await one(client.createRealm(admin, 'client-other'))
    await one(client.savePolicy(admin, 'client-policy', change))
    await one(client.renamePolicy(admin, 'client-policy', 'client-renamed'))
    await one(client.disablePolicy(admin, 'client-renamed'))
    await one(client.enablePolicy(admin, 'client-renamed'))
    expect(await one(client.findPolicy(admin, 'client-renamed'))).toMatchObject({
      action: { push_wait: '1' },
      active: true,
    })
    expect((await one(client.listPolicies(admin, { scope: 'authentication' }))).map(({ name }) => name)).toContain(
      'client-renamed',
    )
    expect((await one(client.policyDefinitions(admin)))['authentication']).toHaveProperty('push_wait')
    expect(await one(client.simulatePolicies(admin, { user: 'kate', realm }))).toHaveProperty('login')
    const file = await (await one(client.exportPolicies(admin))).text()
    expect(file).toContain('[client-renamed]')
    const imported = await one(client.importPolicies(admin, { policies: [{ name: 'client-imported', ...change }] }))
    expect(imported).toMatchObject({ count: 1, policies: ['client-imported'] })
    for (const name of ['client-renamed', 'client-imported']) await one(client.deletePolicy(admin, name))
    expect(await one(client.findPolicy(admin, 'client-renamed'))).toBeUndefined()

    await one(client.addUser(admin, { user: 'kate', realm: 'client-other', surname: 'K' }))
    expect(await one(client.changeUser(admin, { user: 'kate', realm: 'client-other', givenname: 'Kate' }))).toBe(true)
    expect(await one(client.listUsers(admin, { realm: 'client-other' }))).toMatchObject([
      { givenname: 'Kate', surname: 'K' },
    ])
    const pages: number[] = []
    for await (const page of client.userPages(admin, { realm: 'client-other', pagesize: 1 }))
      pages.push(orThrow(page).length)
    expect(pages).toEqual([1])
    const erased = await one(client.exportUser(admin, { user: 'kate', realm: 'client-other' }))
    expect(erased).toMatchObject({ user: 'kate', realm: 'client-other' })
    await one(client.deleteUser(admin, { user: 'kate', realm: 'client-other' }))
    expect(Object.keys(await one(client.listRealms(admin)))).toContain('client-other')
    expect(await one(client.deleteRealm(admin, 'client-other'))).toBe(1)

    expect(await one(client.changeSettings(admin, { DefaultMaxFailCount: 10 }))).toEqual({
      DefaultMaxFailCount: 'insert',
    })
    expect(await one(client.readSettings(admin))).toMatchObject({ DefaultMaxFailCount: '10' })
    expect(await one(client.resetSetting(admin, 'DefaultMaxFailCount'))).toBe(true)

    const { key } = await one(client.createServiceKey(admin, { name: 'client-key', role: 'validate' }))
    const { key: rotated } = await one(client.rotateServiceKey(admin, 'client-key', { overlap: 0 }))
    expect(rotated).not.toBe(key)
    expect((await one(client.listServiceKeys(admin))).map(({ name }) => name)).toContain('client-key')
    expect(await one(client.revokeServiceKey(admin, 'client-key'))).toBe(1)

    const login = 'client-helper'
    const account = { login, password: 'a password of the helper', role: 'helpdesk' }
    expect(await one(client.addAdministrator(admin, account))).toBe(true)
    const helper = client.connect({ url, credentials: account })
    expect(await one(client.listTokens(helper, { pagesize: 1 }))).toHaveProperty('tokens')
    const newPassword = 'another password of the helper'
    expect(await one(client.changeOwnPassword(helper, { password: account.password, newPassword }))).toBe(true)
    expect(await one(client.disableAdministrator(admin, login))).toBe(1)
    expect(await one(client.enableAdministrator(admin, login))).toBe(1)
    expect((await one(client.listAdministrators(admin))).map((each) => each.login)).toContain(login)
    expect(await one(client.deleteAdministrator(admin, login))).toBe(1)

    expect(await one(client.listGateways(admin))).toMatchObject([{ name: 'FB1' }])
    expect(await one(client.health(vpn))).toEqual({ status: 'ok', version: expect.stringMatching(/^[0-9.]+$/) })
    expect((await one(client.deepHealth(admin))).checks?.length).toBeGreaterThan(1)
    expect((await one(client.listApiTokenKeys(admin))).length).toBeGreaterThan(0)
    expect((await one(client.listSigningKeys(admin))).length).toBeGreaterThan(0)
    expect(await one(client.listMasterKeys(admin))).toHaveProperty('current')
    expect(await one(client.listLostChanges(admin))).toHaveProperty('complete')
    expect(await one(client.auditHead(admin))).toHaveProperty('head')
  })

  it('sees a login while it happens, in the tail of all and step by step', async () => {
    const { owner, phone } = await nod.enroll('nina')
    const opened = orThrow(await client.trigger(vpn, owner))
    if (opened.status !== 'challenge') throw new Error('expected a challenge')
    const { transactionId } = opened
    const stop = new AbortController()
    const seen: client.LiveLogin[] = []
    const watching = (async () => {
      for await (const login of client.liveLogins(admin, { realm: nod.realm }, { signal: stop.signal }))
        if (login.ok) seen.push(login.value)
    })()
    const isSeen = (outcome: string) =>
      seen.some((login) => login.transaction_id === transactionId && login.outcome === outcome)
    await waitUntil(() => isSeen('open'))
    const steps: (client.LiveStep | client.LiveEnd)[] = []
    const stepping = (async () => {
      for await (const step of client.liveSteps(admin, transactionId)) steps.push(orThrow(step))
    })()
    await phone.accept(await nextPrompt(phone))
    orThrow(await client.finalize(vpn, { transactionId, ...owner }))
    await stepping
    expect(steps.at(-1)).toMatchObject({ event: 'end', outcome: 'accepted' })
    const kinds = steps.map((step) => (step.event === 'step' ? step.kind : step.event))
    expect(kinds).toEqual(expect.arrayContaining(['opened', 'accepted', 'finalized']))
    expect(steps[0]).toMatchObject({ event: 'step', index: 0, since_opening_ms: 0 })
    await waitUntil(() => isSeen('accepted'), 60_000)
    stop.abort()
    await watching
    expect([isSeen('open'), isSeen('accepted')]).toEqual([true, true])
    expect(orThrow(await client.reportOverview(admin))).toHaveProperty('logins.total')
    expect(orThrow(await client.reportSteps(admin))).toHaveProperty('steps')
    for await (const page of client.loginPages(admin, { realm: nod.realm, pagesize: 1 }))
      expect(orThrow(page)).toHaveProperty('logins')
  })

  it('reads the audit page by page, and reports', async () => {
    const filter = { administrator: 'admin', action: 'POST /policy/*', page_size: 2 }
    let entries = 0
    let pages = 0
    for await (const page of client.auditPages(admin, filter)) {
      entries += orThrow(page).auditdata.length
      pages += 1
      if (pages === 3) break
    }
    expect({ entries, pages }).toEqual({ entries: 6, pages: 3 })
    expect(await orThrow(await client.auditCsv(admin, { ...filter, page: 1 })).text()).toContain('POST /policy/')
    expect(orThrow(await client.reportPhones(admin, { pagesize: 1 }))).toHaveProperty('summary.phones')
    expect(orThrow(await client.reportFirewall(admin, { days: 1 }))).toHaveProperty('lines')
  })
})
