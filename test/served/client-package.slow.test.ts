/** The client as npm packs it: imported by every Node of this machine and by workerd, and compiled against by programs that know the
 *  types of Node, of Workers or of browsers. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { startRuntime } from '../../scripts/lib/runtime.mjs'
import { modulePath, root } from '../../scripts/lib/tools.mjs'
import { Driver } from '../driver/driver.ts'

const { url, admin } = inject('served')
const folder = mkdtempSync(join(tmpdir(), 'nod-client-package-'))
const packed = join(folder, 'node_modules', '@nod', 'client')
const nod = new Driver({ url }, { polled: 'client-package' })
let key = ''

function run(program: string, args: readonly string[], cwd = folder): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stdout}${stderr}${error?.message ?? ''}`)
  return stdout
}

beforeAll(async () => {
  run(process.execPath, [join(root, 'scripts/client-build.mjs')])
  const [file = ''] = run('npm', ['pack', '--silent', '--pack-destination', folder], join(root, 'client')).split('\n')
  mkdirSync(packed, { recursive: true })
  run('tar', ['-xzf', join(folder, file), '--strip-components=1', '-C', packed])
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  await nod.signIn(admin)
  await nod.addRealm(nod.realm, 'poll only')
  await nod.enroll('ada')
  key = await nod.serviceKey('package')
})
afterAll(async () => {
  await nod.revokeServiceKey('package')
  await nod.close()
  rmSync(folder, { recursive: true, force: true })
})

it('has the modules, their types, README and license, and no dependency', () => {
  expect(readdirSync(packed).toSorted()).toEqual(['LICENSE', 'README.md', 'dist', 'package.json'])
  const manifest = JSON.parse(readFileSync(join(packed, 'package.json'), 'utf8')) as Record<string, unknown>
  expect(manifest).toMatchObject({ type: 'module', sideEffects: false, license: 'Apache-2.0' })
  expect(manifest).not.toHaveProperty('dependencies')
  expect(manifest['version']).toBe(
    (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as typeof manifest)['version'],
  )
  const scripts = readdirSync(join(packed, 'dist'), { recursive: true, encoding: 'utf8' })
  expect(scripts).toContain('index.d.ts')
  for (const name of scripts.filter((one) => one.endsWith('.js'))) {
    const imports = [...readFileSync(join(packed, 'dist', name), 'utf8').matchAll(/ from '([^']*)'/g)]
    for (const [, specifier = ''] of imports) expect(specifier).toMatch(/^\.\.?\/[\w/-]+\.js$/)
  }
})

const PROGRAM = `import { connect, trigger, wait } from '@nod/client'
export async function open({ url, key, realm }) {
  const nod = connect({ url, key })
  const opened = await trigger(nod, { user: 'ada', realm })
  if (!opened.ok) return opened.failure
  const { status, transactionId } = opened.value
  return { status, waited: await wait(nod, transactionId, { patience: 0 }) }
}
`
const OPENED = { status: 'challenge', waited: { ok: true, value: 'pending' } }

it('opens a login in every Node that is installed here', () => {
  const paths = (process.env['PATH'] ?? '').split(delimiter).map((path) => join(path, 'node'))
  const nodes = [process.execPath, ...paths].filter((path) => spawnSync(path, ['--version']).status === 0)
  const input = JSON.stringify({ url, key, realm: nod.realm })
  writeFileSync(join(folder, 'open.mjs'), `${PROGRAM}console.log(JSON.stringify(await open(${input})))`)
  for (const node of new Set(nodes)) expect(JSON.parse(run(node, ['open.mjs'])), node).toEqual(OPENED)
})

it('opens a login in workerd', async () => {
  const dist = join(packed, 'dist')
  const modules = readdirSync(dist, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.js'))
    .map((name) => ({ type: 'ESModule' as const, path: join(dist, name) }))
  const worker = `${PROGRAM.replace('@nod/client', './index.js')}
export default { fetch: async (request) => Response.json(await open(await request.json())) }`
  const runtime = startRuntime({
    modulesRoot: dist,
    modules: [{ type: 'ESModule', path: join(dist, 'worker.js'), contents: worker }, ...modules],
    compatibilityDate: '2025-01-01',
  })
  try {
    const body = JSON.stringify({ url, key, realm: nod.realm })
    const response = await runtime.dispatchFetch('http://worker.example', { method: 'POST', body })
    expect(await response.json()).toEqual(OPENED)
  } finally {
    await runtime.dispose()
  }
})

describe('a program in TypeScript', () => {
  const source = `import { connect, trigger, call, type Failure, type Outcome, type Token, type ValueOf } from '@nod/client'
const nod = connect({ url: 'https://nod.example', key: 'nod_…' })
const opened = await trigger(nod, { user: 'ada' })
if (opened.ok && opened.value.status === 'challenge') opened.value.transactionId satisfies string
if (!opened.ok) switch (opened.failure.kind) {
  case 'refused': opened.failure.reason satisfies string; break
  case 'unavailable': opened.failure.retryAfter satisfies number | undefined; break
  case 'transport': case 'timeout': case 'aborted': case 'invalid_response': break
  default: opened.failure satisfies never
}
const tokens: Outcome<ValueOf<'GET /token'>> = await call(nod, 'GET /token', { user: 'ada' })
export const serials = tokens.ok ? tokens.value.tokens.map(({ serial }: Token) => serial) : []
// @ts-expect-error a misspelled parameter
await call(nod, 'GET /token', { usr: 'ada' })
// @ts-expect-error a required parameter is missing
await call(nod, 'POST /token/assign', { serial: 'A' })
// @ts-expect-error a PIN is never in an address
await call(nod, 'GET /validate/check', { user: 'ada', pass: '1234' })
// @ts-expect-error there is no such route
await call(nod, 'GET /tokens', {})
// @ts-expect-error a service names whom the login is for
await trigger(nod, {})
export type { Failure }
`

  it.each([
    ['Node', { lib: ['es2022'], types: ['node'], module: 'nodenext' }],
    [
      'Workers',
      { lib: ['es2022'], types: ['@cloudflare/workers-types'], module: 'esnext', moduleResolution: 'bundler' },
    ],
    ['browsers', { lib: ['es2022', 'dom'], types: [], module: 'esnext', moduleResolution: 'bundler' }],
  ])('that knows the types of %s is told what it may call and what it gets', (name, options) => {
    for (const types of ['@types', '@cloudflare'])
      try {
        symlinkSync(join(root, 'node_modules', types), join(folder, 'node_modules', types))
      } catch {
        // It is there from the test before.
      }
    writeFileSync(join(folder, 'program.ts'), source)
    const compilerOptions = {
      target: 'es2022',
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noEmit: true,
      skipLibCheck: name === 'Workers', // its own types do not compile without it
      ...options,
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }))
    expect(run(process.execPath, [modulePath('typescript/bin/tsc'), '-p', folder])).toBe('')
  })
})
