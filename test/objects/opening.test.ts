import { expect, it } from 'vitest'
import { trigger } from '../../src/operations/login/trigger.ts'
import type { Ports } from '../../src/ports/ports.ts'
import { refuse } from '../../src/refusal.ts'
import { seconds } from '../../src/vocabulary.ts'
import { enroll, ports, verdict, valueOf } from './world.ts'

it('a login that cannot be signed leaves no failed attempt at the owner’s other phone', async () => {
  const owner = { login: 'ada', realm: 'opening' }
  const mine = await enroll('PIPUOPENS001', { pin: '1111', owner })
  const other = await enroll('PIPUOPENS002', { pin: '2222', owner })
  const speechless: Ports = {
    ...ports,
    limits: { ...ports.limits, anonymousCheck: true },
    signing: { ...ports.signing, sign: async () => refuse({ reason: 'storage_unavailable', retryAfter: seconds(1) }) },
  }
  const source = { address: '192.0.2.7', userAgent: '', region: 'weur', origin: 'https://nod.example' } as const
  const request = {
    subject: { user: owner.login, realm: owner.realm },
    pin: { entry: '1111' },
    exception: false,
    action: 'POST /validate/check',
    signal: new AbortController().signal,
  }
  expect(verdict(await trigger(speechless, { kind: 'none' }, source, request))).toBe('storage_unavailable')
  for (const { serial } of [mine, other])
    expect(valueOf(await ports.phones.of(serial).counters())).toMatchObject({ attempts: 0 })
})
