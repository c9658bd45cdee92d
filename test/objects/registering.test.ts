import { afterEach, describe, expect, it, vi } from 'vitest'
import { Transactions } from '../../src/index.ts'
import { changeTokenRow } from '../../src/operations/token/change-token.ts'
import { digest } from '../../src/operations/access/digest.ts'
import { register } from '../../src/operations/phone/register.ts'
import { addSeconds, type Owner, seconds, type Serial } from '../../src/vocabulary.ts'
import { PHONE_KEYS } from '../simulation/keys.ts'
import { keysFromPem, publicKeyText } from '../simulation/phone/signing.ts'
import { changeRow, drawLogin, finalizing, ports, shard, valueOf, verdict } from './world.ts'

const SHARD = 48

afterEach(() => {
  vi.restoreAllMocks()
})

/** A login that shows a code; `scan` registers the same phone for it, however often. */
async function enrolling(name: string) {
  const serial = name as Serial
  const owner: Owner = { login: name, realm: 'registering' }
  const login = await drawLogin(SHARD, [{ serial, key: 0 }], { owner, enrollment: { optional: false } })
  valueOf(await shard(SHARD).open(login.opening))
  const token = {
    serial,
    type: 'push' as const,
    owner,
    description: '',
    firebase: 'poll only',
    registrationUrl: 'https://nod.example/ttype/push',
    signingKey: valueOf(await ports.signing.current()),
    maxAttempts: 10,
    credentialHash: await digest('credential'),
    credentialExpires: addSeconds(ports.now(), seconds(600)),
    login: { id: login.id },
  }
  const auditEntry = { at: ports.now(), action: 'POST /validate/check', administrator: '', address: '192.0.2.7' }
  expect(valueOf(await ports.tokens.add(token, auditEntry))).toBe(true)
  const phoneKey = await publicKeyText(await keysFromPem(PHONE_KEYS[0] ?? ''))
  const said = { kind: 'register', type: 'push', serial, credential: 'credential', phoneKey } as const
  return {
    serial,
    scan: async () =>
      valueOf(await register(ports, { ...said, registrationToken: '' }, { userAgent: '', region: 'weur' })),
    stands: async () => valueOf(await shard(SHARD).status({ id: login.id, wait: seconds(0) })),
    finalize: async () => verdict(await shard(SHARD).finalize(finalizing(login.id))),
  }
}

/** The shard is not reached once. */
const lose = () =>
  vi.spyOn(Transactions.prototype, 'recordRegistration').mockRejectedValueOnce(new Error('not reached'))

describe('a repeated registration that has not reached the login', () => {
  it('gets the same reply, and reaches the login', async () => {
    const { scan, stands, finalize } = await enrolling('PIPUREG00001')
    lose()
    const first = await scan()
    expect(await stands()).toBe('pending')
    expect(await scan()).toEqual(first)
    expect([await stands(), await finalize()]).toEqual(['accepted', 'ok'])
  })

  it.each([
    ['got another PIN', [{ kind: 'pin', pin: '1.sealed' }]],
    [
      'been disabled and enabled',
      [
        { kind: 'active', active: false },
        { kind: 'active', active: true },
      ],
    ],
  ] as const)('gets the same reply, but finishes no login when the token has %s since', async (_, changes) => {
    const { serial, scan, finalize } = await enrolling(`PIPUREG0000${changes.length + 1}`)
    lose()
    const first = await scan()
    for (const change of changes)
      await changeTokenRow(ports, serial, async () => ({ ok: true, value: await changeRow(serial, change) }))
    expect(await scan()).toEqual(first)
    expect(await finalize()).not.toBe('ok')
  })
})
