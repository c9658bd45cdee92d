import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EnrolledUser } from '../driver/driver.ts'
import { loadBackup } from '../../scripts/nod/backup/load.ts'
import { readManifest } from '../../scripts/nod/backup/manifest.ts'
import { importStatements } from '../../scripts/nod/backup/statements.ts'
import type { Cloudflare } from '../simulation/cloudflare.ts'
import { PLACEHOLDER } from '../simulation/cloudflare/api.ts'
import { OwnNod } from './own-nod.ts'

let own: OwnNod
let ada: EnrolledUser
beforeAll(async () => {
  own = await OwnNod.start()
  ada = await own.driver.enroll('ada', { pin: '1234' })
  // Longer than a statement may be: an INSERT of it is refused by D1.
  const user = Array.from({ length: 9000 }, (_, n) => `user-${n}-somewhere`)
  const policy = { name: 'long', scope: 'authentication', action: { push_wait: '5' }, realm: ['own'], user }
  const imported = await own.driver.service.call('POST', '/policy/import/long.json', { json: { policies: [policy] } })
  expect(imported.status).toBe(200)
})
afterAll(() => own.remove())

const account = (): Cloudflare => own.cloudflare

describe('a backup of a deployment', () => {
  it('is taken through wrangler, with all rows and of one moment', async () => {
    const { code, stdout, stderr } = await own.run(['backup', '--remote', '--out', own.path('good')])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/\n {2}1 tokens, 1 users, /)
    expect(account().calls.filter((call) => call.endsWith('/export')).length).toBeGreaterThan(1)
  })

  it('is refused by an account that does not know the credential', async () => {
    const wrong = await own.run(['backup', '--remote', '--out', own.path('never')], { CLOUDFLARE_API_TOKEN: 'wrong' })
    expect(wrong.code).toBe(1)
    expect(wrong.stderr).toMatch(/^wrangler d1 export failed: .*\n?Authentication error/)
  })
})

describe('a restore of a deployment', () => {
  const policies = async () => (await own.driver.service.call('GET', '/policy/')).value

  it('is refused where users and tokens are, unless they are to be replaced', async () => {
    expect(await own.run(['restore', own.path('good'), '--remote'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^The database is not empty: 1 rows in tokens, 1 rows in users, /),
    })
  })

  it('takes effect while Nod serves, and tells how it is undone', async () => {
    const before = await policies()
    await own.driver.service.call('DELETE', '/policy/long')
    await own.driver.service.call('POST', '/token/setpin', { form: { serial: ada.serial, otppin: '5678' } })
    expect(await own.logIn(ada, '5678')).toBe('ACCEPT')
    const eve = await own.driver.enroll('eve', { pin: '7777' })

    const { code, stdout, stderr } = await own.run(['restore', own.path('good'), '--remote', '--replace'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(await own.logIn(ada, '1234')).toBe('ACCEPT')
    await own.signIn() // API tokens of before are void
    expect(await policies()).toEqual(before)
    expect(await own.driver.token(eve.serial)).toEqual({})

    const [, bookmark = ''] = /--bookmark=(\S+)/.exec(stdout) ?? []
    await account().travel(bookmark)
    expect(await own.logIn(eve, '7777')).toBe('ACCEPT')
    expect(await policies()).not.toEqual(before)
  })

  it('that D1 breaks off leaves what was there', async () => {
    account().d1.breakImportAfter = 12
    const broken = await own.run(['restore', own.path('good'), '--remote', '--replace'])
    account().d1.breakImportAfter = undefined
    expect(broken.code).toBe(1)
    expect(broken.stderr).toMatch(/^wrangler d1 execute failed: .*reset_by_a_test/s)
    expect(await own.logIn(ada, '5678')).toBe('ACCEPT')
  })

  it('that stopped half way in spite of that would serve nothing', async () => {
    const [backup, file] = [own.path('good'), own.path('half.sqlite')]
    const db = await loadBackup(backup, readManifest(backup), file)
    const tables = await own.query(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB '_cf_*'
      AND name NOT GLOB 'sqlite_*'`)
    const statements = [
      ...importStatements(
        db,
        tables.map(({ name }) => String(name)),
      ),
    ]
    db.close()
    const before = await account().capture()
    // One statement is its own transaction here, as in a D1 that does not keep its promise.
    for (const at of [1, statements.length >> 1, statements.length - 1]) {
      for (const statement of statements.slice(0, at)) await own.query(statement)
      const reply = await own.driver.service.check({ ...ada.owner, pass: '1234' })
      expect({ at, status: reply.status, code: reply.error?.code }).toEqual({ at, status: 503, code: 903 })
      await account().travel(before)
    }
    expect(await own.logIn(ada, '5678')).toBe('ACCEPT')
  })

  it('brings a lost database back', async () => {
    await account().lose()
    expect((await own.driver.service.check({ ...ada.owner, pass: '1234' })).status).toBe(503)
    expect(await own.run(['restore', own.path('good'), '--remote'])).toMatchObject({ code: 0, stderr: '' })
    expect(await own.logIn(ada, '1234')).toBe('ACCEPT')
    expect(await own.run(['doctor'])).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^FAILED  catalogue: .*the catalogue was put back/m),
    })
  })

  it('of another account replaces the signing key by that of its phones, also where Nod has signed with its own', async () => {
    await own.leaveAccount()
    account().databaseId = PLACEHOLDER // as in wrangler.toml
    await own.start()
    await own.driver.addRealm('own', 'poll only')
    expect(await own.logIn(await own.driver.enroll('test', { pin: '5555' }), '5555')).toBe('ACCEPT')
    expect(await own.run(['restore', own.path('good'), '--remote', '--replace'])).toMatchObject({ code: 0, stderr: '' })
    expect(await own.logIn(ada, '1234')).toBe('ACCEPT')
  })
})
