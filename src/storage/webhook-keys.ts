/** The keys that sign security event tokens, and nothing else: sealed in D1. */
import type { AuditEntry } from '../ports/audit.ts'
import type { WebhookKey, WebhookKeys } from '../ports/webhook-keys.ts'
import { done, type Outcome } from '../refusal.ts'
import { addSeconds, type Instant, instant, seconds } from '../vocabulary.ts'
import { fragment, writeChange } from './change.ts'
import { importSigningKey, makeKeyPair } from './key-pairs.ts'
import { type Log, type RunQuery, storageUnavailable } from './run-query.ts'
import type { Sealer } from './seal.ts'
import { sealedIdentity } from './sealed-columns.ts'
import { singleFlight } from './single-flight.ts'

const identity = (id: string): string => sealedIdentity('webhook_keys', id)

/** How long before it signs a new key is published: twice as long as a cache may keep the list of keys. */
const LEAD = seconds(600)
/** For how many days a replaced key stays published: longer than an event is sent. */
const KEPT_DAYS = 7
/** How long an isolate keeps the keys that it has read. */
const BELIEVED = seconds(60)

interface KeyRow {
  readonly id: string
  readonly public_key: string
  readonly private_key: string
  readonly created_at: number
  readonly signs_from: number
}

interface Key extends WebhookKey {
  readonly sealed: string
}

/** `rows`: the newest first. */
const publishedKeys = <T extends WebhookKey>(keys: readonly T[], now: Instant): readonly T[] =>
  keys.filter(({ replacedAt }) => replacedAt === undefined || now < addSeconds(replacedAt, seconds(KEPT_DAYS * 86_400)))

const keysOf = (rows: readonly KeyRow[]): readonly Key[] =>
  rows.map(({ id, public_key, private_key, created_at, signs_from }, index) => {
    const next = rows[index - 1]
    return {
      id,
      jwk: JSON.parse(public_key) as Key['jwk'],
      sealed: private_key,
      createdAt: instant(created_at),
      signsFrom: instant(signs_from),
      ...(next === undefined ? {} : { replacedAt: instant(next.signs_from) }),
    }
  })

/** Call it once per isolate: it keeps the keys. `sign` signs the claims with a key. */
export function webhookKeys(
  runQuery: RunQuery,
  log: Log,
  sealer: Sealer,
  signWith: (key: CryptoKey, kid: string, claims: Readonly<Record<string, unknown>>) => Promise<string>,
): WebhookKeys {
  const { now } = runQuery
  let known: { readonly at: Instant; readonly keys: readonly Key[] } | undefined
  let opened: { readonly id: string; readonly key: CryptoKey } | undefined

  const reading = singleFlight(async (): Promise<Outcome<readonly Key[]>> => {
    const at = now()
    const found = await runQuery('webhook keys', (db) =>
      db
        .prepare(
          'SELECT id, public_key, private_key, created_at, signs_from FROM webhook_keys ORDER BY signs_from DESC, id LIMIT 100',
        )
        .all<KeyRow>(),
    )
    if (!found.ok) return found
    known = { at, keys: keysOf(found.value.results) }
    return done(known.keys)
  })

  const all = async (): Promise<Outcome<readonly Key[]>> =>
    known !== undefined && Math.abs(now() - known.at) < BELIEVED * 1000 ? done(known.keys) : reading.join()

  async function addFirst(): Promise<Outcome<void>> {
    const { id, publicKey, privateKey } = await makeKeyPair(sealer, identity)
    const added = await runQuery('first webhook key', (db) =>
      db
        .prepare(
          `INSERT INTO webhook_keys (id, public_key, private_key, created_at, signs_from) SELECT ?, ?, ?, ?, ?
           WHERE NOT EXISTS (SELECT 1 FROM webhook_keys)`,
        )
        .bind(id, publicKey, privateKey, now(), now())
        .run(),
    )
    known = undefined
    return added.ok ? done(undefined) : added
  }

  async function ensured(): Promise<Outcome<readonly Key[]>> {
    const found = await all()
    if (!found.ok || found.value.length > 0) return found
    const added = await addFirst()
    return added.ok ? reading.joinNext() : added
  }

  return {
    async published() {
      const read = await all()
      // While the database does not answer, earlier keys are published, so that receivers can go on verifying.
      const found = !read.ok && known !== undefined ? done(known.keys) : read
      return found.ok ? done(publishedKeys(found.value, now())) : found
    },

    async ensure() {
      const found = await ensured()
      return found.ok ? done(undefined) : found
    },

    async rotate(compromised: boolean, entry: AuditEntry) {
      const { id, publicKey, privateKey } = await makeKeyPair(sealer, identity)
      const signsFrom = compromised ? entry.at : addSeconds(entry.at, LEAD)
      const written = await writeChange(runQuery, 'rotate webhook key', { ...entry, info: id }, [
        compromised
          ? fragment('DELETE FROM webhook_keys WHERE EXISTS (SELECT 1 FROM due)')
          : // Replaced more than a week ago, so no receiver needs it.
            fragment(
              `DELETE FROM webhook_keys WHERE EXISTS (SELECT 1 FROM due)
               AND EXISTS (SELECT 1 FROM webhook_keys AS next WHERE next.signs_from > webhook_keys.signs_from AND next.signs_from <= ?)`,
              addSeconds(entry.at, seconds(-KEPT_DAYS * 86_400)),
            ),
        fragment(
          'INSERT INTO webhook_keys (id, public_key, private_key, created_at, signs_from) SELECT ?, ?, ?, ?, ? FROM due',
          id,
          publicKey,
          privateKey,
          entry.at,
          signsFrom,
        ),
      ])
      known = undefined
      return written.ok ? done({ id, signsFrom }) : written
    },

    async sign(claims) {
      const found = await ensured()
      if (!found.ok) return found
      const key = found.value.find(({ signsFrom }) => signsFrom <= now())
      const pkcs8 =
        opened !== undefined && opened.id === key?.id
          ? undefined
          : key && (await sealer.open(identity(key.id), key.sealed))
      if (key !== undefined && pkcs8 !== undefined) opened = { id: key.id, key: await importSigningKey(pkcs8) }
      if (key === undefined || opened?.id !== key.id) {
        log('webhook_key_unreadable', {
          id: key?.id ?? '',
          why: key === undefined ? 'missing' : 'sealed with another key',
        })
        return storageUnavailable()
      }
      return done(await signWith(opened.key, opened.id, claims))
    },
  }
}
