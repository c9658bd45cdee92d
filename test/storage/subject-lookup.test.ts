import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import type { UserCandidate } from '../../src/ports/subjects.ts'
import { counting, auditEntry, enroll, revisions, serial, storage, valueOf, tablesOf } from './example.ts'

const find = async (candidates: readonly UserCandidate[], name?: string) =>
  valueOf(await storage().subjects.find({ candidates, ...(name === undefined ? {} : { serial: serial(name) }) }))

describe('the lookup of a login', () => {
  beforeAll(async () => {
    await enroll('FIND-ADA-2', { login: 'ada', realm: 'Sales' })
    await enroll('FIND-ADA-1', { login: 'ada', realm: 'Sales' })
    await enroll('FIND-ADA-3', { login: 'ada', realm: 'defrealm' })
    await enroll('FIND-MAIL', { login: 'ada@sales', realm: 'defrealm' })
    await enroll('FIND-NOBODY')
    await storage().users.save(
      { login: 'ada', realm: 'sales', givenName: 'Ada', surname: 'Lovelace', email: 'ada@nod.example' },
      auditEntry('POST /user/'),
    )
  })

  it('takes one round trip, whatever it looks for', async () => {
    const counted = counting(env.DB)
    const asked = {
      candidates: [
        { login: 'ada', realm: 'sales' },
        { login: 'ada@sales', realm: undefined },
      ],
    }
    await tablesOf(counted.db).subjects.find({ ...asked, serial: serial('FIND-NOBODY') })
    expect({ trips: counted.trips, statements: counted.statements }).toEqual({ trips: 1, statements: 3 })
  })

  it('shows which reading of the name matched', async () => {
    const found = await find([
      { login: 'ada', realm: 'SALES' },
      { login: 'ada@sales', realm: undefined },
    ])
    expect(found.tokens.map(({ serial: name, owner }) => [name, owner])).toEqual([
      ['FIND-ADA-1', { login: 'ada', realm: 'sales' }],
      ['FIND-ADA-2', { login: 'ada', realm: 'sales' }],
      ['FIND-MAIL', { login: 'ada@sales', realm: 'defrealm' }],
    ])
    expect(found.people).toEqual([
      { login: 'ada@sales', realm: 'defrealm', givenName: '', surname: '', email: '' },
      { login: 'ada', realm: 'sales', givenName: 'Ada', surname: 'Lovelace', email: 'ada@nod.example' },
    ])
  })

  it('finds the owner by the serial of a token', async () => {
    const found = await find([], 'FIND-ADA-1')
    expect(found.tokens.map((token) => token.serial)).toEqual(['FIND-ADA-1'])
    expect(found.people).toEqual([
      { login: 'ada', realm: 'sales', givenName: 'Ada', surname: 'Lovelace', email: 'ada@nod.example' },
    ])
  })

  it('finds a token without an owner, and no user for it', async () => {
    const found = await find([], 'FIND-NOBODY')
    expect(found.tokens).toHaveLength(1)
    expect(found.tokens.map(({ owner }) => owner)).toEqual([undefined])
    expect(found.people).toEqual([])
  })

  it('finds a user without tokens, and tells a stranger apart', async () => {
    await storage().users.save(
      { login: 'bare', realm: 'sales', givenName: 'B', surname: 'R', email: '' },
      auditEntry('POST /user/'),
    )
    expect(await find([{ login: 'bare', realm: 'sales' }])).toMatchObject({ tokens: [], people: [{ login: 'bare' }] })
    expect(await find([{ login: 'Ada', realm: 'sales' }])).toMatchObject({ tokens: [], people: [] })
  })

  it('does not find a deleted user, although the tokens are still there', async () => {
    await enroll('FIND-GONE', { login: 'gone', realm: 'sales' })
    const owner = { login: 'gone', realm: 'Sales' }
    expect(await storage().users.delete(owner, auditEntry('DELETE /user/'))).toEqual({ ok: true, value: true })
    expect(await storage().users.delete(owner, auditEntry('DELETE /user/'))).toEqual({ ok: true, value: false })
    expect(await find([{ login: 'gone', realm: 'sales' }])).toMatchObject({
      tokens: [{ serial: 'FIND-GONE' }],
      people: [],
    })
  })

  it('reads logins as text, even if they look like numbers or SQL', async () => {
    await enroll('FIND-NUMBER', { login: '007', realm: 'sales' })
    await enroll('FIND-QUOTE', { login: `o'neil"\\`, realm: 'sales' })
    const names = async (login: string) => (await find([{ login, realm: 'sales' }])).tokens.map((token) => token.serial)
    expect(await names('007')).toEqual(['FIND-NUMBER'])
    expect(await names('7')).toEqual([])
    expect(await names(`o'neil"\\`)).toEqual(['FIND-QUOTE'])
  })

  it('follows the default realm, and answers the revision of the settings', async () => {
    await storage().realms.setDefault('Sales', auditEntry('POST /defaultrealm'))
    const found = await find([{ login: 'ada', realm: undefined }])
    expect(found.tokens.map((token) => token.serial)).toEqual(['FIND-ADA-1', 'FIND-ADA-2'])
    expect(found).toMatchObject({ settings: { revision: (await revisions()).settings } })
    expect(await storage().settings.version()).toEqual({ ok: true, value: found.settings })
    await storage().realms.setDefault('defrealm', auditEntry('POST /defaultrealm'))
  })

  it('reads the same few rows however many tokens there are', async () => {
    const few = await rowsReadBeside(20)
    expect(few).toBeLessThan(40)
    expect(await rowsReadBeside(2000)).toBe(few)
  })
})

/** Rows read to find a login and a serial when one realm has at least `count` tokens. */
async function rowsReadBeside(count: number): Promise<number> {
  await env.DB.prepare(
    `INSERT OR IGNORE INTO tokens (serial, type, revision, realm, login, state, active, firebase, registration_url, max_attempts, created_at)
     WITH RECURSIVE many (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < ?)
     SELECT 'MANY' || n, 'push', 1, 'many', 'login' || n, 'clientwait', 0, 'poll only', '', 10, 0 FROM many`,
  )
    .bind(count)
    .run()
  const users = "INSERT OR IGNORE INTO users (realm, login) SELECT realm, login FROM tokens WHERE realm = 'many'"
  await env.DB.prepare(users).run()
  let read = 0
  const db = new Proxy(env.DB, {
    get: (target, property) =>
      property === 'prepare'
        ? target.prepare.bind(target)
        : async (statements: D1PreparedStatement[]) => {
            const results = await target.batch(statements)
            for (const result of results) read += result.meta.rows_read
            return results
          },
  })
  const candidates = ['many', undefined].map((realm) => ({ login: 'login7', realm }))
  const found = valueOf(await tablesOf(db).subjects.find({ candidates, serial: serial('MANY8') }))
  expect(found.tokens.map((token) => token.serial)).toEqual(['MANY7', 'MANY8'])
  expect(found.people).toHaveLength(2)
  return read
}
