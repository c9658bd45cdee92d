/** What wrangler would deploy, by its own account. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { quietEnvironment, runNode, wrangler } from '../../scripts/lib/tools.mjs'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nod-wrangler-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const deploy = (options: readonly string[], env: Record<string, string> = {}) =>
  runNode([wrangler, 'deploy', '--dry-run', '--outdir', folder, ...options], { env: { ...quietEnvironment(), ...env } })

it('a bare deploy takes callers with a key only', async () => {
  const { code, stdout } = await deploy([])
  expect(code).toBe(0)
  expect(stdout).toContain('env.ANONYMOUS_CHECK ("deny")')
  expect(stdout).not.toContain('"allow"')
})

it('a deploy to an environment that nobody described is refused, because it would be another Worker on the same database', async () => {
  const [byOption, byVariable] = await Promise.all([
    deploy(['--env', 'production']),
    deploy([], { CLOUDFLARE_ENV: 'staging' }),
  ])
  for (const { code, stderr } of [byOption, byVariable]) {
    expect(code).toBe(1)
    expect(stderr).toContain('No environment found in configuration with name')
  }
})
