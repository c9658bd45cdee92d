import { describe, expect, it } from 'vitest'
import { waitUntil } from '../driver/waiting.ts'
import { Phone } from '../simulation/phone.ts'
import { Service } from '../simulation/service.ts'
import { stillRunning } from './nod-process.ts'
import { call, secrets, start, startsInFolders } from './starts.ts'

startsInFolders()

const signIn = async (url: string): Promise<string> => {
  const { ADMIN_LOGIN: username = '', ADMIN_PASSWORD: password = '' } = secrets()
  return (await call(`${url}/auth`, { username, password })).value['token'] ?? ''
}

describe('npm start', () => {
  it('lets no more callers wait than SHARD_WAITERS, and tells the others when to ask again', async () => {
    const nod = start({ SHARD_WAITERS: '1', TRANSACTION_SHARDS: '1', ADMIN_PASSWORD: 'adminpw-of-tests' })
    const service = new Service({ baseUrl: await nod.url() })
    await service.auth('admin', 'adminpw-of-tests')
    const phone = new Phone()
    await phone.register(phone.scan((await service.init({ user: 'ada' })).pushurl?.value ?? ''))
    const [first, second] = [await service.trigger('ada'), await service.trigger('ada')]
    const wait = (id: string, seconds: string) =>
      service.call('GET', `/validate/polltransaction/${id}`, { query: { wait: seconds } })
    // The calls that look for a full shard take its one place for a moment, so the first caller asks until it has it.
    const waiting = (async () => {
      for (;;) {
        const answered = await wait(first.transactionId, '60')
        if (answered.status !== 503) return answered
      }
    })()
    expect(await waitUntil(async () => (await wait(second.transactionId, '0.01')).status === 503)).toBe(true)
    const refused = await wait(second.transactionId, '3')
    expect([refused.status, refused.headers.get('Retry-After')]).toEqual([503, '5'])
    // A caller that does not wait is answered.
    expect((await wait(second.transactionId, '0')).status).toBe(200)
    // The first caller leaves when its phone has answered, and the place is free again.
    for (const prompt of await phone.poll()) await phone.decline(prompt)
    expect((await waiting).status).toBe(200)
    const third = await service.trigger('ada')
    expect((await wait(third.transactionId, '0.01')).status).toBe(200)
  })

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
