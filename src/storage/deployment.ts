/** The deployment's settings, policies, realms, keys and administrators, kept in each isolate as a snapshot of one revision. */
import type { Administrator } from '../ports/administrators.ts'
import type { Deployment, Snapshot } from '../ports/ports.ts'
import { done, type Outcome } from '../refusal.ts'
import { withTimeLimit } from '../time-limit.ts'
import { type Instant, revision, seconds } from '../vocabulary.ts'
import type { Jurisdiction } from '../vocabulary/jurisdictions.ts'
import type { MasterKeyState } from '../vocabulary/master-keys.ts'
import { ADMINISTRATOR_COLUMNS, administratorOf, type AdministratorRow } from './administrators.ts'
import { API_TOKEN_KEY_COLUMNS, type ApiTokenKeyRow, type OpenApiTokenKeys } from './api-token-keys.ts'
import { type Log, queryRunner, rowsOf, storageUnavailable } from './run-query.ts'
import { MASTER_KEY_COLUMNS, masterKeyOf, type MasterKeyRow } from './master-key-rows.ts'
import { policyOf, type PolicyRow } from './policies.ts'
import { type SecretRow, SERVICE_KEY_SECRETS, SERVICE_KEYS, type ServiceKeyRow, serviceKeysOf } from './service-keys.ts'
import { GENERATED_SIGNING_KEYS, NEWEST_SIGNING_KEYS } from './signing-keys.ts'
import { singleFlight } from './single-flight.ts'
import { VOID_SESSIONS } from './void-sessions.ts'

/** Compiles policies; a rule, so it is passed in. */
type Compile = (policies: Snapshot['policies'], settings: Snapshot['settings']) => Snapshot['policySet']

interface DeployedRow {
  readonly settings_revision: number
  readonly default_realm: string
  readonly master_key: string | null
  readonly configured_phone_required: 0 | 1
  readonly jurisdiction: Jurisdiction | 'none' | null
}

async function readSnapshot(
  db: Pick<D1Database, 'prepare' | 'batch'>,
  compile: Compile,
  bootstrap: Administrator,
  openApiTokenKeys: OpenApiTokenKeys,
): Promise<Snapshot> {
  const [
    deployed,
    policies,
    settings,
    serviceKeys,
    secrets,
    administrators,
    realms,
    tokenKeys,
    signingKeys,
    sealedSigningKeys,
    masterKeys,
    loggedOut,
  ] = await db.batch([
    db.prepare(
      'SELECT settings_revision, default_realm, master_key, configured_phone_required, jurisdiction FROM deployment',
    ),
    db.prepare('SELECT body FROM policies ORDER BY name'),
    db.prepare('SELECT key, value FROM settings'),
    db.prepare(SERVICE_KEYS),
    db.prepare(SERVICE_KEY_SECRETS),
    db.prepare(`SELECT ${ADMINISTRATOR_COLUMNS} FROM administrators ORDER BY login`),
    db.prepare('SELECT name FROM realms ORDER BY name'),
    db.prepare(`SELECT ${API_TOKEN_KEY_COLUMNS} FROM api_token_keys ORDER BY created_at DESC`),
    db.prepare(GENERATED_SIGNING_KEYS),
    db.prepare(NEWEST_SIGNING_KEYS),
    db.prepare(`SELECT ${MASTER_KEY_COLUMNS} FROM master_keys ORDER BY first_seen, id`),
    db.prepare(VOID_SESSIONS),
  ])
  const [row] = rowsOf<DeployedRow>(deployed)
  if (row === undefined) throw new Error('the table deployment has no row')
  const apiTokenKeys = await openApiTokenKeys(rowsOf<ApiTokenKeyRow>(tokenKeys))
  const list = rowsOf<PolicyRow>(policies).map(policyOf)
  const entries = Object.fromEntries(
    rowsOf<{ key: string; value: string }>(settings).map(({ key, value }) => [key, value]),
  )
  // Of two entries with one login the last wins: nobody replaces the administrator whom the configuration names.
  const configured = { ...bootstrap, phoneRequired: row.configured_phone_required === 1 }
  const all = [...rowsOf<AdministratorRow>(administrators).map(administratorOf), configured]
  return {
    revision: revision(row.settings_revision),
    defaultRealm: row.default_realm,
    policies: list,
    policySet: compile(list, entries),
    settings: entries,
    // By hash: a request brings the key, not its name.
    serviceKeys: new Map(
      serviceKeysOf(rowsOf<ServiceKeyRow>(serviceKeys), rowsOf<SecretRow>(secrets)).map((key) => [key.hash, key]),
    ),
    administrators: new Map(all.map((administrator) => [administrator.login, administrator])),
    apiTokenKeys: new Map(apiTokenKeys.map((key) => [key.id, key])),
    voidSessions: new Set(rowsOf<{ id: string }>(loggedOut).map(({ id }) => id)),
    signingKeys: rowsOf<{ id: string }>(signingKeys).map(({ id }) => id),
    sealedSigningKeys: new Map(
      rowsOf<{ id: string; private_key: string }>(sealedSigningKeys).map(({ id, private_key: sealed }) => [id, sealed]),
    ),
    realms: new Set(rowsOf<{ name: string }>(realms).map(({ name }) => name)),
    jurisdiction: row.jurisdiction ?? undefined,
    masterKeys: {
      current: row.master_key ?? undefined,
      keys: rowsOf<MasterKeyRow>(masterKeys).map(masterKeyOf),
    },
  }
}

/** How old the isolate's snapshot may be where it need not be the newest. */
const RECENT_MS = 2000

/** Call it once per isolate: what it returns holds the snapshot. A snapshot's revision is the deployment's
 *  `settings_revision`. `onMasterKeys` is told the master keys of each snapshot. Refuses: `storage_unavailable`. */
export function deployment(
  db: D1Database,
  log: Log,
  compile: Compile,
  bootstrap: Administrator,
  now: () => Instant,
  openApiTokenKeys: OpenApiTokenKeys,
  onMasterKeys: (state: MasterKeyState) => void = () => undefined,
): Deployment {
  const runQuery = queryRunner(db, log)
  let snapshot: Snapshot | undefined
  /** When the snapshot was the deployment as it is, for all this isolate knows. */
  let confirmedAt = Number.NEGATIVE_INFINITY
  let lookup: { readonly begun: Instant; readonly outcome: Promise<Outcome<Snapshot>> } | undefined
  /** Of a replica, which may be behind: this isolate never goes back to an older snapshot than it has. */
  const readingNearby = singleFlight(async () => {
    const outcome = await runQuery('snapshot nearby', (database) =>
      readSnapshot(database.withSession('first-unconstrained'), compile, bootstrap, openApiTokenKeys),
    )
    if (!outcome.ok || (snapshot !== undefined && snapshot.revision >= outcome.value.revision))
      return snapshot === undefined ? outcome : done(snapshot)
    snapshot = outcome.value
    onMasterKeys(snapshot.masterKeys)
    return outcome
  })
  const reading = singleFlight(async () => {
    const begun = now()
    const outcome = await runQuery('snapshot', (database) =>
      readSnapshot(database, compile, bootstrap, openApiTokenKeys),
    )
    if (outcome.ok) {
      snapshot = outcome.value
      onMasterKeys(snapshot.masterKeys)
      confirmedAt = begun
    }
    return outcome
  })

  return {
    async atRevision(atLeast, isCurrent = true) {
      if (snapshot?.revision === atLeast) {
        if (isCurrent) confirmedAt = now()
        return done(snapshot)
      }
      if (!isCurrent && snapshot !== undefined && snapshot.revision > atLeast) return done(snapshot)
      const first = await (isCurrent ? reading : readingNearby).join()
      if (first.ok ? first.value.revision >= atLeast : isCurrent) return first
      // The shared read may have started before the change, and a replica may be behind. A read of the primary that starts now sees it.
      const second = await reading.join()
      return second.ok && second.value.revision < atLeast ? storageUnavailable() : second
    },
    cached: () => snapshot,
    recent: () => (Math.abs(now() - confirmedAt) < RECENT_MS ? snapshot : undefined),
    markOutdated(isChanged = false) {
      confirmedAt = Number.NEGATIVE_INFINITY
      if (isChanged) lookup = undefined
    },
    reload: () => reading.joinNext(),
    async reloadForUnknown() {
      if (lookup === undefined || Math.abs(now() - lookup.begun) >= RECENT_MS)
        lookup = { begun: now(), outcome: reading.joinNext() }
      // Every request within the two seconds gets what this read found. It never ends if the request that began it is cancelled.
      const outcome = await withTimeLimit(lookup.outcome, seconds(1))
      return outcome === 'late' ? this.cachedOrReload() : outcome
    },
    async cachedOrReload() {
      return snapshot === undefined ? reading.join() : done(snapshot)
    },
    async cachedOrNearby() {
      return snapshot === undefined ? readingNearby.join() : done(snapshot)
    },
  }
}
