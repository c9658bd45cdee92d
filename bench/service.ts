/** Starts the service under test as `npm start` does, on a core of its own where the machine allows it. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../scripts/lib/tools.mjs'
import { SERVICE_ACCOUNT_KEY } from '../test/simulation/keys.ts'

export interface Service {
  readonly url: string
  /** Its state folder. */
  readonly state: string
  readonly admin: { readonly login: string; readonly password: string }
  /** CPU seconds of workerd so far. */
  cpu(): number
  /** Resident memory of workerd, bytes. */
  memory(): number
  stop(): Promise<void>
}

const MEMORY = '/dev/shm'
const ENOUGH = 2e9
/** The folder for databases: in memory where there is room, because CPU is measured here, and the time a disk takes to sync
 *  says something about the disk (a tenth of a login's CPU, and more of its time). `TMPDIR` sets another one. */
export const STATE = process.env['TMPDIR'] ?? (isRoomy(MEMORY) ? MEMORY : tmpdir())

function isRoomy(folder: string): boolean {
  if (!existsSync(folder)) return false
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize > ENOUGH
}

/** The core that the service has for itself. */
export const SERVICE_CORE = 0

/** The command that pins a process to this core; empty where `taskset` is missing or not allowed. */
export const pinnedTo = (core: number): readonly string[] =>
  spawnSync('taskset', ['-c', String(core), 'true']).status === 0 ? ['taskset', '-c', String(core)] : []

export interface StartOptions {
  /** The script to start in place of `scripts/start.mjs`. */
  readonly script?: string
  /** The state folder, which stays. Without it, one is made and removed at the end. */
  readonly state?: string
  readonly settings?: Readonly<Record<string, string>>
}

export async function startService(
  bits: number,
  googleUrl: string,
  core: number,
  start: StartOptions = {},
): Promise<Service> {
  const state = start.state ?? mkdtempSync(join(STATE, 'nod-bench-'))
  const account = {
    type: 'service_account',
    project_id: 'bench',
    private_key_id: 'bench',
    private_key: SERVICE_ACCOUNT_KEY,
    client_email: 'bench@example.test',
    token_uri: `${googleUrl}/token`,
  }
  const admin = { login: 'admin', password: 'measured on this machine' }
  const env = {
    ...process.env,
    PORT: '0',
    NOD_STATE: state,
    ADMIN_LOGIN: admin.login,
    ADMIN_PASSWORD: admin.password,
    SIGNING_KEY_BITS: String(bits),
    FCM_URL: googleUrl,
    FIREBASE_DEFAULT: JSON.stringify(account),
    ...start.settings,
  }
  const command = [...pinnedTo(core), process.execPath, join(root, start.script ?? 'scripts/start.mjs')]
  const child = spawn('/usr/bin/env', command, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] })
  const kill = (): unknown => child.kill()
  process.once('exit', kill)
  const url = await new Promise<string>((resolve, reject) => {
    let printed = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text
      const found = /serves at (\S+)/.exec(printed)?.[1]
      if (found !== undefined) resolve(found)
    })
    child.once('exit', () => reject(new Error(`the service did not start: ${printed}`)))
  })
  const pid = workerdChildOf(child.pid ?? 0)
  return {
    url,
    state,
    admin,
    cpu: () => cpuOf(pid),
    memory: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024,
    stop: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await gone
      process.off('exit', kill)
      if (start.state === undefined) rmSync(state, { recursive: true, force: true })
    },
  }
}

/** CPU seconds of a process so far. */
export function cpuOf(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`)
  return threads.reduce((sum, thread) => {
    const [ran] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')
    return sum + Number(ran) / 1e9
  }, 0)
}

/** The process id of the workerd that a process started, itself or through a child. */
export function workerdChildOf(parent: number): number {
  const all = readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8').trim()
      const [, command = '', rest = ''] = /^\d+ \((.*)\) (.*)$/.exec(stat) ?? []
      return [{ pid: Number(name), command, parent: Number(rest.split(' ')[1]) }]
    } catch {
      return []
    }
  })
  const below = (of: number): number[] =>
    all.filter((one) => one.parent === of).flatMap(({ pid }) => [pid, ...below(pid)])
  const family = new Set(below(parent))
  const workerd = all.find(({ pid, command }) => family.has(pid) && command === 'workerd')
  if (workerd === undefined) throw new Error('the service has started no workerd')
  return workerd.pid
}
