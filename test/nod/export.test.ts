import { generateKeyPairSync, pbkdf2Sync, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { additionOf, differenceOf, type World } from '../../scripts/nod/export/difference.ts'
import type { NodToken, Returning } from '../../scripts/nod/export/fetch.ts'
import { type Dialect, wayBackSql } from '../../scripts/nod/export/sql.ts'
import { type EncKey, readEncKey } from '../../scripts/nod/import/enckey.ts'
import type { SourceToken } from '../../scripts/nod/import/token.ts'

// test/served/moving-back.slow.test.ts takes tokens back to a real privacyIDEA.

const folder = mkdtempSync(join(tmpdir(), 'nod-export-'))
let enckey: EncKey
let world: World
const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
const phone = generateKeyPairSync('rsa', { modulusLength: 2048 })
const phoneKey = phone.publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
const pem = String(pair.publicKey.export({ format: 'pem', type: 'pkcs1' }))

beforeAll(() => {
  writeFileSync(join(folder, 'enckey'), randomBytes(96))
  enckey = readEncKey(join(folder, 'enckey'))
  world = {
    enckey,
    keys: new Map([['k2048-1', pair.privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64')]]),
    realms: new Set(['sales', 'other']),
    firebaseOf: (name) => (name === 'new' ? 'old' : name),
    nameOf: ({ userId, realm }) => ({ login: userId === '1001' ? 'ada' : 'bob', realm }),
    ownerOf: (login, realm) => (login === 'bob' ? { resolver: 'users', userId: '1002', realm } : undefined),
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const there = (
  row: Readonly<Record<string, unknown>> = {},
  info: Readonly<Record<string, string>> = {},
): SourceToken => ({
  row: {
    serial: 'P1',
    description: '',
    pin_hash: '',
    maxfail: 10,
    active: 1,
    revoked: 0,
    locked: 0,
    failcount: 0,
    rollout_state: 'enrolled',
    ...row,
  },
  info: new Map(
    Object.entries({
      push_firebase_configuration: 'poll only',
      public_key_smartphone: phoneKey,
      public_key_server: pem,
      ...info,
    }),
  ),
  owners: [{ resolver: 'users', userId: '1001', realm: 'sales' }],
  realms: ['sales'],
  container: undefined,
})
const here = (token: Partial<NodToken> = {}, more: Partial<Returning> = {}): Returning => ({
  serial: 'P1',
  changed: true,
  origin: { source: 'privacyidea', digest: '', user_id: '1001', resolver: 'users', kept: ['container'] },
  pin: undefined,
  ...more,
  token: {
    tokentype: 'push',
    description: '',
    active: true,
    revoked: false,
    rollout_state: 'enrolled',
    failcount: 0,
    maxfail: 10,
    username: 'ada',
    user_realm: 'sales',
    realms: ['sales'],
    registration_token: null,
    registration_url: 'https://nod.example/ttype/push',
    signing_key: 'imported:P1',
    has_pin: false,
    ...token,
    info: { push_firebase_configuration: 'poll only', public_key_smartphone: phoneKey, ...token.info },
  },
})
const hash = (pin: string) => {
  const salt = randomBytes(16)
  const bits = pbkdf2Sync(pin, salt, 1000, 32, 'sha256')
  return { digest: 'SHA-256' as const, rounds: 1000, salt: salt.toString('base64'), hash: bits.toString('base64') }
}

describe('what a token has to become there', () => {
  it('is nothing if both have the same value in different forms', () => {
    const info = {
      validity_period_end: '2031-01-01 00:00:00+00:00',
      polling_allowed: 'true',
      count_auth: '0',
      container: 'C1',
    }
    const same = here({ info: { validity_period_end: '2031-01-01T00:00+0000', polling_allowed: 'True' } })
    expect(differenceOf(there({}, info), same, world)).toBeUndefined()
  })

  it.each<[string, Partial<NodToken>, Readonly<Record<string, unknown>>]>([
    ['a disabled token', { active: false }, { active: false, revoked: false, locked: false }],
    [
      'a revoked token, which is locked there',
      { active: false, revoked: true },
      { active: false, revoked: true, locked: true },
    ],
    ['counters', { failcount: 3, maxfail: 5 }, { failcount: 3, maxfail: 5 }],
    ['a description', { description: 'hers' }, { description: 'hers' }],
  ])('is %s', (_, token, row) => {
    expect(differenceOf(there(), here(token), world)).toMatchObject({ row })
  })

  it('is never fewer logins than the other server has counted, where its users log in there', () => {
    const info = { count_auth: '9', count_auth_success: '8', last_auth: '2026-03-01 10:00:00.000000+00:00' }
    const before = { count_auth: '3', count_auth_success: '3', last_auth: '2026-02-01 10:00:00.000000+0000' }
    expect(differenceOf(there({}, info), here({ info: before }, { changed: false }), world)).toBeUndefined()
    const after = { count_auth: '10', count_auth_success: '9', last_auth: '2026-03-02 10:00:00.000000+0000' }
    const changes = differenceOf(there({}, info), here({ info: after }, { changed: false }), world)
    expect(typeof changes === 'object' && [...changes.info.keys()]).toEqual(Object.keys(after))
  })

  it('is the PIN as passlib writes it, none where there is none any more, and the same where it was encrypted there', () => {
    const pin = hash('4711')
    expect(differenceOf(there(), here({ has_pin: true }, { pin }), world)).toMatchObject({
      row: { pin_hash: expect.stringMatching(/^\$pbkdf2-sha256\$1000\$[A-Za-z0-9./]{22}\$[A-Za-z0-9./]{43}$/) },
    })
    expect(differenceOf(there({ pin_hash: '$argon2id$x' }), here(), world)).toMatchObject({ row: { pin_hash: '' } })
    expect(differenceOf(there({ pin_hash: '$argon2id$x' }), here({ has_pin: true }), world)).toBeUndefined()
    const encrypted = there({ pin_hash: `@@${enckey.encrypt('pin', '4711')}` })
    expect(differenceOf(encrypted, here({ has_pin: true }, { pin }), world)).toBeUndefined()
    expect(differenceOf(encrypted, here({ has_pin: true }, { pin: hash('4712') }), world)).toMatchObject({
      names: ['PIN'],
    })
  })

  it('is another owner, whom the other server has to know', () => {
    expect(differenceOf(there(), here({ username: 'bob' }), world)).toMatchObject({
      owner: { userId: '1002', realm: 'sales' },
    })
    expect(differenceOf(there(), here({ username: '', user_realm: '' }), world)).toMatchObject({ owner: null })
    expect(differenceOf(there(), here({ username: 'eve' }), world)).toMatch(/its owner eve .* is not known there/)
  })

  it('is its changed info, without Nod’s own entries', () => {
    const changes = differenceOf(
      there({}, { gone: 'x', container: 'C1' }),
      here({ info: { inventory: 'A', pin_state: 'unset' } }),
      world,
    )
    expect(typeof changes === 'object' && [...changes.info]).toEqual([
      ['inventory', { value: 'A' }],
      ['gone', undefined],
    ])
  })

  it('is a new token with the signing key that its phone believes, encrypted', () => {
    const token = here(
      { username: 'bob', signing_key: 'k2048-1', info: { push_firebase_configuration: 'new' } },
      { origin: null },
    )
    const changes = additionOf(token, world)
    if (typeof changes === 'string') throw new Error(changes)
    const info = new Map([...changes.info].map(([name, value]) => [name, value?.value ?? '']))
    expect(info.get('push_firebase_configuration')).toBe('old')
    expect(info.get('public_key_server')).toBe(pem.trim())
    expect(enckey.decrypt('password', info.get('private_key_server') ?? '')).toBe(
      String(pair.privateKey.export({ format: 'pem', type: 'pkcs1' })).trim(),
    )
    expect(additionOf(here({ signing_key: 'k2048-9' }, { origin: null }), world)).toMatch(
      /does not give its signing key/,
    )
    expect(additionOf(here({ rollout_state: 'clientwait' }, { origin: null }), world)).toMatch(/waits for its phone/)
  })
})

it('quotes what is written into SQL as each database reads it', () => {
  const changes = differenceOf(there(), here({ description: `it's \\ x` }), world)
  if (typeof changes !== 'object') throw new Error('no changes')
  const step = { serial: 'P1', type: 'push', there: there(), changes, digest: undefined }
  const sql = (dialect: Dialect) => [...wayBackSql(dialect, [step], 'a1', () => ({ key: '', iv: '' }))].join('\n')
  const none = { withoutIds: new Set<string>(), ofTokens: [] }
  expect(sql({ kind: 'sqlite', ...none })).toContain(`description = 'it''s \\ x'`)
  expect(sql({ kind: 'mysql', ...none })).toContain(`description = 'it''s \\\\ x'`)
  expect(sql({ kind: 'postgresql', ...none, withoutIds: new Set(['tokeninfo']) })).toContain(
    `description = 'it''s \\ x'`,
  )
})
