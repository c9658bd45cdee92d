/** `npm run release`: makes a release, or checks one. */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endWithUsage, readOptions } from './lib/command-line.mjs'
import { Fault, modulePath, root } from './lib/tools.mjs'
import { advisoryText, askForAdvisories } from './release/advisories.ts'
import { inCheckout, newCommit } from './release/new-commit.ts'
import { git, run } from './release/programs.ts'
import {
  checksumsOf,
  differingFiles,
  isSigner,
  publicKeyOf,
  sign,
  signerLine,
  SUMS,
  verify,
  writeChecksums,
} from './release/signature.ts'
import { CHANGELOG, checkVersion, releasedChanges, VERSION_FILES, withVersion } from './release/version.ts'

const SIGNERS = 'release-signers'

const USAGE = `Makes a release of what is committed, or checks one.

  npm run release -- <version> --key <file> [--dry-run]
  npm run release -- verify <folder> [--build] [--signers <file>]

  --key <file>       the OpenSSH key that signs, private or, for a key on a token or in the agent, public; it has to be listed
                     in ${SIGNERS}
  --dry-run          all but the tests, the commit and the tag; without --key nothing is signed
  --accept-advisories  release although the registry knows vulnerabilities

  --build            also build this checkout, and compare it with the release
  --signers <file>   whose signatures count (${SIGNERS} of this checkout)

A release is a commit with the new version, which is tested and built twice in different places; dist/release/<version> with
bundle, pages, migrations, client and SBOMs, their checksums and a signature of these; and a signed tag. It pushes and
publishes nothing.`

const { values, positionals } = readOptions(USAGE, {
  allowPositionals: true,
  options: {
    key: { type: 'string' },
    'dry-run': { type: 'boolean', default: false },
    'accept-advisories': { type: 'boolean', default: false },
    build: { type: 'boolean', default: false },
    signers: { type: 'string', default: join(root, SIGNERS) },
  },
})
const isDryRun = values['dry-run']

async function main(): Promise<void> {
  const [first, folder] = positionals
  if (first === undefined) endWithUsage('The version is missing')
  if (first !== 'verify') return release(first)
  if (folder === undefined) endWithUsage('The folder of the release is missing')
  await verify(folder, values.signers)
  console.log(`${folder} is signed, and all its files are what was signed.`)
  if (values.build) await compareWithCheckout(folder)
}

async function release(version: string): Promise<void> {
  const { version: last } = JSON.parse(read('package.json')) as { readonly version: string }
  const tag = `v${version}`
  const tags = (await git(['tag', '--list', 'v*'])).split('\n')
  checkVersion(
    version,
    last,
    tags.every((one) => one === ''),
  )
  if (tags.includes(tag)) throw new Fault(`There is a tag ${tag} already`)
  const changed = await git(['status', '--porcelain'])
  if (changed !== '') throw new Fault(`Commit first what has changed:\n${changed}`)
  const { key } = values
  if (key === undefined && !isDryRun) endWithUsage('--key is missing')
  if (key !== undefined) await checkKey(key)
  checkAdvisories()

  const day = new Date().toISOString().slice(0, 10)
  const { changelog, changes } = releasedChanges(read(CHANGELOG), version, day)
  const files = new Map<string, string>([
    ...VERSION_FILES.map((path) => [path, withVersion(path, read(path), last, version)] as const),
    [CHANGELOG, changelog],
  ])
  if (!isDryRun) {
    console.log('Running the tests')
    await run('npm', ['test', '--silent'])
  }
  const commit = await newCommit(files, `release: ${version}`)
  const built = await buildTwice(commit, version)
  if (key !== undefined) await sign(built, key)
  if (isDryRun) {
    console.log(`${built}: ${readFileSync(join(built, SUMS), 'utf8').split('\n').length - 1} files`)
    console.log(`A dry run: no commit, no tag${key === undefined ? ', nothing is signed' : ''}.`)
    return
  }
  const branch = await git(['branch', '--show-current'])
  await git(['merge', '--quiet', '--ff-only', commit])
  const signing = ['-c', 'gpg.format=ssh', '-c', `user.signingkey=${key}`]
  await git([...signing, 'tag', '--sign', '-F', '-', '--cleanup=whitespace', tag], {
    input: `Nod ${version}\n\n${changes}\n`,
  })
  console.log(`${built}
The tag ${tag} is on ${branch}. To publish: git push origin ${branch} ${tag}, and the folder as it is.`)
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8')

async function checkKey(key: string): Promise<void> {
  if (!existsSync(key)) throw new Fault(`There is no key ${key}`)
  const publicKey = await publicKeyOf(key)
  if (!isSigner(await git(['show', `HEAD:${SIGNERS}`]), publicKey))
    throw new Fault(
      `Nobody could check a signature by ${key}. First commit this line of ${SIGNERS}:\n${signerLine(publicKey)}`,
    )
}

function checkAdvisories(): void {
  const advisories = askForAdvisories()
  console.log(advisoryText(advisories))
  if ('found' in advisories && advisories.found.length > 0 && !values['accept-advisories'])
    throw new Fault('Update these packages first, or say --accept-advisories')
}

const buildIn = (checkout: string, folder: string, at: string): Promise<string> =>
  run(process.execPath, [join(checkout, 'scripts/release/build.ts'), folder, at], { cwd: checkout })

/** Builds a commit in two places, and returns the folder with it. Throws a Fault if the builds differ. */
async function buildTwice(commit: string, version: string): Promise<string> {
  const at = new Date(await git(['show', '--no-patch', '--format=%cI', commit])).toISOString()
  const target = join(root, 'dist/release', version)
  const scratch = mkdtempSync(join(tmpdir(), 'nod-release-'))
  try {
    const folders = ['one', 'two'].map((name) => join(scratch, name))
    for (const folder of folders) {
      console.log(`Building ${commit.slice(0, 12)}`)
      await inCheckout(commit, modulePath(''), (checkout) => buildIn(checkout, folder, at))
      writeChecksums(folder)
    }
    const [one = '', two = ''] = folders
    const differences = differingFiles(checksumsOf(one), checksumsOf(two))
    if (differences.length > 0) throw new Fault(`Two builds differ in ${differences.join(', ')}`)
    console.log('Both builds are the same.')
    rmSync(target, { recursive: true, force: true })
    cpSync(one, target, { recursive: true })
    return target
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Builds the commit that is checked out, and compares it with a release. Throws a Fault if they differ. */
async function compareWithCheckout(folder: string): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'nod-release-'))
  try {
    const at = new Date(await git(['show', '--no-patch', '--format=%cI', 'HEAD'])).toISOString()
    const built = join(scratch, 'built')
    await inCheckout('HEAD', modulePath(''), (checkout) => buildIn(checkout, built, at))
    const differences = differingFiles(readFileSync(join(folder, SUMS), 'utf8'), checksumsOf(built))
    if (differences.length > 0) throw new Fault(`This checkout builds something else: ${differences.join(', ')}`)
    console.log('This checkout builds the same bytes.')
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

try {
  await main()
} catch (error) {
  console.error(error instanceof Fault ? error.message : error)
  process.exitCode = 1
}
