import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { watchLogins } from '../../../src/operations/reports/watch-logins.ts'
import type { Ports } from '../../../src/ports/ports.ts'
import { done } from '../../../src/refusal.ts'
import { compilePolicies } from '../../../src/rules/policy/policy-set.ts'
import { instant } from '../../../src/vocabulary.ts'
import type { AuditRecord } from '../../../src/vocabulary/audit.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

it('whoever watches sees the first login of a shard that had opened none', async () => {
  const inUse: string[] = []
  const login: AuditRecord = {
    at: instant(1),
    action: 'POST /validate/check',
    success: true,
    authentication: 'CHALLENGE',
    transaction: '02659936574063359702',
    info: 'pending',
    owner: { login: 'ada', realm: 'sales' },
    steps: [{ kind: 'opened', at: instant(1) }],
  }
  const snapshot = {
    policySet: compilePolicies([]),
    serviceKeys: new Map([['known', { name: 'desk', role: 'helpdesk', hash: 'known' }]]),
    administrators: new Map(),
    apiTokenKeys: new Map(),
    voidSessions: new Set(),
    settings: {},
    realms: new Set(['sales']),
    defaultRealm: 'sales',
  }
  const load = async () => done(snapshot)
  const ports = {
    now: () => instant(0),
    log: () => undefined,
    deployment: { cached: () => snapshot, cachedOrReload: load, reload: load, reloadForUnknown: load },
    journal: { shards: async () => done([...inUse]) },
    transactions: {
      shards: () => [{ region: 'weur', number: 0 }],
      inShard: () => ({
        liveLogins: async ({ after }: { after?: number }) =>
          done({ last: 1, logins: after === undefined ? [login] : [] }),
      }),
    },
  } as unknown as Ports
  const from = { address: '192.0.2.1', userAgent: '', now: instant(0) }
  const watched = await watchLogins(ports, { kind: 'key', hash: 'known', from }, { user: 'ada' })
  if (!watched.ok) throw new Error(watched.refusal.reason)
  const left = new AbortController()
  const logins = watched.value(left.signal)
  const first = logins.next()
  await vi.advanceTimersByTimeAsync(3000)
  inUse.push('weur/0')
  await vi.advanceTimersByTimeAsync(3000)
  expect((await first).value).toMatchObject({ outcome: 'open', record: { owner: { login: 'ada' } } })
  left.abort()
  await logins.return(undefined)
})
