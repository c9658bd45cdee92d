/** Accounts as they are found, for tests of plans. */
import type { Account, FoundDatabase, FoundVersion, FoundWorker } from '../../scripts/deploy/account.ts'
import type { Configuration } from '../../scripts/deploy/configuration.ts'
import { type DeployValues, readDeployOptions } from '../../scripts/deploy/options.ts'
import { type Build, inWords, planDeployment, type Planned } from '../../scripts/deploy/plan.ts'

const DATABASE = '11111111-1111-4111-8111-111111111111'

const build: Build = { tag: 'nod-new', release: '0.2.0 abc1234', migrations: ['0001_one.sql', '0002_two.sql'] }

const configuration: Configuration = {
  name: 'nod',
  vars: { ANONYMOUS_CHECK: 'deny' },
  d1_databases: [{ binding: 'DB', database_name: 'nod', database_id: DATABASE }],
  migrations: [{ tag: 'v1' }, { tag: 'v2' }],
}

export const database: FoundDatabase = {
  id: DATABASE,
  name: 'nod',
  jurisdiction: null,
  region: 'weur',
  replication: 'auto',
  migrations: ['0001_one.sql', '0002_two.sql'],
  tables: 30,
  objects: 'none',
}

export const version = (id: string, given: Partial<FoundVersion> = {}): FoundVersion => ({
  id,
  createdOn: `2026-11-0${id.length}T00:00:00.000Z`,
  tag: `nod-${id}`,
  message: 'Nod 0.1.0 0123abc, schema 0002_two',
  migrationTag: 'v2',
  bindings: [
    { type: 'd1', name: 'DB', id: DATABASE },
    { type: 'version_metadata', name: 'CF_VERSION_METADATA' },
  ],
  ...given,
})

export const worker: FoundWorker = {
  migrationTag: 'v2',
  secrets: ['MASTER_KEY', 'ADMIN_LOGIN', 'ADMIN_PASSWORD', 'BREAK_GLASS_SECRET'],
  deployments: [{ createdOn: '2026-11-01T00:00:00.000Z', versions: [{ version_id: 'old', percentage: 100 }] }],
  serving: version('old'),
  kind: 'nod',
}

export const account: Account = {
  id: 'a'.repeat(32),
  database,
  worker,
  missingBuckets: [],
  domains: [],
  subdomain: 'example',
}

interface Given {
  readonly values?: DeployValues
  readonly account?: Partial<Account>
  readonly configuration?: Partial<Configuration>
  readonly build?: Partial<Build>
}

export function plan(given: Given = {}): Planned {
  const options = readDeployOptions({ env: 'production', steps: '10', pause: '0', ...given.values })
  if (!options.ok) throw new Error(options.fault)
  return planDeployment({
    options: options.value,
    configuration: { ...configuration, ...given.configuration },
    account: { ...account, ...given.account },
    build: { ...build, ...given.build },
  })
}

/** The steps of a plan in words, or its refusal. */
export function stepsOf(given?: Given): readonly string[] {
  const planned = plan(given)
  return planned.ok ? planned.value.steps.map(inWords) : [planned.reason, planned.next]
}
