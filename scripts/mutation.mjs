// `npm run mutation`: changes the code of the pure folders, one place at a time, and reports the changes no test notices.
import { spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readNumber, readOptions } from './lib/command-line.mjs'
import { quietEnvironment, root } from './lib/tools.mjs'

const USAGE = `Mutation tests by Stryker: changes the code in one place, runs the tests in Node, and lists the changes none of them notices.

  npm run mutation                       all of src/protocol and src/rules: about an hour
  npm run mutation -- src/rules/login    one folder; several may be named
  --at-once <number>                     test processes at a time, 1 unless set

Installs Stryker in .nod/mutation the first time. What was tested before and has not changed since is not tested again:
results are kept there. docs/mutation.md lists the survivors that stay, with reasons.`

const { values, positionals } = readOptions(USAGE, {
  allowPositionals: true,
  options: { 'at-once': { type: 'string', default: '1' } },
})
// Not below a folder of sources, which other checks read file by file.
const home = join(root, '.nod/mutation')
const stryker = join(home, 'node_modules/@stryker-mutator/core/bin/stryker.js')

mkdirSync(home, { recursive: true })
if (!existsSync(stryker)) {
  for (const file of ['package.json', 'package-lock.json', '.npmrc'])
    copyFileSync(join(root, 'scripts/mutation', file), join(home, file))
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], home)
}

const folders = positionals.length > 0 ? positionals : ['protocol', 'rules'].flatMap(foldersIn)
let survivors = 0
for (const folder of folders) survivors += await mutate(folder)
console.log(`\n${survivors} changes that no test notices; docs/mutation.md says which stay, and why`)

/** @param {string} room */
function foldersIn(room) {
  return readdirSync(join(root, 'src', room), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [`src/${room}/${entry.name}`] : [],
  )
}

/** Mutates one folder, prints its survivors, and returns how many they are.
 *  @param {string} folder */
async function mutate(folder) {
  const name = folder.replace(/^src\/|\/$/g, '').replaceAll('/', '-')
  const report = join(home, `${name}.json`)
  const config = join(home, `${name}.config.json`)
  writeFileSync(
    config,
    JSON.stringify({
      mutate: [`${folder.replace(/\/$/, '')}/**/*.ts`],
      testRunner: 'vitest',
      plugins: [join(home, 'node_modules/@stryker-mutator/vitest-runner/dist/src/index.js')],
      vitest: { configFile: 'scripts/mutation/vitest.config.ts' },
      // Stryker would read it with the API of TypeScript, which 7 does not have.
      tsconfigFile: 'none',
      coverageAnalysis: 'perTest',
      // A change to a table that is made when the file loads would run every test.
      ignoreStatic: true,
      incremental: true,
      incrementalFile: join(home, `${name}.incremental.json`),
      concurrency: readNumber('at-once', values['at-once']),
      timeoutMS: 2000,
      timeoutFactor: 2,
      reporters: ['json'],
      jsonReporter: { fileName: report },
      tempDirName: '.nod/mutation/sandbox',
      ignorePatterns: ['.nod', '.wrangler', 'dist'],
      allowConsoleColors: false,
    }),
  )
  await run(process.execPath, [stryker, 'run', config, '--logLevel', 'warn'], root)
  return printSurvivors(folder, JSON.parse(readFileSync(report, 'utf8')).files)
}

/** @typedef {{ line: number, column: number }} Position */
/** @typedef {{ status: string, mutatorName: string, replacement?: string, location: { start: Position, end: Position } }} Mutant */

/** @param {string} folder
 *  @param {Record<string, { source: string, mutants: Mutant[] }>} files */
function printSurvivors(folder, files) {
  let count = 0
  for (const [path, { source, mutants }] of Object.entries(files)) {
    const lines = source.split('\n')
    const tested = mutants.filter(({ status }) => status !== 'Ignored')
    const lost = tested.filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
    count += lost.length
    if (lost.length > 0) console.log(`\n${path}: ${lost.length} of ${tested.length}`)
    for (const { status, location, replacement = '' } of lost) {
      const { start, end } = location
      const line = lines[start.line - 1] ?? ''
      const code = line.slice(start.column - 1, end.line === start.line ? end.column - 1 : undefined).trim()
      const why = status === 'NoCoverage' ? ' (no test runs it)' : ''
      console.log(`  ${start.line}: ${code} -> ${replacement.replaceAll(/\s+/g, ' ')}${why}`)
    }
  }
  console.log(`\n${folder}: ${count} survivors`)
  return count
}

/** @param {string} command
 *  @param {string[]} args
 *  @param {string} cwd
 *  @returns {Promise<void>} */
function run(command, args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: quietEnvironment(), stdio: ['ignore', 'inherit', 'inherit'] })
    child.on('error', reject)
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`${command} ended with ${code}`))))
  })
}
