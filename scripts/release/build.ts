/** Builds what a release holds from the checkout that this file stands in: `node scripts/release/build.ts <folder> <ISO time>`. Two builds
 *  of a commit give the same bytes, wherever they were made. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundle } from '../lib/bundle.mjs'
import { pageEnvironment, PAGES } from '../lib/pages.mjs'
import { Fault, modulePath, root, runNode } from '../lib/tools.mjs'
import { npm } from './programs.ts'
import { packagePathsIn, releaseSbom, type Sbom } from './sbom.ts'

interface SourceMap {
  readonly sources: readonly string[]
  readonly sourceRoot?: string
}

async function build(folder: string, at: string): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'nod-build-'))
  try {
    await bundle(join(scratch, 'worker'))
    const map = portableMap(JSON.parse(readFileSync(join(scratch, 'worker/index.js.map'), 'utf8')) as SourceMap)
    mkdirSync(join(folder, 'worker'), { recursive: true })
    cpSync(join(scratch, 'worker/index.js'), join(folder, 'worker/index.js'))
    writeFileSync(join(folder, 'worker/index.js.map'), JSON.stringify(map))
    // wrangler has built them.
    cpSync(PAGES, join(folder, 'assets'), { recursive: true })
    cpSync(join(root, 'migrations'), join(folder, 'migrations'), { recursive: true })
    cpSync(join(root, 'wrangler.toml'), join(folder, 'wrangler.toml'))
    await packClient(folder)
    const shipped = lockedPackages(packagePathsIn([map, ...(await pageMaps(join(scratch, 'pages')))]))
    mkdirSync(join(folder, 'sbom'))
    writeSbom(join(folder, 'sbom/nod.cdx.json'), releaseSbom(await sbomOf(root), 'nod', at, shipped))
    const client = releaseSbom(await sbomOf(join(root, 'client')), '@nod/client', at, new Set())
    writeSbom(join(folder, 'sbom/nod-client.cdx.json'), client)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** The map without paths of this machine. */
function portableMap(map: SourceMap): SourceMap {
  return { ...map, sourceRoot: '', sources: map.sources.map(portablePath) }
}

const portablePath = (source: string): string =>
  source.includes('node_modules/')
    ? source.slice(source.indexOf('node_modules/'))
    : source.replace(/^(?:\.\.\/)+/, '').replace(/^.*?(?=src\/)/, '')

/** The packages at these paths, as `zod@4.6.7`. */
function lockedPackages(paths: ReadonlySet<string>): ReadonlySet<string> {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly version: string }>>
  }
  const named = [...paths].map((path) => {
    const version = packages[path]?.version
    if (version === undefined) throw new Fault(`${path} is in the bundle, and not in package-lock.json`)
    return `${path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)}@${version}`
  })
  return new Set(named)
}

async function packClient(folder: string): Promise<void> {
  const built = await runNode([join(root, 'scripts/client-build.mjs')])
  if (built.code !== 0) throw new Fault(`The client does not build:\n${built.stderr}${built.stdout}`)
  const before = new Set(readdirSync(folder))
  await npm(['pack', '--ignore-scripts', '--pack-destination', folder], join(root, 'client'))
  const packed = readdirSync(folder).find((name) => !before.has(name))
  if (packed === undefined) throw new Fault('npm has packed no client')
  mkdirSync(join(folder, 'client'))
  renameSync(join(folder, packed), join(folder, 'client', packed))
}

/** Source maps of the pages' scripts, built for them alone: those that are shipped have none. */
async function pageMaps(folder: string): Promise<readonly SourceMap[]> {
  const options = ['--outDir', folder, '--logLevel', 'warn', '--sourcemap', 'hidden']
  const vite = modulePath('vite/bin/vite.js')
  const built = await runNode([vite, 'build', '--config', join(root, 'console/vite.config.ts'), ...options], {
    env: pageEnvironment(),
  })
  if (built.code !== 0) throw new Fault(`The console does not build:\n${built.stderr}${built.stdout}`)
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.map'))
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as SourceMap)
}

const sbomOf = async (folder: string): Promise<Sbom> => {
  // All of them, whatever NODE_ENV and the settings of npm say here.
  const all = ['dev', 'optional', 'peer'].map((kind) => `--include=${kind}`)
  // Of the lock file where there is one: what is installed here may be another platform's.
  const lock = readdirSync(folder).includes('package-lock.json') ? ['--package-lock-only'] : []
  return JSON.parse(await npm(['sbom', '--sbom-format', 'cyclonedx', ...all, ...lock], folder)) as Sbom
}

const writeSbom = (path: string, sbom: Sbom): void => writeFileSync(path, `${JSON.stringify(sbom, undefined, 2)}\n`)

const [, , folder = '', at = ''] = process.argv
try {
  mkdirSync(folder, { recursive: true })
  await build(folder, at)
} catch (error) {
  console.error(error instanceof Fault ? error.message : error)
  process.exitCode = 1
}
