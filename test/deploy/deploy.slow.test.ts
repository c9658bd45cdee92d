/** A company deploys, upgrades, breaks and rolls back: the real wrangler, a simulated Cloudflare, and both versions in workerd. */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Service } from '../simulation/service.ts'
import { Company, type Ended } from './company.ts'

let company: Company
beforeAll(async () => {
  company = await Company.start()
})
afterAll(() => company.remove())

/** Two builds and some starts of wrangler, on a busy machine. */
const timeout = 280_000

const expectDone = ({ code, stdout, stderr }: Ended): string => {
  expect({ code, stderr: code === 0 ? '' : stderr, stdout: code === 0 ? '' : stdout }).toEqual({
    code: 0,
    stderr: '',
    stdout: '',
  })
  return stdout
}
const expectRefused = ({ code, stderr }: Ended): string => {
  expect(code).toBe(1)
  expect(stderr).toMatch(/\bNext: |Next:\n/)
  return stderr
}
const deployments = () =>
  (company.worker?.deployments ?? []).map(({ versions }) => versions.map(({ percentage }) => percentage))
const health = async (): Promise<number> => (await fetch(`${company.edge.url}/healthz`)).status

const FINALIZE = 'src/operations/login/finalize.ts'
const BROKEN = "  if (route !== '') throw new Error('broken')\n"

/** Another version: it says so in the log when it starts. */
const changeCode = (name: string): void =>
  company.edit('src/index.ts', (text) => text.replace('export default {', `console.log('${name}')\nexport default {`))

describe('a first deployment', { timeout }, () => {
  it('is tried without changing anything', async () => {
    const said = expectDone(await company.run('deploy', ['--jurisdiction', 'none', '--location', 'eeur', '--dry-run']))
    expect(said).toContain('create the database nod in Eastern Europe')
    expect(said).toContain('Nothing was changed (--dry-run).')
    expect(company.cloudflare.calls.filter((call) => !call.startsWith('GET '))).toEqual([])
  })

  it('on a machine that is thrown away makes no secrets', async () => {
    const refused = await company.run('deploy', ['--jurisdiction', 'none'], { CI: 'true', NOD_KEY: 'a.key' })
    expect(expectRefused(refused)).toMatch(/openssl rand -base64 32 \| npx wrangler secret put MASTER_KEY/)
    expect(company.worker).toBeUndefined()
  })

  it('makes the database and the secrets, and logs in with a simulated phone', async () => {
    const said = expectDone(await company.run('deploy', ['--jurisdiction', 'none', '--location', 'eeur']))
    expect(said).toMatch(/a login took \d+ ms\n\nDone\./)
    expect(said).toContain(`console    ${company.edge.url}/console/`)
    expect(company.cloudflare.d1.listed).toMatchObject([{ name: 'nod', created_in_region: 'EEUR', jurisdiction: null }])
    expect(company.read('wrangler.toml')).toContain(`database_id = "${company.cloudflare.databaseId}"`)
    expect(company.shares).toBe('1: 100 %')
    expect(await health()).toBe(200)
  })

  it('keeps the secrets it has made where only their owner can read them', () => {
    const file = join(company.checkout, '.nod/deployments/production.json')
    expect(statSync(file).mode & 0o077).toBe(0)
    const kept = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>
    const [version] = company.worker?.versions ?? []
    expect(kept).toEqual(Object.fromEntries(version?.secrets ?? []))
  })

  it('leaves nothing of its test behind', async () => {
    const [tokens] = await (
      await company.edge.database(company.cloudflare.databaseId ?? '')
    ).batch([
      (await company.edge.database(company.cloudflare.databaseId ?? '')).prepare('SELECT COUNT(*) AS n FROM tokens'),
    ])
    expect(tokens?.results).toEqual([{ n: 0 }])
  })

  it('repeated changes nothing, and tests once more', async () => {
    const before = deployments()
    expect(expectDone(await company.run('deploy'))).toMatch(/a login took/)
    expect(deployments()).toEqual(before)
  })
})

describe('a later deployment', { timeout }, () => {
  beforeAll(async () => {
    // From now on policies say who may have a phone: nobody outside of this realm. And every login waits for the phone.
    const { ADMIN_LOGIN = '', ADMIN_PASSWORD = '' } = JSON.parse(
      company.read('.nod/deployments/production.json'),
    ) as Record<string, string>
    const administrator = new Service({ baseUrl: company.edge.url })
    await administrator.auth(ADMIN_LOGIN, ADMIN_PASSWORD)
    await administrator.call('POST', '/realm/corp')
    const action = { push_registration_url: `${company.edge.url}/ttype/push`, push_firebase_configuration: 'poll only' }
    await administrator.setPolicy('phones', 'enrollment', action, { realm: 'corp' })
    await administrator.setPolicy('wait', 'authentication', { push_wait: '20', push_require_presence: true })
  })

  it('is tested without traffic, then gets a tenth, then all', async () => {
    changeCode('second')
    const said = expectDone(await company.run('deploy', ['--pause', '1']))
    expect(said.match(/a login took/g)).toHaveLength(5)
    expect(deployments()).toEqual([[100], [90, 10], [100, 0], [100]])
    expect(company.worker?.deployments[0]?.code_update_strategy).toEqual({ mode: 'deferred', max_delay: 300 })
    expect(company.shares).toBe('2: 100 %')
  })

  it('leaves no user of its test behind', async () => {
    const database = await company.edge.database(company.cloudflare.databaseId ?? '')
    const [counts] = await database.batch([
      database.prepare('SELECT (SELECT COUNT(*) FROM tokens) AS tokens, (SELECT COUNT(*) FROM users) AS users'),
    ])
    expect(counts?.results).toEqual([{ tokens: 0, users: 0 }])
  })

  it('that cannot log anybody in gets no traffic', async () => {
    company.edit(FINALIZE, (text) => text.replace('  const may = ', `${BROKEN}  const may = `))
    const refused = expectRefused(await company.run('deploy', ['--pause', '0']))
    expect(refused).toMatch(/^A login through the version \S+ failed at: finalize\./)
    expect(refused).toMatch(/All traffic is with the version before again/)
    expect(company.shares).toBe('2: 100 %')
    expect(deployments()[1]).toEqual([100, 0])
  })

  it('needs somebody who can log in', async () => {
    const wrong = { ADMIN_LOGIN: 'admin', ADMIN_PASSWORD: 'not the password of it' }
    expect(expectRefused(await company.run('deploy', ['--pause', '0'], wrong))).toMatch(
      /admin cannot sign in .*set NOD_KEY/,
    )
    expect(company.shares).toBe('2: 100 %')
  })
})

describe('a rollback', { timeout }, () => {
  it('says what stays, and changes nothing if it is only tried', async () => {
    const said = expectDone(await company.run('rollback', ['--dry-run']))
    expect(said).toMatch(
      /! Only code, variables and secrets go back\. The database, what objects store, domains and addresses stay/,
    )
    expect(company.shares).toBe('2: 100 %')
  })

  it('gives all traffic and all objects to the version before, and tests it', async () => {
    expect(expectDone(await company.run('rollback'))).toMatch(/a login took \d+ ms/)
    expect(company.shares).toBe('1: 100 %')
    expect(company.worker?.deployments[0]?.code_update_strategy).toEqual({ mode: 'immediate' })
  })

  it('is refused where a secret has changed since, because the version would bring the old one back', async () => {
    const [version] = company.worker?.versions.toReversed() ?? []
    const secrets = new Map([
      ...(version?.secrets ?? []),
      ['BREAK_GLASS_SECRET', 'a secret of thirty-two letters or more'],
    ])
    await company.cloudflare.workers.install('nod', { ...version, secrets })
    const refused = expectRefused(await company.run('rollback'))
    expect(refused).toMatch(
      /these have changed since: BREAK_GLASS_SECRET\.\nNext: deploy the earlier code with the present secrets/,
    )
    expect(company.cloudflare.calls.some((call) => call.includes('force'))).toBe(false)
  })
})

describe('new object classes', { timeout }, () => {
  it('are not made unless the operator asks for them', async () => {
    company.edit(FINALIZE, (text) => text.replace(BROKEN, ''))
    company.edit('src/index.ts', (text) => `${text}\nexport class Later extends Counter {}\n`)
    company.edit('wrangler.toml', (text) =>
      text
        .replace(
          '[[durable_objects.bindings]]',
          '[[durable_objects.bindings]]\nname = "LATER"\nclass_name = "Later"\n\n[[durable_objects.bindings]]',
        )
        .replace(
          '\n[observability]\n',
          '\n[[migrations]]\ntag = "v4"\nnew_sqlite_classes = ["Later"]\n\n[observability]\n',
        ),
    )
    expect(expectRefused(await company.run('deploy'))).toMatch(
      /new object classes \(v3 to v4\).*\nNext: npm run deploy -- --object-classes/,
    )
  })

  it('come with all traffic at once, and end the way back', async () => {
    const said = expectDone(await company.run('deploy', ['--object-classes']))
    expect(said).toMatch(/! Object classes change \(v3 to v4\)/)
    expect(company.worker?.migrationTag).toBe('v4')
    expect([...(company.worker?.classes ?? [])]).toContain('Later')
    expect(expectRefused(await company.run('rollback'))).toMatch(/object classes have changed \(v3, now v4\)/)
  })
})

describe('staging', { timeout }, () => {
  it('is a deployment of its own, from the same wrangler.toml', async () => {
    company.served = 'nod-staging'
    const said = expectDone(
      await company.run('deploy', ['--env', 'staging', '--jurisdiction', 'none', '--location', 'weur']),
    )
    expect(said).toMatch(/to staging: the Worker nod-staging/)
    expect(company.cloudflare.d1.listed.map(({ name }) => name)).toEqual(['nod', 'nod-staging'])
    const [production, staging] = ['nod', 'nod-staging'].map(
      (name) => company.cloudflare.workers.byName.get(name)?.versions[0],
    )
    const bound = (version: typeof staging) =>
      version?.bindings.map(({ name, type }) => `${type} ${name}`).toSorted((a, b) => a.localeCompare(b))
    expect(bound(staging)).toEqual(bound(production))
    expect(staging?.bindings.find(({ name }) => name === 'DB')?.id).not.toBe(
      production?.bindings.find(({ name }) => name === 'DB')?.id,
    )
    expect(staging?.secrets.get('MASTER_KEY')).not.toBe(production?.secrets.get('MASTER_KEY'))
    // Production's file names production's database only.
    expect(company.read('wrangler.toml')).toContain(`database_id = "${company.cloudflare.databaseId}"`)
  })
})
