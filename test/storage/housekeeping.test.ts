/** What the daily housekeeping deletes from D1, and what it leaves. */
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import type { SweptPage } from '../../src/ports/housekeeping.ts'
import { addSeconds, instant, seconds } from '../../src/vocabulary.ts'
import type { SweptTable } from '../../src/vocabulary/housekeeping.ts'
import {
  add,
  auditEntry,
  enroll,
  entriesSince,
  failOnLog,
  newToken,
  now,
  storage,
  tablesOf,
  valueOf,
} from './example.ts'

const DAY = 86_400
const days = (count: number) => addSeconds(now, seconds(count * DAY))

async function insert(table: string, row: Readonly<Record<string, unknown>>): Promise<void> {
  const columns = Object.keys(row)
  const marks = columns.map(() => '?').join(', ')
  await env.DB.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${marks})`)
    .bind(...Object.values(row))
    .run()
}

const rows = async (sql: string) => (await env.DB.prepare(sql).raw()).map(([first]) => first)

const invitation = (id: string, expiresAt: number) =>
  insert('invitations', {
    id,
    hash: id,
    realm: 'sales',
    login: 'ada',
    serial: id,
    note: '',
    invited_by: 'grace',
    created_at: 1,
    expires_at: expiresAt,
  })
const bypass = (login: string, expiresAt: number) =>
  insert('bypass_codes', {
    realm: 'sales',
    login,
    id: 1,
    hash: 'h',
    issued_at: 1,
    expires_at: expiresAt,
    issued_by: 'grace',
    reason: 'lost',
  })
const key = (name: string, revokedAt: number | null) =>
  insert('service_keys', { name, hash: `of ${name}`, role: 'validate', created_at: 1, revoked_at: revokedAt })
const secret = (hash: string, name: string, validUntil: number) =>
  insert('service_key_secrets', { hash, name, valid_until: validUntil })
const version = (name: string, revision: number, body: string | null) =>
  insert('policy_history', { name, revision, body })

const sweep = async (table: SweptTable) => valueOf(await storage().housekeeping.sweep(table, now))

describe('the housekeeping deletes', () => {
  it.each<readonly [SweptTable, string, () => Promise<unknown>, readonly unknown[]]>([
    [
      'invitations',
      'id',
      () => Promise.all([invitation('old', days(-1)), invitation('late', days(-0.9)), invitation('open', days(1))]),
      ['late', 'open'],
    ],
    ['bypass_codes', 'login', () => Promise.all([bypass('ada', days(-1)), bypass('bea', days(0.1))]), ['bea']],
    [
      'void_sessions',
      'id',
      () =>
        Promise.all([
          insert('void_sessions', { id: 'old', valid_until: days(-1) }),
          insert('void_sessions', { id: 'valid', valid_until: days(0.1) }),
        ]),
      ['valid'],
    ],
    [
      'service_keys',
      'name',
      () => Promise.all([key('revoked', days(-1)), key('just-revoked', days(-0.1)), key('vpn', null)]),
      ['just-revoked', 'vpn'],
    ],
    [
      'service_key_secrets',
      'hash',
      async () => {
        await Promise.all([secret('ended', 'vpn', days(-30)), secret('before', 'vpn', days(1))])
        await secret('of nobody', 'gone', days(1))
      },
      ['before'],
    ],
    [
      'policy_history',
      'revision',
      async () => {
        await Promise.all([version('push', days(-800), '{}'), version('push', days(-731), '{"now":1}')])
        await Promise.all([version('gone', days(-800), '{}'), version('gone', days(-700), null)])
      },
      [days(-731), days(-700)],
    ],
    [
      'token_realms',
      'serial',
      async () => {
        await add('PIPUREALM')
        for (const serial of ['PIPUREALM', 'PIPUNONE']) await insert('token_realms', { serial, realm: 'branch' })
      },
      ['PIPUREALM'],
    ],
    [
      'token_info',
      'serial',
      async () => {
        for (const serial of ['PIPUREALM', 'PIPUNONE']) await insert('token_info', { serial, key: 'room', value: '7' })
      },
      ['PIPUREALM'],
    ],
  ])('of %s what nobody can use any more', async (table, column, seed, left) => {
    await env.DB.prepare(`DELETE FROM ${table}`).run()
    await seed()
    const before = (await rows(`SELECT count(*) FROM ${table}`))[0] as number
    const page = await sweep(table)
    expect(await rows(`SELECT ${column} FROM ${table} ORDER BY ${column}`)).toEqual(left)
    expect(page).toEqual({ deleted: before - left.length })
    expect(await sweep(table)).toEqual({ deleted: 0 })
  })
})

describe('an enrollment that nobody finished', () => {
  const EXPIRED = newToken('').credentialExpires
  const THEN = addSeconds(EXPIRED, seconds(1))
  // A day after the last change, as in a deployment: there is room for as many revisions as milliseconds have passed.
  const tables = () => tablesOf(env.DB, failOnLog, days(1))

  async function all(): Promise<number> {
    let deleted = 0
    for (let from: readonly (string | number)[] | undefined = [0, '']; from !== undefined;) {
      const page: SweptPage = valueOf(await tables().housekeeping.deleteEnrollments(THEN, from))
      deleted += page.deleted
      from = page.next
    }
    return deleted
  }

  it('is deleted with an entry in the audit; what a phone has registered stays, and what is shown again', async () => {
    await env.DB.batch(
      ['DELETE FROM tokens', 'DELETE FROM audit', `UPDATE deployment SET revision = ${now}`].map((sql) =>
        env.DB.prepare(sql),
      ),
    )
    await add('PIPUOLD1', { login: 'ada', realm: 'sales' })
    await add('PIPUOLD2')
    await enroll('PIPUUSED')
    const token = { ...newToken('PIPUAGAIN'), credentialExpires: days(3) }
    await add('PIPUAGAIN')
    expect(await storage().tokens.renew(token, auditEntry('POST /token/init'))).toEqual({ ok: true, value: true })
    // Its phone is kept until another has registered.
    await enroll('PIPUANEW')
    const renewed = await storage().tokens.renew(newToken('PIPUANEW'), auditEntry('POST /token/init'))
    expect(renewed).toEqual({ ok: true, value: true })
    await insert('token_info', { serial: 'PIPUOLD1', key: 'room', value: '7' })
    const { revision = 0, number = 0 } =
      (await env.DB.prepare('SELECT revision, catalogue_number AS number FROM deployment').first<
        Record<string, number>
      >()) ?? {}

    expect(await all()).toBe(2)
    expect(await rows('SELECT serial FROM tokens ORDER BY serial')).toEqual(['PIPUAGAIN', 'PIPUANEW', 'PIPUUSED'])
    expect(await rows("SELECT serial FROM token_info WHERE serial = 'PIPUOLD1'")).toEqual([])
    expect(await entriesSince(revision)).toEqual([
      { action: 'expired enrollment', serial: 'PIPUOLD2' },
      { action: 'expired enrollment', serial: 'PIPUOLD1' },
    ])
    const numbers = await rows(`SELECT number FROM audit WHERE action = 'expired enrollment' ORDER BY sequence`)
    expect(numbers).toEqual([number + 1, number + 2])
    expect(await env.DB.prepare('SELECT revision, catalogue_number FROM deployment').first()).toEqual({
      // Two pages, in the same millisecond.
      revision: days(1) + 1,
      catalogue_number: number + 2,
    })
    // The next change goes on from there, and the token list has counted along.
    await add('PIPUNEXT')
    expect(await rows("SELECT sum(count) FROM token_tallies WHERE realm = '' AND level = 1")).toEqual([4])
    expect(await all()).toBe(1)
    expect(await all()).toBe(0)
  })

  it('waits its turn where revisions would run ahead of the clock', async () => {
    await env.DB.prepare('DELETE FROM tokens').run()
    await env.DB.prepare('UPDATE deployment SET revision = ?')
      .bind(days(2) - 3)
      .run()
    for (const number of [1, 2, 3, 4, 5]) await insert('tokens', waiting(`PIPUTURN${number}`))
    const at = tablesOf(env.DB, failOnLog, days(2)).housekeeping
    const first = valueOf(await at.deleteEnrollments(THEN))
    expect(first).toEqual({ deleted: 3, next: [0, 'PIPUTURN3'] })
    expect(await rows('SELECT revision FROM deployment')).toEqual([days(2)])
    const later = tablesOf(env.DB, failOnLog, instant(days(2) + 500)).housekeeping
    expect(valueOf(await later.deleteEnrollments(THEN, first.next))).toEqual({ deleted: 2, next: [1, ''] })
  })

  const waiting = (serial: string) => ({
    serial,
    type: 'push',
    revision: 1,
    state: 'clientwait',
    active: 0,
    firebase: 'poll only',
    registration_url: 'https://nod.example/ttype/push',
    max_attempts: 10,
    created_at: now,
    credential_hash: serial,
    credential_expires: EXPIRED,
  })
})
