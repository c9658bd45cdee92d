/** A company that deploys Nod: a checkout of its own, an account at the simulated Cloudflare, and the edge that serves from it. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { modulePath, quietEnvironment, root, runNode } from '../../scripts/lib/tools.mjs'
import { Cloudflare } from '../simulation/cloudflare.ts'
import type { WorkerState } from '../simulation/cloudflare/workers.ts'
import { Edge } from './edge.ts'

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const PARTS = [
  'console',
  'client',
  'docs',
  'migrations',
  'package.json',
  'package-lock.json',
  'scripts',
  'src',
  'test/simulation',
  'tsconfig.json',
  'tsconfig.node.json',
  'wrangler.toml',
  'worker-configuration.d.ts',
  '.dev.vars.example',
]

export class Company {
  readonly folder = mkdtempSync(join(tmpdir(), 'nod-company-'))
  readonly checkout = join(this.folder, 'checkout')
  readonly edge: Edge
  readonly cloudflare: Cloudflare

  private constructor(edge: Edge, cloudflare: Cloudflare) {
    this.edge = edge
    this.cloudflare = cloudflare
  }

  /** With a checkout as it is cloned, and an account that has nothing. `serves`: whether what is deployed runs in workerd. */
  static async start({ serves = true } = {}): Promise<Company> {
    const edge: Edge = new Edge(() => account.d1.listed.map(({ uuid }) => uuid))
    const account: Cloudflare = await Cloudflare.start({
      database: (id) => edge.database(id),
      run: async (served) => {
        if (serves && served.worker.name === company.served) await edge.run(served)
      },
    })
    await edge.open()
    const company = new Company(edge, account)
    for (const name of PARTS) if (existsSync(join(root, name))) company.#copy(name)
    // Built pages save the seconds of building them; they are of the same sources.
    if (existsSync(join(root, 'dist/assets'))) company.#copy('dist/assets')
    symlinkSync(modulePath(''), join(company.checkout, 'node_modules'))
    return company
  }

  /** The name of the Worker that the edge serves. */
  served = 'nod'

  get worker(): WorkerState | undefined {
    return this.cloudflare.workers.byName.get(this.served)
  }

  /** The shares of the latest deployment, as `12 %, 88 %`, the earliest version first. */
  get shares(): string {
    const { deployments: [latest] = [], versions = [] } = this.worker ?? {}
    const number = (id: string): number => versions.find((one) => one.id === id)?.number ?? 0
    const traffic = (latest?.versions ?? []).toSorted((a, b) => number(a.version_id) - number(b.version_id))
    return traffic.map(({ version_id, percentage }) => `${number(version_id)}: ${percentage} %`).join(', ')
  }

  /** Runs `npm run <script> -- <args>` in the checkout, with what an operator has in the environment. */
  run(
    script: 'deploy' | 'rollback',
    args: readonly string[] = [],
    environment: Readonly<Record<string, string | undefined>> = {},
  ): Promise<Ended> {
    const { PATH = '', TMPDIR = '/tmp' } = process.env
    const { CI: _, ...quiet } = quietEnvironment()
    const env: Record<string, string | undefined> = {
      ...quiet,
      PATH,
      TMPDIR,
      HOME: this.folder,
      ...this.cloudflare.environment,
      NOD_URL: this.edge.url,
      ...environment,
    }
    for (const name of ['NOD_KEY', 'ADMIN_LOGIN', 'ADMIN_PASSWORD', 'MASTER_KEY', 'WORKERS_CI', 'CI'])
      if (environment[name] === undefined) delete env[name]
    return runNode([join(this.checkout, `scripts/${script}.ts`), ...args], { env })
  }

  read(name: string): string {
    return readFileSync(join(this.checkout, name), 'utf8')
  }

  /** Changes a file of the checkout. */
  edit(name: string, change: (text: string) => string): void {
    const before = this.read(name)
    const after = change(before)
    if (after === before) throw new Error(`${name} stays the same`)
    writeFileSync(join(this.checkout, name), after)
  }

  async remove(): Promise<void> {
    await this.edge.stop()
    await this.cloudflare.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  #copy(name: string): void {
    mkdirSync(join(this.checkout, name, '..'), { recursive: true })
    cpSync(join(root, name), join(this.checkout, name), { recursive: true })
  }
}
