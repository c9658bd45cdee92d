/** Keys that sign API tokens: random, sealed in D1, and read with the deployment's snapshot. */
import type { ApiTokenKey, ApiTokenKeyTable, OpenedApiTokenKey, SealedApiTokenKey } from '../ports/api-token-keys.ts'
import { done } from '../refusal.ts'
import { type Bytes, type Instant, instant, type Random } from '../vocabulary.ts'
import { encodeBase64Url, encodeHex, utf8 } from '../bytes.ts'
import { BUMP_SETTINGS_REVISION, fragment, writeChange } from './change.ts'
import { hkdf } from './derived-keys.ts'
import type { RunQuery } from './run-query.ts'
import type { Sealer } from './seal.ts'
import { sealedIdentity } from './sealed-columns.ts'

export interface ApiTokenKeyRow {
  readonly id: string
  readonly secret: string
  readonly created_at: number
  readonly tokens_valid_until: number
  readonly retired_at: number | null
}

export const API_TOKEN_KEY_COLUMNS = 'id, secret, created_at, tokens_valid_until, retired_at'

const identity = (id: string): string => sealedIdentity('api_token_keys', id)

/** Makes a new key, sealed. */
export async function newApiTokenKey(sealer: Sealer, random: Random, now: Instant): Promise<SealedApiTokenKey> {
  const id = encodeHex(random(8))
  return { id, secret: await sealer.seal(identity(id), random(32)), createdAt: now }
}

/** Opens the rows of the table. */
export type OpenApiTokenKeys = (rows: readonly ApiTokenKeyRow[]) => Promise<readonly ApiTokenKey[]>

/** Call it once per isolate: a row that was opened before is not opened again. */
export function apiTokenKeyOpener(
  sealer: Sealer,
  configured: { readonly login: string; readonly password: string },
): OpenApiTokenKeys {
  let known: ReadonlyMap<string, OpenedApiTokenKey> = new Map()

  async function open({ id, secret }: ApiTokenKeyRow): Promise<OpenedApiTokenKey | undefined> {
    const opened = await sealer.open(identity(id), secret)
    return opened && derive(opened, configured)
  }

  return async (rows) => {
    const keys = await Promise.all(
      rows.map(async (row) => ({ row, opened: known.get(row.secret) ?? (await open(row)) })),
    )
    known = new Map(keys.flatMap(({ row, opened }) => (opened === undefined ? [] : [[row.secret, opened]])))
    return keys.map(({ row, opened }) => apiTokenKeyOf(row, opened))
  }
}

const apiTokenKeyOf = (row: ApiTokenKeyRow, opened: OpenedApiTokenKey | undefined): ApiTokenKey => ({
  id: row.id,
  createdAt: instant(row.created_at),
  tokensValidUntil: instant(row.tokens_valid_until),
  ...(row.retired_at === null ? {} : { retiredAt: instant(row.retired_at) }),
  ...(opened === undefined ? {} : { opened }),
})

/** Derives a key for each purpose, so that no signature is the MAC of a password. */
async function derive(
  secret: Bytes,
  { login, password }: { readonly login: string; readonly password: string },
): Promise<OpenedApiTokenKey> {
  const root = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey'])
  const keyFor = (purpose: string, usages: string[]): Promise<CryptoKey> =>
    crypto.subtle.deriveKey(hkdf(purpose), root, { name: 'HMAC', hash: 'SHA-256', length: 256 }, false, usages)
  const [key, generationKey] = await Promise.all([
    keyFor('nod/api-token/2', ['sign', 'verify']),
    keyFor('nod/bootstrap-generation/2', ['sign']),
  ])
  // Keyed, because whoever holds an API token can read it, and must not be able to guess the password from it.
  const digest = await crypto.subtle.sign('HMAC', generationKey, utf8(`${login}\n${password}`))
  return { key, bootstrapGeneration: encodeBase64Url(new Uint8Array(digest).slice(0, 12)) }
}

export const apiTokenKeys = (runQuery: RunQuery): ApiTokenKeyTable => ({
  async addFirst({ id, secret, createdAt }) {
    const outcome = await runQuery('first API token key', (db) =>
      db
        .prepare(
          `INSERT INTO api_token_keys (id, secret, created_at) SELECT ?, ?, ?
           WHERE NOT EXISTS (SELECT 1 FROM api_token_keys WHERE retired_at IS NULL)`,
        )
        .bind(id, secret, createdAt)
        .run(),
    )
    return outcome.ok ? done(undefined) : outcome
  },

  async extend(id, until) {
    const outcome = await runQuery('extend API token key', (db) =>
      db
        .prepare(
          `UPDATE api_token_keys SET tokens_valid_until = max(tokens_valid_until, ?) WHERE id = ? AND retired_at IS NULL
           RETURNING id`,
        )
        .bind(until, id)
        .first<{ id: string }>(),
    )
    return outcome.ok ? done(outcome.value !== null) : outcome
  },

  rotate: ({ id, secret, createdAt }, compromised, entry) =>
    writeChange(runQuery, 'rotate API token key', entry, [
      BUMP_SETTINGS_REVISION,
      // A key whose API tokens have all expired verifies none any more.
      compromised
        ? fragment('DELETE FROM api_token_keys WHERE EXISTS (SELECT 1 FROM due)')
        : fragment(
            'DELETE FROM api_token_keys WHERE tokens_valid_until <= ? AND EXISTS (SELECT 1 FROM due)',
            createdAt,
          ),
      fragment('UPDATE api_token_keys SET retired_at = ? FROM due WHERE retired_at IS NULL', createdAt),
      fragment('INSERT INTO api_token_keys (id, secret, created_at) SELECT ?, ?, ? FROM due', id, secret, createdAt),
    ]),
})
