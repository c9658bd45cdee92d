/** The server's signing keys: sealed in D1, generated on first use, imported once in each isolate. */
import type { Deployment, Signing, Snapshot } from '../ports/ports.ts'
import type { NewSigningKey, TokenVersion } from '../ports/signing-keys.ts'
import { done, type Outcome } from '../refusal.ts'
import { type Bytes, type Instant, seconds } from '../vocabulary.ts'
import { type Log, queryRunner, rowsOf, storageUnavailable } from './run-query.ts'
import { encodeBase64, utf8 } from '../bytes.ts'
import { FIRST_EPOCH } from '../vocabulary/catalogue.ts'
import { isImportedKey } from '../vocabulary/imports.ts'
import { LruCache } from './lru-cache.ts'
import type { ResealOnUse } from './reseal.ts'
import type { Sealer } from './seal.ts'
import { sealedIdentity } from './sealed-columns.ts'
import { type SingleFlight, singleFlight } from './single-flight.ts'

export interface SigningOptions {
  readonly db: D1Database
  readonly log: Log
  readonly deployment: Pick<Deployment, 'cached' | 'cachedOrReload' | 'reload'>
  readonly sealer: Sealer
  readonly resealOnUse: ResealOnUse
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

/** Keys that Nod generated are named `k<bits>-<number>`. The highest number of the configured size is the current key. */
export const GENERATED_SIGNING_KEYS = "SELECT id FROM signing_keys WHERE id GLOB 'k[0-9]*-[0-9]*'"
/** The current one, and the one before, whose tokens are still the most. */
export const NEWEST_SIGNING_KEYS =
  "SELECT id, private_key FROM signing_keys WHERE id GLOB 'k[0-9]*-[0-9]*' ORDER BY created_at DESC, id DESC LIMIT 2"

/** The highest number among the keys of this size; 0 if there is none. */
function newestOf(bits: number, ids: readonly string[]): number {
  const prefix = `k${bits}-`
  return Math.max(0, ...ids.flatMap((id) => (id.startsWith(prefix) ? [Number(id.slice(prefix.length)) || 0] : [])))
}

const identity = (id: string): string => sealedIdentity('signing_keys', id)

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

const importKey = (pkcs8: Bytes): Promise<CryptoKey> => crypto.subtle.importKey('pkcs8', pkcs8, RSA, false, ['sign'])

/** As what an isolate keeps a key that its snapshot lacks. A restore may bring another key of this name, and begins another epoch; an
 *  import may bring another one for its token, whose revision it raises. */
function cachedAs(id: string, { epoch = FIRST_EPOCH, revision }: TokenVersion): string {
  return isImportedKey(id) ? `${id} ${epoch} ${revision}` : `${id} ${epoch}`
}

/** A signing key in this isolate. Concurrent requests share one read; a failure is not cached. */
interface CachedKey {
  key?: CryptoKey
  readonly loading: SingleFlight<CryptoKey>
}

/** Signs for one isolate; call it once there. Refuses: `storage_unavailable`, also when the key is missing or does not open. */
export function signing(options: SigningOptions): Signing {
  const runQuery = queryRunner(options.db, options.log)
  const entries = new LruCache<string, CachedKey>(CACHED_KEYS)

  /** From the snapshot, which has the newest keys. Undefined if it has not this one, or not as it is sealed by now. */
  async function loadFromSnapshot(id: string, sealed: string | undefined): Promise<CryptoKey | undefined> {
    if (sealed === undefined) return undefined
    const pkcs8 = await options.sealer.open(identity(id), sealed)
    if (pkcs8 === undefined) return undefined
    options.resealOnUse('signing_keys', id, sealed)
    return importKey(pkcs8)
  }

  async function load(id: string, sealed: string | undefined): Promise<Outcome<CryptoKey>> {
    const known = await loadFromSnapshot(id, sealed)
    if (known !== undefined) return done(known)
    const outcome = await runQuery('signing key', (db) =>
      db.prepare('SELECT private_key FROM signing_keys WHERE id = ?').bind(id).first<{ private_key: string }>(),
    )
    if (!outcome.ok) return outcome
    const pkcs8 =
      outcome.value === null ? undefined : await options.sealer.open(identity(id), outcome.value.private_key)
    if (pkcs8 === undefined) {
      const why = outcome.value === null ? { why: 'missing' } : options.sealer.faultOf(outcome.value.private_key)
      options.log('signing_key_unreadable', { id, ...why })
      return storageUnavailable()
    }
    if (outcome.value !== null) options.resealOnUse('signing_keys', id, outcome.value.private_key)
    return done(await importKey(pkcs8))
  }

  function entryFor(id: string, token: TokenVersion): CachedKey {
    const snapshot = options.deployment.cached()
    // The change that begins an epoch has the settings read again: an earlier snapshot may have the key of before.
    const isOfEpoch = snapshot !== undefined && snapshot.revision >= (token.epoch ?? FIRST_EPOCH)
    const sealed = isOfEpoch ? snapshot.sealedSigningKeys.get(id) : undefined
    const value = sealed ?? cachedAs(id, token)
    const known = entries.get(value)
    if (known !== undefined) return known
    const entry: CachedKey = {
      loading: singleFlight(async () => {
        const outcome = await load(id, sealed)
        if (outcome.ok) entry.key = outcome.value
        return outcome
      }),
    }
    entries.set(value, entry)
    return entry
  }

  async function generate(number: number): Promise<NewSigningKey> {
    const id = `k${options.bits}-${number}`
    const generated = await generateKey(options.bits)
    return {
      id,
      bits: options.bits,
      privateKey: await options.sealer.seal(identity(id), generated.privateKey),
      publicKey: encodeBase64(options.pkcs1FromSpki(generated.publicKey)),
    }
  }

  const creation = singleFlight(async (): Promise<Outcome<string>> => {
    const found = await runQuery('current signing key', (db) =>
      db.batch([db.prepare(GENERATED_SIGNING_KEYS), db.prepare('SELECT id FROM deleted_signing_keys')]),
    )
    if (!found.ok) return found
    const [present, deleted] = found.value.map((result) => rowsOf<{ id: string }>(result).map(({ id }) => id))
    const newest = newestOf(options.bits, present ?? [])
    let id = `k${options.bits}-${newest}`
    if (newest === 0) {
      const key = await generate(newestOf(options.bits, deleted ?? []) + 1)
      id = key.id
      // Another isolate may have stored its key first: then this one is dropped.
      const stored = await runQuery('store signing key', (db) =>
        db
          .prepare(
            `INSERT INTO signing_keys (id, bits, private_key, public_key, created_at) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (id) DO NOTHING`,
          )
          .bind(key.id, key.bits, key.privateKey, key.publicKey, options.now())
          .run(),
      )
      if (!stored.ok) return stored
    }
    // From now on the snapshot has it.
    const fresh = await options.deployment.reload()
    return fresh.ok ? done(id) : fresh
  }, GENERATION_WAIT)

  function currentIn({ signingKeys }: Pick<Snapshot, 'signingKeys'>): string | undefined {
    const newest = newestOf(options.bits, signingKeys)
    return newest > 0 ? `k${options.bits}-${newest}` : undefined
  }

  return {
    async current() {
      const known = await options.deployment.cachedOrReload()
      if (!known.ok) return known
      const id = currentIn(known.value)
      return id === undefined ? creation.join() : done(id)
    },

    currentIn,

    generateNext: ({ signingKeys }) => generate(newestOf(options.bits, signingKeys) + 1),

    async sign(id, text, token) {
      const entry = entryFor(id, token)
      const outcome = entry.key === undefined ? await entry.loading.join() : done(entry.key)
      if (!outcome.ok) return outcome
      const signature = await crypto.subtle.sign(RSA.name, outcome.value, utf8(text))
      return done(new Uint8Array(signature))
    },
  }
}
