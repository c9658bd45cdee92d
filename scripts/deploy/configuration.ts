/** What is deployed where: wrangler.toml, and for staging what follows from it. */

/** wrangler.toml, or what is derived from it, as far as a deployment looks into it. */
export interface Configuration {
  readonly name: string
  readonly account_id?: string
  readonly workers_dev?: boolean
  readonly vars?: Readonly<Record<string, unknown>>
  readonly d1_databases?: readonly Database[]
  readonly r2_buckets?: readonly Bucket[]
  readonly ratelimits?: readonly { readonly name: string; readonly namespace_id: string }[]
  readonly routes?: readonly Route[]
  readonly durable_objects?: { readonly bindings?: readonly { readonly name: string; readonly class_name: string }[] }
  readonly migrations?: readonly { readonly tag: string; readonly new_sqlite_classes?: readonly string[] }[]
  readonly env?: Readonly<Record<string, Partial<Configuration>>>
}
interface Database {
  readonly binding: string
  readonly database_name: string
  readonly database_id: string
  readonly migrations_dir?: string
}
export interface Bucket {
  readonly binding: string
  readonly bucket_name: string
  readonly jurisdiction?: string
}
type Route = string | { readonly pattern: string; readonly custom_domain?: boolean }

/** The id in a wrangler.toml that was never deployed. */
export const NO_DATABASE = '00000000-0000-0000-0000-000000000000'

const SUFFIX = '-staging'
/** What staging does not take over from production: where production is reached, and whom it talks to. */
const OWN_VARIABLES = ['PUBLIC_URL', 'AUDIT_HEAD_URL', 'UPSTREAM_URL', 'PASSWORD_CHECK_URL']
/** Rate limits are counted by the account's ids: two Workers with one id would count together. */
const OWN_LIMITS = 100

/**
 * Returns the configuration of staging: everything as in production, under names of its own (`nod-staging`), so that the two share
 * nothing. `[env.staging]` changes single values of it. wrangler's own environments take over neither bindings nor variables: each would
 * have to repeat all of them, and a binding that is forgotten there is missing in one of the two.
 */
export function stagingOf(production: Configuration): Configuration {
  const { env = {}, routes: _routes, ...rest } = production
  const changes = env['staging'] ?? {}
  const inherited = Object.entries(production.vars ?? {}).filter(([name]) => !OWN_VARIABLES.includes(name))
  const derived: Configuration = {
    ...rest,
    name: `${production.name}${SUFFIX}`,
    workers_dev: true, // it has no domain unless it is given one
    vars: Object.fromEntries(inherited),
    d1_databases: (production.d1_databases ?? []).map((one) => ({
      ...one,
      database_name: `${one.database_name}${SUFFIX}`,
      database_id: NO_DATABASE,
    })),
    ratelimits: (production.ratelimits ?? []).map((one) => ({
      ...one,
      namespace_id: String(Number(one.namespace_id) + OWN_LIMITS),
    })),
    ...(production.r2_buckets && {
      r2_buckets: production.r2_buckets.map((one) => ({ ...one, bucket_name: `${one.bucket_name}${SUFFIX}` })),
    }),
  }
  return merge(derived, changes) as Configuration
}

/** Returns `base` with the values of `changes`: tables are merged, and arrays of tables by their binding or name; any other value
 *  is replaced. */
function merge(base: unknown, changes: unknown): unknown {
  if (Array.isArray(base) && Array.isArray(changes) && changes.every((one) => keyOf(one) !== undefined)) {
    const keys = new Set(base.map(keyOf))
    return [
      ...base.map((one) => merge(one, changes.find((change) => keyOf(change) === keyOf(one)) ?? {})),
      ...changes.filter((change) => !keys.has(keyOf(change))),
    ]
  }
  if (!isTable(base) || !isTable(changes)) return changes
  const names = new Set([...Object.keys(base), ...Object.keys(changes)])
  return Object.fromEntries(
    [...names].map((name) => [name, Object.hasOwn(changes, name) ? merge(base[name], changes[name]) : base[name]]),
  )
}

const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const keyOf = (one: unknown): unknown => (isTable(one) ? (one['binding'] ?? one['name']) : undefined)

/** The faults of two configurations that would not be two deployments. */
export function sharedBetween(production: Configuration, staging: Configuration): readonly string[] {
  const ids = (one: Configuration): readonly (readonly [string, string])[] => [
    ['name', one.name],
    ...(one.d1_databases ?? []).flatMap((database): (readonly [string, string])[] => [
      ['database_name', database.database_name],
      ...(database.database_id === NO_DATABASE ? [] : [['database_id', database.database_id] as const]),
    ]),
    ...(one.r2_buckets ?? []).map((bucket) => ['bucket_name', bucket.bucket_name] as const),
    ...(one.ratelimits ?? []).map((limit) => ['namespace_id', limit.namespace_id] as const),
    ...customDomains(one).map((domain) => ['custom domain', domain] as const),
  ]
  const own = ids(production)
  return ids(staging).flatMap(([kind, value]) =>
    own.some(([otherKind, other]) => kind === otherKind && value === other) ? [`${kind} ${value}`] : [],
  )
}

export const customDomains = ({ routes = [] }: Configuration): readonly string[] =>
  routes.flatMap((route) => (typeof route === 'object' && route.custom_domain === true ? [route.pattern] : []))

export const databaseOf = ({ d1_databases = [] }: Configuration): Database | undefined =>
  d1_databases.find(({ binding }) => binding === 'DB')

export const variable = ({ vars = {} }: Configuration, name: string): string | undefined => {
  const value = vars[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The tag of the last migration of object classes. */
export const classTag = ({ migrations = [] }: Configuration): string | undefined => migrations.at(-1)?.tag

/** Returns the text of wrangler.toml with the id of the database in it; undefined if it has no line for it. */
export function withDatabaseId(toml: string, id: string): string | undefined {
  const line = /^database_id = "[^"]*"/m
  return line.test(toml) ? toml.replace(line, `database_id = "${id}"`) : undefined
}

/** Returns the text of wrangler.toml with the jurisdiction in it; undefined if it has no line for it. */
export function withJurisdiction(toml: string, jurisdiction: string): string | undefined {
  const line = /^# ?JURISDICTION = "[^"]*".*$/m
  if (line.test(toml)) return toml.replace(line, `JURISDICTION = "${jurisdiction}" # for good`)
  const table = /^\[vars\]$/m
  return table.test(toml) ? toml.replace(table, `[vars]\nJURISDICTION = "${jurisdiction}" # for good`) : undefined
}
