/** A real privacyIDEA or eduMFA, which old-server.sh beside this file installs and serves. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { Driver } from '../driver/driver.ts'
import { fields } from '../simulation/reply.ts'

export type Kind = 'privacyidea' | 'edumfa'

export interface OldServerOptions {
  readonly kind: Kind
  readonly version: string
  /** Where its files are; `pi.db` in it, unless `database` names another. */
  readonly folder: string
  /** As SQLAlchemy names it. */
  readonly database?: string
  /** Lines of its pi.cfg. */
  readonly settings?: string
  /** A free one without it. */
  readonly port?: number
  /** A simulated Google. */
  readonly google?: string
}

export interface OldServer {
  readonly url: string
  /** Its files: `enckey`, `pi.cfg`, `passwd`. */
  readonly path: (name: string) => string
  /** Signed in as its administrator; users are in the realm `realm1`. */
  readonly driver: Driver
  readonly kind: Kind
  stop(): Promise<void>
}

/** The users of realm1, and their numbers. */
const USERS = ['alice', 'bob', 'carol', 'dave', 'jürgen'] as const

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Starts it, with the realm realm1 if its folder is new. The first time it is installed, which takes a minute or two. */
export async function startOldServer(options: OldServerOptions): Promise<OldServer> {
  const { kind, version, folder, database = `sqlite:///${join(folder, 'pi.db')}`, settings = '', google } = options
  const isNew = !existsSync(join(folder, 'enckey'))
  mkdirSync(folder, { recursive: true })
  const port = options.port ?? (await freePort())
  const url = `http://127.0.0.1:${port}`
  const script = join(import.meta.dirname, 'old-server.sh')
  const child = spawn(script, [kind, version, String(port), folder, database], {
    env: { ...process.env, OLD_SETTINGS: settings, ...(google === undefined ? {} : { FCM_URL: google }) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  await untilServing(child, `${kind} ${version}`)
  const path = (name: string): string => join(folder, name)
  const driver = new Driver({ url }, { polled: 'realm1' })
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null) return
    const ended = once(child, 'close')
    child.kill('SIGTERM')
    await ended
  }
  try {
    await driver.signIn({ login: 'admin', password: 'adminpw' })
    if (isNew) await addRealm(driver, 'realm1', path('passwd'))
  } catch (error) {
    await stop()
    throw error
  }
  return { url, path, driver, kind, stop }
}

async function untilServing(child: ChildProcess, name: string): Promise<void> {
  let output = ''
  const serves = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text
        if (output.includes('serves at ')) resolve()
      })
  })
  await Promise.race([serves, once(child, 'close')])
  if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}:\n${output}`)
}

/** A realm with a file of users of its own. */
async function addRealm({ service }: Driver, realm: string, file: string): Promise<void> {
  const lines = USERS.map((login, at) => {
    const name = login.replace(/^./, (letter) => letter.toUpperCase())
    return `${login}:x:${1001 + at}:${1001 + at}:${name} Example,,,,${login}@old.example:/home/${login}:/bin/false\n`
  })
  writeFileSync(file, lines.join(''))
  const resolver = { type: 'passwdresolver', fileName: file }
  await expectDone(service.call('POST', '/resolver/users', { json: resolver }))
  await expectDone(service.call('POST', `/realm/${realm}`, { json: { resolvers: 'users' } }))
  await expectDone(service.call('POST', `/defaultrealm/${realm}`))
}

export async function expectDone(reply: ReturnType<Driver['service']['call']>): Promise<unknown> {
  const { status, value, error, text } = await reply
  if (status !== 200) throw new Error(`${status} ${error?.message ?? text.slice(0, 300)}`)
  return value
}

/** The lines of the token list. */
export const tokensOf = async ({ service }: Driver): Promise<readonly Readonly<Record<string, unknown>>[]> =>
  fields(await expectDone(service.call('GET', '/token/', { query: { pagesize: '1000' } })))['tokens'] as never
