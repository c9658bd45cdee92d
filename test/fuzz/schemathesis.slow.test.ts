/** Runs schemathesis (from PyPI), which generates requests from the API's description in its own way. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { fetchDescription } from '../openapi.ts'
import { type FuzzTarget, openTarget } from './target.ts'

const VERSION = '4.32.5'
const venv = join(process.env['NOD_CACHE'] ?? join(homedir(), '.cache/nod'), `schemathesis-${VERSION}`)
const folder = mkdtempSync(join(tmpdir(), 'nod-schemathesis-'))
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
]

let target: FuzzTarget

beforeAll(async () => {
  if (!existsSync(join(venv, 'installed'))) {
    execFileSync('python3', ['-m', 'venv', venv])
    execFileSync(join(venv, 'bin/pip'), ['install', '--quiet', `schemathesis==${VERSION}`], { stdio: 'inherit' })
    writeFileSync(join(venv, 'installed'), '')
  }
  target = await openTarget()
}, 300_000)
afterAll(async () => {
  await target.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** The description without what is no fault: places that answer 501 and say so, and an address that is too long for the
 *  runtime, which answers by itself. */
async function described(): Promise<string> {
  const document = await fetchDescription(target.url)
  const tooLong = { description: 'The address is too long' }
  const paths = Object.entries(document.paths).flatMap(([path, methods]) => {
    if (Object.values(methods).some(({ responses }) => '501' in responses)) return []
    const said = Object.entries(methods).map(([method, operation]) => {
      const responses = { ...operation.responses, 414: tooLong, 431: tooLong }
      return [method, { ...operation, responses }]
    })
    return [[path, Object.fromEntries(said)]]
  })
  const file = join(folder, 'openapi.json')
  writeFileSync(file, JSON.stringify({ ...document, paths: Object.fromEntries(paths) }))
  return file
}

it.each(['nobody', 'an administrator'])('passes as %s', { timeout: 900_000 }, async (who) => {
  const authorization = who === 'nobody' ? [] : ['-H', `Authorization: ${target.administrators['admin'] ?? ''}`]
  const file = await described()
  const options = [
    'run',
    file,
    '--url',
    target.url,
    ...authorization,
    // A stream of events ends by itself only after the login has.
    '--exclude-path-regex',
    '/events$|^/report/live$|^/transaction/.*/steps$',
    '--phases',
    'examples,coverage,fuzzing',
    '-n',
    '5',
    '-c',
    CHECKS.join(','),
    '--warnings',
    'off',
    '--max-failures',
    '20',
  ]
  const run = spawn(join(venv, 'bin/schemathesis'), options, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  run.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  const [status] = (await once(run, 'close')) as [number | null]
  expect(status, said.slice(-6000)).toBe(0)
})
