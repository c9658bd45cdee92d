import { describe, expect, it } from 'vitest'
import { deriveKeys } from '../../src/storage/derived-keys.ts'
import { passwords } from '../../src/storage/passwords.ts'
import { sealer } from '../../src/storage/seal.ts'
import { random } from './example.ts'

const configured = { login: 'grace', password: 'of the configuration' }

async function make() {
  const { sealing } = await deriveKeys(new Uint8Array(32).fill(1))
  return passwords(sealer([sealing], random), random, configured)
}

describe('a password', () => {
  it('in the configuration is valid for the administrator it names, and nobody else', async () => {
    const { bootstrap, passwordMatches: matches } = await make()
    expect(bootstrap).toMatchObject({ login: 'grace', role: 'admin', disabled: false })
    expect(await matches(bootstrap, 'of the configuration')).toBe(true)
    expect(await matches(bootstrap, 'of the configuration ')).toBe(false)
    expect(await matches(bootstrap, '')).toBe(false)
    expect(await matches({ ...bootstrap, login: 'ada' }, 'of the configuration')).toBe(false)
    expect(await matches(undefined, 'of the configuration')).toBe(false)
  })

  it('in the table is sealed for its login alone, and no other is right after it was right once', async () => {
    const { passwordMatches: matches, sealPassword: seal } = await make()
    const ada = { login: 'ada', role: 'helpdesk', generation: 'g1', disabled: false } as const
    const password = await seal('ada', 'a long one')
    expect(password).not.toContain('a long one')
    for (let round = 0; round < 2; round++) {
      expect(await matches({ ...ada, password }, 'a long one')).toBe(true)
      expect(await matches({ ...ada, password }, 'another one')).toBe(false)
    }
    expect(await (await make()).passwordMatches({ ...ada, login: 'eve', password }, 'a long one')).toBe(false)
    expect(await matches({ ...ada, password: 'not sealed' }, 'a long one')).toBe(false)
  })
})
