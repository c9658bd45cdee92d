import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { connect } from '../../src/connect.ts'
import type { Serial } from '../../src/vocabulary.ts'
import { enroll, ports, ringOf, valueOf, verdict } from './world.ts'

/** A PIN sealed with a master key that this Phone does not have. */
let sealElsewhere: (serial: Serial, pin: string) => Promise<string>

beforeAll(async () => {
  const elsewhere = await connect({ ...env, MASTER_KEY: btoa('another root secret of 32 bytes!') })
  sealElsewhere = (serial, pin) => elsewhere.pins.seal(serial, pin)
})

/** Seals the PIN anew in the catalogue, as a rotation does: the token's revision stays. */
const store = (serial: Serial, sealed: string) =>
  env.DB.prepare('UPDATE tokens SET pin = ? WHERE serial = ?').bind(sealed, serial).run()
const ring = async (serial: Serial, pin: string) => ports.phones.of(serial).ring(await ringOf(serial, pin))
const counters = async (serial: Serial) => valueOf(await ports.phones.of(serial).counters())

describe('a PIN that does not open', () => {
  it('is never a wrong one: the login is refused, nothing is counted, and the log names token and key', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
    const { serial } = await enroll('PIPUSEAL0001', { pin: '1234' })
    const sealed = await sealElsewhere(serial, '1234')
    await store(serial, sealed)
    for (const entry of ['1234', '9999']) expect(verdict(await ring(serial, entry))).toBe('storage_unavailable')
    expect(await counters(serial)).toMatchObject({ attempts: 0, failures: 0 })
    const lines = log.mock.calls.map(([line]) => JSON.parse(String(line)) as Record<string, unknown>)
    log.mockRestore()
    expect(lines.filter(({ event }) => event === 'pin_unreadable')).toContainEqual({
      event: 'pin_unreadable',
      serial,
      why: 'key_unknown',
      key: sealed.split('.')[1],
    })
    expect(JSON.stringify(lines)).not.toContain(sealed.split('.')[2])
  })

  it('is read from the catalogue once more, where a rotation has sealed it anew meanwhile', async () => {
    const { serial } = await enroll('PIPUSEAL0002', { pin: '1234' })
    const { pin = '' } = valueOf(await ports.tokens.record(serial)) ?? {}
    await store(serial, await sealElsewhere(serial, '1234'))
    // The Phone takes its copy over while the key is unknown to it.
    expect(verdict(await ring(serial, '1234'))).toBe('storage_unavailable')
    await store(serial, pin)
    expect(verdict(await ring(serial, '1234'))).toBe('ok')
    expect(verdict(await ring(serial, '9999'))).toBe('pin_wrong')
    expect(await counters(serial)).toMatchObject({ attempts: 1, failures: 1 })
  })

  it('does not hide a lock', async () => {
    const { serial } = await enroll('PIPUSEAL0003', { pin: '1234', maxAttempts: 1 })
    expect(verdict(await ring(serial, '9999'))).toBe('pin_wrong')
    await store(serial, await sealElsewhere(serial, '1234'))
    expect(verdict(await ring(serial, '1234'))).toBe('attempts_exceeded')
  })
})
