import { statSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openFiles, waitersPerShard } from '../../scripts/lib/open-files.mjs'
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
