/** The real privacyIDEA that privacyidea.sh beside this file installs and serves. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { startGoogle } from '../simulation/google.ts'
import type { PeerOptions } from './options.ts'

/** Its users, as privacyidea.sh makes them. */
const users = ['alice', 'bob', 'carol', 'dave', 'jürgen'].map((login) => ({ login, password: `${login}pw` }))

export interface PrivacyIdea extends PeerOptions {
  stop(): Promise<void>
}

export async function startPrivacyIdea(): Promise<PrivacyIdea> {
  const google = await startGoogle()
  const port = await freePort()
  const env = { ...process.env, FCM_URL: google.url }
  const script = spawn(join(import.meta.dirname, 'privacyidea.sh'), [String(port)], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [script.stdout, script.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  const ended = once(script, 'close')
  const stop = async (): Promise<void> => {
    script.kill('SIGTERM')
    await ended
    await google.stop()
  }
  const serves = new Promise<void>((resolve) => {
    script.stdout.on('data', () => output.includes('privacyIDEA serves at ') && resolve())
  })
  await Promise.race([serves, ended])
  if (script.exitCode !== null) {
    await google.stop()
    throw new Error(`privacyidea.sh ended with ${script.exitCode}:\n${output}`)
  }
  const admin = { login: 'admin', password: 'adminpw' }
  const peer = { url: `http://127.0.0.1:${port}`, admin, google: google.url, firebase: 'fb1', slow: true }
  return { ...peer, users, realm: 'realm1', stop }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
