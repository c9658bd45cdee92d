import { describe, expect, it } from 'vitest'
import { limitedNetwork, isCounted } from '../../../src/operations/access/rate-limits.ts'
import { checkRateLimits } from '../../../src/operations/administration/rate-limit-health.ts'
import type { Ports, Snapshot } from '../../../src/ports/ports.ts'
import type { AddressClaims, Source } from '../../../src/vocabulary.ts'

const SERVICE = '192.0.2.10'

const portsWith = (
  settings: Readonly<Record<string, string>> = {},
  status: 'on' | 'off' = 'on',
  unbound: readonly 'miss'[] = [],
) =>
  ({
    rateLimits: { status, unbound },
    deployment: { cached: () => ({ settings, serviceKeys: new Map([['known', {}]]) }) as unknown as Snapshot },
    limits: { addressHeader: 'CF-Connecting-IP' },
  }) as unknown as Ports

const sourceOf = (peer: string | undefined, claims?: AddressClaims): Source => ({
  address: peer ?? '127.0.0.1',
  ...(peer === undefined ? {} : { peer }),
  ...(claims === undefined ? {} : { claims }),
  userAgent: 'curl',
  region: 'weur',
  origin: 'https://nod.example',
})

describe('the network that requests are limited by', () => {
  it('is an IPv4 address, or the first 64 bits of an IPv6 address', () => {
    const of = (peer: string) => limitedNetwork(portsWith(), sourceOf(peer))
    expect(of('203.0.113.9')).toBe('203.0.113.9')
    expect(of('2001:db8:1:2:3:4:5:6')).toBe('20010db800010002/64')
    expect(of('2001:db8:1:2::1')).toBe('20010db800010002/64')
  })

  it.each([
    ['nobody tells an address', undefined],
    ['a proxy says that it does not know one', 'unknown'],
    ['the request comes from this machine', '127.0.0.1'],
    ['the request comes from this machine, by IPv6', '::1'],
  ])('is none where %s', (_, peer) => {
    expect(limitedNetwork(portsWith(), sourceOf(peer))).toBeUndefined()
  })

  it('is none where the operator has switched limits off', () => {
    expect(limitedNetwork(portsWith({}, 'off'), sourceOf('203.0.113.9'))).toBeUndefined()
  })

  it('is that of the end user whom a trusted service names, and no other claim moves it', () => {
    const claims = { forwarded: [], client: '198.51.100.7', isRadius: false }
    const trusting = portsWith({ OverrideAuthorizationClient: SERVICE })
    expect(limitedNetwork(trusting, sourceOf(SERVICE, claims))).toBe('198.51.100.7')
    expect(limitedNetwork(trusting, sourceOf('203.0.113.9', claims))).toBe('203.0.113.9')
    expect(limitedNetwork(portsWith(), sourceOf(SERVICE, claims))).toBe(SERVICE)
  })
})

describe('a refusal', () => {
  const key = (hash: string) => ({ kind: 'key' as const, hash, from: { address: '', userAgent: '', now: 0 as never } })
  it.each([
    ['of a caller without a credential counts', 'miss', 'user_unknown', { kind: 'none' }, true],
    ['of a service with a key that Nod knows does not', 'miss', 'user_unknown', key('known'), false],
    ['of a made-up key counts', 'miss', 'authorization_undecodable', key('made up'), true],
    ['for a wrong PIN counts for the token, not here', 'miss', 'pin_wrong', { kind: 'none' }, false],
    ['at the sign-in counts', 'sign_in', 'pin_wrong', { kind: 'none' }, true],
    ['for a decline does not', 'miss', 'not_accepted', { kind: 'none' }, false],
    ['because D1 does not answer does not', 'sign_in', 'storage_unavailable', { kind: 'none' }, false],
  ] as const)('%s', (_, limit, reason, credential, counted) => {
    expect(isCounted(portsWith(), limit, { reason } as never, credential as never)).toBe(counted)
  })
})

describe('the health report', () => {
  it('says whether requests are limited, and fails for a binding that is missing', async () => {
    expect(await checkRateLimits(portsWith())).toMatchObject({ isWell: true, info: expect.stringMatching(/^on:/) })
    expect(await checkRateLimits(portsWith({}, 'off'))).toMatchObject({ isWell: true, info: 'off, by RATE_LIMITS' })
    expect(await checkRateLimits(portsWith({}, 'on', ['miss']))).toEqual({
      isWell: false,
      info: 'not limited for want of a binding: MISS_LIMIT ([[ratelimits]] in wrangler.toml)',
    })
    const nowhere = { ...portsWith(), limits: { addressHeader: undefined } } as unknown as Ports
    expect(await checkRateLimits(nowhere)).toMatchObject({
      isWell: true,
      info: expect.stringMatching(/ADDRESS_HEADER/),
    })
  })
})
