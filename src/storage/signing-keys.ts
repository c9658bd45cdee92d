/** The server's signing keys: sealed in D1, generated on first use, imported once in each isolate. */
import type { Signing } from '../ports/ports.ts'
import { done, type Outcome } from '../refusal.ts'
import { type Bytes, type Instant, seconds } from '../vocabulary.ts'
import { type Log, queryRunner, storageUnavailable } from './run-query.ts'
import { encodeBase64, utf8 } from '../bytes.ts'
import { LruCache } from './lru-cache.ts'
import type { Sealer } from './seal.ts'
import { type SingleFlight, singleFlight } from './single-flight.ts'

export interface SigningOptions {
  readonly db: D1Database
  readonly log: Log
  readonly sealer: Sealer
  readonly bits: 2048 | 3072 | 4096
  readonly now: () => Instant
  /** Converts a SubjectPublicKeyInfo to PKCS#1; a matter of `protocol/`, so it is passed in. */
  readonly pkcs1FromSpki: (spki: Bytes) => Bytes
}

const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const
/** Keys an isolate keeps imported. */
const CACHED_KEYS = 50
/** Generating a large key can take a second. A request that waits for another's key waits this long before it makes one. */
const GENERATION_WAIT = seconds(5)

const identity = (id: string): string => `signing-key:${id}`

interface GeneratedKey {
  readonly privateKey: Bytes
  readonly publicKey: Bytes
}

async function generateKey(bits: number): Promise<GeneratedKey> {
  const pair = await crypto.subtle.generateKey(
    { ...RSA, modulusLength: bits, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ['sign', 'verify'],
  )
  if (!('privateKey' in pair)) throw new TypeError('RSA gave no key pair')
  const [pkcs8, spki] = await Promise.all([
    crypto.subtle.exportKey('pkcs8', pair.privateKey),
    crypto.subtle.exportKey('spki', pair.publicKey),
  ])
  if (!(pkcs8 instanceof ArrayBuffer) || !(spki instanceof ArrayBuffer)) throw new TypeError('RSA keys export as bytes')
  return { privateKey: new Uint8Array(pkcs8), publicKey: new Uint8Array(spki) }
}

/** A signing key in this isolate. Concurrent requests share one read; a failure is not cached. */
interface CachedKey {
  key?: CryptoKey
  readonly loading: SingleFlight<CryptoKey>
}

/** Signs for one isolate; call it once there. Refuses: `storage_unavailable`, also when the key is missing or does not open. */
export function signing(options: SigningOptions): Signing {
  const runQuery = queryRunner(options.db, options.log)
  const currentId = `k${options.bits}-1`
  const entries = new LruCache<string, CachedKey>(CACHED_KEYS)
  let currentExists = false

  async function load(id: string): Promise<Outcome<CryptoKey>> {
    const outcome = await runQuery('signing key', (db) =>
      db.prepare('SELECT private_key FROM signing_keys WHERE id = ?').bind(id).first<{ private_key: string }>(),
    )
    if (!outcome.ok) return outcome
    const pkcs8 =
      outcome.value === null ? undefined : await options.sealer.open(identity(id), outcome.value.private_key)
    if (pkcs8 === undefined) {
      const why = outcome.value === null ? { why: 'missing' } : options.sealer.faultOf(outcome.value.private_key)
      options.log('signing_key_unusable', { id, ...why })
      return storageUnavailable()
    }
    return done(await crypto.subtle.importKey('pkcs8', pkcs8, RSA, false, ['sign']))
  }

  function entryFor(id: string): CachedKey {
    const known = entries.get(id)
    if (known !== undefined) return known
    const entry: CachedKey = {
      loading: singleFlight(async () => {
        const outcome = await load(id)
        if (outcome.ok) entry.key = outcome.value
        return outcome
      }),
    }
    entries.set(id, entry)
    return entry
  }

  const creation = singleFlight(async (): Promise<Outcome<string>> => {
    const found = await runQuery('current signing key', (db) =>
      db.prepare('SELECT id FROM signing_keys WHERE id = ?').bind(currentId).first<{ id: string }>(),
    )
    if (!found.ok) return found
    if (found.value === null) {
      const generated = await generateKey(options.bits)
      const sealed = await options.sealer.seal(identity(currentId), generated.privateKey)
      const publicKey = encodeBase64(options.pkcs1FromSpki(generated.publicKey))
      // Another isolate may have stored its key first: then this one is dropped.
      const stored = await runQuery('store signing key', (db) =>
        db
          .prepare(
            `INSERT INTO signing_keys (id, bits, private_key, public_key, created_at) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (id) DO NOTHING`,
          )
          .bind(currentId, options.bits, sealed, publicKey, options.now())
          .run(),
      )
      if (!stored.ok) return stored
    }
    currentExists = true
    return done(currentId)
  }, GENERATION_WAIT)

  return {
    async current() {
      return currentExists ? done(currentId) : creation.join()
    },

    async sign(id, text) {
      const entry = entryFor(id)
      const outcome = entry.key === undefined ? await entry.loading.join() : done(entry.key)
      if (!outcome.ok) return outcome
      const signature = await crypto.subtle.sign(RSA.name, outcome.value, utf8(text))
      return done(new Uint8Array(signature))
    },
  }
}
