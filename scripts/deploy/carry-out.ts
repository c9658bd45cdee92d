/** Carries out a plan, step by step. A test that fails gives all traffic back to the version before. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '../lib/tools.mjs'
import { inWords, type Plan, type Step } from './plan.ts'
import type { Wrangler } from './run-wrangler.ts'
import { type Credential, expectServing, logInThrough } from './smoke-test.ts'

export interface Deployment {
  readonly worker: string
  /** The tag and the message of the version. */
  readonly tag: string
  readonly message: string
  /** The version that serves now, if any. */
  readonly earlier: string | undefined
  /** The values of the secrets that the Worker lacks. */
  readonly secrets: Readonly<Record<string, string>>
  /** Secrets without which Nod does not start, and that somebody else sets. */
  readonly awaited: readonly string[]
  /** Undefined: only the health of a version is tested. */
  readonly credential: Credential | undefined
  /** Where the Worker answers. */
  readonly address: () => string
  readonly wrangler: Wrangler
  readonly databaseMade: (name: string) => Promise<void>
  readonly say: (line: string) => void
}

interface Progress {
  version: string | undefined
  /** The share of the traffic that the new version has; undefined: it is in no deployment. */
  share: number | undefined
}

/** Throws a Fault that says what was put back. */
export async function carryOut({ steps }: Pick<Plan, 'steps'>, deployment: Deployment): Promise<void> {
  const progress: Progress = { version: deployment.earlier, share: undefined }
  for (const step of steps) {
    deployment.say(`  ${inWords(step)} …`)
    try {
      await carryOutStep(step, deployment, progress)
    } catch (error) {
      throw await putBack(error, deployment, progress)
    }
  }
}

async function carryOutStep(step: Step, deployment: Deployment, progress: Progress): Promise<void> {
  const { wrangler, worker, earlier, say } = deployment
  const immediate = ['--durable-objects-code-update-mode', 'immediate']
  switch (step.do) {
    case 'create database': {
      const { jurisdiction, location } = step
      const where = jurisdiction === undefined ? [] : ['--jurisdiction', jurisdiction]
      if (location !== undefined) where.push('--location', location)
      await wrangler.run('d1', 'create', step.name, ...where)
      return deployment.databaseMade(step.name)
    }
    case 'create bucket':
      await wrangler.run(
        'r2',
        'bucket',
        'create',
        step.name,
        ...(step.jurisdiction === undefined ? [] : ['--jurisdiction', step.jurisdiction]),
      )
      return
    case 'migrate':
      await wrangler.run('d1', 'migrations', 'apply', 'DB', '--remote')
      return
    case 'deploy': {
      const entries = await withSecrets(deployment, (options) =>
        wrangler.run('deploy', ...marks(deployment), ...options, ...(step.immediate ? immediate : [])),
      )
      const made = entries.find(({ type }) => type === 'deploy')
      if (typeof made?.version_id !== 'string')
        throw new Fault('wrangler deploy does not say which version it has made')
      progress.version = made.version_id
      return
    }
    case 'upload':
      progress.version = await withSecrets(deployment, (options) =>
        wrangler.version('versions', 'upload', ...marks(deployment), ...options),
      )
      return
    case 'share': {
      const shares =
        step.percentage === 100
          ? [`${progress.version}@100`]
          : [`${earlier}@${100 - step.percentage}`, `${progress.version}@${step.percentage}`]
      await wrangler.run(
        'versions',
        'deploy',
        ...shares,
        '--yes',
        '--message',
        deployment.message,
        ...(step.immediate ? immediate : []),
      )
      progress.share = step.percentage
      return
    }
    case 'test': {
      if (deployment.awaited.length > 0)
        return say(`    not yet: Nod starts once it has the secrets ${deployment.awaited.join(', ')}`)
      const version = (step.version === 'new' ? progress.version : earlier) ?? ''
      const target = { url: deployment.address(), worker, version }
      await expectServing(target)
      if (deployment.credential !== undefined)
        say(`    a login took ${await logInThrough(target, deployment.credential)} ms`)
      return
    }
    case 'pause':
      await sleep(step.seconds * 1000)
      return
    case 'triggers':
      await wrangler.run('triggers', 'deploy')
  }
}

const marks = ({ tag, message }: Deployment): readonly string[] => ['--tag', tag, '--message', message]

/** Hands secrets to wrangler in a file that only this user can read, for as long as it runs. */
async function withSecrets<Result>(
  { secrets }: Deployment,
  work: (options: readonly string[]) => Promise<Result>,
): Promise<Result> {
  if (Object.keys(secrets).length === 0) return work([])
  const folder = mkdtempSync(join(tmpdir(), 'nod-secrets-'))
  const file = join(folder, 'secrets.json')
  try {
    writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 })
    return await work(['--secrets-file', file])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Gives the version before all the traffic, if it has lost any, or shares it. Returns the error to throw. */
async function putBack(error: unknown, deployment: Deployment, { share, version }: Progress): Promise<unknown> {
  if (!(error instanceof Fault)) return error
  const { earlier, wrangler, message } = deployment
  if (share === undefined || earlier === undefined || version === earlier)
    return new Fault(
      `${error.message}\nNothing that serves was changed by this step. Next: see to the reason, and run the same command again`,
    )
  const now = share > 0 ? ['--durable-objects-code-update-mode', 'immediate'] : []
  try {
    await wrangler.run(
      'versions',
      'deploy',
      `${earlier}@100`,
      '--yes',
      '--message',
      `Back from: ${message}`.slice(0, 100),
      ...now,
    )
  } catch (second) {
    return new Fault(
      `${error.message}\nAnd the traffic could not be given back to ${earlier}: ${second instanceof Error ? second.message : String(second)}\nNext: npx wrangler versions deploy ${earlier}@100 --yes`,
    )
  }
  return new Fault(
    `${error.message}\nAll traffic is with the version before again (${earlier}). Migrations stay, and it runs on them. Next: see to the reason, and run the same command again`,
  )
}
