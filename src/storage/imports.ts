/** Tokens that come from another server: compared with what is here, and stored. */
import type { ImportedKey, ImportTable } from '../ports/imports.ts'
import { done } from '../refusal.ts'
import { seconds, type Serial } from '../vocabulary.ts'
import {
  type ImportCounts,
  importedKeyId,
  type ImportedToken,
  type ImportMark,
  type ImportSource,
  type ImportState,
} from '../vocabulary/imports.ts'
import { fragment, type SqlFragment, tryChange } from './change.ts'
import { realmKey } from './realms.ts'
import type { RunQuery } from './run-query.ts'
import { tokenHolder } from './token-holder.ts'

/** All imported tokens are read. */
const COUNT_LIMIT = seconds(10)

/** A phone's refresh is a change as well: what it registered here is newer than what the other server has. */
const COMPARE = `SELECT one.value ->> 'serial' AS serial, CASE
    WHEN imported.serial IS NULL THEN iif(tokens.serial IS NULL, 'new', 'taken')
    WHEN tokens.serial IS NULL THEN 'deleted'
    WHEN imported.digest = one.value ->> 'digest' THEN 'unchanged'
    WHEN tokens.revision > imported.revision THEN 'kept'
    ELSE 'changed'
  END AS state
FROM json_each(?) AS one
LEFT JOIN tokens ON tokens.serial = one.value ->> 'serial'
LEFT JOIN imported_tokens AS imported ON imported.serial = one.value ->> 'serial'`

/** The columns of `tokens` that an import sets, each with its key in the row's JSON. */
const COLUMNS = {
  realm: 'realm',
  login: 'login',
  description: 'description',
  state: 'state',
  active: 'active',
  revoked: 'revoked',
  firebase: 'firebase',
  registration_url: 'registrationUrl',
  registration_token: 'registrationToken',
  phone_key: 'phoneKey',
  signing_key: 'signingKey',
  pin: 'pin',
  pin_state: 'pinState',
  polling_allowed: 'pollingAllowed',
  attempts: 'attempts',
  max_attempts: 'maxAttempts',
  failures: 'failures',
  successes: 'successes',
  max_uses: 'maxUses',
  max_successes: 'maxSuccesses',
  last_use: 'lastUse',
  valid_from: 'validFrom',
  valid_until: 'validUntil',
  created_at: 'createdAt',
  assigned_at: 'assignedAt',
  credential_hash: 'credentialHash',
  credential_expires: 'credentialExpires',
} as const
const NAMES = Object.keys(COLUMNS)
const VALUES = Object.values(COLUMNS).map((key) => `one.value ->> '${key}'`)

/** What the phone's object has counted here since stays: the object would restore it. */
const COUNTED: ReadonlySet<string> = new Set(['failures', 'successes', 'last_use'])
const laterOf = (one: string, other: string): string => `max(coalesce(${one}, ${other}), coalesce(${other}, ${one}))`

const columnsOf = (token: ImportedToken) => ({
  ...token,
  realm: token.owner && realmKey(token.owner.realm),
  login: token.owner?.login,
  assignedAt: token.owner && token.createdAt,
})

const json = (rows: readonly unknown[]): string => JSON.stringify(rows)

const addTokens = (tokens: readonly ImportedToken[]): SqlFragment =>
  fragment(
    `INSERT INTO tokens (serial, type, revision, bound_revision, ${NAMES.join(', ')})
     SELECT one.value ->> 'serial', one.value ->> 'type', due.revision, due.revision, ${VALUES.join(', ')}
     FROM due CROSS JOIN json_each(?) AS one`,
    json(tokens.map(columnsOf)),
  )

const changeTokens = (tokens: readonly ImportedToken[]): SqlFragment =>
  fragment(
    `UPDATE tokens SET revision = due.revision, void_before = due.revision, bound_revision = due.revision,
       ${NAMES.map((name, at) => `${name} = ${COUNTED.has(name) ? laterOf(`tokens.${name}`, VALUES[at] ?? '') : VALUES[at]}`).join(', ')}
     FROM due CROSS JOIN json_each(?) AS one WHERE tokens.serial = one.value ->> 'serial'`,
    json(tokens.map(columnsOf)),
  )

const storeKeys = (tokens: readonly ImportedToken[], at: number): SqlFragment =>
  fragment(
    `INSERT INTO signing_keys (id, bits, private_key, public_key, created_at)
     SELECT one.value ->> 'id', one.value ->> 'bits', one.value ->> 'privateKey', one.value ->> 'publicKey', ?
     FROM due CROSS JOIN json_each(?) AS one WHERE true
     ON CONFLICT (id) DO UPDATE SET bits = excluded.bits, private_key = excluded.private_key, public_key = excluded.public_key`,
    at,
    json(tokens.flatMap(({ serial, key }) => (key === undefined ? [] : [{ id: importedKeyId(serial), ...key }]))),
  )

const storeOwners = (tokens: readonly ImportedToken[]): SqlFragment =>
  fragment(
    `INSERT INTO users (realm, login, given_name, surname, email)
     SELECT one.value ->> 'realm', one.value ->> 'login', one.value ->> 'givenName', one.value ->> 'surname', one.value ->> 'email'
     FROM due CROSS JOIN json_each(?) AS one WHERE true
     ON CONFLICT (realm, login) DO UPDATE SET given_name = coalesce(nullif(excluded.given_name, ''), given_name),
       surname = coalesce(nullif(excluded.surname, ''), surname), email = coalesce(nullif(excluded.email, ''), email)`,
    json(tokens.flatMap(({ owner }) => (owner === undefined ? [] : [{ ...owner, realm: realmKey(owner.realm) }]))),
  )

/** Realms that are no realm of Nod are left out, as everywhere. */
const storeRealms = (tokens: readonly ImportedToken[]): readonly SqlFragment[] => [
  fragment(
    'DELETE FROM token_realms WHERE serial IN (SELECT value FROM json_each(?)) AND EXISTS (SELECT 1 FROM due)',
    json(tokens.map(({ serial }) => serial)),
  ),
  fragment(
    `INSERT INTO token_realms (serial, realm) SELECT one.value ->> 'serial', realms.name
     FROM due CROSS JOIN json_each(?) AS one JOIN realms ON realms.name = one.value ->> 'realm' WHERE true ON CONFLICT DO NOTHING`,
    json(tokens.flatMap(({ serial, realms }) => realms.map((realm) => ({ serial, realm: realmKey(realm) })))),
  ),
]

const storeInfo = (tokens: readonly ImportedToken[]): readonly SqlFragment[] => [
  fragment(
    'DELETE FROM token_info WHERE serial IN (SELECT value FROM json_each(?)) AND EXISTS (SELECT 1 FROM due)',
    json(tokens.map(({ serial }) => serial)),
  ),
  fragment(
    `INSERT INTO token_info (serial, key, value) SELECT one.value ->> 'serial', one.value ->> 'key', one.value ->> 'value'
     FROM due CROSS JOIN json_each(?) AS one`,
    json(tokens.flatMap(({ serial, info }) => Object.entries(info).map(([key, value]) => ({ serial, key, value })))),
  ),
]

const markImported = (tokens: readonly ImportedToken[], source: ImportSource, at: number): SqlFragment =>
  fragment(
    `INSERT INTO imported_tokens (serial, source, realm, login, user_id, resolver, imported_at, revision, digest, kept)
     SELECT one.value ->> 'serial', ?, one.value ->> 'realm', one.value ->> 'login', one.value ->> 'userId', one.value ->> 'resolver',
       ?, due.revision, one.value ->> 'digest', one.value ->> 'kept'
     FROM due CROSS JOIN json_each(?) AS one WHERE true
     ON CONFLICT (serial) DO UPDATE SET source = excluded.source, realm = excluded.realm, login = excluded.login,
       user_id = excluded.user_id, resolver = excluded.resolver, imported_at = excluded.imported_at, revision = excluded.revision,
       digest = excluded.digest, kept = excluded.kept`,
    source,
    at,
    json(tokens.map((token) => ({ ...columnsOf(token), kept: JSON.stringify(token.kept) }))),
  )

/** True while they are as `compare` has found them. */
const areAsCompared = (added: readonly ImportMark[], changed: readonly ImportMark[]): SqlFragment =>
  fragment(
    `NOT EXISTS (SELECT 1 FROM json_each(?) AS one WHERE one.value IN (SELECT serial FROM tokens)
         OR one.value IN (SELECT serial FROM imported_tokens))
     AND NOT EXISTS (SELECT 1 FROM json_each(?) AS one LEFT JOIN tokens ON tokens.serial = one.value
       LEFT JOIN imported_tokens ON imported_tokens.serial = one.value
       WHERE coalesce(tokens.revision > imported_tokens.revision, true))`,
    json(added.map(({ serial }) => serial)),
    json(changed.map(({ serial }) => serial)),
  )

export const imports = (runQuery: RunQuery): ImportTable => ({
  async compare(marks) {
    const found = await runQuery('compare imported tokens', (db) =>
      db
        .prepare(COMPARE)
        .bind(json(marks.map(({ serial, digest }) => ({ serial, digest }))))
        .all<{ serial: Serial; state: ImportState }>(),
    )
    return found.ok ? done(new Map(found.value.results.map(({ serial, state }) => [serial, state]))) : found
  },

  store({ added, changed }, source, entry) {
    const tokens = [...added, ...changed]
    return tryChange(runQuery, 'import tokens', entry, {
      condition: areAsCompared(added, changed),
      statements: [
        storeOwners(tokens),
        ...(added.length > 0 ? [addTokens(added)] : []),
        ...(changed.length > 0 ? [changeTokens(changed)] : []),
        storeKeys(tokens, entry.at),
        ...storeRealms(tokens),
        ...storeInfo(tokens),
        markImported(tokens, source, entry.at),
      ],
    })
  },

  async keys(serials) {
    const found = await runQuery('signing keys of imported tokens', (db) =>
      db
        .prepare(
          `SELECT tokens.serial, signing_keys.private_key AS privateKey FROM json_each(?) AS one
           CROSS JOIN tokens ON tokens.serial = one.value
           CROSS JOIN signing_keys ON signing_keys.id = tokens.signing_key AND signing_keys.id = 'imported:' || tokens.serial`,
        )
        .bind(json(serials))
        .all<ImportedKey & Record<string, unknown>>(),
    )
    return found.ok ? done(found.value.results.map(({ serial, privateKey }) => ({ serial, privateKey }))) : found
  },

  holder: tokenHolder(runQuery),

  async counts() {
    const found = await runQuery(
      'imported tokens',
      (db) =>
        db
          .prepare(
            `SELECT source, count(*) AS imported, count(tokens.serial) AS present,
               count(*) FILTER (WHERE tokens.revision > imported_tokens.revision) AS changed,
               count(*) FILTER (WHERE tokens.pin_state = 'upstream') AS pinsUpstream,
               count(*) FILTER (WHERE tokens.pin_state = 'unset') AS pinsUnset
             FROM imported_tokens LEFT JOIN tokens ON tokens.serial = imported_tokens.serial GROUP BY source ORDER BY source`,
          )
          .all<ImportCounts & Record<string, unknown>>(),
      COUNT_LIMIT,
    )
    if (!found.ok) return found
    return done(
      found.value.results.map(({ source, imported, present, changed, pinsUpstream, pinsUnset }) => ({
        source,
        imported,
        present,
        changed,
        pinsUpstream,
        pinsUnset,
      })),
    )
  },
})
