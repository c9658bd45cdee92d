import { describe, expect, it } from 'vitest'
import { finalize } from '../../../src/operations/login/finalize.ts'
import type { Credential } from '../../../src/operations/access/identify.ts'
import type { FinalizeRequest } from '../../../src/ports/transactions-object.ts'
import type { Ports } from '../../../src/ports/ports.ts'
import { done, type Outcome, refuse } from '../../../src/refusal.ts'
import { compilePolicies } from '../../../src/rules/policy/policy-set.ts'
import { instant, type Owner, seconds, type Serial } from '../../../src/vocabulary.ts'
import { policy } from '../../rules/policy/sample-policy.ts'

const ada: Owner = { login: 'ada', realm: 'sales' }
const bob: Owner = { login: 'bob', realm: 'sales' }
const away = refuse({ reason: 'storage_unavailable', retryAfter: seconds(2) })

/** Whoever has no key may check, but for Ada's logins; and a token. `asked`: what the catalogue was asked for. `isLifted`: by now that
 *  policy is gone, which this isolate does not know. */
function deployment(owner: Owner, isAway = false, reply: Outcome<object> = done({}), isLifted = false) {
  const asked: string[] = []
  const reached: FinalizeRequest[] = []
  const required = policy('keys', { api_key_required: true }, { scope: 'authorization', user: ['ada'] })
  const snapshot = {
    policySet: compilePolicies([required]),
    serviceKeys: new Map([['known', { name: 'vpn', role: 'validate', hash: 'known' }]]),
    administrators: new Map(),
    apiTokenKeys: new Map(),
    voidSessions: new Set(),
    settings: {},
    realms: new Set(['sales']),
    defaultRealm: 'sales',
  }
  const reload = async () => {
    asked.push('deployment')
    if (isAway) return away
    return done(isLifted ? { ...snapshot, policySet: compilePolicies([]) } : snapshot)
  }
  const ports = {
    limits: { anonymousCheck: true },
    now: () => instant(0),
    random: (length: number) => new Uint8Array(length),
    deployment: {
      cached: () => snapshot,
      recent: () => undefined,
      cachedOrReload: async () => done(snapshot),
      reload,
      reloadForUnknown: reload,
    },
    subjects: {
      find: async () => {
        asked.push('subject')
        return away
      },
    },
    tokens: {
      record: async () => {
        asked.push('token')
        return isAway ? away : done({ owner })
      },
    },
    identifiers: { locate: async (id: string) => ({ id, shard: { region: 'weur', number: 0 } }) },
    transactions: {
      of: () => ({
        finalize: async (request: FinalizeRequest) => {
          reached.push(request)
          return reply
        },
      }),
    },
  } as unknown as Ports
  return { ports, asked, reached }
}

const from = { address: '192.0.2.7', userAgent: '', now: instant(0) }
const key = (hash: string): Credential => ({ kind: 'key', hash, from })

async function finalized({ ports }: { readonly ports: Ports }, credential: Credential): Promise<string> {
  const source = { ...from, origin: 'https://nod.example', region: 'weur' as const }
  const request = {
    kind: 'finalize' as const,
    transactionId: '1',
    serial: 'PIPU1' as Serial,
    entry: '',
  }
  const used = await finalize(ports, credential, source, request, 'POST /validate/check')
  return used.ok ? 'ok' : used.refusal.reason
}

describe('a login under api_key_required', () => {
  const administrator: Credential = {
    kind: 'administrator',
    keyId: 'k',
    session: { id: 's', expiresAt: instant(1) },
    name: 'grace',
    generation: '1',
    from,
  }

  it('is kept from an API token, and its shard is not asked', async () => {
    const { ports, reached } = deployment(ada)
    expect(await finalized({ ports }, administrator)).toBe('service_key_required')
    expect(reached).toEqual([])
  })

  it('of another user is used with an API token, as without', async () => {
    const { ports, reached } = deployment(bob)
    expect(await finalized({ ports }, administrator)).toBe('ok')
    expect(reached).toMatchObject([{ admitted: true }])
  })
})

describe('finalizing by serial, where a policy requires a service key for some users', () => {
  it('needs no catalogue for a service whose key is known here', async () => {
    const { ports, asked, reached } = deployment(ada)
    expect(await finalized({ ports }, key('known'))).toBe('ok')
    expect(reached).toMatchObject([{ admitted: true, keyHash: 'known' }])
    expect(asked).toEqual([])
  })

  it('looks up the owner once for an anonymous caller', async () => {
    const { ports, asked, reached } = deployment(bob)
    expect(await finalized({ ports }, { kind: 'none' })).toBe('ok')
    expect(reached).toMatchObject([{ admitted: true }])
    expect(asked).toEqual(['token'])
  })

  it('is refused to anonymous callers and to unknown keys', async () => {
    const hers = deployment(ada)
    expect(await finalized(hers, { kind: 'none' })).toBe('service_key_required')
    expect(hers.reached).toEqual([])
    await finalized(hers, key('guessed'))
    expect(hers.reached).toMatchObject([{ admitted: false }])
  })

  it('is not refused by policies that the catalogue does not have any more', async () => {
    const lifted = deployment(ada, false, done({}), true)
    expect(await finalized(lifted, { kind: 'none' })).toBe('ok')
    expect(lifted.asked).toEqual(['token', 'deployment'])
  })

  it('is to be tried again while the owner cannot be looked up', async () => {
    const { ports, reached } = deployment(bob, true)
    expect(await finalized({ ports }, { kind: 'none' })).toBe('storage_unavailable')
    expect(await finalized({ ports }, key('known'))).toBe('ok')
    expect(reached).toHaveLength(1)
  })
})

it('an isolate that knows nothing asks the catalogue once while that is away, and finalizes what the key has opened', async () => {
  const { ports, asked, reached } = deployment(ada, true)
  const unknown = {
    ...ports.deployment,
    cached: () => undefined,
    cachedOrReload: () => ports.deployment.reload(),
  }
  expect(await finalized({ ports: { ...ports, deployment: unknown } }, key('known'))).toBe('ok')
  expect(reached).toMatchObject([{ keyHash: 'known' }])
  expect(asked).toEqual(['deployment'])
})

describe('a refused finalize', () => {
  it('of a login that is the caller’s needs no catalogue, so that it is answered at once while that is away', async () => {
    const used = refuse({ reason: 'transaction_unknown', isCallers: true })
    const { ports, asked } = deployment(bob, true, used)
    expect(await finalized({ ports }, key('known'))).toBe('transaction_unknown')
    expect(asked).toEqual([])
  })

  it('of another login is told whether the catalogue has such a token, if it answers', async () => {
    const { ports, asked } = deployment(bob, true, refuse({ reason: 'transaction_unknown' }))
    expect(await finalized({ ports }, key('known'))).toBe('transaction_unknown')
    expect(asked).toContain('subject')
  })
})
