/** Which version a rollback leads to, what it cannot take back, and when there is no way back. Pure. */
import { databaseIn, type FoundDatabase, type FoundVersion, type FoundWorker } from './account.ts'
import { ONE_WAY } from './one-way.ts'

export interface Rollback {
  readonly to: FoundVersion
  /** What stays as it is, or goes wrong: said before it happens. */
  readonly warnings: readonly string[]
  /** Whether something goes wrong, so that it has to be accepted. */
  readonly isHarmful: boolean
}

export type PlannedRollback =
  | { readonly ok: true; readonly value: Rollback }
  | { readonly ok: false; readonly reason: string; readonly next: string }

interface Situation {
  readonly worker: FoundWorker
  readonly database: FoundDatabase | undefined
  /** Those that Cloudflare can still deploy, the latest first. */
  readonly versions: readonly FoundVersion[]
  /** The id that the operator names. */
  readonly to: string | undefined
}

const refuse = (reason: string, next: string): PlannedRollback => ({ ok: false, reason, next })
const UNDO_BY_DEPLOYING =
  'deploy the earlier code as a new version, which takes what there is now: git checkout <its commit>, npm ci, npm run deploy'

export function planRollback({ worker, database, versions, to }: Situation): PlannedRollback {
  const { serving } = worker
  if (serving === undefined) return refuse('Nothing is deployed yet.', 'npm run deploy')
  const chosen = to ?? earlierVersion(worker, versions)
  if (chosen === undefined)
    return refuse(
      'No earlier version has ever had all the traffic.',
      `npx wrangler versions list, then npm run rollback -- --to <id>`,
    )
  const target = versions.find(({ id }) => id === chosen)
  if (target === undefined)
    return refuse(
      `Cloudflare has no version ${chosen} that can be deployed: it keeps the latest hundred.`,
      UNDO_BY_DEPLOYING,
    )
  const [share] = worker.deployments[0]?.versions ?? []
  if (share?.version_id === target.id && share.percentage === 100)
    return refuse(
      `The version ${target.id} serves already.`,
      'npm run rollback -- --to <id>, with one of npx wrangler versions list',
    )
  return faultOf(target, worker, serving) ?? { ok: true, value: describe(target, database) }
}

/** The version to which all traffic went before. While two share it, the earlier of them. */
function earlierVersion({ deployments }: FoundWorker, versions: readonly FoundVersion[]): string | undefined {
  const [present, ...before] = deployments
  const created = (id: string): string => versions.find((one) => one.id === id)?.createdOn ?? ''
  if ((present?.versions.length ?? 0) > 1)
    return present?.versions
      .map(({ version_id }) => version_id)
      .toSorted((a, b) => created(a).localeCompare(created(b)))[0]
  const [now] = present?.versions ?? []
  return before
    .flatMap((one) => one.versions)
    .find(({ version_id, percentage }) => percentage === 100 && version_id !== now?.version_id)?.version_id
}

const classes = ({ bindings }: FoundVersion): string =>
  bindings
    .flatMap(({ type, class_name = '' }) => (type === 'durable_object_namespace' ? [class_name] : []))
    .toSorted((a, b) => a.localeCompare(b))
    .join(', ')

const jurisdiction = ({ bindings }: FoundVersion): string =>
  bindings.find(({ name }) => name === 'JURISDICTION')?.text ?? 'none'

function faultOf(target: FoundVersion, worker: FoundWorker, serving: FoundVersion): PlannedRollback | undefined {
  const tagOf = (version: FoundVersion): string => version.migrationTag ?? classes(version)
  if (
    target.migrationTag === undefined
      ? classes(target) !== classes(serving)
      : target.migrationTag !== worker.migrationTag
  )
    return refuse(
      `Between ${target.id} and now object classes have changed (${tagOf(target)}, now ${worker.migrationTag ?? classes(serving)}). Cloudflare deploys no version from before that.`,
      'repair what is wrong in a new version: npm run deploy',
    )
  if (databaseIn(target) !== databaseIn(serving))
    return refuse(
      `The version ${target.id} has another database (${databaseIn(target) ?? 'none'}, now ${databaseIn(serving) ?? 'none'}).`,
      UNDO_BY_DEPLOYING,
    )
  if (jurisdiction(target) !== jurisdiction(serving))
    return refuse(
      `The version ${target.id} has its objects in another jurisdiction (${jurisdiction(target)}, now ${jurisdiction(serving)}), where there are no open logins and no locks.`,
      'repair what is wrong in a new version: npm run deploy',
    )
  return undefined
}

function describe(target: FoundVersion, database: FoundDatabase | undefined): Rollback {
  const warnings = [
    'Only code, variables and secrets go back. The database, what objects store, domains and addresses stay as they are.',
  ]
  const schema = /\bschema (\d{4}_\w+)/.exec(target.message ?? '')?.[1]
  if (schema === undefined)
    return {
      to: target,
      warnings: [
        ...warnings,
        'It was not deployed by npm run deploy, so what it does not know cannot be said: read CHANGELOG.md.',
      ],
      isHarmful: true,
    }
  const since = (database?.migrations ?? []).map((name) => name.replace(/\.sql$/, '')).filter((name) => name > schema)
  if (since.length > 0) warnings.push(`Migrations applied since stay, and it runs on them: ${since.join(', ')}.`)
  const harm = ONE_WAY.filter((one) => one.since > schema).map(({ consequence }) => consequence)
  return { to: target, warnings: [...warnings, ...harm], isHarmful: harm.length > 0 }
}
