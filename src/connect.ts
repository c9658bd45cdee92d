import { firebaseName, readConfig } from './config.ts'
import { fcm } from './delivery/fcm.ts'
import { COUNTER, PHONE, reaching, TRANSACTIONS } from './delivery/reaching.ts'
import type { CounterObject, PhoneObject, TransactionsObject } from './ports/objects.ts'
import type { Ports } from './ports/ports.ts'
import { encodeHex } from './protocol/base64.ts'
import type { ApiTokenClaims } from './protocol/api-token.ts'
import { issueApiToken, readApiToken } from './protocol/api-token.ts'
import * as identifiers from './protocol/identifiers.ts'
import { pkcs1FromSpki } from './protocol/keys.ts'
import { done } from './refusal.ts'
import { compile } from './rules/policy.ts'
import { catalogue } from './storage/catalogue.ts'
import { deployment } from './storage/deployment.ts'
import { deriveKeys } from './storage/derived-keys.ts'
import { passwords } from './storage/passwords.ts'
import { pins } from './storage/pins.ts'
import { Recent } from './storage/recent.ts'
import { sealer } from './storage/seal.ts'
import { signing } from './storage/signing-keys.ts'
import type { Bytes, Instant, Random, Serial, Shard, TransactionId } from './vocabulary.ts'
import { instant, REGIONS } from './vocabulary.ts'

/** The configuration is not one Nod can run with; `faults` says all that is wrong, without quoting a value. */
class ConfigurationError extends Error {
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(`Nod's configuration has ${faults.length} fault(s)`)
    this.name = 'ConfigurationError'
    this.faults = faults
  }
}

/** API tokens whose signature is known: verifying one costs as much as the rest of reading a request. */
const TOKENS_KEPT = 100

const connected = new WeakMap<Env, Promise<Ports>>()

/** The world made real, once per isolate: what is cached in it (keys, the deployment's snapshot) is cached for all requests. */
export function connect(env: Env): Promise<Ports> {
  const ports = connected.get(env) ?? make(env)
  connected.set(env, ports)
  return ports
}

async function make(env: Env): Promise<Ports> {
  const read = readConfig({ ...env })
  if (!read.ok) throw new ConfigurationError(read.faults)
  const config = read.value
  const keys = await Promise.all(
    [config.masterKey, config.previousMasterKey].filter((key) => key !== undefined).map(deriveKeys),
  )
  const [current] = keys
  if (current === undefined) throw new ConfigurationError(['MASTER_KEY: not set'])
  const sealed = sealer([current.sealing, ...keys.slice(1).map(({ sealing }) => sealing)], random)
  const idKeys = keys.map(({ identifierMac, identifierMask }) => ({ mac: identifierMac, mask: identifierMask }))
  const [currentId] = idKeys
  if (currentId === undefined) throw new ConfigurationError(['MASTER_KEY: not set'])
  const world = { now, log }
  const shardNamed = ({ region, number }: Shard): TransactionsObject => {
    const id = env.TRANSACTIONS.idFromName(`${region}/${number}`)
    const stub = (): TransactionsObject => env.TRANSACTIONS.get(id, { locationHint: region })
    return reaching('Transactions', stub, TRANSACTIONS, world)
  }
  const shards = REGIONS.flatMap((region) =>
    Array.from({ length: config.transactionShards }, (_, number) => ({ region, number })),
  )
  const phoneOf = (serial: Serial): PhoneObject =>
    reaching('Phone', (): PhoneObject => env.PHONE.get(env.PHONE.idFromName(serial)), PHONE, world)
  const counterOf = (name: string): CounterObject =>
    reaching('Counter', (): CounterObject => env.COUNTER.get(env.COUNTER.idFromName(name)), COUNTER, world)
  const shardOf = (id: string): Promise<Shard | undefined> => identifiers.shardOf(idKeys, id)

  const administrators = await passwords(sealed, random, {
    login: config.adminLogin,
    password: config.adminPassword,
    keys: [current.apiToken, ...keys.slice(1).map(({ apiToken }) => apiToken)],
  })

  return {
    now,
    random,
    log,
    limits: {
      publicUrl: config.publicUrl,
      anonymousCheck: config.anonymousCheck,
      shards: config.transactionShards,
      shardWaiters: config.shardWaiters,
      deliveryWait: config.deliveryWait,
      corsOrigins: config.corsOrigins,
      firebase: [...config.firebase.keys()],
    },
    catalogue: catalogue(env.DB, log),
    deployment: deployment(env.DB, log, compile, administrators.bootstrap, now),
    identifiers: {
      draw: (shard, seed) =>
        identifiers.drawTransactionId(currentId, shard, seed === undefined ? random : (count) => seed.slice(0, count)),
      digest: (text) => identifiers.digestOf(currentId, text),
      shardOf,
      nonceFor: (id, commitment) => identifiers.nonceFor(currentId, id, commitment),
      transactionOf: (nonce) => identifiers.transactionOf(idKeys, nonce),
    },
    signing: signing({ db: env.DB, log, sealer: sealed, bits: config.signingKeyBits, now, pkcs1FromSpki }),
    pins: pins(sealed, random),
    credentials: {
      ...administrators,
      ...apiTokens(
        current.apiToken,
        keys.map(({ apiToken }) => apiToken),
      ),
    },
    phones: { of: phoneOf },
    transactions: {
      of: async (id: TransactionId) => {
        const shard = await shardOf(id)
        return shard === undefined ? undefined : shardNamed(shard)
      },
      in: shardNamed,
      shards: () => shards,
      all: () => shards.map(shardNamed),
    },
    counters: { of: counterOf },
    delivery: fcm({
      accounts: { get: (name) => config.firebase.get(firebaseName(name)) },
      baseUrl: config.fcmUrl,
      fetch: (...request) => fetch(...request),
      now,
      log,
    }),
  }
}

/** API tokens: made with the current key, read with it or the one before. */
function apiTokens(
  current: CryptoKey,
  keys: readonly CryptoKey[],
): Pick<Ports['credentials'], 'issue' | 'issueUser' | 'read'> {
  const holders = new Recent<string, ApiTokenClaims>(TOKENS_KEPT)
  return {
    issue: ({ login, role, generations: [generation] }, lifetime) => {
      const claims = { username: login, realm: '', role, rights: [], nonce: encodeHex(random(20)), generation }
      return issueApiToken(current, claims, now(), lifetime)
    },
    issueUser: ({ owner, serial, generation }, lifetime) => {
      const claims = {
        username: owner.login,
        realm: owner.realm,
        role: 'user',
        rights: [],
        generation,
        serial,
      } as const
      return issueApiToken(current, { ...claims, nonce: encodeHex(random(20)) }, now(), lifetime)
    },
    async read(token) {
      const known = holders.get(token)
      const isValid = known !== undefined && now() < known.expiresAt
      const read = isValid ? done(known) : await readApiToken(keys, token, now())
      if (!read.ok) return read
      holders.set(token, read.value)
      const { username, realm, role, generation, serial } = read.value
      if (role !== 'user') return done({ kind: 'administrator', name: username, generation })
      return done({ kind: 'user', owner: { login: username, realm }, serial: (serial ?? '') as Serial, generation })
    },
  }
}

export const now = (): Instant => instant(Date.now())
const random: Random = (length): Bytes => crypto.getRandomValues(new Uint8Array(length))

/** Our own lines, never a key, a PIN or a code: what is logged is named by whoever logs it. */
const log: Ports['log'] = (event, fields) => console.log(JSON.stringify({ event, ...fields }))
