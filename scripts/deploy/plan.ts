/** What a deployment will do, decided from what there is. Pure: the same account and options give the same plan. */
import type { Account, FoundWorker } from './account.ts'
import { databaseIn } from './account.ts'
import { type Configuration, classTag, customDomains, databaseOf, variable } from './configuration.ts'
import { type DeployOptions, LOCATIONS } from './options.ts'

/** What was built of this checkout. */
export interface Build {
  /** Names this code with this configuration: the tag of its version at Cloudflare. */
  readonly tag: string
  readonly release: string
  /** The files of migrations/, in their order. */
  readonly migrations: readonly string[]
}

export type Step =
  | {
      readonly do: 'create database'
      readonly name: string
      readonly jurisdiction?: string
      readonly location?: string
    }
  | { readonly do: 'create bucket'; readonly name: string; readonly jurisdiction?: string }
  | { readonly do: 'migrate'; readonly migrations: readonly string[] }
  /** A deployment of all traffic at once, because there is no earlier version, or none that could share it. */
  | { readonly do: 'deploy'; readonly secrets: readonly string[]; readonly immediate: boolean }
  | { readonly do: 'upload'; readonly secrets: readonly string[] }
  | { readonly do: 'share'; readonly percentage: number; readonly immediate: boolean }
  | { readonly do: 'test'; readonly version: 'new' | 'earlier' }
  | { readonly do: 'pause'; readonly seconds: number }
  | { readonly do: 'triggers' }

export interface Plan {
  readonly steps: readonly Step[]
  /** What cannot be taken back, or has to be known before it happens. */
  readonly warnings: readonly string[]
  /** What is left to the operator. */
  readonly notes: readonly string[]
}

export type Planned =
  | { readonly ok: true; readonly value: Plan }
  /** `next`: the command, or the change, that comes next. */
  | { readonly ok: false; readonly reason: string; readonly next: string }

export const REQUIRED_SECRETS = ['MASTER_KEY', 'ADMIN_LOGIN', 'ADMIN_PASSWORD'] as const

const refuse = (reason: string, next: string): Planned => ({ ok: false, reason, next })
const command = ({ env }: DeployOptions, ...more: string[]): string => {
  const options = [...(env === 'production' ? [] : [`--env ${env}`]), ...more]
  return options.length === 0 ? 'npm run deploy' : `npm run deploy -- ${options.join(' ')}`
}

interface Situation {
  readonly options: DeployOptions
  readonly configuration: Configuration
  readonly account: Account
  readonly build: Build
}

/** Plans a deployment. Refuses what would harm the present one, and what nobody has decided yet. */
export function planDeployment(situation: Situation): Planned {
  const { options, configuration, account, build } = situation
  const fault = faultOf(situation)
  if (fault !== undefined) return fault
  const { database, worker } = account
  const tag = classTag(configuration)
  const lacking = REQUIRED_SECRETS.filter((name) => worker?.secrets.includes(name) !== true)
  const pending = build.migrations.filter((name) => database?.migrations.includes(name) !== true)
  const isFirst = worker?.serving === undefined
  const changesClasses = worker?.migrationTag !== tag
  const changesDatabase = !isFirst && database !== undefined && databaseIn(worker.serving) !== database.id

  const warnings: string[] = []
  const steps: Step[] = []
  if (database === undefined) steps.push(databaseToCreate(options, configuration))
  for (const bucket of account.missingBuckets)
    steps.push({
      do: 'create bucket',
      name: bucket.bucket_name,
      ...(bucket.jurisdiction && { jurisdiction: bucket.jurisdiction }),
    })
  if (pending.length > 0) steps.push({ do: 'migrate', migrations: pending })
  if (!isFirst && pending.length > 0)
    warnings.push(
      'Migrations only add, and are never undone: the present version runs on the migrated database, and so it does after a rollback.',
    )

  const isDeployed = !isFirst && worker.serving.tag === build.tag && shareOf(worker, worker.serving.id) === 100
  if (
    isDeployed &&
    pending.length === 0 &&
    lacking.length === 0 &&
    !changesClasses &&
    !changesDatabase &&
    !options.force
  ) {
    steps.push({ do: 'test', version: 'new' }, { do: 'triggers' })
  } else if (isFirst || changesClasses || changesDatabase) {
    if (!isFirst && changesClasses)
      warnings.push(
        `Object classes change (${worker.migrationTag ?? 'none'} to ${tag ?? 'none'}). All traffic goes to the new version at once, and there is no way back to the version before.`,
      )
    if (changesDatabase)
      warnings.push(
        'The new version has another database, so it cannot share traffic with the present one: all traffic goes to it at once.',
      )
    steps.push({ do: 'deploy', secrets: lacking, immediate: options.securityFix }, { do: 'test', version: 'new' })
  } else {
    const { immediate } = { immediate: options.securityFix }
    if (immediate)
      warnings.push(
        'A security fix: no shared traffic after the test, and all objects start anew at once. Whoever waits for an answer asks again.',
      )
    steps.push(
      { do: 'upload', secrets: lacking },
      { do: 'share', percentage: 0, immediate: false },
      { do: 'test', version: 'new' },
    )
    // A version from before this command cannot say that it is the one that answers.
    const tellsItself = worker.serving.bindings.some(({ type }) => type === 'version_metadata')
    for (const percentage of options.steps)
      steps.push(
        { do: 'share', percentage, immediate: false },
        { do: 'test', version: 'new' },
        ...(tellsItself ? [{ do: 'test', version: 'earlier' } as const] : []),
        ...(options.pause > 0
          ? [{ do: 'pause', seconds: options.pause } as const, { do: 'test', version: 'new' } as const]
          : []),
      )
    steps.push({ do: 'share', percentage: 100, immediate }, { do: 'test', version: 'new' }, { do: 'triggers' })
  }
  if (isUnderWay(worker))
    warnings.push(
      'A deployment has stopped half-way: two versions share the traffic now. This one starts from the version that has most of it.',
    )
  return { ok: true, value: { steps, warnings, notes: notesOn(situation) } }
}

const shareOf = ({ deployments }: FoundWorker, id: string): number | undefined =>
  deployments[0]?.versions.find(({ version_id }) => version_id === id)?.percentage

const isUnderWay = (worker: FoundWorker | undefined): boolean => (worker?.deployments[0]?.versions.length ?? 0) > 1

function faultOf(situation: Situation): Planned | undefined {
  const { options, configuration, account, build } = situation
  const { database, worker } = account
  return (
    strangerFault(situation) ??
    jurisdictionFault(situation) ??
    domainFault(situation) ??
    classFault(situation) ??
    (worker?.serving !== undefined &&
    database !== undefined &&
    databaseIn(worker.serving) !== database.id &&
    !options.newDatabase
      ? refuse(
          `The Worker ${configuration.name} serves from the database ${databaseIn(worker.serving) ?? 'none'}, and wrangler.toml names ${database.id}. Objects with open logins and locks belong to the database that they were made with.`,
          `put the id back; or, if the database is new because the other was lost (docs/operating.md, "Runbook: D1 is lost"): ${command(options, '--new-database')}`,
        )
      : undefined) ??
    (worker?.serving !== undefined && database === undefined && !options.newDatabase
      ? refuse(
          `The Worker ${configuration.name} serves already, and there is no database ${databaseOf(configuration)?.database_name ?? ''} for it in the account.`,
          `set database_id in wrangler.toml to the one it serves from, ${databaseIn(worker.serving) ?? 'none'}; or, if that was lost: ${command(options, '--new-database')}`,
        )
      : undefined) ??
    (build.migrations.length === 0
      ? refuse('migrations/ is empty: this is not a whole checkout', 'git checkout -- migrations')
      : undefined)
  )
}

/** Refuses to write over what is not Nod's. */
function strangerFault({ options, configuration, account, build }: Situation): Planned | undefined {
  const { database, worker } = account
  if (worker?.kind === 'other' || worker?.kind === 'blank')
    return refuse(
      `The account has a Worker ${configuration.name} that is not Nod.`,
      `give Nod another name in wrangler.toml, or delete that Worker: npx wrangler delete ${configuration.name}, then ${command(options)}`,
    )
  const [first] = database?.migrations ?? []
  const isStrange = first === undefined ? (database?.tables ?? 0) > 0 : !build.migrations.includes(first)
  if (database !== undefined && isStrange)
    return refuse(
      `The database ${database.name} (${database.id}) has tables that are not Nod's.`,
      `give Nod's another database_name in wrangler.toml, then ${command(options)}`,
    )
  return undefined
}

function jurisdictionFault({ options, configuration, account }: Situation): Planned | undefined {
  const { database } = account
  const set = variable(configuration, 'JURISDICTION')
  const chosen = options.jurisdiction === 'none' ? undefined : options.jurisdiction
  const wanted = chosen ?? set
  if (options.jurisdiction !== undefined && set !== undefined && chosen !== set)
    return refuse(
      `--jurisdiction ${options.jurisdiction} contradicts JURISDICTION = "${set}" in wrangler.toml.`,
      command(options, `--jurisdiction ${set}`),
    )
  if (database === undefined) {
    if (set === undefined && options.jurisdiction === undefined)
      return refuse(
        'Nobody has decided yet where the data is kept. It cannot be changed later (docs/operating.md, "Keep all data in a jurisdiction").',
        `${command(options, '--jurisdiction none', '--location weur')} (none: anywhere, the database in Western Europe; other locations: ${Object.keys(LOCATIONS).join(', ')}), or --jurisdiction eu, us or fedramp`,
      )
    if (options.env === 'staging' && chosen !== undefined && set === undefined)
      return refuse(
        'Staging takes its jurisdiction from wrangler.toml, so that it is that of production.',
        `put JURISDICTION = "${chosen}" into [vars], or for staging alone into [env.staging.vars], and run ${command(options)}`,
      )
    return bucketFault(configuration, wanted)
  }
  if (database.objects !== undefined && database.objects !== (wanted ?? 'none'))
    return refuse(
      `The objects of this deployment are in the jurisdiction ${database.objects}, and the configuration says ${wanted ?? 'none'}. It cannot be changed: Nod would find none of its objects, and refuses to serve.`,
      database.objects === 'none'
        ? 'remove JURISDICTION from wrangler.toml'
        : `set JURISDICTION = "${database.objects}" in wrangler.toml`,
    )
  if (database.jurisdiction !== undefined && (database.jurisdiction ?? undefined) !== wanted)
    return refuse(
      `The database ${database.name} is in the jurisdiction ${database.jurisdiction ?? 'none'}, and the configuration says ${wanted ?? 'none'}. A database keeps its jurisdiction for good.`,
      database.jurisdiction === null
        ? `remove JURISDICTION from wrangler.toml; or, if nothing has been deployed on it yet, \`npx wrangler d1 delete ${database.name}\` and ${command(options, `--jurisdiction ${wanted ?? 'none'}`)}`
        : `set JURISDICTION = "${database.jurisdiction}" in [vars] of wrangler.toml`,
    )
  return bucketFault(configuration, wanted)
}

function bucketFault(configuration: Configuration, wanted: string | undefined): Planned | undefined {
  const elsewhere = (configuration.r2_buckets ?? []).find((bucket) => bucket.jurisdiction !== wanted)
  if (elsewhere !== undefined)
    return refuse(
      `The bucket ${elsewhere.bucket_name} would be in the jurisdiction ${elsewhere.jurisdiction ?? 'none'}, and the rest in ${wanted ?? 'none'}.`,
      wanted === undefined
        ? `remove jurisdiction from [[r2_buckets]] in wrangler.toml`
        : `add jurisdiction = "${wanted}" to [[r2_buckets]] in wrangler.toml`,
    )
  return undefined
}

function domainFault({ options, configuration, account }: Situation): Planned | undefined {
  for (const { hostname, service, hasZone } of account.domains) {
    if (service !== undefined && service !== configuration.name)
      return refuse(
        `${hostname} belongs to the Worker ${service}. wrangler would take it away from it without asking.`,
        `remove it from ${service} (dashboard: ${service}, Settings, Domains & Routes), then ${command(options)}`,
      )
    if (!hasZone)
      return refuse(
        `The account has no zone for ${hostname}, or the API token may not see it.`,
        `add the domain to the account (dashboard: Account home, Onboard a domain), or give the token the permission Zone: Read, then ${command(options)}`,
      )
  }
  if (
    options.url === undefined &&
    customDomains(configuration).length === 0 &&
    configuration.workers_dev !== false &&
    account.subdomain === undefined
  )
    return refuse(
      'The account has no name below workers.dev yet, and wrangler.toml no domain.',
      `choose a name at https://dash.cloudflare.com/${account.id}/workers/onboarding, then ${command(options)}`,
    )
  return undefined
}

function classFault({ options, configuration, account }: Situation): Planned | undefined {
  const { worker } = account
  if (worker?.serving === undefined) return undefined
  const tags = (configuration.migrations ?? []).map(({ tag }) => tag)
  if (worker.migrationTag !== undefined && !tags.includes(worker.migrationTag))
    return refuse(
      `The Worker has object classes of a later version (${worker.migrationTag}; this checkout knows ${tags.join(', ')}).`,
      'deploy that version or a later one: git fetch --tags',
    )
  if (worker.migrationTag !== classTag(configuration) && !options.objectClasses)
    return refuse(
      `This version has new object classes (${worker.migrationTag ?? 'none'} to ${classTag(configuration) ?? 'none'}). They are made in one deployment of all traffic, which cannot be tried with a part of it, and after which there is no way back to a version before.`,
      command(options, '--object-classes'),
    )
  return undefined
}

function databaseToCreate(options: DeployOptions, configuration: Configuration): Step {
  const jurisdiction =
    variable(configuration, 'JURISDICTION') ?? (options.jurisdiction === 'none' ? undefined : options.jurisdiction)
  const name = databaseOf(configuration)?.database_name ?? ''
  if (jurisdiction !== undefined) return { do: 'create database', name, jurisdiction }
  return { do: 'create database', name, ...(options.location && { location: options.location }) }
}

function notesOn({ configuration, account }: Situation): readonly string[] {
  const notes: string[] = []
  if (account.database?.replication !== 'auto')
    notes.push(
      `Read replication of D1 is off. wrangler cannot switch it on: https://dash.cloudflare.com/${account.id}/workers/d1, ${databaseOf(configuration)?.database_name ?? ''}, Settings, Enable read replication. Logins far from the database are quicker with it.`,
    )
  const hasDomain = customDomains(configuration).length > 0
  if (hasDomain && configuration.workers_dev !== false)
    notes.push(
      'The domain is one way in, workers.dev another, which the rules of the domain do not see: once the domain works, set workers_dev = false in wrangler.toml.',
    )
  if (!hasDomain && variable(configuration, 'PUBLIC_URL') === undefined)
    notes.push(
      'Phones keep the address that they were enrolled with. Set up the custom domain before you enroll the first (docs/operating.md, "Custom domain").',
    )
  if (account.worker?.serving !== undefined && !account.worker.secrets.includes('BREAK_GLASS_SECRET'))
    notes.push('There is no BREAK_GLASS_SECRET: docs/operating.md, "Break glass".')
  return notes
}

/** A step in words, for the plan and while it runs. */
export function inWords(step: Step): string {
  switch (step.do) {
    case 'create database':
      return `create the database ${step.name} ${step.jurisdiction === undefined ? (step.location === undefined ? 'where Cloudflare chooses, near this machine' : `in ${LOCATIONS[step.location as keyof typeof LOCATIONS]}`) : `in the jurisdiction ${step.jurisdiction}, for good`}`
    case 'create bucket':
      return `create the bucket ${step.name}${step.jurisdiction === undefined ? '' : ` in the jurisdiction ${step.jurisdiction}`}`
    case 'migrate':
      return `apply ${step.migrations.length} migrations: ${step.migrations.length > 3 ? `${step.migrations[0]} to ${step.migrations.at(-1)}` : step.migrations.join(', ')}`
    case 'deploy':
      return `deploy the version to all traffic${secretsInWords(step.secrets)}`
    case 'upload':
      return `upload the version, without traffic${secretsInWords(step.secrets)}`
    case 'share':
      return `give it ${step.percentage} % of the traffic${step.immediate ? ', and all objects at once' : ''}`
    case 'test':
      return step.version === 'new'
        ? 'log in through it with a simulated phone'
        : 'log in through the earlier version with a simulated phone'
    case 'pause':
      return `wait ${step.seconds} seconds`
    case 'triggers':
      return 'set domains and addresses'
  }
}

const secretsInWords = (secrets: readonly string[]): string =>
  secrets.length === 0 ? '' : `, with the secrets that it lacks: ${secrets.join(', ')}`
