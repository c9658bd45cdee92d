import { describe, expect, it } from 'vitest'
import { waitUntil } from '../driver/waiting.ts'
import { stillRunning } from './nod-process.ts'
import { call, secrets, start, startsInFolders } from './starts.ts'

startsInFolders()

const signIn = async (url: string): Promise<string> => {
  const { ADMIN_LOGIN: username = '', ADMIN_PASSWORD: password = '' } = secrets()
  return (await call(`${url}/auth`, { username, password })).value['token'] ?? ''
}

describe('npm start', () => {
  it('has the same secrets and data after a restart', async () => {
    const before = start()
    const first = await before.url()
    const token = await signIn(first)
    await call(`${first}/policy/kept`, { scope: 'authentication', action: 'push_wait=20' }, token)
    const had = secrets()
    before.kill('SIGTERM')
    expect(await before.ended()).toBe(0)

    const after = start()
    const second = await after.url()
    expect(secrets()).toEqual(had)
    expect(after.output).not.toContain(had['ADMIN_PASSWORD'])
    // The token from before: signed by a key derived from the same MASTER_KEY.
    const kept = await call(`${second}/policy/kept`, undefined, token)
    expect(kept).toMatchObject({ status: 200, value: [{ name: 'kept' }] })
  })

  it('leaves nothing running when it is killed', async () => {
    const nod = start()
    await nod.url()
    const children = nod.children()
    nod.kill('SIGKILL')
    await nod.ended()
    await waitUntil(() => stillRunning(children).length === 0)
    expect(stillRunning(children)).toEqual([])
  })

  it('ends with one line when another serves from its state folder', async () => {
    await start().url()
    const other = start()
    expect(await other.ended()).toBe(1)
    expect(other.output).toMatch(/^\S+ is in use by another Nod: .*NOD_STATE.*\n$/)
  })

  it('names every wrong setting, and ends', async () => {
    const nod = start({ SIGNING_KEY_BITS: '17', FIREBASE_DEFAULT: 'not-a-service-account' })
    expect(await nod.ended()).toBe(1)
    expect(nod.output).toContain('SIGNING_KEY_BITS')
    expect(nod.output).toContain('FIREBASE_DEFAULT')
    expect(nod.output).not.toContain('not-a-service-account')
  })
})
