import { describe, expect, it } from 'vitest'
import { NO_DATABASE } from '../../scripts/deploy/configuration.ts'
import { account, database, plan, stepsOf, version, worker } from './situation.ts'

const warningsOf = (given?: Parameters<typeof plan>[0]): readonly string[] => {
  const planned = plan(given)
  return planned.ok ? planned.value.warnings : expect.unreachable(planned.reason)
}
const unset = { d1_databases: [{ binding: 'DB', database_name: 'nod', database_id: NO_DATABASE }] }
const empty = { database: undefined, worker: undefined }

describe('the first deployment', () => {
  it('makes the database where it was told, and deploys to all traffic, with the secrets that are missing', () => {
    const values = { jurisdiction: 'none', location: 'apac' }
    expect(stepsOf({ values, account: empty, configuration: unset })).toEqual([
      'create the database nod in Asia-Pacific',
      'apply 2 migrations: 0001_one.sql, 0002_two.sql',
      'deploy the version to all traffic, with the secrets that it lacks: MASTER_KEY, ADMIN_LOGIN, ADMIN_PASSWORD',
      'log in through it with a simulated phone',
    ])
  })

  it('keeps to a jurisdiction, that of the option or of wrangler.toml', () => {
    const [first] = stepsOf({ values: { jurisdiction: 'eu' }, account: empty, configuration: unset })
    expect(first).toBe('create the database nod in the jurisdiction eu, for good')
    const [again] = stepsOf({ account: empty, configuration: { ...unset, vars: { JURISDICTION: 'us' } } })
    expect(again).toBe('create the database nod in the jurisdiction us, for good')
  })

  it('is refused until somebody has decided where the data is', () => {
    expect(stepsOf({ account: empty, configuration: unset })).toEqual([
      expect.stringMatching(/^Nobody has decided yet where the data is kept\. It cannot be changed later/),
      expect.stringMatching(/^npm run deploy -- --jurisdiction none --location weur \(/),
    ])
  })

  it('makes the bucket of the archive, in the same jurisdiction or not at all', () => {
    const bucket = { binding: 'AUDIT_ARCHIVE', bucket_name: 'nod-audit' }
    const made = stepsOf({
      values: { jurisdiction: 'none' },
      account: { ...empty, missingBuckets: [bucket] },
      configuration: { ...unset, r2_buckets: [bucket] },
    })
    expect(made).toContain('create the bucket nod-audit')
    const [reason, next] = stepsOf({
      values: { jurisdiction: 'eu' },
      account: empty,
      configuration: { ...unset, r2_buckets: [bucket] },
    })
    expect(reason).toBe('The bucket nod-audit would be in the jurisdiction none, and the rest in eu.')
    expect(next).toBe('add jurisdiction = "eu" to [[r2_buckets]] in wrangler.toml')
  })

  it('goes on from a Worker that `wrangler secret put` has made', () => {
    const begun = { ...worker, serving: undefined, migrationTag: undefined, kind: 'empty' as const }
    expect(stepsOf({ account: { worker: begun } })).toEqual([
      'deploy the version to all traffic',
      'log in through it with a simulated phone',
    ])
  })
})

describe('a later deployment', () => {
  it('uploads a version, tests it without traffic, then with some, then with all', () => {
    expect(stepsOf({ values: { steps: '10,50', pause: '60' } })).toEqual([
      'upload the version, without traffic',
      'give it 0 % of the traffic',
      'log in through it with a simulated phone',
      'give it 10 % of the traffic',
      'log in through it with a simulated phone',
      'log in through the earlier version with a simulated phone',
      'wait 60 seconds',
      'log in through it with a simulated phone',
      'give it 50 % of the traffic',
      'log in through it with a simulated phone',
      'log in through the earlier version with a simulated phone',
      'wait 60 seconds',
      'log in through it with a simulated phone',
      'give it 100 % of the traffic',
      'log in through it with a simulated phone',
      'set domains and addresses',
    ])
  })

  it('applies migrations first, while the earlier version serves, and says that they stay', () => {
    const given = { account: { database: { ...database, migrations: ['0001_one.sql'] } } }
    expect(stepsOf(given)[0]).toBe('apply 1 migrations: 0002_two.sql')
    expect(warningsOf(given)).toEqual([expect.stringMatching(/^Migrations only add, and are never undone/)])
  })

  it('does nothing again where this very version serves, but tests it', () => {
    const serving = version('old', { tag: 'nod-new' })
    const tested = ['log in through it with a simulated phone', 'set domains and addresses']
    expect(stepsOf({ account: { worker: { ...worker, serving } } })).toEqual(tested)
    expect(stepsOf({ account: { worker: { ...worker, serving } }, values: { force: true } })[0]).toMatch(/^upload/)
  })

  it('does not test the earlier version where that cannot say that it is the one that answers', () => {
    const serving = version('old', { bindings: version('old').bindings.filter(({ type }) => type === 'd1') })
    expect(stepsOf({ account: { worker: { ...worker, serving } } })).not.toContain(
      'log in through the earlier version with a simulated phone',
    )
  })

  it('starts anew where one has stopped half-way, from the version with most of the traffic', () => {
    const versions = [
      { version_id: 'old', percentage: 90 },
      { version_id: 'new', percentage: 10 },
    ]
    const given = { account: { worker: { ...worker, deployments: [{ createdOn: '2026', versions }] } } }
    expect(stepsOf(given)[0]).toBe('upload the version, without traffic')
    expect(warningsOf(given)).toEqual([expect.stringMatching(/^A deployment has stopped half-way/)])
  })

  it('gives a security fix all traffic after the test, and all objects at once', () => {
    const steps = stepsOf({ values: { 'security-fix': true } })
    expect(steps).toEqual([
      'upload the version, without traffic',
      'give it 0 % of the traffic',
      'log in through it with a simulated phone',
      'give it 100 % of the traffic, and all objects at once',
      'log in through it with a simulated phone',
      'set domains and addresses',
    ])
    expect(warningsOf({ values: { 'security-fix': true } })[0]).toMatch(/^A security fix: no shared traffic/)
  })

  it('runs on a database that a later version has migrated', () => {
    const migrations = [...database.migrations, '0003_later.sql']
    expect(stepsOf({ account: { database: { ...database, migrations } } })[0]).toMatch(/^upload/)
  })
})

describe('new object classes', () => {
  const configuration = { migrations: [{ tag: 'v1' }, { tag: 'v2' }, { tag: 'v3' }] }

  it('are made only by somebody who has read that there is no way back', () => {
    expect(stepsOf({ configuration })).toEqual([
      expect.stringMatching(/^This version has new object classes \(v2 to v3\)\. .* no way back/),
      'npm run deploy -- --object-classes',
    ])
  })

  it('come with one deployment of all traffic, because versions cannot carry them', () => {
    const given = { configuration, values: { 'object-classes': true } }
    expect(stepsOf(given)).toEqual(['deploy the version to all traffic', 'log in through it with a simulated phone'])
    expect(warningsOf(given)).toEqual([expect.stringMatching(/^Object classes change \(v2 to v3\)\. .* no way back/)])
  })

  it('of a later version are not taken away by an earlier one', () => {
    const [reason] = stepsOf({ account: { worker: { ...worker, migrationTag: 'v9' } } })
    expect(reason).toBe('The Worker has object classes of a later version (v9; this checkout knows v1, v2).')
  })
})

describe('a deployment is refused', () => {
  it.each<[string, Parameters<typeof plan>[0], RegExp, RegExp]>([
    [
      'with another jurisdiction than that of its objects',
      { configuration: { vars: { JURISDICTION: 'eu' } } },
      /^The objects of this deployment are in the jurisdiction none, .* cannot be changed/,
      /^remove JURISDICTION/,
    ],
    [
      'without the jurisdiction of its objects',
      { account: { database: { ...database, jurisdiction: 'eu', objects: 'eu' } } },
      /in the jurisdiction eu, and the configuration says none/,
      /^set JURISDICTION = "eu"/,
    ],
    [
      'in a jurisdiction on a database that is in none',
      { configuration: { vars: { JURISDICTION: 'eu' } }, account: { database: { ...database, objects: undefined } } },
      /^The database nod is in the jurisdiction none, and the configuration says eu/,
      /npx wrangler d1 delete nod/,
    ],
    [
      'with an option that contradicts wrangler.toml',
      { values: { jurisdiction: 'us' }, configuration: { vars: { JURISDICTION: 'eu' } } },
      /^--jurisdiction us contradicts JURISDICTION = "eu"/,
      /^npm run deploy -- --jurisdiction eu$/,
    ],
    [
      'on another database than the one that serves',
      {
        account: {
          worker: { ...worker, serving: version('old', { bindings: [{ type: 'd1', name: 'DB', id: 'other' }] }) },
        },
      },
      /^The Worker nod serves from the database other, and wrangler\.toml names 1111/,
      /npm run deploy -- --new-database$/,
    ],
    [
      'without the database that serves',
      { account: { database: undefined }, configuration: unset, values: { jurisdiction: 'none' } },
      /^The Worker nod serves already, and there is no database nod/,
      /--new-database$/,
    ],
    [
      'over a Worker of the same name that is not Nod',
      { account: { worker: { ...worker, serving: undefined, kind: 'other' } } },
      /^The account has a Worker nod that is not Nod\.$/,
      /another name in wrangler\.toml/,
    ],
    [
      'on a database of the same name that is not Nod’s',
      { account: { database: { ...database, migrations: ['0001_shop.sql'] }, worker: undefined } },
      /^The database nod \(1111.* has tables that are not Nod's\.$/,
      /another database_name/,
    ],
    [
      'on a database that somebody has made by hand',
      { account: { database: { ...database, migrations: [], objects: undefined }, worker: undefined } },
      /has tables that are not Nod's/,
      /another database_name/,
    ],
    [
      'at a domain that another Worker has',
      { account: { domains: [{ hostname: 'nod.example.com', service: 'shop', hasZone: true }] } },
      /^nod\.example\.com belongs to the Worker shop\. wrangler would take it away/,
      /^remove it from shop/,
    ],
    [
      'at a domain that is not in the account',
      { account: { domains: [{ hostname: 'nod.example.com', service: undefined, hasZone: false }] } },
      /^The account has no zone for nod\.example\.com/,
      /Onboard a domain/,
    ],
    [
      'without any address',
      { account: { subdomain: undefined } },
      /no name below workers\.dev yet/,
      /workers\/onboarding/,
    ],
  ])('%s', (_what, given, reason, next) => {
    expect(stepsOf(given)).toEqual([expect.stringMatching(reason), expect.stringMatching(next)])
  })

  it('with the command of the same environment', () => {
    const [, next] = stepsOf({
      values: { env: 'staging' },
      account: { database: undefined, worker: undefined },
      configuration: unset,
    })
    expect(next).toMatch(/^npm run deploy -- --env staging --jurisdiction none/)
  })
})

describe('a plan leaves to the operator', () => {
  const notesOf = (given?: Parameters<typeof plan>[0]): string => {
    const planned = plan(given)
    return planned.ok ? planned.value.notes.join('\n') : ''
  }

  it('read replication, and says where', () => {
    const off = { ...database, replication: 'disabled' }
    expect(notesOf({ account: { database: off } })).toMatch(
      /^Read replication of D1 is off\. .*https:\/\/dash\.cloudflare\.com\/a{32}\/workers\/d1/,
    )
    expect(notesOf()).not.toMatch(/replication/)
  })

  it('the second way in beside a domain', () => {
    const routes = [{ pattern: 'nod.example.com', custom_domain: true }]
    expect(notesOf({ configuration: { routes } })).toMatch(/set workers_dev = false/)
    expect(notesOf({ configuration: { routes, workers_dev: false } })).not.toMatch(/workers_dev/)
  })

  it('the secret for emergencies', () => {
    expect(notesOf({ account: { ...account, worker: { ...worker, secrets: worker.secrets.slice(0, 3) } } })).toMatch(
      /BREAK_GLASS_SECRET/,
    )
  })
})
