import { describe, expect, it } from 'vitest'
import { authorizePoll } from '../../../src/operations/access/admission.ts'
import type { Ports, Snapshot } from '../../../src/ports/ports.ts'
import { done, refuse } from '../../../src/refusal.ts'
import { compilePolicies } from '../../../src/rules/policy/policy-set.ts'
import { instant, seconds } from '../../../src/vocabulary.ts'
import { policy } from '../../rules/policy/sample-policy.ts'

const snapshotWith = (...policies: Parameters<typeof compilePolicies>[0]) =>
  ({ policySet: compilePolicies(policies), settings: {}, serviceKeys: new Map() }) as unknown as Snapshot
const requiring = snapshotWith(policy('keys', { api_key_required: true }, { scope: 'authorization' }))
const open = snapshotWith()

/** A poll without a credential at an isolate that has `known`; the catalogue has `latest`, or does not answer. */
async function polled(known: Snapshot, latest: Snapshot | 'away', isRecent = false) {
  let asked = 0
  const ports = {
    now: () => instant(0),
    deployment: {
      cachedOrReload: async () => done(known),
      recent: () => (isRecent ? known : undefined),
      reloadForUnknown: async () => {
        asked += 1
        return latest === 'away' ? refuse({ reason: 'storage_unavailable', retryAfter: seconds(2) }) : done(latest)
      },
    },
  } as unknown as Ports
  const from = { address: '192.0.2.7', userAgent: '' }
  const outcome = await authorizePoll(ports, { kind: 'none' }, from)
  return { is: outcome.ok ? 'admitted' : outcome.refusal.reason, asked }
}

describe('a poll without a service key, where an isolate knows a policy that requires one', () => {
  it('is refused if the catalogue has it, too', async () => {
    expect(await polled(requiring, requiring)).toEqual({ is: 'service_key_required', asked: 1 })
  })

  it('is admitted if the catalogue has it no more: the isolate may have started with what a late replica knew', async () => {
    expect(await polled(requiring, open)).toEqual({ is: 'admitted', asked: 1 })
  })

  it('is refused without asking if the isolate knew the latest a moment ago, and while the catalogue does not answer', async () => {
    expect(await polled(requiring, open, true)).toEqual({ is: 'service_key_required', asked: 0 })
    expect(await polled(requiring, 'away')).toEqual({ is: 'service_key_required', asked: 1 })
  })

  it('asks for nothing where no policy is known', async () => {
    expect(await polled(open, requiring)).toEqual({ is: 'admitted', asked: 0 })
  })
})
