import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { connect } from '../../src/connect.ts'
import { LruCache } from '../../src/storage/lru-cache.ts'
import { seconds } from '../../src/vocabulary.ts'
import { valueOf } from './example.ts'

describe('an LRU cache', () => {
  it('holds no more than its capacity, and drops what was read longest ago', () => {
    const recent = new LruCache<string, number>(2)
    recent.set('a', 1)
    recent.set('b', 2)
    expect(recent.get('a')).toBe(1)
    recent.set('c', 3)
    expect(['a', 'b', 'c'].map((key) => recent.get(key))).toEqual([1, undefined, 3])
  })
})

describe('an API token that is cached', () => {
  afterEach(() => vi.useRealTimers())

  it('expires in time, and does not make another text valid', async () => {
    const { credentials, now } = await connect(env)
    const token = valueOf(await credentials.issueAdministratorToken(credentials.bootstrap, seconds(60)))
    const { login: name } = credentials.bootstrap
    for (const _ of [1, 2]) {
      expect(await credentials.readApiToken(token)).toMatchObject({
        ok: true,
        value: { name, kind: 'administrator' },
      })
    }
    expect(await credentials.readApiToken(`${token}A`)).toMatchObject({
      refusal: { reason: 'authorization_undecodable' },
    })
    vi.useFakeTimers({ toFake: ['Date'], now: now() + 61_000 })
    expect(await credentials.readApiToken(token)).toEqual({ ok: false, refusal: { reason: 'authorization_expired' } })
  })
})
