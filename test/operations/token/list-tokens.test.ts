import { afterEach, describe, expect, it, vi } from 'vitest'
import { listTokens } from '../../../src/operations/token/list-tokens.ts'
import type { Ports } from '../../../src/ports/ports.ts'
import { parseTokenList } from '../../../src/protocol/token/token-list-request.ts'
import { done, refuse } from '../../../src/refusal.ts'
import { compilePolicies } from '../../../src/rules/policy/policy-set.ts'
import { instant, seconds } from '../../../src/vocabulary.ts'

afterEach(() => vi.useRealTimers())

/** `count` tokens whose copies have no failed attempt, and phone objects that answer `counters`. */
function deployment(count: number, counters: (serial: string) => Promise<unknown>, hasPhone = true) {
  const asked: string[] = []
  const tokens = Array.from({ length: count }, (_, number) => ({
    serial: `PIPU${number}`,
    attempts: 0,
    ...(hasPhone ? { phoneKey: 'key' } : {}),
  }))
  const administrators = new Map([['admin', { login: 'admin', role: 'admin', generation: 'g1', disabled: false }]])
  const apiTokenKeys = new Map([['k', { id: 'k' }]])
  const snapshot = {
    administrators,
    apiTokenKeys,
    voidSessions: new Set(),
    realms: new Set(['defrealm']),
    settings: {},
    policySet: compilePolicies([]),
  }
  const ports = {
    now: () => instant(0),
    deployment: { reload: async () => done(snapshot) },
    journal: { check: async () => done({ epoch: 1, revision: 1 }) },
    tokens: { list: async () => done({ tokens, count }) },
    phones: {
      of: (serial: string) => ({
        counters: async () => {
          asked.push(serial)
          return counters(serial)
        },
      }),
    },
  } as unknown as Ports
  return { ports, asked }
}

async function attempts(
  { ports }: { readonly ports: Ports },
  query: Readonly<Record<string, string>> = { serial: 'PIPU0,PIPU1' },
): Promise<readonly number[]> {
  const listing = parseTokenList({ pagesize: '500', ...query })
  if (!listing.ok) throw new Error('no listing')
  const from = { address: '192.0.2.7', userAgent: '', now: instant(0) }
  const admin = {
    kind: 'administrator',
    keyId: 'k',
    session: { id: 's', expiresAt: instant(1) },
    name: 'admin',
    generation: 'g1',
    from,
  } as const
  const listed = await listTokens(ports, admin, listing.value)
  if (!listed.ok) throw new Error(listed.refusal.reason)
  return listed.value.tokens.map((token) => token.attempts)
}

describe('a page of tokens', () => {
  it('calls no phone object, and shows the copies of their counters', async () => {
    const all = deployment(3, async () => done({ attempts: 3, successes: 1 }))
    const queries: readonly Readonly<Record<string, string>>[] = [{}, { serial: 'PIPU*' }, { tokenrealm: 'defrealm' }]
    for (const query of queries) expect(await attempts(all, query)).toEqual([0, 0, 0])
    expect(all.asked).toEqual([])
  })
})

describe('a page of the tokens that the request names', () => {
  it('shows the counters of the phone objects', async () => {
    const few = deployment(100, async () => done({ attempts: 3, successes: 1 }))
    expect(new Set(await attempts(few))).toEqual(new Set([3]))
    expect(few.asked).toHaveLength(100)
  })

  it('calls a hundred phone objects at most', async () => {
    const many = deployment(101, async () => done({ attempts: 3, successes: 1 }))
    expect((await attempts(many)).at(-1)).toBe(0)
    expect(many.asked).toHaveLength(100)
  })

  it('calls no phone object of a token that no phone has registered', async () => {
    const waiting = deployment(2, async () => done({ attempts: 3, successes: 1 }), false)
    expect(await attempts(waiting)).toEqual([0, 0])
    expect(waiting.asked).toEqual([])
  })

  it('waits a second for all of them together, and shows the copy for one that is late, fails or has no counters', async () => {
    vi.useFakeTimers()
    const late = deployment(4, async (serial) => {
      if (serial === 'PIPU1') return new Promise(() => {})
      if (serial === 'PIPU2') return refuse({ reason: 'storage_unavailable', retryAfter: seconds(1) })
      return done(serial === 'PIPU3' ? undefined : { attempts: 3, successes: 1 })
    })
    const page = attempts(late)
    await vi.advanceTimersByTimeAsync(1000)
    expect(await page).toEqual([3, 0, 0, 0])
  })
})
