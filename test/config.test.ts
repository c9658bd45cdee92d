import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readConfig } from '../src/config.ts'
import { firebaseName } from '../src/vocabulary/firebase.ts'
import { SERVICE_ACCOUNT_KEY } from './simulation/keys.ts'

const KEY = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8='
const OTHER_KEY = 'ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8='
const least = { MASTER_KEY: KEY, ADMIN_LOGIN: 'admin', ADMIN_PASSWORD: 'correct horse battery' }
const account = {
  type: 'service_account',
  project_id: 'nod-test',
  private_key_id: 'c0ffee00',
  private_key: SERVICE_ACCOUNT_KEY,
  client_email: 'firebase-adminsdk@nod-test.iam.gserviceaccount.com',
  token_uri: 'https://oauth2.googleapis.com/token',
}
const accountWith = (change: object): string => JSON.stringify({ ...account, ...change })

function valueOf(env: Readonly<Record<string, unknown>>) {
  const read = readConfig({ ...least, ...env })
  if (!read.ok) throw new Error(read.faults.join('\n'))
  return read.value
}

function faultsOf(env: Readonly<Record<string, unknown>>): readonly string[] {
  const read = readConfig({ ...least, ...env })
  return read.ok ? [] : read.faults
}

describe('a configuration', () => {
  it('needs a key and an administrator; everything else has a safe default', () => {
    expect(valueOf({})).toEqual({
      masterKey: Uint8Array.from({ length: 32 }, (_, at) => at),
      adminLogin: 'admin',
      adminPassword: 'correct horse battery',
      rateLimits: true,
      onCloudflare: true,
      addressHeader: 'CF-Connecting-IP',
      firebase: new Map(),
      fcmUrl: 'https://fcm.googleapis.com',
      signingKeyBits: 3072,
      anonymousCheck: false,
      transactionShards: 2,
      shardWaiters: 8000,
      deliveryWait: 0,
      strangerRecordsPerHour: 100,
      auditDays: 365,
      auditStepDays: undefined,
      auditAddressDays: undefined,
      auditArchiveMode: 'auto',
      corsOrigins: [],
    })
  })

  it('reads every setting', () => {
    const config = valueOf({
      MASTER_KEY_PREVIOUS: OTHER_KEY,
      ADMIN_PASSWORD: ' with spaces around ',
      PUBLIC_URL: 'https://nod.example.com/base/',
      FCM_URL: 'http://127.0.0.1:9099/',
      SIGNING_KEY_BITS: '4096',
      ANONYMOUS_CHECK: 'Allow',
      EDGE: 'None',
      ADDRESS_HEADER: ' X-Real-IP ',
      TRANSACTION_SHARDS: '256',
      SHARD_WAITERS: '100',
      DELIVERY_WAIT_MS: '1500',
      AUDIT_STRANGER_RECORDS_PER_HOUR: '1000',
      AUDIT_DAYS: '0',
      AUDIT_STEP_DAYS: '90',
      AUDIT_ADDRESS_DAYS: '30',
      AUDIT_ARCHIVE_MODE: 'required',
      AUDIT_ARCHIVE: {},
      AUDIT_HEAD_URL: ' https://log.example.com/nod?token=x ',
      CORS_ORIGINS: 'https://app.example.com, https://APP.example.com:443/,*',
      FIREBASE_DEFAULT: JSON.stringify(account),
      'FIREBASE_my-app': accountWith({ project_id: 'mine' }),
    })
    expect(config).toMatchObject({
      previousMasterKey: Uint8Array.from({ length: 32 }, (_, at) => at + 32),
      adminPassword: ' with spaces around ',
      publicUrl: 'https://nod.example.com/base',
      fcmUrl: 'http://127.0.0.1:9099',
      signingKeyBits: 4096,
      anonymousCheck: true,
      onCloudflare: false,
      addressHeader: 'X-Real-IP',
      transactionShards: 256,
      shardWaiters: 100,
      deliveryWait: 1.5,
      strangerRecordsPerHour: 1000,
      auditDays: undefined,
      auditStepDays: 90,
      auditAddressDays: 30,
      auditArchiveMode: 'required',
      auditHeadUrl: 'https://log.example.com/nod?token=x',
      corsOrigins: ['https://app.example.com', '*'],
    })
    expect([...config.firebase.keys()]).toEqual(['DEFAULT', 'MY_APP'])
    expect(config.firebase.get('DEFAULT')).toEqual({
      projectId: 'nod-test',
      clientEmail: account.client_email,
      privateKey: SERVICE_ACCOUNT_KEY.trim(),
      privateKeyId: 'c0ffee00',
      tokenUri: account.token_uri,
    })
  })

  it('counts an empty variable as absent, as an env file has them', () => {
    const empty = {
      MASTER_KEY_PREVIOUS: '',
      PUBLIC_URL: ' ',
      FIREBASE_DEFAULT: '',
      CORS_ORIGINS: '',
      FCM_URL: undefined,
    }
    expect(valueOf(empty)).toEqual(valueOf({}))
  })

  it('reads numbers and booleans from wrangler.toml, and ignores bindings', () => {
    expect(valueOf({ TRANSACTION_SHARDS: 4, SIGNING_KEY_BITS: 2048, DB: {}, PHONE: () => 1 })).toMatchObject({
      transactionShards: 4,
      signingKeyBits: 2048,
    })
  })

  it('reads a key in either base64 alphabet, padded or not', () => {
    const key = Buffer.alloc(32, 0xfb)
    for (const text of [key.toString('base64'), key.toString('base64url'), ` ${key.toString('base64')}\n`])
      expect(valueOf({ MASTER_KEY: text }).masterKey).toEqual(new Uint8Array(key))
  })

  it('repairs the line breaks of a private key that a shell turned into \\n', () => {
    const mangled = SERVICE_ACCOUNT_KEY.replaceAll('\n', String.raw`\n`)
    const config = valueOf({ FIREBASE_DEFAULT: accountWith({ private_key: mangled }) })
    expect(config.firebase.get('DEFAULT')?.privateKey.trim()).toBe(SERVICE_ACCOUNT_KEY.trim())
  })
})

/** What a secret may be given as by mistake. */
const wrapped = (secret: string): readonly string[] => [
  secret,
  `"${secret}"`,
  `https://user:${secret}@nod.example.com`,
  `https://nod.example.com/?key=${secret}`,
  `ya29.${secret}`,
  JSON.stringify({ type: secret }),
  accountWith({ private_key: secret }),
  accountWith({ private_key: `-----BEGIN RSA PRIVATE KEY-----\n${secret}\n-----END RSA PRIVATE KEY-----` }),
  accountWith({ token_uri: secret, private_key_id: undefined }),
  `{"private_key": "${secret}"`,
]

describe('a fault', () => {
  const token = `ya29.${'x'.repeat(213)}`
  const file = 'expected the service account key file'
  it.each<[Record<string, unknown>, string]>([
    [{ MASTER_KEY: undefined }, 'MASTER_KEY: not set; make one with `openssl rand -base64 32`'],
    [{ MASTER_KEY: 'päss' }, 'MASTER_KEY: not base64 (4 characters); make one with `openssl rand -base64 32`'],
    [
      { MASTER_KEY: '0123456789abcdef'.repeat(4) },
      'MASTER_KEY: 48 bytes (64 characters, looks like hexadecimal), expected 32; make one with `openssl rand -base64 32`',
    ],
    [
      { MASTER_KEY_PREVIOUS: 'AAAA' },
      'MASTER_KEY_PREVIOUS: 3 bytes (4 characters), expected 32; make one with `openssl rand -base64 32`',
    ],
    [{ ADMIN_LOGIN: '' }, 'ADMIN_LOGIN: not set; choose the first administrator’s login'],
    [
      { ADMIN_LOGIN: ' admin' },
      'ADMIN_LOGIN: has spaces around it or control characters (6 characters); expected a login name',
    ],
    [
      { ADMIN_PASSWORD: 'of 14 letters.' },
      'ADMIN_PASSWORD: 14 characters, expected at least 15: a sentence is easy to remember; make one with `openssl rand -base64 18`',
    ],
    [
      { ADMIN_PASSWORD: 'PasswordPassword' },
      'ADMIN_PASSWORD: one of the commonest passwords, or made of two of them; make one with `openssl rand -base64 18`',
    ],
    [{ ADMIN_PASSWORD: undefined }, 'ADMIN_PASSWORD: not set; choose the first administrator’s password'],
    [
      { PUBLIC_URL: 'nod.example.com' },
      'PUBLIC_URL: not an http or https URL (15 characters); expected for example https://nod.example.com',
    ],
    [
      { PUBLIC_URL: 'ftp://nod.example.com' },
      'PUBLIC_URL: not an http or https URL (21 characters); expected for example https://nod.example.com',
    ],
    [{ PUBLIC_URL: 'https://me:pw@nod.example.com' }, 'PUBLIC_URL: a URL with a login in it; expected one without'],
    [
      { PUBLIC_URL: 'https://nod.example.com/?a=1' },
      'PUBLIC_URL: a URL with a query or fragment; expected one without',
    ],
    [
      { FCM_URL: '/fcm' },
      'FCM_URL: not an http or https URL (4 characters, looks like a path); expected for example https://nod.example.com',
    ],
    [
      { SIGNING_KEY_BITS: '1024' },
      'SIGNING_KEY_BITS: not a size known here (4 characters, looks like a number); expected 2048, 3072 or 4096',
    ],
    [
      { EDGE: 'yes' },
      'EDGE: neither cloudflare nor none (3 characters); expected none where Nod does not run on Cloudflare',
    ],
    [
      { ADDRESS_HEADER: 'X-Real-IP: 127.0.0.1' },
      'ADDRESS_HEADER: not the name of a header (20 characters); expected for example X-Real-IP',
    ],
    [
      { ANONYMOUS_CHECK: 'yes' },
      'ANONYMOUS_CHECK: neither allow nor deny (3 characters); expected deny, unless anybody may ask about PINs',
    ],
    [
      { TRANSACTION_SHARDS: '0' },
      'TRANSACTION_SHARDS: not a whole number in range (1 character, looks like a number); expected 1 to 256',
    ],
    [
      { SHARD_WAITERS: '8001' },
      'SHARD_WAITERS: not a whole number in range (4 characters, looks like a number); expected 1 to 8000',
    ],
    [
      { TRANSACTION_SHARDS: 257 },
      'TRANSACTION_SHARDS: not a whole number in range (3 characters, looks like a number); expected 1 to 256',
    ],
    [
      { DELIVERY_WAIT_MS: '2.5' },
      'DELIVERY_WAIT_MS: not a whole number in range (3 characters, looks like a number); expected 0 to 3000',
    ],
    [
      { DELIVERY_WAIT_MS: '3001' },
      'DELIVERY_WAIT_MS: not a whole number in range (4 characters, looks like a number); expected 0 to 3000',
    ],
    [
      { CORS_ORIGINS: 'https://a.example,https://b.example/path' },
      'CORS_ORIGINS: entry 2 is no origin (22 characters, looks like a URL); expected https://host[:port] or *',
    ],
    [{ CORS_ORIGINS: 'null' }, 'CORS_ORIGINS: entry 1 is no origin (4 characters); expected https://host[:port] or *'],
    [{ FIREBASE_DEFAULT: token }, `FIREBASE_DEFAULT: not JSON (218 characters, looks like an access token); ${file}`],
    [
      { FIREBASE_DEFAULT: `'${JSON.stringify({})}'` },
      `FIREBASE_DEFAULT: not JSON (4 characters, looks like a value in quotation marks); ${file}`,
    ],
    [{ FIREBASE_DEFAULT: './key.json' }, `FIREBASE_DEFAULT: not JSON (10 characters, looks like a path); ${file}`],
    [
      { FIREBASE_DEFAULT: btoa('{"type": "x"}') },
      `FIREBASE_DEFAULT: not JSON (20 characters, looks like JSON in base64); ${file}`,
    ],
    [{ FIREBASE_DEFAULT: 'null' }, `FIREBASE_DEFAULT: not JSON (4 characters); ${file}`],
    [
      { FIREBASE_DEFAULT: account },
      'FIREBASE_DEFAULT: not text; set it with `wrangler secret put`, or as a string in [vars]',
    ],
    [
      { FIREBASE_DEFAULT: '{"project_info": {}}' },
      `FIREBASE_DEFAULT: looks like google-services.json, which is the app’s; ${file}`,
    ],
    [
      { FIREBASE_DEFAULT: accountWith({ type: 'authorized_user' }) },
      `FIREBASE_DEFAULT: JSON whose type is not service_account; ${file}`,
    ],
    [
      { FIREBASE_DEFAULT: accountWith({ project_id: 7, token_uri: '' }) },
      `FIREBASE_DEFAULT: lacks project_id, token_uri; ${file}, whole`,
    ],
    [
      { FIREBASE_DEFAULT: accountWith({ private_key: 'secret' }) },
      `FIREBASE_DEFAULT: private_key is no PKCS#8 PEM (6 characters); ${file}, unchanged`,
    ],
    [
      { FIREBASE_DEFAULT: accountWith({ token_uri: 'token' }) },
      `FIREBASE_DEFAULT: token_uri is not an http or https URL (5 characters); expected for example https://nod.example.com; ${file}, unchanged`,
    ],
    [{ FIREBASE_: JSON.stringify(account) }, 'FIREBASE_: no name after FIREBASE_; the usual one is FIREBASE_DEFAULT'],
    [
      { FIREBASE_POLL_ONLY: JSON.stringify(account) },
      'FIREBASE_POLL_ONLY: this name means no delivery at all; choose another',
    ],
    [
      { FIREBASE_A_B: JSON.stringify(account), 'FIREBASE_a-b': JSON.stringify(account) },
      'FIREBASE_a-b: FIREBASE_A_B is set too; upper and lower case make no difference here',
    ],
  ])('%#: names the variable, the shape and the next step', (env, fault) => {
    expect(faultsOf(env)).toEqual([fault])
  })

  it('does not hide another', () => {
    const faults = faultsOf({
      MASTER_KEY: '',
      ADMIN_LOGIN: '',
      SIGNING_KEY_BITS: '1',
      FIREBASE_A: 'x',
      FIREBASE_B: 'y',
    })
    expect(faults.map((fault) => fault.split(':')[0])).toEqual([
      'MASTER_KEY',
      'ADMIN_LOGIN',
      'SIGNING_KEY_BITS',
      'FIREBASE_A',
      'FIREBASE_B',
    ])
  })

  it('never quotes a value, whichever secret is put in whichever variable', () => {
    const names = ['MASTER_KEY', 'MASTER_KEY_PREVIOUS', 'ADMIN_LOGIN', 'PUBLIC_URL', 'FCM_URL', 'SIGNING_KEY_BITS']
    const more = [
      'EDGE',
      'ANONYMOUS_CHECK',
      'TRANSACTION_SHARDS',
      'DELIVERY_WAIT_MS',
      'CORS_ORIGINS',
      'FIREBASE_DEFAULT',
    ]
    let faulty = 0
    fc.assert(
      fc.property(
        fc.stringMatching(/^[A-Za-z0-9+/_.=-]{12,60}$/),
        fc.constantFrom(...names, ...more),
        fc.nat({ max: 9 }),
        (secret, name, way) => {
          const faults = faultsOf({ [name]: wrapped(secret)[way] })
          faulty += faults.length
          expect(faults.join('\n')).not.toContain(secret)
        },
      ),
      { numRuns: 2_000 },
    )
    expect(faulty).toBeGreaterThan(1_000)
  })
})

it('a Firebase configuration’s name is normalized to what a secret’s name can hold', () => {
  expect(['default', ' Default ', 'my-app', 'my.app 2', 'Zürich', 'poll only'].map(firebaseName)).toEqual([
    'DEFAULT',
    'DEFAULT',
    'MY_APP',
    'MY_APP_2',
    'Z_RICH',
    'POLL_ONLY',
  ])
})

it('outside of Cloudflare no header says where a caller comes from, unless one is named', () => {
  expect(valueOf({ EDGE: 'none' })).not.toHaveProperty('addressHeader')
})
