import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { withDatabaseId } from '../../scripts/deploy/configuration.ts'
import { modulePath, quietEnvironment, root } from '../../scripts/lib/tools.mjs'
import { commandBlocks } from '../docs/commands.ts'
import type { EnrolledUser } from '../driver/driver.ts'
import { OwnNod } from './own-nod.ts'

// Runs the commands of docs/operating.md, block by block in the order of the page, as an operator would: in a checkout that they
// may change, against a Nod that serves, with an account at a simulated Cloudflare. Before a block its scene is set.

let own: OwnNod
let ada: EnrolledUser
const checkout = () => own.path('checkout')
const home = () => own.path('home')

beforeAll(async () => {
  own = await OwnNod.start()
  ada = await own.driver.enroll('ada', { pin: '1234' })
  mkdirSync(home())
  mkdirSync(checkout())
  for (const name of [
    'bench',
    'client',
    'console',
    'docs',
    'migrations',
    'package.json',
    'package-lock.json',
    'scripts',
    'src',
    'test',
  ])
    cpSync(join(root, name), join(checkout(), name), { recursive: true })
  for (const name of ['tsconfig.json', 'wrangler.toml', 'worker-configuration.d.ts'])
    cpSync(join(root, name), join(checkout(), name))
  symlinkSync(modulePath(''), join(checkout(), 'node_modules'))
  await ownDatabase()
  await own.cloudflare.capture(Date.now() - 3_600_000)
})
afterAll(() => own.remove())

/** Deployed, as `npm run deploy` leaves it: the database has an id, and wrangler.toml names it. */
async function ownDatabase(): Promise<void> {
  const id = randomUUID()
  own.cloudflare.databaseId = id
  const file = join(checkout(), 'wrangler.toml')
  writeFileSync(file, withDatabaseId(readFileSync(file, 'utf8'), id) ?? '')
  await own.start()
}

/** What has happened before a block is run, and what has to be true after it. */
interface Scene {
  readonly before?: () => Promise<void>
  readonly after?: () => Promise<void>
}

const adaLogsIn = async (): Promise<void> => expect(await own.logIn(ada, '1234')).toBe('ACCEPT')

const SCENES: Readonly<Record<string, Scene>> = {
  serving: { after: adaLogsIn },
  stopped: {
    before: () => own.stop(),
    after: async () => {
      await own.start()
      await adaLogsIn()
    },
  },
  deleted: {
    before: async () => {
      await own.cloudflare.lose()
      own.cloudflare.databaseId = undefined
      const reply = await own.driver.service.check({ ...ada.owner, pass: '1234' })
      expect(reply.status).toBe(503)
    },
    after: adaLogsIn,
  },
  // The block before has deployed.
  upgraded: {
    before: async () => expect(own.cloudflare.workers.byName.get('nod')?.deployments.length).toBeGreaterThan(2),
    after: adaLogsIn,
  },
  elsewhere: { before: () => own.leaveAccount(), after: adaLogsIn },
}

function run(script: string): Promise<{ code: number | null; output: string }> {
  const { PATH = '' } = process.env
  const env = { ...quietEnvironment(), PATH, HOME: home(), ...own.environment }
  for (const name of ['NOD_KEY', 'PORT']) delete (env as Record<string, string | undefined>)[name]
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-euo', 'pipefail', '-c', script], {
      cwd: checkout(),
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}

describe('docs/operating.md', () => {
  const blocks = commandBlocks('docs/operating.md').filter((block) => (block.excuse ?? block.elsewhere) === undefined)

  it.each(blocks.map((block) => [`${block.heading}, line ${block.line}`, block] as const))(
    'says what works: %s',
    { timeout: 240_000 },
    async (_name, { scene = 'serving', script }) => {
      const { before, after } = SCENES[scene] ?? expect.unreachable(`no scene ${scene}`)
      await before?.()
      const { code, output } = await run(script)
      expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' })
      await after?.()
    },
  )

  it('changes nothing in this checkout', () => {
    expect(readFileSync(join(checkout(), 'wrangler.toml'), 'utf8')).not.toBe(
      readFileSync(join(root, 'wrangler.toml'), 'utf8'),
    )
  })
})
