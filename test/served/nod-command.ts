import { join } from 'node:path'
import { quietEnvironment, root, runNode } from '../../scripts/lib/tools.mjs'

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `npm run nod -- <args>` with these variables and none of this machine's. */
export function nod(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const { PATH = '', HOME = '', TMPDIR = '/tmp' } = process.env
  // A state folder that is not there: that of this checkout, if any, is not the tests' business.
  const env = { ...quietEnvironment(), PATH, HOME, TMPDIR, NOD_STATE: '/nonexistent', ...environment }
  for (const name of ['NOD_URL', 'NOD_KEY', 'ADMIN_LOGIN', 'ADMIN_PASSWORD', 'PORT']) {
    if (!Object.hasOwn(environment, name)) delete (env as Record<string, string | undefined>)[name]
  }
  return runNode([join(root, 'scripts/nod.ts'), ...args], { env })
}
