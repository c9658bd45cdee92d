import { describe, expect, it } from 'vitest'
import { deriveKeys } from '../../src/storage/derived-keys.ts'
import { passwords } from '../../src/storage/passwords.ts'
import { sealer } from '../../src/storage/seal.ts'
import { random } from './example.ts'

const masterKey = (fill: number) => new Uint8Array(32).fill(fill)
const configured = { login: 'grace', password: 'of the configuration' }

async function make(password = configured.password, ...fills: readonly number[]) {
  const [first, ...rest] = await Promise.all(
    (fills.length > 0 ? fills : [1]).map((fill) => deriveKeys(masterKey(fill))),
  )
  if (first === undefined) throw new Error('no key')
  const sealed = sealer([first.sealing, ...rest.map(({ sealing }) => sealing)], random)
  const keys = [first.apiToken, ...rest.map(({ apiToken }) => apiToken)] as const
  return passwords(sealed, random, { ...configured, password, keys })
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
    const ada = { login: 'ada', role: 'helpdesk', generations: ['1'], disabled: false } as const
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

describe('the generation of the configured administrator', () => {
  it('is the same in every isolate, and differs with another password or login', async () => {
    const [one, same, other] = [await make(), await make(), await make('changed')]
    expect(same.bootstrap.generations).toEqual(one.bootstrap.generations)
    expect(other.bootstrap.generations[0]).not.toBe(one.bootstrap.generations[0])
    expect(one.bootstrap.generations[0]).toMatch(/^[\w-]{16}$/)
  })

  it('from before a rotation of the master key is still valid after it', async () => {
    const [before, after] = [await make(), await make(configured.password, 2, 1)]
    expect(after.bootstrap.generations).toContain(before.bootstrap.generations[0])
    expect(after.bootstrap.generations[0]).not.toBe(before.bootstrap.generations[0])
  })
})
