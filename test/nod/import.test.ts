import { createCipheriv, generateKeyPairSync, pbkdf2Sync, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EncKey, readEncKey } from '../../scripts/nod/import/enckey.ts'
import { readCsv, readPasswd } from '../../scripts/nod/import/people.ts'
import { batches } from '../../scripts/nod/import/send.ts'
import { type Plan, planToken, type SourceToken, timeOf } from '../../scripts/nod/import/token.ts'

// Rows as the databases of real releases have them; test/served/moving-in.slow.test.ts reads those themselves.

const folder = mkdtempSync(join(tmpdir(), 'nod-import-'))
const keys = randomBytes(96)
const path = (name: string): string => join(folder, name)
let enckey: EncKey

beforeAll(() => {
  writeFileSync(path('enckey'), keys)
  enckey = readEncKey(path('enckey'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const SLOTS = { pin: 0, password: 1 }
function encrypted(use: keyof typeof SLOTS, plain: string): string {
  const iv = randomBytes(16)
  const cipher = createCipheriv('aes-256-cbc', keys.subarray(SLOTS[use] * 32, SLOTS[use] * 32 + 32), iv)
  return `${iv.toString('hex')}:${Buffer.concat([cipher.update(plain), cipher.final()]).toString('hex')}`
}

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
const other = generateKeyPairSync('rsa', { modulusLength: 2048 })
const small = generateKeyPairSync('rsa', { modulusLength: 1024 })
const privatePem = (one = pair): string => String(one.privateKey.export({ format: 'pem', type: 'pkcs1' }))
const publicPem = (one = pair): string => String(one.publicKey.export({ format: 'pem', type: 'pkcs1' }))
const phoneKey = other.publicKey.export({ format: 'der', type: 'spki' }).toString('base64')

const INFO = {
  creation_date: '2024-03-01T09:30:15+00:00',
  push_firebase_configuration: 'poll only',
  firebase_token: 'no_firebase_token',
  public_key_smartphone: phoneKey,
  tokenkind: 'software',
}
const ROW = {
  id: 1,
  serial: 'PIPU0001',
  tokentype: 'push',
  description: '',
  pin_hash: '',
  maxfail: 10,
  active: 1,
  revoked: 0,
  locked: 0,
  failcount: 2,
  rollout_state: 'enrolled',
}
const OWNER = { resolver: 'users', userId: '1001', realm: 'sales' }

interface Changes {
  readonly row?: Readonly<Record<string, unknown>>
  readonly info?: Readonly<Record<string, string | undefined>>
  readonly owners?: SourceToken['owners']
  readonly realms?: readonly string[]
  readonly container?: string
}
const token = ({ row = {}, info = {}, owners = [OWNER], realms = ['sales'], container }: Changes = {}): SourceToken => {
  const all = {
    ...INFO,
    private_key_server: encrypted('password', privatePem()),
    public_key_server: publicPem(),
    ...info,
  }
  return {
    row: { ...ROW, ...row },
    info: new Map(Object.entries(all).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]))),
    owners,
    realms,
    container,
  }
}

const ada = { login: 'ada', givenName: 'Ada', surname: 'Lovelace', email: 'ada@old.example' }
const plan = (): Plan => ({
  enckey,
  people: {
    find: (resolver, userId) => (resolver === 'users' && userId === '1001' ? ada : undefined),
    named: () => [],
    resolvers: new Map([['users', { name: 'users', type: 'passwdresolver', config: new Map() }]]),
    faults: [],
  },
  registrationUrl: () => 'https://old.example/ttype/push',
  firebase: new Map([['old', 'new']]),
  pins: 'upstream',
  ttlMinutes: 10,
  now: 1_700_000_000_000,
})
const planned = (changes?: Changes, more: Partial<Plan> = {}) => {
  const result = planToken(token(changes), { ...plan(), ...more })
  if ('why' in result) throw new Error(result.why)
  return result
}
const faultOf = (changes: Changes, more: Partial<Plan> = {}): string => {
  const result = planToken(token(changes), { ...plan(), ...more })
  return 'why' in result ? result.why : 'none'
}

describe('a token', () => {
  it('is imported with its keys, its owner and its counters', () => {
    const info = {
      count_auth: '12',
      count_auth_success: '9',
      count_auth_max: '100',
      last_auth: '2026-11-29 13:52:15.123456+00:00',
      validity_period_end: '2031-01-01T00:00+0100',
      polling_allowed: 'False',
      inventory: 'A-17',
    }
    const { sent, publicKey } = planned({ info, realms: ['sales', 'branch'], container: 'SMPH0001' })
    expect(sent).toMatchObject({
      serial: 'PIPU0001',
      user: { login: 'ada', realm: 'sales', given_name: 'Ada', user_id: '1001', resolver: 'users' },
      attempts: 2,
      failures: 3,
      successes: 9,
      max_uses: 100,
      polling_allowed: false,
      valid_until: Date.parse('2031-01-01T00:00:00+01:00'),
      created_at: Date.parse('2024-03-01T09:30:15Z'),
      phone_key: phoneKey,
      private_key: pair.privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
      realms: ['branch'],
      info: { inventory: 'A-17' },
      kept: { container: 'SMPH0001' },
      pin: null,
    })
    expect(publicKey?.equals(pair.publicKey)).toBe(true)
  })

  it('has the same digest each time it is read, whatever its counters and random values are', () => {
    const pin = { pin_hash: `@@${encrypted('pin', '1234')}` }
    expect(planned({ row: pin }).digest).toBe(planned({ row: pin, info: { count_auth: '5' } }).digest)
    expect(planned({ row: { failcount: 3 } }).digest).not.toBe(planned().digest)
  })

  it('that is locked for good is disabled', () => {
    expect(planned({ row: { locked: 1 } })).toMatchObject({ sent: { active: false, revoked: false } })
    expect(planned({ row: { locked: true, revoked: true, active: false } }).sent).toMatchObject({ revoked: true })
  })

  it('that waits for its phone is imported with its credential', () => {
    const info = { private_key_server: undefined, enrollment_credential: 'c0ffee' }
    const { sent } = planned({ row: { rollout_state: 'clientwait', active: 0 }, info })
    expect(sent).toMatchObject({ state: 'clientwait', credential: 'c0ffee', credential_expires: 1_700_000_600_000 })
  })
})

describe('a PIN', () => {
  const pinOf = (pin_hash: string, pins: Plan['pins'] = 'upstream') =>
    planned({ row: { pin_hash } }, { pins }).sent['pin']

  it('that was encrypted is hashed as Nod does', () => {
    const pin = pinOf(`@@${encrypted('pin', '1234')}`) as { salt: string; hash: string; rounds: number }
    const hash = pbkdf2Sync('1234', Buffer.from(pin.salt, 'base64'), 100_000, 32, 'sha256').toString('base64')
    expect(pin).toMatchObject({ digest: 'SHA-256', rounds: 100_000, hash })
  })

  it('that was hashed by PBKDF2 within the rounds of the platform stays as it is', () => {
    expect(pinOf('$pbkdf2-sha512$25000$x.y/$a.b/')).toEqual({
      digest: 'SHA-512',
      rounds: 25_000,
      salt: 'x+y/',
      hash: 'a+b/',
    })
  })

  it.each(['$argon2id$v=19$m=65536,t=9,p=4$c2FsdA$aGFzaA', '$pbkdf2-sha512$290000$c2FsdA$aGFzaA', 'c0ffee'])(
    'hashed as %s is checked there once, or set anew',
    (hash) => {
      expect(pinOf(hash)).toBe('upstream')
      expect(pinOf(hash, 'unset')).toBe('unset')
    },
  )
})

describe('a token at fault', () => {
  it.each<[string, Changes, RegExp]>([
    ['another enckey', { info: { private_key_server: `${'0'.repeat(32)}:${'1'.repeat(64)}` } }, /does not open/],
    ['no key', { info: { private_key_server: undefined } }, /no private key/],
    ['half a pair', { info: { public_key_server: publicPem(other) } }, /no pair/],
    ['no phone', { info: { public_key_smartphone: undefined } }, /no key of a phone/],
    ['a phone’s key that is cut off', { info: { public_key_smartphone: phoneKey.slice(0, 40) } }, /cannot be read/],
    [
      'an owner of a resolver that is gone',
      { owners: [{ ...OWNER, resolver: 'ldap' }] },
      /1001 is of the resolver ldap, which is gone/,
    ],
    ['an owner without a name', { owners: [{ ...OWNER, userId: '7' }] }, /7 of the resolver users has no name/],
    ['two owners', { owners: [OWNER, OWNER] }, /several owners/],
    ['an owner in no realm', { owners: [{ ...OWNER, realm: '' }], realms: [] }, /in no realm/],
    ['another state', { row: { rollout_state: 'verify' } }, /rollout state is 'verify'/],
    ['a serial that Nod cannot have', { row: { serial: 'PIPU 1' } }, /its serial/],
    ['a PIN under another enckey', { row: { pin_hash: `@@${'0'.repeat(32)}:${'1'.repeat(32)}` } }, /encrypted PIN/],
  ])('with %s is named with the reason', (_, changes, why) => {
    expect(faultOf(changes)).toMatch(why)
  })

  it('whose server key is too small is named', () => {
    const info = { private_key_server: encrypted('password', privatePem(small)), public_key_server: publicPem(small) }
    expect(faultOf({ info })).toMatch(/1024 bits/)
  })

  it('whose key decrypts to something else is named', () => {
    expect(faultOf({ info: { private_key_server: encrypted('password', 'hello') } })).toMatch(/is no key/)
  })

  it('for whom no policy says where phones register is named', () => {
    expect(faultOf({}, { registrationUrl: () => undefined })).toMatch(/--registration-url/)
  })
})

describe('an enckey', () => {
  it.each([
    ['cut off', randomBytes(40), /40 bytes/],
    ['encrypted', Buffer.from(`${'0'.repeat(32)}:${'a'.repeat(200)}`), /encrypted with a password/],
  ])('that is %s is refused', (_, content, why) => {
    writeFileSync(path('wrong'), content)
    expect(() => readEncKey(path('wrong'))).toThrow(why)
  })

  it('that is not there is refused', () => {
    expect(() => readEncKey(path('nosuch'))).toThrow(/cannot be read/)
  })
})

describe('users', () => {
  it('of a file like passwd have the names of their fifth field', () => {
    const file =
      'ada:x:1001:1001:Ada King Lovelace,Room 1,,,ada@old.example:/home/ada:/bin/sh\n# comment\nbob:x:1002:1002::/:/\n'
    expect([...readPasswd(file)]).toEqual([
      ['1001', { login: 'ada', givenName: 'Ada', surname: 'King Lovelace', email: 'ada@old.example' }],
      ['1002', { login: 'bob', givenName: '', surname: '', email: '' }],
    ])
  })

  it('of a directory come from a file with commas or semicolons', () => {
    writeFileSync(path('users.csv'), '\u{FEFF}user_id;resolver;login;surname\r\n"uid=7,ou=x";ldap;ada;"Love;lace"\r\n')
    expect([...readCsv(path('users.csv'))]).toEqual([
      ['ldap', 'uid=7,ou=x', { login: 'ada', givenName: '', surname: 'Love;lace', email: '' }],
    ])
    writeFileSync(path('users.csv'), 'id,login\n7,ada\n')
    expect(() => [...readCsv(path('users.csv'))]).toThrow(/no column resolver/)
  })
})

it('times are read as the other server writes them, and no others', () => {
  expect(timeOf('2026-11-29T13:52+0000')).toBe(Date.UTC(2026, 10, 29, 13, 52))
  expect(timeOf('2026-11-29 13:52:15.5+02:00')).toBe(Date.UTC(2026, 10, 29, 11, 52, 15, 500))
  for (const text of ['', 'soon', '29.11.2026 13:52', undefined]) expect(timeOf(text)).toBeNull()
})

it('requests are small enough for the deployment', () => {
  const one = planned()
  const many = Array.from({ length: 250 }, () => one)
  const sizes = [...batches(many)].map((batch) => batch.length)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(250)
  expect(Math.max(...sizes)).toBeLessThanOrEqual(100)
})
