/** Starts a Nod for the demo where none is running: on a free port, with a temporary state folder. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export interface OwnService {
  readonly url: string
  readonly state: string
  stop(): Promise<void>
}

const START_TIME_LIMIT_MS = 60_000

/** Starts Nod and returns when it answers `GET /healthz`. Rejects with what it printed if it ends or takes too long. A signal
 *  to the demo stops it as well. */
export async function startOwnService(): Promise<OwnService> {
  const state = await mkdtemp(join(tmpdir(), 'nod-demo-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  // Without the user's own settings: the administrator is the one in the temporary state folder.
  const { ADMIN_LOGIN: _login, ADMIN_PASSWORD: _password, PUBLIC_URL: _url, ...rest } = process.env
  const env = { ...rest, PORT: String(port), HOST: '127.0.0.1', NOD_STATE: state }
  const child = spawn(process.execPath, [fileURLToPath(new URL('../start.mjs', import.meta.url))], { env })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (printed += String(chunk)))

  const stop = async (): Promise<void> => {
    await exitOf(child)
    await rm(state, { recursive: true, force: true })
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stop().then(() => process.exit(1)))
  const deadline = performance.now() + START_TIME_LIMIT_MS
  while (!(await isHealthy(url))) {
    if (child.exitCode === null && performance.now() < deadline) {
      await sleep(100)
      continue
    }
    await stop()
    throw new Error(`The service did not start.\n${printed.trim()}`)
  }
  return { url, state, stop }
}

export async function isHealthy(url: string): Promise<boolean> {
  const reply = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2000) }).catch(() => undefined)
  await reply?.body?.cancel()
  return reply?.status === 200
}

async function exitOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('no free port')
  return address.port
}
