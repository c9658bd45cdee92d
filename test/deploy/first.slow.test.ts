/** First deployments of several kinds: in a jurisdiction with an archive and a domain, and by the button "Deploy to Cloudflare". */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Company, type Ended } from './company.ts'

const timeout = 280_000
const succeeded = ({ code, stdout, stderr }: Ended): string => {
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
}

describe('a deployment in the European Union', { timeout }, () => {
  let company: Company
  beforeAll(async () => {
    company = await Company.start()
    company.cloudflare.domains.zones.set('example.com', new Set())
    company.edit('wrangler.toml', (toml) =>
      toml
        .replace(/^# (\[\[r2_buckets\]\]|binding = "AUDIT_ARCHIVE"|bucket_name = "nod-audit")$/gm, '$1')
        .replace(/^# (\[\[routes\]\]|pattern = "nod.example.com"|custom_domain = true)$/gm, '$1'),
    )
  })
  afterAll(() => company.remove())

  it('is refused while its archive would be elsewhere', async () => {
    const { code, stderr } = await company.run('deploy', ['--jurisdiction', 'eu'])
    expect(code).toBe(1)
    expect(stderr).toBe(
      'The bucket nod-audit would be in the jurisdiction none, and the rest in eu.\nNext: add jurisdiction = "eu" to [[r2_buckets]] in wrangler.toml\n',
    )
    company.edit('wrangler.toml', (toml) =>
      toml.replace('bucket_name = "nod-audit"', 'bucket_name = "nod-audit"\njurisdiction = "eu"'),
    )
  })

  it('has database, bucket and objects there, and a domain', async () => {
    const said = succeeded(await company.run('deploy', ['--jurisdiction', 'eu']))
    expect(said).toContain('create the database nod in the jurisdiction eu, for good')
    expect(said).toMatch(/a login took \d+ ms/)
    expect(company.cloudflare.d1.listed).toMatchObject([{ name: 'nod', jurisdiction: 'eu' }])
    expect([...company.cloudflare.buckets.names]).toEqual(['eu/nod-audit'])
    expect(company.read('wrangler.toml')).toMatch(/^JURISDICTION = "eu" # for good$/m)
    expect(company.worker?.versions[0]?.bindings).toContainEqual(
      expect.objectContaining({ name: 'JURISDICTION', text: 'eu' }),
    )
    expect(company.cloudflare.domains.domains.get('nod.example.com')?.service).toBe('nod')
  })

  it('cannot leave it', async () => {
    const before = company.read('wrangler.toml')
    company.edit('wrangler.toml', (toml) =>
      toml.replace(/^JURISDICTION = .*\n/m, '').replace('\njurisdiction = "eu"', ''),
    )
    const { code, stderr } = await company.run('deploy')
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^The objects of this deployment are in the jurisdiction eu, .*\nNext: set JURISDICTION = "eu" in wrangler\.toml\n$/,
    )
    company.edit('wrangler.toml', () => before)
  })

  it('does not take a domain away from another Worker', async () => {
    company.edit('wrangler.toml', (toml) => toml.replace('nod.example.com', 'shop.example.com'))
    const domain = { id: 'd', hostname: 'shop.example.com', service: 'shop', zone_name: 'example.com' }
    company.cloudflare.domains.domains.set('shop.example.com', domain)
    const { code, stderr } = await company.run('deploy')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^shop\.example\.com belongs to the Worker shop\./)
    expect(company.cloudflare.domains.domains.get('shop.example.com')).toBe(domain)
  })
})

describe('the button "Deploy to Cloudflare"', { timeout }, () => {
  const build = { CI: 'true', WORKERS_CI: '1' }
  let company: Company
  beforeAll(async () => {
    company = await Company.start()
    // What Cloudflare has made from the form: the database, whose id it writes into the file, and an empty Worker.
    const { uuid } = company.cloudflare.d1.add('nod')
    company.edit('wrangler.toml', (toml) => toml.replace(/^database_id = "[^"]*"/m, `database_id = "${uuid}"`))
    await company.cloudflare.workers.install('nod', {})
  })
  afterAll(() => company.remove())

  it('outside of a build is no reason to write over an empty Worker', async () => {
    const { code, stderr } = await company.run('deploy', [], { NOD_KEY: 'a.key' })
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^The account has a Worker nod that is not Nod\.\nNext: /),
    })
  })

  it('without secrets deploys a Nod that serves nobody, and says what it lacks', async () => {
    const said = succeeded(await company.run('deploy', [], build))
    expect(said).toMatch(/not yet: Nod starts once it has the secrets MASTER_KEY, ADMIN_LOGIN, ADMIN_PASSWORD/)
    const health = await fetch(`${company.edge.url}/healthz`)
    expect(health.status).toBe(500)
    expect(await health.text()).toMatch(/MASTER_KEY/)
    const check = await fetch(`${company.edge.url}/validate/check`, {
      method: 'POST',
      body: new URLSearchParams({ user: 'ada', pass: '1' }),
    })
    expect(check.status).toBe(500)
  })

  it('with them deploys a Nod that serves, by its health, which is all that can be tested there', async () => {
    const [version] = company.worker?.versions ?? []
    const secrets = {
      MASTER_KEY: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=',
      ADMIN_LOGIN: 'admin',
      ADMIN_PASSWORD: 'correct horse battery',
    }
    await company.cloudflare.workers.install('nod', { ...version, secrets: new Map(Object.entries(secrets)) })
    const said = succeeded(await company.run('deploy', ['--pause', '0', '--force'], build))
    expect(said).toMatch(/Without a credential only the health of the version is tested/)
    expect((await fetch(`${company.edge.url}/healthz`)).status).toBe(200)
  })
})
