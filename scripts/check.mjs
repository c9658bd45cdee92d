// `npm test`: everything a change has to pass. A failing run ends with the failures, and the last line is always
// `N passed, N failed`: every stage counts as one, and every test.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { currentBuild } from './lib/build-cache.mjs'
import { hasChromium } from './lib/chromium.mjs'
import { readNumber, readOptions } from './lib/command-line.mjs'
import { buildPages } from './lib/pages.mjs'
import { modulePath, quietEnvironment, root, wrangler } from './lib/tools.mjs'

const USAGE = `Runs what a change has to pass: generated types, types, lint, format, dead code, tests.

  npm test               everything a change has to pass
  npm test -- <file>...  only these test files; part of a path is enough
  npm run test:fast      the static checks, and the tests that run in Node or inside workerd: about a minute
  npm run test:all       also what is slow, or needs programs that are not Nod's; property and fuzz tests draw a seed

  --seed <number>        the seed of property and fuzz tests

Prints a line for each stage, then the failures, and last \`N passed, N failed\`.`
const { values: options, positionals: files } = readOptions(USAGE, {
  allowPositionals: true,
  options: {
    all: { type: 'boolean', default: false },
    fast: { type: 'boolean', default: false },
    seed: { type: 'string' },
  },
})
const isAll = options.all
const canBrowse = await hasChromium()
// The gate always runs the same cases: a change is not to blame for what a drawn case finds.
const drawn = isAll ? Date.now() % 1_000_000 : undefined
const seed = options.seed === undefined ? drawn : readNumber('seed', options.seed)
const env = {
  // The tests start Node hundreds of times, and each compiles the same modules.
  NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/nod/compiled'),
  ...quietEnvironment(),
  ...(isAll ? { NOD_TEST_ALL: '1' } : {}),
  ...(seed === undefined ? {} : { NOD_TEST_SEED: String(seed) }),
}
const scratch = mkdtempSync(join(tmpdir(), 'nod-check-'))
const sources = ['src', 'client', 'test', 'scripts', 'bench', 'examples', 'console', 'vitest.config.ts'].filter(
  (path) => existsSync(join(root, path)),
)

/** @typedef {{ passed: number, failed: number, text: string }} Count */
/** @typedef {{ name: string, run: () => Promise<Count> }} Stage */

const vitest = modulePath('vitest/vitest.mjs')
const oxfmt = modulePath('oxfmt/bin/oxfmt')
const oxlint = modulePath('oxlint/bin/oxlint')
const tsc = modulePath('typescript/bin/tsc')
const knip = modulePath('knip/bin/knip.js')

/** @type {Stage[]} */
const checks = [
  { name: 'generated types', run: generatedTypes },
  { name: 'types of src', run: () => program([tsc, '-p', 'tsconfig.json']) },
  { name: 'types of the client', run: () => program([tsc, '-p', 'client/tsconfig.json']) },
  { name: 'types of tests in workerd', run: () => program([tsc, '-p', 'tsconfig.test.json']) },
  { name: 'types of scripts and tests in Node', run: () => program([tsc, '-p', 'tsconfig.node.json']) },
  { name: 'types of the console', run: () => program([tsc, '-p', 'console/tsconfig.json']) },
  { name: 'lint', run: () => program([oxlint, '--deny-warnings', ...sources]) },
  { name: 'format (npm run format)', run: () => program([oxfmt, '--check', ...sources]) },
  { name: 'dead code', run: () => program([knip]) },
  {
    name: 'policies as documented (npm run docs)',
    run: () => program([join(root, 'scripts/policy-docs.ts'), '--check']),
  },
  // Built here, because else each Nod that the tests start at the same time would build it.
  { name: 'bundle', run: bundled },
  {
    name: 'operations of the client as served (npm run client)',
    run: () => program([join(root, 'scripts/client-types.ts'), '--check']),
  },
]
/** @type {Stage[]} Tests in workerd run one after the other, so that parts of them use both cores. */
const fastTests = [
  ...[1, 2].map((part) => ({
    name: `tests in workerd, part ${part} of 2`,
    run: () => suite(['workerd'], [`--shard=${part}/2`]),
  })),
  { name: 'tests in Node', run: () => suite(['pure']) },
]
/** @type {Stage[]} The slowest begin first. The recordings wait for challenges to expire, which beside the rest costs no time. */
const tests = [
  ...[1, 2].map((part) => ({
    name: `stories, part ${part} of 2`,
    run: () => suite(['stories'], [`--shard=${part}/2`]),
  })),
  { name: 'recordings', run: () => suite(['golden']) },
  { name: 'tests', run: () => suite(['pure', 'workerd']) },
  { name: 'served', run: () => suite(['served']) },
  // `test:all` needs a Chromium; a change is checked on a machine without one, too.
  ...(isAll || canBrowse ? [{ name: 'console', run: () => suite(['console']) }] : []),
]

/** How many runs of tests go on at a time: of two cores, each leaves some to the others. */
const AT_ONCE = 5

const startedAt = performance.now()
/** @type {(Count & { name: string })[]} */
const results = []
/** @type {Set<number>} */
const groups = new Set()
/** How many suites have a report of their own. */
let reports = 0

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {
    for (const group of groups) end(group)
    rmSync(scratch, { recursive: true, force: true })
    process.exit(130)
  })
}

if (seed !== undefined) console.log(`seed ${seed}`)
if (!canBrowse) console.log('No Chromium: the console is not tested in a browser.')
await buildPages()
if (files.length > 0) await inTurns([{ name: files.join(' '), run: () => suite([], files) }], 1)
else if (options.fast) await inTurns([...fastTests, ...checks], AT_ONCE)
else {
  await inTurns(checks, availableParallelism())
  await inTurns(tests, AT_ONCE)
}
rmSync(scratch, { recursive: true, force: true })

const passed = results.reduce((sum, result) => sum + result.passed, 0)
const failed = results.reduce((sum, result) => sum + result.failed, 0)
const failures = results.filter((result) => result.failed > 0)
console.log(
  `${failures.length === 0 ? 'All passed' : `Failed: ${failures.map(({ name }) => name).join(', ')}`} in ${since(startedAt)}`,
)
for (const { name, text } of failures) console.log(`\n--- ${name} ---\n${text}`)
if (failures.length > 0 && seed !== undefined) console.log(`\nThe seed was ${seed}.`)
console.log(`\n${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0

/** Runs stages in the order of the list, `width` of them at a time.
 *  @param {readonly Stage[]} list
 *  @param {number} width */
async function inTurns(list, width) {
  const waiting = [...list]
  const worker = async () => {
    for (let stage = waiting.shift(); stage !== undefined; stage = waiting.shift()) {
      const from = performance.now()
      const count = await stage.run()
      console.log(`${count.failed === 0 ? 'ok    ' : 'FAILED'}  ${stage.name}  (${since(from)})`)
      results.push({ name: stage.name, ...count })
    }
  }
  await Promise.all(Array.from({ length: width }, worker))
}

/** @param {string[]} args
 *  @returns {Promise<Count>} */
async function program(args) {
  const { code, text } = await run(args, 5)
  return code === 0 ? { passed: 1, failed: 0, text } : { passed: 0, failed: 1, text }
}

/** @returns {Promise<Count>} */
async function bundled() {
  try {
    await currentBuild()
    return { passed: 1, failed: 0, text: '' }
  } catch (error) {
    return { passed: 0, failed: 1, text: String(error) }
  }
}

/** What wrangler would generate from wrangler.toml, against what is committed. Side by side, since the imports in it
 *  are relative; the head names the command that made it, and so differs. */
async function generatedTypes() {
  const [committed, fresh] = ['worker-configuration.d.ts', 'worker-configuration.check.d.ts']
  const flags = ['--strict-vars=false', '--include-runtime=false', '--env-file=.dev.vars.example']
  try {
    const made = await run([wrangler, 'types', fresh, ...flags], 2)
    if (made.code !== 0) return { passed: 0, failed: 1, text: made.text }
    if (body(committed) === body(fresh)) return { passed: 1, failed: 0, text: '' }
    return { passed: 0, failed: 1, text: `${committed} is out of date: npm run types` }
  } finally {
    rmSync(join(root, fresh), { force: true })
  }
}

/** @param {string} file */
function body(file) {
  const path = join(root, file)
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []
  return lines.filter((line) => !line.startsWith('//')).join('\n')
}

/** Runs vitest, and reports only what failed.
 *  @param {string[]} projects all of them if empty
 *  @param {string[]} [filters] parts of the paths of test files, or options of vitest
 *  @returns {Promise<Count>} */
async function suite(projects, filters = []) {
  const file = join(scratch, `${reports++}.json`)
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
  const chosen = projects.flatMap((project) => ['--project', project])
  const { code, text } = await run([vitest, 'run', ...filters, ...chosen, ...reporters], isAll ? 40 : 8)
  const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { numPassedTests: 0, numFailedTests: 0 }
  const { numPassedTests: good, numFailedTests: bad } = report
  // A file that does not load, or an error outside of any test, fails the run without failing a test.
  return { passed: good, failed: bad === 0 && code !== 0 ? 1 : bad, text: failuresIn(text) }
}

/** The part of vitest's output that reports failures; all of it if there is no such part.
 *  @param {string} text */
function failuresIn(text) {
  const start = text.search(/^\S*⎯+ (?:Failed|Unhandled) /m)
  const part = start === -1 ? text : text.slice(start)
  return part.replace(/\n+ Test Files {2}[\s\S]*$/, '').trim()
}

/** Runs a program in a process group of its own. Nothing of it runs when this returns.
 *  @param {string[]} args
 *  @param {number} minutes after which it is killed
 *  @returns {Promise<{ code: number | null, text: string }>} */
function run(args, minutes) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    const { pid = 0 } = child
    groups.add(pid)
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (more) => (text += more))
    const timer = setTimeout(() => {
      text += `\nStill running after ${minutes} minutes: ended.`
      end(pid)
    }, minutes * 60_000)
    child.on('error', reject)
    child.on('exit', () => end(pid))
    child.on('close', (code) => {
      clearTimeout(timer)
      groups.delete(pid)
      resolve({ code, text: stripVTControlCharacters(text).trim() })
    })
  })
}

/** @param {number} group */
function end(group) {
  try {
    process.kill(-group, 'SIGKILL')
  } catch {
    // already empty
  }
}

/** @param {number} from */
function since(from) {
  return `${((performance.now() - from) / 1000).toFixed(1)} s`
}
