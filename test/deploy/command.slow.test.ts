/** The commands themselves, with the real wrangler and a simulated Cloudflare. deploy.slow.test.ts deploys. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { quietEnvironment, root, runNode } from '../../scripts/lib/tools.mjs'
import { Cloudflare } from '../simulation/cloudflare.ts'

let account: Cloudflare
beforeAll(async () => {
  account = await Cloudflare.start({ database: () => expect.unreachable('there is no database') })
})
afterAll(() => account.stop())

const run = (script: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
  runNode([join(root, `scripts/${script}.ts`), ...args], {
    env: { ...quietEnvironment(), ...account.environment, ...environment },
  })

it('npm run deploy asks an empty account nothing but where the data is to be, and changes nothing', async () => {
  const [undecided, stranger] = await Promise.all([
    run('deploy', []),
    run('rollback', [], { CLOUDFLARE_API_TOKEN: 'wrong' }),
  ])
  expect(undecided).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/\nNext: npm run deploy -- --jurisdiction none/),
  })
  expect(stranger).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^Cloudflare refuses the credential .*Authentication error/),
  })
  expect(account.calls.filter((call) => !call.startsWith('GET '))).toEqual([])
})
