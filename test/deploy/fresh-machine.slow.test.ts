/** A fresh machine follows docs/operating.md to a served staging deployment, and docs/integrating.md to a login there: the commands of
 *  both pages, a checkout of its own with packages from the registry, the real wrangler and a simulated Cloudflare. */
import { execFileSync, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { quietEnvironment, root } from '../../scripts/lib/tools.mjs'
import { commandBlocks } from '../docs/commands.ts'
import { Company } from './company.ts'

let company: Company
beforeAll(async () => {
  company = await Company.start()
  company.served = 'nod-staging'
})
afterAll(() => company.remove())

/** The machine's user has no other tools than the checkout, and an account at Cloudflare. */
function run(folder: string, script: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
  const { CI: _, ...quiet } = quietEnvironment()
  const PATH = `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`
  const env: Record<string, string | undefined> = {
    ...quiet,
    PATH,
    HOME: company.folder,
    ...company.cloudflare.environment,
  }
  for (const name of ['NOD_KEY', 'ADMIN_LOGIN', 'ADMIN_PASSWORD', 'MASTER_KEY', 'WORKERS_CI']) delete env[name]
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-euo', 'pipefail', '-c', script], {
      cwd: folder,
      env: { ...env, NOD_URL: company.edge.url, ...more },
      detached: true,
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
    child.on('error', reject)
    child.on('exit', (code) => {
      try {
        process.kill(-(child.pid ?? 0), 'SIGTERM')
      } catch {
        // Nothing is left of it.
      }
      if (code === 0) resolve(output)
      else reject(new Error(`exit code ${code}:\n${output}`))
    })
  })
}

const commandsBelow = (heading: string): string =>
  commandBlocks('docs/operating.md')
    .filter((block) => block.heading === heading && block.elsewhere !== undefined)
    .map(({ script }) => script)
    .join('\n')

it('serves staging, and logs users in there', { timeout: 580_000 }, async () => {
  // The account is simulated, and what is cloned is this checkout, with what is not committed yet.
  const first = commandsBelow('Deploy')
    .split('\n')
    .filter((line) => line.startsWith('git clone') || line.startsWith('npm ci'))
  expect(first).toHaveLength(2)
  await run(company.folder, first[0]?.replace('<this repository>', root) ?? '')
  const checkout = join(company.folder, 'nod')
  const changes = execFileSync('git', ['-C', root, 'diff', 'HEAD', '--binary'], { maxBuffer: 2 ** 28 })
  if (changes.length > 0) execFileSync('git', ['-C', checkout, 'apply'], { input: changes })
  await run(checkout, first[1] ?? '')

  const staging = commandsBelow('Staging')
  expect(staging).toContain('--env staging')
  expect(await run(checkout, staging)).toMatch(/a login took \d+ ms\n\nDone\./)
  expect((await fetch(`${company.edge.url}/healthz`)).status).toBe(200)

  const kept = readFileSync(join(checkout, '.nod/deployments/staging.json'), 'utf8')
  const { ADMIN_LOGIN, ADMIN_PASSWORD } = JSON.parse(kept) as Record<'ADMIN_LOGIN' | 'ADMIN_PASSWORD', string>
  const integrating = commandBlocks('docs/integrating.md').map(({ script }) => script)
  const environment = { ADMIN_LOGIN, ADMIN_PASSWORD, PLUGIN_PASSWORD: 'plugin-of-staging' }
  expect(await run(checkout, integrating.join('\n'), environment)).toContain('"authentication":"ACCEPT"')
})
