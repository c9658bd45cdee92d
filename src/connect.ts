import { tracing, waitUntil } from 'cloudflare:workers'
import { type Config, readConfig } from './config.ts'
import { apiTokens } from './connect/api-tokens.ts'
import { identifiers } from './connect/identifiers.ts'
import { deriveKeyRing, identifierKeyRing } from './connect/master-keys.ts'
import { connectJournal, connectObjects } from './connect/objects.ts'
import { errorCounter } from './connect/error-counts.ts'
import { connectAuditHeads } from './connect/audit-heads.ts'
import { namespacesIn, type Namespaces } from './connect/namespaces.ts'
import { changeReports } from './connect/change-reports.ts'
import { connectWebhooks } from './connect/webhooks.ts'
import { rateLimits } from './connect/rate-limits.ts'
import { traced, tracer } from './connect/trace.ts'
import { fcm } from './delivery/fcm.ts'
import { passwordCheck } from './delivery/password-check.ts'
import { headWebhook } from './delivery/head-webhook.ts'
import { importedPinCheck, upstreamPasswordCheck } from './delivery/upstream-pins.ts'
import { upstream } from './delivery/upstream.ts'
import type { PinChecks } from './ports/pin-checks.ts'
import type { Ports } from './ports/ports.ts'
import type { Upstream } from './ports/upstream.ts'
import { pkcs1FromSpki } from './protocol/encoding/phone-keys.ts'
import { jurisdictionFault } from './rules/deployment/jurisdiction.ts'
import { masterKeyFault } from './rules/deployment/master-keys.ts'
import { compilePolicies } from './rules/policy/policy-set.ts'
import { apiTokenKeyOpener, newApiTokenKey } from './storage/api-token-keys.ts'
import { auditArchive } from './storage/audit-archive.ts'
import { tables } from './storage/tables.ts'
import { databaseProbe } from './storage/database-probe.ts'
import { deployment } from './storage/deployment.ts'
import { importedKeys, openSigningKey } from './storage/imported-keys.ts'
import { jurisdictionCheck } from './storage/jurisdiction.ts'
import { knownSerials } from './storage/known-serials.ts'
import { masterKeyCheck } from './storage/master-keys.ts'
import { passwords } from './storage/passwords.ts'
import { pins } from './storage/pins.ts'
import { type ResealOnUse, resealer } from './storage/reseal.ts'
import { type changeRunner, queryRunner } from './storage/run-query.ts'
import { schemaCheck } from './storage/schema.ts'
import { sealer } from './storage/seal.ts'
import { signing } from './storage/signing-keys.ts'
import { type Bytes, type Instant, instant, type Random } from './vocabulary.ts'
import { type Jurisdiction, regionsWithin } from './vocabulary/jurisdictions.ts'
import { firebaseName } from './vocabulary/firebase.ts'

/** Nod cannot run with this configuration. `faults` lists everything that is wrong with it, without quoting a value. */
class ConfigurationError extends Error {
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(`Nod's configuration has ${faults.length} fault(s)`)
    this.name = 'ConfigurationError'
    this.faults = faults
  }
}

/** Bindings that wrangler.toml has as comments, so that a deployment needs no bucket. */
interface OptionalBindings {
  readonly AUDIT_ARCHIVE?: R2Bucket
}

const errors = errorCounter(inBackground)
const trace = tracer(tracing)
let connected = new WeakMap<Env, Promise<Ports>>()

/** Connects the ports to the platform, once per isolate: what they cache (keys, the deployment's snapshot) is cached for all
 *  requests. Throws a `ConfigurationError`. */
export function connect(env: Env): Promise<Ports> {
  const ports = connected.get(env) ?? makePorts(env)
  connected.set(env, ports)
  return ports
}

/** Drops everything that is cached, as in a new isolate. For tests that share an isolate. */
export function disconnect(): void {
  connected = new WeakMap()
}

async function makePorts(env: Env): Promise<Ports> {
  const read = readConfig({ ...env })
  if (!read.ok) throw new ConfigurationError(read.faults)
  const config = read.value
  const ring = await deriveKeyRing(config, now)
  // A value is sealed with the key that was current a moment ago, never with that of an old snapshot.
  const sealed = sealer(ring, random, async () => snapshots.recent() ?? masterKeys.read())
  const reseal = resealer(queryRunner(env.DB, log), ring, random)
  const resealOnUse: ResealOnUse = (table, name, value) => {
    const key = masterKeys.resealsWith()
    if (key !== undefined) void reseal.reseal(table, { name, sealed: value }, key)
  }
  const namespaces = openNamespaces(env, config.jurisdiction)
  const journal = connectJournal(namespaces, { now, log })
  errors.reportTo(async (counts) => (await journal.countErrors({ counts })).ok)
  const reports = changeReports(journal, () => objects.transactions)
  const world: Parameters<typeof changeRunner> = [
    random,
    env.DB,
    log,
    now,
    {
      report: (change) => reports.report(change),
      tellShards: (change) => reports.tellShards(change),
      // What a request suspects is looked into even when the request is answered meanwhile.
      suspect: async (known) => waitUntil(journal.check({ known })),
    },
  ]
  const database = tables(ring, ...world)
  const regions = regionsWithin(config.jurisdiction)
  const placement = { regions, shardsPerRegion: config.transactionShards }
  const objects = connectObjects(namespaces, { now, log }, knownSerials(database.tokens, now), placement)
  const { AUDIT_ARCHIVE: bucket } = env as OptionalBindings
  const { adminLogin: login, adminPassword: password, breakGlassSecret } = config
  const configured = { login, password, breakGlassSecret }
  const administrators = await passwords(sealed, random, configured, log, resealOnUse)
  const openApiTokenKeys = apiTokenKeyOpener(sealed, configured)
  const snapshots = deployment(env.DB, log, compilePolicies, administrators.bootstrap, now, openApiTokenKeys, (state) =>
    ring.adopt(state),
  )
  const checking = { db: env.DB, log, ring, random, now, deployment: snapshots, faultOf: masterKeyFault }
  const masterKeys = masterKeyCheck(checking)
  const newKey = () => newApiTokenKey(sealed, random, now())
  const oldServer =
    config.upstream && upstream({ ...config.upstream, fetch: (...request) => fetch(...request), now, log })

  return {
    now,
    random,
    log,
    limits: {
      publicUrl: config.publicUrl,
      onCloudflare: config.onCloudflare,
      versionId: env.CF_VERSION_METADATA?.id,
      jurisdiction: config.jurisdiction,
      addressHeader: config.addressHeader,
      anonymousCheck: config.anonymousCheck,
      hasBreakGlass: breakGlassSecret !== undefined,
      shards: config.transactionShards,
      shardWaiters: config.shardWaiters,
      deliveryWait: config.deliveryWait,
      strangerRecordsPerHour: config.strangerRecordsPerHour,
      auditPeriods: { records: config.auditDays, steps: config.auditStepDays, addresses: config.auditAddressDays },
      auditArchiveMode: config.auditArchiveMode,
      corsOrigins: config.corsOrigins,
      firebase: [...config.firebase.keys()],
    },
    ...database,
    deployment: snapshots,
    masterKeys,
    jurisdiction: jurisdictionCheck({
      db: env.DB,
      log,
      deployment: snapshots,
      configured: config.jurisdiction,
      faultOf: jurisdictionFault,
    }),
    schema: schemaCheck(env.DB, log, now),
    rateLimits: rateLimits({ ...env }, config.rateLimits, { now, random, log }),
    importedKeys: importedKeys({ sealer: sealed, pkcs1FromSpki }),
    openSigningKey: openSigningKey(sealed),
    credentials: {
      ...administrators,
      ...apiTokens({ deployment: snapshots, table: database.apiTokenKeys, newKey, random, now }),
    },
    journal,
    ...connectWebhooks({ world, sealer: sealed, journal, now, log, ...config }),
    auditArchive: bucket && auditArchive(bucket, log),
    ...objects,
    shardsBehind: () => reports.behind(),
    auditHeads: connectAuditHeads({ db: env.DB, log, sealer: sealed, now, publicUrl: config.publicUrl }),
    databaseProbe: databaseProbe(queryRunner(env.DB, log), now),
    errors: {
      here: () => errors.counts(),
      async everywhere() {
        await errors.flush(now())
        return journal.errorCounts()
      },
    },
    headWebhook: webhookOf(config.auditHeadUrl),
    upstream: oldServer,
    pinChecks: pinChecks(config, oldServer),
    ...traced(trace, {
      identifiers: identifiers(identifierKeyRing(ring), random),
      signing: signing({
        db: env.DB,
        log,
        deployment: snapshots,
        sealer: sealed,
        resealOnUse,
        bits: config.signingKeyBits,
        now,
        pkcs1FromSpki,
      }),
      pins: pins(sealed, random, log, reseal),
      delivery: fcm({
        accounts: { get: (name) => config.firebase.get(firebaseName(name)) },
        baseUrl: config.fcmUrl,
        fetch: (...request) => fetch(...request),
        now,
        log,
      }),
    }),
    trace,
  }
}

/** Connects those who check what Nod cannot compare. */
function pinChecks(
  { passwordCheck: check }: Pick<Config, 'passwordCheck'>,
  oldServer: Upstream | undefined,
): PinChecks {
  const imported =
    oldServer?.hasAccount === true ? importedPinCheck({ upstream: oldServer, now, random, log }) : undefined
  if (check === undefined) return { passwords: undefined, imported }
  if (check !== 'upstream')
    return {
      passwords: passwordCheck({ ...check, fetch: (...request) => fetch(...request), now, random, log }),
      imported,
    }
  return { passwords: oldServer && upstreamPasswordCheck({ upstream: oldServer }), imported }
}

function openNamespaces(env: Env, jurisdiction: Jurisdiction | undefined): Namespaces {
  try {
    return namespacesIn(env, jurisdiction)
  } catch (error) {
    const next = 'remove it where Nod runs on a machine of your own'
    throw new ConfigurationError([`JURISDICTION: this runtime has no jurisdictions (${String(error)}); ${next}`])
  }
}

const webhookOf = (url: string | undefined): Ports['headWebhook'] =>
  url === undefined ? undefined : headWebhook({ url, fetch: (...request) => fetch(...request) })

export const now = (): Instant => instant(Date.now())
const random: Random = (length): Bytes => crypto.getRandomValues(new Uint8Array(length))

/** Goes on with it when the request is over. A line that is logged at no request waits for the next. */
function inBackground(work: Promise<unknown>): void {
  try {
    waitUntil(work)
  } catch {
    void work
  }
}

/** Writes one JSON line. No caller hands it a key, a PIN or a code. */
const log: Ports['log'] = (event, fields) => {
  errors.note(event, now())
  console.log(JSON.stringify({ event, ...fields }))
}
