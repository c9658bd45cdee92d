/** The secrets of a deployment: those of the environment, and those that are made at the first deployment and kept on this machine. */
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Fault, root } from '../lib/tools.mjs'
import type { Environment } from './options.ts'
import { REQUIRED_SECRETS } from './plan.ts'

type Env = Readonly<Record<string, string | undefined>>

const OPTIONAL = /^(?:BREAK_GLASS_SECRET|FIREBASE_\w+)$/

const MAKERS: Readonly<Record<(typeof REQUIRED_SECRETS)[number], () => string>> = {
  MASTER_KEY: () => randomBytes(32).toString('base64'),
  ADMIN_LOGIN: () => 'admin',
  ADMIN_PASSWORD: () => randomBytes(18).toString('base64url'),
}

export const secretsFile = (env: Environment): string => join(root, '.nod/deployments', `${env}.json`)

/** The secrets that are kept on this machine: those of a first deployment from here. */
export function keptSecrets(env: Environment): Readonly<Record<string, string>> {
  const file = secretsFile(env)
  if (!existsSync(file)) return {}
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>
  } catch {
    throw new Fault(`${file}: not JSON; put the right file back`)
  }
}

/**
 * Returns the values of the secrets that the Worker lacks. A secret that the Worker has is never replaced, because another MASTER_KEY
 * would open nothing. What neither the environment nor this machine has is made, and kept in a file that only its owner can read.
 * Throws a Fault where such a file would be lost with the machine.
 */
export function secretsToSet(
  { env, lacking, present }: { env: Environment; lacking: readonly string[]; present: readonly string[] },
  environment: Env,
): { readonly values: Readonly<Record<string, string>>; readonly made: readonly string[] } {
  const kept = keptSecrets(env)
  const values: Record<string, string> = {}
  const made: string[] = []
  for (const name of REQUIRED_SECRETS.filter((one) => lacking.includes(one))) {
    const known = environment[name] || kept[name]
    // Its form has asked for them, and may set them after the first build. Without them Nod does not start.
    if (!known && environment['WORKERS_CI']) continue
    if (!known) made.push(name)
    values[name] = known || MAKERS[name]()
  }
  for (const [name, value] of Object.entries(environment))
    if (value && OPTIONAL.test(name) && !present.includes(name)) values[name] = value
  if (made.length > 0 && environment['CI'])
    throw new Fault(
      `The Worker lacks the secrets ${made.join(', ')}, and a machine that is thrown away must not make them. Next: set them once, and keep MASTER_KEY, which opens everything:\n  openssl rand -base64 32 | npx wrangler secret put MASTER_KEY\n  npx wrangler secret put ADMIN_LOGIN\n  npx wrangler secret put ADMIN_PASSWORD      # 15 characters or more`,
    )
  if (made.length > 0) keep(env, { ...kept, ...Object.fromEntries(made.map((name) => [name, values[name] ?? ''])) })
  return { values, made }
}

function keep(env: Environment, secrets: Readonly<Record<string, string>>): void {
  const file = secretsFile(env)
  mkdirSync(join(root, '.nod/deployments'), { recursive: true, mode: 0o700 })
  // Renamed into place: a file that is cut off would be a lost key.
  writeFileSync(`${file}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
  chmodSync(file, 0o600)
}
