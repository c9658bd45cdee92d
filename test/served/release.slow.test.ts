/** A whole release, in a clone of this checkout: the commit, two builds, the signature, the tag; and what checks them shares no line with it. */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from '../../scripts/lib/tools.mjs'

const scratch = mkdtempSync(join(tmpdir(), 'nod-releases-'))
const clone = join(scratch, 'clone')
const key = join(scratch, 'key')
const built = join(clone, 'dist/release/9.8.7')
const TIMEOUT = 240_000

const env = {
  ...process.env,
  GIT_AUTHOR_NAME: 'Grace Hopper',
  GIT_AUTHOR_EMAIL: 'grace@nod.example',
  GIT_COMMITTER_NAME: 'Grace Hopper',
  GIT_COMMITTER_EMAIL: 'grace@nod.example',
}
const run = (program: string, args: readonly string[], cwd = clone): string =>
  execFileSync(program, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
const git = (...args: readonly string[]): string => run('git', args).trim()
const commit = (what: string): unknown => [git('add', '-A'), git('commit', '--quiet', '-m', what)]

function release(...args: readonly string[]): { readonly code: number | null; readonly output: string } {
  const ended = spawnSync(process.execPath, ['scripts/release.ts', ...args], { cwd: clone, env, encoding: 'utf8' })
  return { code: ended.status, output: ended.stdout + ended.stderr }
}

const testScript = (script: string): void => {
  const path = join(clone, 'package.json')
  writeFileSync(path, readFileSync(path, 'utf8').replace(/"test": "[^"]*"/, `"test": "${script}"`))
}

const filesOf = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(folder, name)).isFile())

beforeAll(() => {
  for (const program of ['git', 'ssh-keygen', 'sha256sum'])
    if (spawnSync(program, ['--version']).error !== undefined)
      throw new Error(`${program} is missing: releases are made and checked with it`)
  run('git', ['clone', '--quiet', '--shared', '--no-tags', root, clone], scratch)
  // What is not committed here is part of what is tested.
  const changed = run('git', ['ls-files', '--modified', '--others', '--exclude-standard'], root)
  for (const path of changed.split('\n'))
    if (path !== '' && existsSync(join(root, path))) cpSync(join(root, path), join(clone, path))
  symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'))
  run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'nod', '-f', key], scratch)
  testScript('node -e 0')
  commit('tests: none')
}, TIMEOUT)
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

describe('npm run release', () => {
  it('refuses a key that nobody knows, changes that are not committed, and tests that fail', () => {
    expect(release('9.8.7')).toMatchObject({ code: 2 })
    const unknown = release('9.8.7', '--key', key)
    expect([unknown.code, unknown.output]).toEqual([
      1,
      expect.stringContaining('nod-release namespaces="nod-release,git" ssh-ed25519'),
    ])
    const line = unknown.output.split('\n').find((one) => one.startsWith('nod-release '))
    appendFileSync(join(clone, 'release-signers'), `${line}\n`)
    expect(release('9.8.7', '--key', key).output).toContain('Commit first what has changed')
    testScript('exit 1')
    commit('tests: broken')
    const before = git('rev-parse', 'HEAD')
    expect(release('9.8.7', '--key', key)).toMatchObject({
      code: 1,
      output: expect.stringContaining('npm test --silent has failed'),
    })
    expect([git('rev-parse', 'HEAD'), git('tag'), git('status', '--porcelain')]).toEqual([before, '', ''])
    testScript('node -e 0')
    commit('tests: mended')
  })

  it('makes a commit, two builds that are the same, signed checksums and a signed tag', { timeout: TIMEOUT }, () => {
    const { code, output } = release('9.8.7', '--key', key)
    expect(output).toContain('Both builds are the same.')
    expect(output).toMatch(/No known vulnerabilities|does not say whether|Known vulnerabilities/)
    expect(code).toBe(0)
    expect([git('status', '--porcelain'), git('log', '-1', '--format=%s'), git('tag')]).toEqual([
      '',
      'release: 9.8.7',
      'v9.8.7',
    ])
    expect(git('show', '--name-only', '--format=', 'HEAD').split('\n').toSorted()).toEqual([
      'CHANGELOG.md',
      'client/package.json',
      'package-lock.json',
      'package.json',
      'src/protocol/version.ts',
    ])
    expect(readFileSync(join(clone, 'CHANGELOG.md'), 'utf8')).toMatch(
      /## Unreleased\n\n## 9\.8\.7 \(\d{4}-\d\d-\d\d\)\n\n### Added/,
    )
    expect(readFileSync(join(built, 'worker/index.js'), 'utf8')).toContain('9.8.7')
    expect(filesOf(built)).toEqual(
      expect.arrayContaining([
        'client/nod-client-9.8.7.tgz',
        'sbom/nod.cdx.json',
        'sbom/nod-client.cdx.json',
        'wrangler.toml',
        'migrations/0001_catalogue.sql',
      ]),
    )
  })

  it('can be checked by OpenSSH, coreutils and git alone', () => {
    const sums = readFileSync(join(built, 'SHA256SUMS'))
    const args = [
      '-Y',
      'verify',
      '-f',
      join(clone, 'release-signers'),
      '-I',
      'nod-release',
      '-n',
      'nod-release',
      '-s',
      'SHA256SUMS.sig',
    ]
    expect(spawnSync('ssh-keygen', args, { cwd: built, input: sums }).status).toBe(0)
    expect(spawnSync('ssh-keygen', args, { cwd: built, input: `${sums}x` }).status).not.toBe(0)
    run('sha256sum', ['--check', '--strict', '--quiet', 'SHA256SUMS'], built)
    git(
      '-c',
      'gpg.format=ssh',
      '-c',
      `gpg.ssh.allowedSignersFile=${join(clone, 'release-signers')}`,
      'verify-tag',
      'v9.8.7',
    )
  })

  it('names no folder, no machine and no registry; its SBOM tells what is shipped', () => {
    for (const name of filesOf(built)) {
      const text = readFileSync(join(built, name), 'latin1')
      for (const secret of [scratch, root, `"${hostname()}"`, 'registry.npmjs'])
        expect(text.includes(secret), `${secret} in ${name}`).toBe(false)
    }
    const { components } = JSON.parse(readFileSync(join(built, 'sbom/nod.cdx.json'), 'utf8')) as {
      readonly components: readonly { readonly name: string; readonly scope: string; readonly hashes?: unknown }[]
    }
    const shipped = components.filter(({ scope }) => scope === 'required').map(({ name }) => name)
    expect(shipped).toEqual(expect.arrayContaining(['hono', 'jose', 'zod', 'preact']))
    expect(shipped).not.toContain('vitest')
    expect(new Set(shipped).size).toBe(shipped.length)
  })

  it('is verified with a build of the checkout, and refused once a byte has changed', { timeout: TIMEOUT }, () => {
    const verified = release('verify', built, '--build')
    expect(verified.output).toContain('This checkout builds the same bytes.')
    expect(verified.code).toBe(0)
    const copy = join(scratch, 'copy')
    cpSync(built, copy, { recursive: true })
    appendFileSync(join(copy, 'worker/index.js'), ' ')
    expect(release('verify', copy)).toEqual({ code: 1, output: 'Not what was released: worker/index.js\n' })
    rmSync(join(copy, 'worker/index.js'))
    expect(release('verify', copy).output).toBe('Not what was released: worker/index.js\n')
    cpSync(join(built, 'worker/index.js'), join(copy, 'worker/index.js'))
    writeFileSync(join(copy, 'more.js'), '')
    expect(release('verify', copy).output).toBe('Not what was released: more.js\n')
    rmSync(join(copy, 'more.js'))
    expect(release('verify', copy).code).toBe(0)
    appendFileSync(join(copy, 'SHA256SUMS'), '\n')
    expect(release('verify', copy).output).toContain('are not signed by a key in')
  })

  it('is made once; the next dry run changes nothing in the repository', { timeout: TIMEOUT }, () => {
    expect(release('9.8.7', '--dry-run').output).toContain('9.8.7 is not later than 9.8.7')
    expect(release('9.8.8', '--dry-run').output).toContain('nothing below "## Unreleased"')
    const path = join(clone, 'CHANGELOG.md')
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace('## Unreleased\n', '## Unreleased\n\n### Fixed\n\n- A fault.\n'),
    )
    commit('a fault is mended')
    const before = [git('rev-parse', 'HEAD'), git('tag')]
    const { code, output } = release('9.8.8', '--dry-run')
    expect(output).toContain('A dry run: no commit, no tag, nothing is signed.')
    expect([code, git('status', '--porcelain'), [git('rev-parse', 'HEAD'), git('tag')]]).toEqual([0, '', before])
    expect(git('worktree', 'list').split('\n')).toHaveLength(1)
  })
})
