import { describe, expect, it } from 'vitest'
import type { TokenChange } from '../../src/ports/tokens.ts'
import type { TransactionId } from '../../src/vocabulary.ts'
import { auditEntry, list, newToken, now, registration, serial, storage, valueOf } from './example.ts'

const first = '01234567890123456789' as TransactionId
const second = '12345678901234567890' as TransactionId
const owner = (login: string) => ({ login, realm: 'newcomers' })
const code = (name: string, login: string, id = first, insteadOf?: TransactionId) => ({
  ...newToken(name, owner(login)),
  login: insteadOf === undefined ? { id } : { id, insteadOf },
})
const add = async (...token: Parameters<typeof code>) =>
  valueOf(await storage().tokens.add(code(...token), auditEntry('POST /validate/check')))
const renew = async (...token: Parameters<typeof code>) =>
  valueOf(await storage().tokens.renew(code(...token), auditEntry('POST /validate/check')))
const cancel = async (name: string, user: string, login = first) => {
  const change = { kind: 'enrollment_cancelled', login, owner: owner(user) } as const
  return valueOf(await storage().tokens.change(serial(name), change, auditEntry('POST /validate/check')))
}
const register = async (name: string) => valueOf(await storage().tokens.registerPhone(registration(name)))
const enrolledIn = async (name: string) => valueOf(await storage().tokens.record(serial(name)))?.enrolledIn

describe('a token that is enrolled in a login', () => {
  it('keeps the login, before and after the registration', async () => {
    await add('PIPULOGIN001', 'ada')
    expect(await enrolledIn('PIPULOGIN001')).toBe(first)
    expect(await register('PIPULOGIN001')).toBe(true)
    expect(await enrolledIn('PIPULOGIN001')).toBe(first)
  })

  it('forgets the login once its phone has registered and it lost its PIN or owner, or was disabled', async () => {
    const changes: readonly TokenChange[] = [
      { kind: 'pin', pin: '1.sealed' },
      { kind: 'active', active: false },
      { kind: 'unassigned' },
    ]
    for (const [at, change] of changes.entries()) {
      const name = `PIPULOGIN3${at}`
      await add(name, `ada${at}`)
      const happens = async () =>
        valueOf(await storage().tokens.change(serial(name), change, auditEntry('POST /token')))
      if (change.kind === 'pin') expect(await happens()).toBe(true)
      expect(await enrolledIn(name)).toBe(first)
      await register(name)
      expect(await happens()).toBe(true)
      expect(await enrolledIn(name)).toBeUndefined()
    }
  })

  it('is the only token of its owner, however many logins start at once', async () => {
    const names = Array.from({ length: 5 }, (_, index) => `PIPULOGIN1${index}`)
    const added = await Promise.all(names.map((name) => add(name, 'bob')))
    expect(added.filter(Boolean)).toHaveLength(1)
    const { tokens } = await list({ login: 'bob', realms: [owner('bob').realm] })
    expect(tokens).toHaveLength(1)
    expect(await add('PIPULOGIN019', 'bob')).toBe(false)
  })

  it('is shown again in the next login, and in none that did not know it', async () => {
    await add('PIPULOGIN002', 'carl')
    expect(await renew('PIPULOGIN002', 'carl', second, second)).toBe(false)
    expect(await renew('PIPULOGIN002', 'carl', second, first)).toBe(true)
    expect(await enrolledIn('PIPULOGIN002')).toBe(second)
    expect(await renew('PIPULOGIN002', 'carl', first, first)).toBe(false)
  })

  it('is not shown again once a phone has registered: that would take it from the phone', async () => {
    await add('PIPULOGIN003', 'dora')
    await register('PIPULOGIN003')
    expect(await renew('PIPULOGIN003', 'dora', second, first)).toBe(false)
    expect(valueOf(await storage().tokens.record(serial('PIPULOGIN003')))?.state).toBe('enrolled')
  })

  it('is cancelled in its own login only, and only while no phone has registered', async () => {
    await add('PIPULOGIN004', 'emil')
    expect(await cancel('PIPULOGIN004', 'emil', second)).toBe(false)
    expect(await cancel('PIPULOGIN004', 'emil')).toBe(true)
    expect(await cancel('PIPULOGIN004', 'emil')).toBe(false)
    expect(await register('PIPULOGIN004')).toBe(false)

    await add('PIPULOGIN005', 'emil')
    await register('PIPULOGIN005')
    expect(await cancel('PIPULOGIN005', 'emil')).toBe(false)
  })

  it('is registered, cancelled or shown again: exactly one of them succeeds', async () => {
    for (let round = 0; round < 9; round += 1) {
      const name = `PIPULOGIN2${round}`
      const login = `fred${round}`
      await add(name, login)
      const anew = { ...code(name, login, second, first), credentialHash: 'of another code' }
      const all = [
        () => register(name),
        () => cancel(name, login),
        async () => valueOf(await storage().tokens.renew(anew, auditEntry('POST /validate/check'))),
      ]
      const turn = round % all.length
      const happened = await Promise.all([...all.slice(turn), ...all.slice(0, turn)].map((act) => act()))
      expect(happened.filter(Boolean)).toHaveLength(1)
    }
  })

  it('is neither shown again nor cancelled for a user who no longer owns it', async () => {
    await add('PIPULOGIN007', 'hans')
    const to = async (change: TokenChange) =>
      expect(valueOf(await storage().tokens.change(serial('PIPULOGIN007'), change, auditEntry('POST /token')))).toBe(
        true,
      )
    await to({ kind: 'unassigned' })
    expect(await renew('PIPULOGIN007', 'hans', second, first)).toBe(false)
    expect(await cancel('PIPULOGIN007', 'hans')).toBe(false)
    await to({ kind: 'assigned', owner: owner('ida') })
    expect(await renew('PIPULOGIN007', 'hans', second, first)).toBe(false)
    expect(await cancel('PIPULOGIN007', 'hans')).toBe(false)
    // For its new owner it is.
    expect(await renew('PIPULOGIN007', 'ida', second, first)).toBe(true)
    expect(await cancel('PIPULOGIN007', 'ida', second)).toBe(true)
  })

  it('is an ordinary token after an administrator enrolls it again', async () => {
    await add('PIPULOGIN006', 'gus')
    await storage().tokens.renew(newToken('PIPULOGIN006', owner('gus')), auditEntry('POST /token/init', { at: now }))
    expect(await enrolledIn('PIPULOGIN006')).toBeUndefined()
    expect(await cancel('PIPULOGIN006', 'gus')).toBe(false)
  })
})
