/** What wrangler uploads of a Worker, and what Cloudflare refuses of it. Source: wrangler,
 *  deploy-helpers/src/deploy/helpers/create-worker-upload-form.ts. */
import { ApiError, type Call, formOf, isUuid, PLACEHOLDER, UNNAMED } from './api.ts'

export interface Binding {
  readonly type: string
  readonly name: string
  readonly id?: string
  readonly database_id?: string
  readonly class_name?: string
  readonly bucket_name?: string
  readonly jurisdiction?: string
  readonly namespace_id?: string
  readonly text?: string
}

export interface ObjectMigrations {
  readonly old_tag?: string
  readonly new_tag: string
  readonly steps: readonly {
    readonly new_sqlite_classes?: readonly string[]
    readonly new_classes?: readonly string[]
    readonly deleted_classes?: readonly string[]
    readonly renamed_classes?: readonly { readonly from: string; readonly to: string }[]
  }[]
}

export interface UpdateStrategy {
  readonly mode: 'immediate' | 'deferred'
  readonly max_delay?: number
}

interface Metadata {
  readonly main_module?: string
  readonly bindings: readonly Binding[]
  readonly compatibility_date?: string
  readonly compatibility_flags?: readonly string[]
  readonly keep_bindings?: readonly string[]
  readonly migrations?: ObjectMigrations
  readonly annotations?: Readonly<Record<string, string>>
  readonly assets?: { readonly jwt: string; readonly config?: unknown }
  readonly code_update_strategy?: UpdateStrategy
}

export interface Upload {
  readonly metadata: Metadata
  readonly main: string
  readonly modules: ReadonlyMap<string, string>
}

/** Reads the form. Refuses one without its main module. */
export async function readUpload(call: Call): Promise<Upload> {
  const form = await formOf(call)
  const metadata = JSON.parse(String(form.get('metadata'))) as Metadata
  const modules = new Map<string, string>()
  for (const [name, file] of form) if (typeof file !== 'string') modules.set(name, await file.text())
  const main = metadata.main_module
  if (main === undefined || !modules.has(main)) throw invalid(`No such module "${main ?? ''}".`)
  return { metadata: { ...metadata, bindings: metadata.bindings ?? [] }, main, modules }
}

const invalid = (message: string): ApiError => new ApiError(400, 10_021, message)

/** What the account has of what a Worker may be bound to. */
export interface Resources {
  readonly hasDatabase: (id: string) => boolean
  readonly hasBucket: (name: string, jurisdiction: string) => boolean
  readonly hasClass: (name: string) => boolean
}

const LIMIT_PERIODS = /^\d+$/

/** Refuses a binding to something that there is not. */
export function expectBound(bindings: readonly Binding[], { hasDatabase, hasBucket, hasClass }: Resources): void {
  const names = new Set<string>()
  for (const binding of bindings) {
    const { name, type } = binding
    if (names.has(name))
      throw invalid(`Binding name '${name}' already in use. Please use a different name and try again.`)
    names.add(name)
    switch (type) {
      case 'd1': {
        const id = binding.id ?? binding.database_id ?? ''
        if (!isUuid(id) || id === PLACEHOLDER)
          throw invalid(`binding ${name} of type d1 must have a valid \`id\` specified`)
        if (!hasDatabase(id))
          throw new ApiError(400, 10_181, `D1 binding '${name}' references database '${id}' which was not found`)
        break
      }
      case 'r2_bucket':
        if (!hasBucket(binding.bucket_name ?? '', binding.jurisdiction ?? 'default'))
          throw new ApiError(400, 10_085, `R2 bucket '${binding.bucket_name}' not found.`)
        break
      case 'durable_object_namespace':
        if (!hasClass(binding.class_name ?? ''))
          throw new ApiError(
            400,
            10_061,
            `Cannot create binding for class '${binding.class_name}' because it is not currently configured to implement Durable Objects. Did you forget to apply the class in a migration?`,
          )
        break
      case 'ratelimit':
        if (!LIMIT_PERIODS.test(binding.namespace_id ?? ''))
          throw new ApiError(400, UNNAMED, `namespace_id of '${name}' must be an integer`)
        break
      default:
    }
  }
}

/** Refuses a script that lacks a class whose objects there are. */
export function expectExported({ main, modules }: Upload, classes: Iterable<string>): void {
  const source = modules.get(main) ?? ''
  const exported = [...source.matchAll(/export\s*\{([^}]*)\}/g)].flatMap(([, list = '']) =>
    list.split(',').map(
      (one) =>
        one
          .trim()
          .split(/\s+as\s+/)
          .at(-1) ?? '',
    ),
  )
  const declared = [...source.matchAll(/export\s+class\s+(\w+)/g)].map(([, name = '']) => name)
  for (const name of classes)
    if (![...exported, ...declared].includes(name))
      throw new ApiError(
        400,
        10_064,
        `New version of script does not export class '${name}' which is depended on by existing Durable Objects.`,
      )
}
