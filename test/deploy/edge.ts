/** Cloudflare's edge, as far as a deployment sees it: runs the versions that share the traffic in workerd, each with its own code,
 *  variables and secrets, on the same objects and databases. A request goes to the version that its override header names, else to one by
 *  the shares. Files of the console are not served. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync, copyFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRuntime } from '../../scripts/lib/runtime.mjs'
import { unwatch } from '../../scripts/lib/watchdog.mjs'
import type { Served } from '../simulation/cloudflare.ts'
import type { Database } from '../simulation/cloudflare/d1.ts'
import type { Version } from '../simulation/cloudflare/workers.ts'

type Runtime = ReturnType<typeof startRuntime>

const ROUTER = `
const dictionary = /(?:^|,)\\s*([\\w-]+)="([^"]*)"/g
export default {
  async fetch(request, env) {
    const asked = [...(request.headers.get('Cloudflare-Workers-Version-Overrides') ?? '').matchAll(dictionary)]
    const wanted = asked.find(([, worker]) => worker === env.WORKER)?.[2]
    let share = Math.random() * 100
    const found = env.TRAFFIC.find(({ id }) => id === wanted) ??
      env.TRAFFIC.find(({ percentage }) => (share -= percentage) < 0) ?? env.TRAFFIC[0]
    return env[found.binding].fetch(request)
  },
}`
const ENTRY = `
import * as built from './index.js'
import { inside, serving } from './version.mjs'
export default serving(built.default)`
const EMPTY = 'export default { fetch: () => new Response(null, { status: 404 }) }'

export class Edge {
  readonly #folder = mkdtempSync(join(tmpdir(), 'nod-edge-'))
  readonly #databases: () => readonly string[]
  #runtime: Runtime | undefined
  #served: Served | undefined
  #port = 0

  /** `databases`: the ids of those in the account. */
  constructor(databases: () => readonly string[]) {
    this.#databases = databases
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Takes a port, so that the address is known before anything serves there. */
  async open(): Promise<void> {
    const probe = createServer().listen(0, '127.0.0.1')
    await once(probe, 'listening')
    this.#port = (probe.address() as { port: number }).port
    probe.close()
    await once(probe, 'close')
  }

  /** Runs these versions from now on. An object whose version changes has ended before it starts anew. */
  async run(served: Served): Promise<void> {
    this.#served = served
    await this.#restart()
  }

  /** The contents of a database, also while no Worker is there. */
  async database(id: string): Promise<Database> {
    await this.#restarting
    if (this.#runtime === undefined || !this.#known.has(id)) await this.#restart()
    return this.#runtime?.getD1Database(bindingOf(id), 'router') as unknown as Promise<Database>
  }

  async stop(): Promise<void> {
    await this.#runtime?.dispose()
    await unwatch()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  readonly #known = new Set<string>()

  #restarting: Promise<unknown> = Promise.resolve()

  /** One after the other: two runtimes on the same files would lock each other out. */
  #restart(): Promise<void> {
    const done = this.#restarting.then(() => this.#start())
    this.#restarting = done.catch(() => undefined)
    return done
  }

  async #start(): Promise<void> {
    await this.#runtime?.dispose()
    const ids = this.#databases()
    for (const id of ids) this.#known.add(id)
    const traffic = this.#served?.traffic ?? []
    const workers = traffic.map(({ version }, at) => this.#worker(version, at, traffic))
    this.#runtime = startRuntime({
      host: '127.0.0.1',
      port: this.#port,
      workers: [
        {
          name: 'router',
          modules: true,
          script: ROUTER,
          compatibilityDate: '2026-10-20',
          bindings: {
            WORKER: this.#served?.worker.name ?? '',
            TRAFFIC: traffic.map(({ version, percentage }, at) => ({
              id: version.id,
              percentage,
              binding: `VERSION_${at}`,
            })),
          },
          serviceBindings: Object.fromEntries(traffic.map((_, at) => [`VERSION_${at}`, `version-${at}`])),
          d1Databases: Object.fromEntries(ids.map((id) => [bindingOf(id), id])),
        },
        { name: 'pages', modules: true, script: EMPTY },
        ...workers,
      ],
      resourcePersistencePath: join(this.#folder, 'data'),
      cf: false,
      logRequests: false,
    } as never)
    await this.#runtime.ready
  }

  #worker(version: Version, at: number, traffic: Served['traffic']) {
    const folder = join(this.#folder, version.id)
    mkdirSync(folder, { recursive: true })
    // `wrangler secret put` makes a Worker without code.
    writeFileSync(join(folder, 'index.js'), version.modules.get(version.main) ?? EMPTY)
    copyFileSync(join(import.meta.dirname, 'version.mjs'), join(folder, 'version.mjs'))
    const objects = version.bindings.filter(({ type }) => type === 'durable_object_namespace')
    // The local runtime has no jurisdictions: there, a second class with objects of its own stands for one.
    const jurisdiction = version.bindings.find(({ name }) => name === 'JURISDICTION')?.text
    const places = ['', ...(jurisdiction === undefined ? [] : [`_${jurisdiction}`])]
    const classes = objects.flatMap(({ class_name: name = '' }) =>
      places.map((place) => `export const ${name}${place} = inside(built.${name})`),
    )
    writeFileSync(join(folder, 'entry.js'), [ENTRY, ...classes].join('\n'))
    let until = 0
    const bounds = traffic.map(({ percentage }) => (until += percentage))
    const bindings: Record<string, unknown> = {
      CF_VERSION_METADATA: {
        id: version.id,
        tag: version.annotations['workers/tag'] ?? '',
        timestamp: version.createdOn,
      },
      OBJECTS: Object.fromEntries(
        objects.map(({ name }) => [
          name,
          traffic.map((_, other) => ({ binding: `${name}_${other}`, until: bounds[other] })),
        ]),
      ),
      ...Object.fromEntries(version.secrets),
    }
    for (const { type, name, text } of version.bindings) if (type === 'plain_text') bindings[name] = text
    const databases = version.bindings.filter(({ type }) => type === 'd1')
    return {
      name: `version-${at}`,
      modules: [
        { type: 'ESModule', path: join(folder, 'entry.js') },
        { type: 'ESModule', path: join(folder, 'version.mjs') },
        { type: 'ESModule', path: join(folder, 'index.js') },
      ],
      modulesRoot: folder,
      compatibilityDate: version.compatibilityDate,
      compatibilityFlags: version.compatibilityFlags,
      bindings,
      serviceBindings: { ASSETS: 'pages' },
      d1Databases: Object.fromEntries(databases.map((one) => [one.name, one.id ?? one.database_id])),
      // Each version has its own class, and all of them have the same objects.
      durableObjects: Object.fromEntries(
        objects.flatMap(({ name, class_name: className = '' }) =>
          traffic.flatMap((_, other) =>
            places.map((place) => [
              `${name}_${other}${place}`,
              {
                className: `${className}${place}`,
                useSQLite: true,
                unsafeUniqueKey: `${this.#served?.worker.name}-${className}${place}`,
                ...(other === at ? {} : { scriptName: `version-${other}` }),
              },
            ]),
          ),
        ),
      ),
    }
  }
}

const bindingOf = (id: string): string => `DB_${id.replaceAll('-', '')}`
