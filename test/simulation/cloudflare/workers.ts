/** Workers: versions, deployments that share traffic between at most two of them, secrets, and the classes of their objects.
 *  Source: wrangler, src/versions, src/secret, deploy-helpers/src/deploy; what they do not say is Cloudflare's documentation of
 *  versions, gradual deployments and rollbacks. */
import { randomUUID } from 'node:crypto'
import { ApiError, type Call, jsonOf, noRoute, UNNAMED } from './api.ts'
import type { Assets } from './assets.ts'
import type { Domains } from './domains.ts'
import {
  type Binding,
  expectBound,
  expectExported,
  type ObjectMigrations,
  readUpload,
  type Resources,
  type UpdateStrategy,
  type Upload,
} from './upload.ts'

export interface Version {
  readonly id: string
  readonly number: number
  readonly createdOn: string
  readonly annotations: Readonly<Record<string, string>>
  readonly main: string
  readonly modules: ReadonlyMap<string, string>
  /** Without secrets. */
  readonly bindings: readonly Binding[]
  readonly secrets: ReadonlyMap<string, string>
  readonly compatibilityDate: string | undefined
  readonly compatibilityFlags: readonly string[]
  /** The last migration of object classes that had been applied when it was uploaded. */
  readonly migrationTag: string | undefined
  readonly assets: ReadonlyMap<string, Buffer> | undefined
}

interface Traffic {
  readonly version_id: string
  readonly percentage: number
}

export interface Deployment {
  readonly id: string
  readonly source: string
  readonly strategy: 'percentage'
  readonly author_email: string
  readonly created_on: string
  readonly annotations: Readonly<Record<string, string>>
  readonly versions: readonly Traffic[]
  readonly code_update_strategy: UpdateStrategy | undefined
}

export interface WorkerState {
  readonly name: string
  readonly tag: string
  migrationTag: string | undefined
  readonly classes: Set<string>
  /** The latest first. */
  versions: readonly Version[]
  /** The latest first. */
  deployments: readonly Deployment[]
  subdomain: { enabled: boolean; previews_enabled: boolean }
  schedules: readonly string[]
  settings: Readonly<Record<string, unknown>>
}

/** What has to run now: the versions of the latest deployment, each with its share of the traffic in percent. */
export interface Served {
  readonly worker: WorkerState
  readonly traffic: readonly { readonly version: Version; readonly percentage: number }[]
}

interface Options {
  readonly resources: Omit<Resources, 'hasClass'>
  readonly assets: Assets
  readonly domains: Domains
  readonly run: (served: Served) => Promise<void>
}

const AUTHOR = 'operator@example.com'
/** How many of the latest versions can be deployed. */
const DEPLOYABLE = 100

const missing = (): ApiError => new ApiError(404, 10_007, 'This Worker does not exist on your account.')

export class Workers {
  readonly byName = new Map<string, WorkerState>()
  readonly #options: Options

  constructor(options: Options) {
    this.#options = options
  }

  /** Adds a Worker with one version that serves, as if it had been deployed before. */
  async install(name: string, version: Partial<Version>, classes: readonly string[] = []): Promise<WorkerState> {
    const worker = this.byName.get(name) ?? this.#add(name)
    worker.migrationTag = version.migrationTag ?? worker.migrationTag
    for (const one of classes) worker.classes.add(one)
    const [latest] = worker.versions
    const made = this.#newVersion(worker, { ...latest, ...version, annotations: version.annotations ?? {} })
    await this.#deploy(worker, [{ version_id: made.id, percentage: 100 }])
    return worker
  }

  async answer(call: Call): Promise<unknown> {
    const [, kind, name = '', ...rest] = call.path.split('/')
    const { domains, assets } = this.#options
    switch (kind) {
      case 'subdomain':
        return domains.account()
      case 'domains':
        return domains.attached(call.query)
      case 'assets':
        return assets.upload(call)
      case 'services':
        return this.#service(name)
      case 'workers': {
        const worker = this.#worker(name)
        return { id: worker.tag, name, subdomain: worker.subdomain }
      }
      case 'scripts':
        return this.#script(call, name, rest)
      default:
        throw noRoute(call)
    }
  }

  #service(name: string): unknown {
    const worker = this.byName.get(name)
    if (worker === undefined) throw new ApiError(404, 10_090, 'This service does not exist on your account.')
    const script = { tag: worker.tag, tags: [], migration_tag: worker.migrationTag, last_deployed_from: 'wrangler' }
    return { id: name, default_environment: { environment: 'production', script } }
  }

  async #script(call: Call, name: string, rest: readonly string[]): Promise<unknown> {
    const [part = '', id] = rest
    if (part === '' && call.method === 'PUT') return this.#put(call, name)
    if (part === 'assets-upload-session' && call.method === 'POST') return this.#options.assets.begin(call)
    const worker = this.#worker(name)
    switch (`${call.method} ${part}`) {
      case 'GET versions':
        return id === undefined
          ? { items: worker.versions.slice(0, DEPLOYABLE).map(shown) }
          : shown(this.#version(worker, id))
      case 'POST versions':
        return this.#upload(call, worker)
      case 'GET deployments':
        return { deployments: worker.deployments }
      case 'POST deployments':
        return this.#share(call, worker)
      case 'GET secrets':
        return [...(worker.versions[0]?.secrets.keys() ?? [])].map((one) => ({ name: one, type: 'secret_text' }))
      case 'PUT secrets': {
        const { name: secret, text } = jsonOf(call) as { name: string; text: string }
        await this.#changeSecrets(worker, (secrets) => secrets.set(secret, text))
        return { name: secret, type: 'secret_text' }
      }
      case 'DELETE secrets':
        await this.#changeSecrets(worker, (secrets) => {
          if (!secrets.delete(decodeURIComponent(id ?? ''))) throw new ApiError(404, 10_056, 'Secret not found')
        })
        return null
      case 'GET settings':
        return { bindings: worker.versions[0]?.bindings ?? [] }
      case 'PATCH script-settings':
        worker.settings = { ...worker.settings, ...(jsonOf(call) as object) }
        return worker.settings
      case 'GET subdomain':
        return worker.subdomain
      case 'POST subdomain':
        worker.subdomain = jsonOf(call)
        return worker.subdomain
      case 'PUT schedules':
        worker.schedules = (jsonOf(call) as { cron: string }[]).map(({ cron }) => cron)
        return { schedules: worker.schedules }
      case 'POST domains':
      case 'PUT domains':
        return this.#options.domains.ofWorker(name, call)
      default:
        throw noRoute(call)
    }
  }

  /** `PUT scripts/<name>`: a version that gets all the traffic at once, and the only way to apply migrations of object classes. */
  async #put(call: Call, name: string): Promise<unknown> {
    const upload = await readUpload(call)
    const known = this.byName.get(name)
    const worker = known ?? newWorker(name)
    const classes = classesAfter(worker, upload.metadata.migrations)
    const version = this.#versionOf(worker, upload, classes)
    // Only now: an upload that is refused leaves no Worker behind, and no class.
    if (known === undefined) this.byName.set(name, worker)
    worker.classes.clear()
    for (const one of classes) worker.classes.add(one)
    worker.migrationTag = upload.metadata.migrations?.new_tag ?? worker.migrationTag
    const made = this.#newVersion(worker, { ...version, migrationTag: worker.migrationTag })
    await this.#deploy(worker, [{ version_id: made.id, percentage: 100 }], {}, upload.metadata.code_update_strategy)
    return { id: name, startup_time_ms: 10, etag: made.id, deployment_id: made.id.replaceAll('-', '') }
  }

  /** `POST scripts/<name>/versions`: a version without traffic. */
  async #upload(call: Call, worker: WorkerState): Promise<unknown> {
    const upload = await readUpload(call)
    if (upload.metadata.migrations !== undefined)
      throw new ApiError(
        400,
        10_211,
        'Version upload failed. You attempted to upload a version of a Worker that includes a Durable Object migration, but migrations must be fully applied by running "wrangler deploy".',
      )
    const made = this.#newVersion(worker, this.#versionOf(worker, upload, worker.classes))
    return { ...shown(made), startup_time_ms: 10 }
  }

  #versionOf(
    worker: WorkerState,
    upload: Upload,
    classes: ReadonlySet<string>,
  ): Omit<Version, 'id' | 'number' | 'createdOn'> {
    const { metadata } = upload
    const [latest] = worker.versions
    const sent = metadata.bindings.filter(({ type }) => type !== 'secret_text' && type !== 'inherit')
    const keeps = (type: string): boolean => metadata.keep_bindings?.includes(type) ?? false
    const names = new Set(metadata.bindings.map(({ name }) => name))
    for (const { type, name } of metadata.bindings)
      if (type === 'inherit' && !latest?.bindings.some((one) => one.name === name) && !latest?.secrets.has(name))
        throw new ApiError(400, 10_057, `inherit binding '${name}' is invalid`)
    const kept = (latest?.bindings ?? []).filter(({ type, name }) => keeps(type) && !names.has(name))
    const bindings = [...sent, ...kept]
    expectBound([...bindings, ...metadata.bindings.filter(({ type }) => type === 'secret_text')], {
      ...this.#options.resources,
      hasClass: (name) => classes.has(name),
    })
    expectExported(upload, classes)
    const secrets = new Map(keeps('secret_text') ? latest?.secrets : [])
    for (const { type, name, text = '' } of metadata.bindings) if (type === 'secret_text') secrets.set(name, text)
    const assets = metadata.assets && this.#options.assets.filesOf(metadata.assets.jwt)
    if (assets === undefined && bindings.some(({ type }) => type === 'assets'))
      throw new ApiError(400, UNNAMED, 'A binding of assets needs assets')
    return {
      annotations: metadata.annotations ?? {},
      main: upload.main,
      modules: upload.modules,
      bindings,
      secrets,
      compatibilityDate: metadata.compatibility_date,
      compatibilityFlags: metadata.compatibility_flags ?? [],
      migrationTag: worker.migrationTag,
      assets,
    }
  }

  /** `POST scripts/<name>/deployments` */
  async #share(call: Call, worker: WorkerState): Promise<unknown> {
    const {
      versions: traffic,
      strategy,
      annotations = {},
      code_update_strategy,
    } = jsonOf(call) as Partial<Deployment> & Pick<Deployment, 'versions'>
    if (strategy !== 'percentage') throw new ApiError(400, UNNAMED, `Unknown strategy ${String(strategy)}`)
    if (traffic.length < 1 || traffic.length > 2)
      throw new ApiError(400, UNNAMED, `A deployment has one or two versions, not ${traffic.length}`)
    if (traffic.some(({ percentage }) => !(percentage >= 0 && percentage <= 100)))
      throw new ApiError(400, UNNAMED, 'A percentage is a number from 0 to 100')
    if (Math.abs(traffic.reduce((sum, { percentage }) => sum + percentage, 0) - 100) > 0.001)
      throw new ApiError(400, UNNAMED, 'The percentages of a deployment must sum to 100')
    if (new Set(traffic.map(({ version_id }) => version_id)).size !== traffic.length)
      throw new ApiError(400, UNNAMED, 'A version is named twice')
    for (const { version_id } of traffic) this.#expectDeployable(worker, version_id)
    if (call.query.get('force') !== 'true') this.#expectSameSecrets(worker, traffic)
    return this.#deploy(worker, traffic, annotations, code_update_strategy)
  }

  /** Refuses a version that cannot run any more: what it is bound to is gone, its classes are of before a migration, or a hundred
   *  newer ones have been uploaded. */
  #expectDeployable(worker: WorkerState, id: string): void {
    const version = this.#version(worker, id)
    if (worker.versions.indexOf(version) >= DEPLOYABLE)
      throw new ApiError(400, UNNAMED, `Version ${id} is too old: only the latest ${DEPLOYABLE} can be deployed`)
    if (version.migrationTag !== worker.migrationTag)
      throw new ApiError(
        400,
        UNNAMED,
        `Version ${id} cannot be deployed: a Durable Object migration has occurred since (${version.migrationTag ?? 'none'}, now ${worker.migrationTag ?? 'none'})`,
      )
    expectBound(version.bindings, { ...this.#options.resources, hasClass: (name) => worker.classes.has(name) })
  }

  #expectSameSecrets(worker: WorkerState, traffic: readonly Traffic[]): void {
    const running = worker.deployments[0]?.versions.map(({ version_id }) => version_id) ?? []
    const [present] = running.map((id) => this.#version(worker, id)).toSorted((a, b) => b.number - a.number)
    for (const { version_id } of traffic) {
      const version = this.#version(worker, version_id)
      if (present === undefined || running.includes(version_id) || version.number > present.number) continue
      const names = new Set([...version.secrets.keys(), ...present.secrets.keys()])
      const changed = [...names].filter((name) => version.secrets.get(name) !== present.secrets.get(name))
      if (changed.length > 0)
        throw new ApiError(
          400,
          10_220,
          `Secrets have been modified since the version was deployed. The following secrets have changed: ${changed.join(', ')}`,
        )
    }
  }

  /** A secret that is put makes a version of its own, which gets all the traffic. */
  async #changeSecrets(worker: WorkerState, change: (secrets: Map<string, string>) => void): Promise<void> {
    const [latest] = worker.versions
    const [deployment] = worker.deployments
    if (
      deployment !== undefined &&
      !deployment.versions.some((one) => one.version_id === latest?.id && one.percentage === 100)
    )
      throw new ApiError(
        400,
        10_215,
        "Secret edit failed. You attempted to modify a secret, but the latest version of your Worker isn't currently deployed.",
      )
    const secrets = new Map(latest?.secrets)
    change(secrets)
    const made = this.#newVersion(worker, { ...latest, secrets, annotations: { 'workers/triggered_by': 'secret' } })
    await this.#deploy(worker, [{ version_id: made.id, percentage: 100 }], { 'workers/triggered_by': 'secret' })
  }

  #newVersion(worker: WorkerState, given: Partial<Version>): Version {
    const made: Version = {
      main: '',
      modules: new Map(),
      bindings: [],
      secrets: new Map(),
      compatibilityDate: undefined,
      compatibilityFlags: [],
      migrationTag: worker.migrationTag,
      assets: undefined,
      annotations: {},
      ...given,
      id: randomUUID(),
      number: (worker.versions[0]?.number ?? 0) + 1,
      createdOn: this.#now(),
    }
    worker.versions = [made, ...worker.versions]
    return made
  }

  async #deploy(
    worker: WorkerState,
    versions: readonly Traffic[],
    annotations: Readonly<Record<string, string>> = {},
    strategy?: UpdateStrategy,
  ): Promise<Deployment> {
    const deployment: Deployment = {
      id: randomUUID(),
      source: 'wrangler',
      strategy: 'percentage',
      author_email: AUTHOR,
      created_on: this.#now(),
      annotations,
      versions,
      code_update_strategy: strategy,
    }
    worker.deployments = [deployment, ...worker.deployments]
    const traffic = versions.map(({ version_id, percentage }) => ({
      version: this.#version(worker, version_id),
      percentage,
    }))
    await this.#options.run({ worker, traffic })
    return deployment
  }

  #last = 0
  /** Times that never repeat: wrangler sorts by them. */
  #now(): string {
    this.#last = Math.max(this.#last + 1, Date.now())
    return new Date(this.#last).toISOString()
  }

  #add(name: string): WorkerState {
    const worker = newWorker(name)
    this.byName.set(name, worker)
    return worker
  }

  #worker(name: string): WorkerState {
    const worker = this.byName.get(name)
    if (worker === undefined) throw missing()
    return worker
  }

  #version(worker: WorkerState, id: string): Version {
    const version = worker.versions.find((one) => one.id === id)
    if (version === undefined) throw new ApiError(404, UNNAMED, `Version ${id} not found`)
    return version
  }
}

const newWorker = (name: string): WorkerState => ({
  name,
  tag: randomUUID().replaceAll('-', ''),
  migrationTag: undefined,
  classes: new Set(),
  versions: [],
  deployments: [],
  subdomain: { enabled: false, previews_enabled: false },
  schedules: [],
  settings: {},
})

/** Returns the classes that there are after the migrations. Refuses those that do not follow on what was applied. */
function classesAfter(worker: WorkerState, migrations: ObjectMigrations | undefined): ReadonlySet<string> {
  const classes = new Set(worker.classes)
  if (migrations === undefined) return classes
  if (migrations.old_tag !== worker.migrationTag)
    throw new ApiError(412, 10_079, `migration tag precondition failed; current tag is '${worker.migrationTag ?? ''}'`)
  for (const {
    new_sqlite_classes = [],
    new_classes = [],
    deleted_classes = [],
    renamed_classes = [],
  } of migrations.steps) {
    for (const name of [...new_sqlite_classes, ...new_classes]) {
      if (classes.has(name))
        throw new ApiError(
          400,
          10_074,
          `Cannot apply new-class migration to class '${name}' that is already depended on by existing Durable Objects`,
        )
      classes.add(name)
    }
    for (const name of deleted_classes) classes.delete(name)
    for (const { from, to } of renamed_classes) {
      classes.delete(from)
      classes.add(to)
    }
  }
  return classes
}

/** A version as the API shows it: secrets by name only. */
function shown(version: Version): Readonly<Record<string, unknown>> {
  const secrets = [...version.secrets.keys()].map((name) => ({ name, type: 'secret_text' }))
  return {
    id: version.id,
    number: version.number,
    metadata: {
      created_on: version.createdOn,
      modified_on: version.createdOn,
      source: 'wrangler',
      author_id: 'author',
      author_email: AUTHOR,
      has_preview: false,
    },
    annotations: version.annotations,
    resources: {
      script: { etag: version.id, handlers: ['fetch'], last_deployed_from: 'wrangler' },
      script_runtime: {
        compatibility_date: version.compatibilityDate,
        compatibility_flags: version.compatibilityFlags,
        migration_tag: version.migrationTag,
        usage_model: 'standard',
      },
      bindings: [...version.bindings, ...secrets],
    },
  }
}
