import { statSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { waitUntil } from '../driver/waiting.ts'
import { openFiles, waitersPerShard } from '../../scripts/lib/open-files.mjs'
import { Phone } from '../simulation/phone.ts'
import { Service } from '../simulation/service.ts'
import { stillRunning } from './nod-process.ts'
import { secrets, secretsFile, start, startsInFolders } from './starts.ts'

startsInFolders()

describe('npm start', () => {
  it('serves, and prints its address, its administrator, and that without Firebase no phone is rung', async () => {
    const nod = start()
    const url = await nod.url()
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    expect(nod.output).toContain(`${url}/docs`)
    expect((await fetch(`${url}/docs`)).status).toBe(200)
    expect(nod.output).toContain(`admin, password ${secrets()['ADMIN_PASSWORD']}`)
    expect(nod.output).toContain('no Firebase configuration: every token is poll-only')
  })

  it('makes the secrets that are not set, readable by their owner only', async () => {
    const nod = start({ ADMIN_PASSWORD: 'given by the environment' })
    await nod.url()
    expect(Object.keys(secrets())).toEqual(['MASTER_KEY', 'ADMIN_LOGIN'])
    expect(Buffer.from(secrets()['MASTER_KEY'] ?? '', 'base64')).toHaveLength(32)
    expect(statSync(secretsFile()).mode & 0o777).toBe(0o600)
    expect(nod.output).not.toContain('given')
  })

  it('leaves nothing running after SIGTERM', async () => {
    const nod = start()
    await nod.url()
    const children = nod.children()
    expect(children.length).toBeGreaterThanOrEqual(2)
    nod.kill('SIGTERM')
    expect(await nod.ended()).toBe(0)
    expect(stillRunning(children)).toEqual([])
  })

  it('ends with one line when its port is taken', async () => {
    const { port } = new URL(await start().url())
    const other = start({ PORT: port })
    expect(await other.ended()).toBe(1)
    expect(other.output).toMatch(new RegExp(`^Port ${port} on 127\\.0\\.0\\.1 is in use: .*\n$`))
  })

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

  it('leaves a quarter of its open files to callers that do not wait', () => {
    expect(openFiles()).toBeGreaterThan(0)
    expect([waitersPerShard(20_000, undefined), waitersPerShard(1024, '2'), waitersPerShard(20_000, '8')]).toEqual([
      3750, 192, 937,
    ])
    expect([waitersPerShard(1_000_000, '2'), waitersPerShard(undefined, '2'), waitersPerShard(4, '200')]).toEqual([
      8000, 8000, 1,
    ])
  })
})
