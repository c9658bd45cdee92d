import { describe, expect, it, vi } from 'vitest'
import type { Administrator } from '../../src/ports/administrators.ts'
import { done } from '../../src/refusal.ts'
import { passwords } from '../../src/storage/passwords.ts'
import { sealer } from '../../src/storage/seal.ts'
import { type failOnLog, random, ringOf } from './example.ts'

const configured = { login: 'grace', password: 'of the configuration' }

async function make(fill = 1) {
  const log = vi.fn<typeof failOnLog>()
  const made = await passwords(sealer(await ringOf(fill), random), random, configured, log, () => undefined)
  /** Whether the password is right; why it was refused if it cannot be read. */
  const matches = async (...[administrator, entry]: [Administrator | undefined, string]) => {
    const opened = await made.openPassword(administrator, async () => done(administrator?.password))
    return opened.ok ? opened.value.matches(entry) : opened.refusal.reason
  }
  return { ...made, matches, log }
}

describe('a password', () => {
  it('in the configuration is valid for the administrator it names, and nobody else', async () => {
    const { bootstrap, matches } = await make()
    expect(bootstrap).toMatchObject({ login: 'grace', role: 'admin', disabled: false, phoneRequired: false })
    expect(await matches(bootstrap, 'of the configuration')).toBe(true)
    expect(await matches(bootstrap, 'of the configuration ')).toBe(false)
    expect(await matches(bootstrap, '')).toBe(false)
    expect(await matches({ ...bootstrap, login: 'ada' }, 'of the configuration')).toBe(false)
    expect(await matches(undefined, 'of the configuration')).toBe(false)
  })

  it('in the table is sealed for its login alone, and no other is right after it was right once', async () => {
    const { matches, sealPassword: seal } = await make()
    const ada = { login: 'ada', role: 'helpdesk', generation: 'g1', disabled: false, phoneRequired: false } as const
    const password = await seal('ada', 'a long one')
    expect(password).not.toContain('a long one')
    for (let round = 0; round < 2; round++) {
      expect(await matches({ ...ada, password }, 'a long one')).toBe(true)
      expect(await matches({ ...ada, password }, 'another one')).toBe(false)
    }
    expect(await (await make()).matches({ ...ada, login: 'eve', password }, 'a long one')).toBe('storage_unavailable')
  })
})

it('a password that does not open is not wrong: it is refused, and the log names its login and its key', async () => {
  const sealed = await (await make(2)).sealPassword('ada', 'a long one')
  const { matches, log } = await make(1)
  const ada = { login: 'ada', role: 'helpdesk', generation: 'g1', disabled: false, phoneRequired: false } as const
  expect(await matches({ ...ada, password: sealed }, 'a long one')).toBe('storage_unavailable')
  expect(await matches({ ...ada, password: 'not sealed' }, 'a long one')).toBe('storage_unavailable')
  const [{ id }] = (await ringOf(2)).all
  expect(log.mock.calls).toEqual([
    ['password_unreadable', { login: 'ada', why: 'key_unknown', key: id }],
    ['password_unreadable', { login: 'ada', why: 'unreadable', key: 'unnamed' }],
  ])
})
