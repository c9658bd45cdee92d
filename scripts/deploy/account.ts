/** What an account has of a deployment. */
import { z } from 'zod'
import { Fault } from '../lib/tools.mjs'
import type { CloudflareApi } from './api.ts'
import { type Bucket, type Configuration, customDomains, databaseOf, NO_DATABASE } from './configuration.ts'

export interface FoundDatabase {
  readonly id: string
  readonly name: string
  /** Null: none; undefined: the API does not say. */
  readonly jurisdiction: string | null | undefined
  readonly region: string | undefined
  readonly replication: string | undefined
  /** The names of the migrations that were applied, with their ending. */
  readonly migrations: readonly string[]
  /** How many tables there are. */
  readonly tables: number
  /** Where the objects are, as Nod stored it at its first request; undefined before. */
  readonly objects: string | undefined
}

export interface Traffic {
  readonly version_id: string
  readonly percentage: number
}

export interface FoundVersion {
  readonly id: string
  readonly createdOn: string
  readonly tag: string | undefined
  readonly message: string | undefined
  readonly migrationTag: string | undefined
  readonly bindings: readonly z.infer<typeof bindingSchema>[]
}

export interface FoundWorker {
  readonly migrationTag: string | undefined
  readonly secrets: readonly string[]
  /** The latest first. */
  readonly deployments: readonly { readonly createdOn: string; readonly versions: readonly Traffic[] }[]
  /** The version with most of the traffic, if it is Nod's. */
  readonly serving: FoundVersion | undefined
  /** `empty`: as `wrangler secret put` makes one; `blank`: without secrets as well; `other`: another program's. */
  readonly kind: 'nod' | 'empty' | 'blank' | 'other'
}

export interface Account {
  readonly id: string
  readonly database: FoundDatabase | undefined
  readonly worker: FoundWorker | undefined
  readonly missingBuckets: readonly Bucket[]
  /** Custom domains of the configuration, each with the Worker that has it. */
  readonly domains: readonly {
    readonly hostname: string
    readonly service: string | undefined
    readonly hasZone: boolean
  }[]
  /** The account's name below workers.dev. */
  readonly subdomain: string | undefined
}

const bindingSchema = z.looseObject({
  type: z.string(),
  name: z.string(),
  id: z.string().optional(),
  database_id: z.string().optional(),
  class_name: z.string().optional(),
  text: z.string().optional(),
})
const databaseSchema = z.object({
  uuid: z.string(),
  name: z.string(),
  jurisdiction: z.string().nullish(),
  created_in_region: z.string().optional(),
  read_replication: z.object({ mode: z.string() }).nullish(),
})
const serviceSchema = z.object({
  default_environment: z.object({ script: z.object({ migration_tag: z.string().nullish() }) }),
})
const deploymentsSchema = z.object({
  deployments: z.array(
    z.object({
      created_on: z.string(),
      versions: z.array(z.object({ version_id: z.string(), percentage: z.number() })),
    }),
  ),
})
const versionSchema = z.object({
  id: z.string(),
  metadata: z.object({ created_on: z.string() }),
  annotations: z.record(z.string(), z.string()).nullish(),
  resources: z.object({
    bindings: z.array(bindingSchema).default([]),
    script_runtime: z.looseObject({ migration_tag: z.string().nullish() }).optional(),
  }),
})
const namesSchema = z.array(z.object({ name: z.string() }))
const PAGE = 100
const COUNT_TABLES = `SELECT COUNT(*) AS n FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '_cf_*'`
/** A class of Nod's objects, by which its Worker is known. */
const CLASS = 'Phone'

/** Reads all of it. Changes nothing. */
export async function examine(api: CloudflareApi, configuration: Configuration): Promise<Account> {
  const [database, worker, missingBuckets, domains, subdomain] = await Promise.all([
    findDatabase(api, configuration),
    findWorker(api, configuration.name),
    findMissing(api, configuration.r2_buckets ?? []),
    Promise.all(customDomains(configuration).map((hostname) => findDomain(api, hostname))),
    api.find('/workers/subdomain'),
  ])
  const name = z.object({ subdomain: z.string() }).safeParse(subdomain)
  return { id: api.account, database, worker, missingBuckets, domains, subdomain: name.data?.subdomain }
}

/** The database of the id in the configuration, else the one of its name. Throws a Fault for an id that the account lacks. */
async function findDatabase(api: CloudflareApi, configuration: Configuration): Promise<FoundDatabase | undefined> {
  const wanted = databaseOf(configuration)
  if (wanted === undefined)
    throw new Fault('wrangler.toml binds no database as DB: put the block [[d1_databases]] back')
  const id = wanted.database_id === NO_DATABASE ? await idOf(api, wanted.database_name) : wanted.database_id
  if (id === undefined) return undefined
  const found = await api.find(`/d1/database/${id}`)
  if (found === undefined)
    throw new Fault(
      `The account ${api.account} has no database ${id}, which wrangler.toml names. If this is another account, set CLOUDFLARE_ACCOUNT_ID; if the database was deleted: docs/operating.md, "Runbook: D1 is lost". For a new, empty one set database_id = "${NO_DATABASE}" and run this again`,
    )
  const { name, jurisdiction, created_in_region, read_replication } = databaseSchema.parse(found)
  const [applied, stored, counted] = await Promise.all([
    api.query(id, 'SELECT name FROM d1_migrations ORDER BY id'),
    api.query(id, 'SELECT jurisdiction FROM deployment'),
    api.query(id, COUNT_TABLES),
  ])
  const objects = stored?.[0]?.['jurisdiction']
  return {
    id,
    name,
    jurisdiction,
    region: created_in_region?.toLowerCase(),
    replication: read_replication?.mode,
    migrations: (applied ?? []).map((row) => String(row['name'])),
    tables: Number(counted?.[0]?.['n'] ?? 0),
    objects: typeof objects === 'string' ? objects : undefined,
  }
}

async function idOf(api: CloudflareApi, name: string): Promise<string | undefined> {
  const listed = await api.read(`/d1/database?name=${encodeURIComponent(name)}&per_page=${PAGE}`)
  return z
    .array(databaseSchema)
    .parse(listed)
    .find((one) => one.name === name)?.uuid
}

async function findWorker(api: CloudflareApi, name: string): Promise<FoundWorker | undefined> {
  const service = await api.find(`/workers/services/${name}`)
  if (service === undefined) return undefined
  const script = `/workers/scripts/${name}`
  const [secrets, listed] = await Promise.all([api.read(`${script}/secrets`), api.read(`${script}/deployments`)])
  const deployments = deploymentsSchema
    .parse(listed)
    .deployments.map(({ created_on, versions }) => ({ createdOn: created_on, versions }))
  const latest = deployments.toSorted((a, b) => b.createdOn.localeCompare(a.createdOn))
  const [most] = (latest[0]?.versions ?? []).toSorted((a, b) => b.percentage - a.percentage)
  const version = most && (await findVersion(api, name, most.version_id))
  const bound = (version?.bindings ?? []).filter(({ type }) => type !== 'secret_text')
  const names = namesSchema.parse(secrets).map((one) => one.name)
  const isNod = bound.some(({ class_name }) => class_name === CLASS)
  const emptiness = bound.length > 0 ? 'other' : names.length > 0 ? 'empty' : 'blank'
  return {
    migrationTag: serviceSchema.parse(service).default_environment.script.migration_tag ?? undefined,
    secrets: names,
    deployments: latest,
    serving: isNod ? version : undefined,
    kind: isNod ? 'nod' : emptiness,
  }
}

export async function findVersion(api: CloudflareApi, worker: string, id: string): Promise<FoundVersion> {
  return versionOf(versionSchema.parse(await api.read(`/workers/scripts/${worker}/versions/${id}`)))
}

const versionOf = ({ id, metadata, annotations, resources }: z.infer<typeof versionSchema>): FoundVersion => ({
  id,
  createdOn: metadata.created_on,
  tag: annotations?.['workers/tag'],
  message: annotations?.['workers/message'],
  migrationTag: resources.script_runtime?.migration_tag ?? undefined,
  bindings: resources.bindings,
})

/** The id of the database that a version is bound to. */
export const databaseIn = ({ bindings }: FoundVersion): string | undefined => {
  const bound = bindings.find(({ type, name }) => type === 'd1' && name === 'DB')
  return bound?.id ?? bound?.database_id
}

async function findMissing(api: CloudflareApi, buckets: readonly Bucket[]): Promise<readonly Bucket[]> {
  const found = await Promise.all(
    buckets.map((one) =>
      api.find(
        `/r2/buckets/${one.bucket_name}`,
        one.jurisdiction === undefined ? {} : { 'cf-r2-jurisdiction': one.jurisdiction },
      ),
    ),
  )
  return buckets.filter((_, at) => found[at] === undefined)
}

async function findDomain(api: CloudflareApi, hostname: string) {
  const attached = z
    .array(z.object({ hostname: z.string(), service: z.string() }))
    .parse(await api.read(`/workers/domains?hostname=${encodeURIComponent(hostname)}`))
  const labels = hostname.split('.')
  const candidates = labels.slice(0, -1).map((_, at) => labels.slice(at).join('.'))
  const zones = await Promise.all(
    candidates.map((name) => api.read(`/zones?name=${name}&account.id=${api.account}`, { isOfAccount: false })),
  )
  return {
    hostname,
    service: attached.find((one) => one.hostname === hostname)?.service,
    hasZone: zones.some((one) => Array.isArray(one) && one.length > 0),
  }
}
