/** The programs that a release is made with. Each call throws a Fault with the program's own words if it fails. */
import { spawn } from 'node:child_process'
import { Fault, quietEnvironment, root } from '../lib/tools.mjs'

interface Call {
  readonly cwd?: string
  readonly input?: string | Uint8Array
  readonly env?: NodeJS.ProcessEnv
}

/** Runs a program and returns what it printed. */
export function run(
  program: string,
  args: readonly string[],
  { cwd = root, input = '', env }: Call = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: { ...quietEnvironment(), ...env }, stdio: 'pipe' })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.on('error', () => reject(new Fault(`${program} cannot be started: a release is made with it`)))
    child.on('close', (code) => {
      if (code === 0) resolve(stdout)
      else reject(new Fault(`${program} ${args.slice(0, 2).join(' ')} has failed:\n${stderr}${stdout}`.trim()))
    })
    child.stdin.on('error', () => undefined).end(input)
  })
}

export const git = async (args: readonly string[], call: Call = {}): Promise<string> =>
  (await run('git', args, call)).trimEnd()

export const npm = (args: readonly string[], cwd: string): Promise<string> => run('npm', args, { cwd })
