import { describe, expect, it } from 'vitest'
import { experimental_readRawConfig } from 'wrangler'
import {
  type Configuration,
  customDomains,
  NO_DATABASE,
  sharedBetween,
  stagingOf,
  withDatabaseId,
  withJurisdiction,
} from '../../scripts/deploy/configuration.ts'
import { read } from '../docs/repository.ts'

const TOML = read('wrangler.toml')
const configurationIn = (): Configuration =>
  experimental_readRawConfig({ config: 'wrangler.toml' }, { hideWarnings: true }).rawConfig as Configuration
const production = configurationIn()

/** The names of everything a Worker is bound to, by kind. */
const bindings = (one: Configuration) => ({
  databases: one.d1_databases?.map(({ binding }) => binding),
  objects: one.durable_objects?.bindings?.map(({ name, class_name }) => `${name} ${class_name}`),
  limits: one.ratelimits?.map(({ name }) => name),
  migrations: one.migrations?.map(({ tag }) => tag),
  variables: Object.keys(one.vars ?? {}),
})

describe('staging', () => {
  const staging = stagingOf(production)

  it('has every binding, class, limit and variable of production', () => {
    expect(bindings(staging)).toEqual(bindings(production))
    const { name: _, d1_databases: __, ratelimits: ___, workers_dev: ____, env: _____, ...rest } = production
    expect(staging).toMatchObject(rest)
  })

  it('shares nothing with production', () => {
    expect(staging.name).toBe('nod-staging')
    expect(staging.d1_databases?.[0]).toMatchObject({ database_name: 'nod-staging', database_id: NO_DATABASE })
    expect(staging.ratelimits?.map(({ namespace_id }) => namespace_id)).toEqual(['8801', '8802', '8803'])
    expect(sharedBetween(production, staging)).toEqual([])
  })

  it('is not reached at the domain of production, and does not write to its receivers', () => {
    const derived = stagingOf({
      ...production,
      workers_dev: false,
      routes: [{ pattern: 'nod.example.com', custom_domain: true }],
      vars: {
        ...production.vars,
        PUBLIC_URL: 'https://nod.example.com',
        AUDIT_HEAD_URL: 'https://heads.example',
        JURISDICTION: 'eu',
      },
    })
    expect(customDomains(derived)).toEqual([])
    expect(derived.workers_dev).toBe(true)
    expect(derived.vars).toEqual({ ...production.vars, JURISDICTION: 'eu' })
  })

  it('is changed by [env.staging] in single values', () => {
    const changed = stagingOf({
      ...production,
      env: {
        staging: {
          vars: { SIGNING_KEY_BITS: '2048' },
          d1_databases: [{ binding: 'DB', database_name: 'trial', database_id: NO_DATABASE }],
          routes: [{ pattern: 'staging.example.com', custom_domain: true }],
        },
      },
    })
    expect(changed.vars).toEqual({ ...production.vars, SIGNING_KEY_BITS: '2048' })
    expect(changed.d1_databases).toEqual([
      { ...production.d1_databases?.[0], database_name: 'trial', database_id: NO_DATABASE },
    ])
    expect(customDomains(changed)).toEqual(['staging.example.com'])
    expect(changed.durable_objects).toEqual(production.durable_objects)
  })

  it('is refused with a name, a database, a bucket, a limit or a domain of production', () => {
    const id = '11111111-1111-4111-8111-111111111111'
    const own: Configuration = {
      ...production,
      d1_databases: [{ binding: 'DB', database_name: 'nod', database_id: id }],
      r2_buckets: [{ binding: 'AUDIT_ARCHIVE', bucket_name: 'nod-audit' }],
      routes: [{ pattern: 'nod.example.com', custom_domain: true }],
    }
    expect(sharedBetween(own, own)).toEqual([
      'name nod',
      'database_name nod',
      `database_id ${id}`,
      'bucket_name nod-audit',
      'namespace_id 8701',
      'namespace_id 8702',
      'namespace_id 8703',
      'custom domain nod.example.com',
    ])
  })
})

describe('wrangler.toml', () => {
  it('takes the id of the database, and stays as it is otherwise', () => {
    const id = '22222222-2222-4222-8222-222222222222'
    const changed = withDatabaseId(TOML, id) ?? ''
    expect(changed).toContain(`database_id = "${id}" #`)
    expect(changed).toContain(`preview_database_id = "${NO_DATABASE}"`) // that of this machine
    expect(changed.split('\n').filter((line, at) => line !== TOML.split('\n')[at])).toHaveLength(1)
    expect(withDatabaseId('name = "nod"', id)).toBeUndefined()
  })

  it('takes the jurisdiction', () => {
    const changed = withJurisdiction(TOML, 'eu') ?? ''
    expect(changed).toMatch(/^\[vars\]\n(?:.*\n)*?JURISDICTION = "eu" # for good$/m)
    expect(withJurisdiction('[vars]\nFCM_URL = "x"', 'us')).toBe(
      '[vars]\nJURISDICTION = "us" # for good\nFCM_URL = "x"',
    )
    expect(withJurisdiction('name = "nod"', 'us')).toBeUndefined()
  })

  it('lets objects take new code lazily', () => {
    expect(production.durable_objects).toMatchObject({ code_update_strategy: { mode: 'deferred', max_delay: 300 } })
  })
})
