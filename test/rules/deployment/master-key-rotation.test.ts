import { describe, expect, it } from 'vitest'
import { distrustedKeys, masterKeyFault } from '../../../src/rules/deployment/master-keys.ts'
import { masterKeyHealth, planRotation, settlesIn } from '../../../src/rules/deployment/master-key-rotation.ts'
import { type Instant, instant } from '../../../src/vocabulary.ts'
import type { MasterKeyRecord, MasterKeyState } from '../../../src/vocabulary/master-keys.ts'

const now = instant(Date.UTC(2026, 9, 20, 9))
const ago = (seconds: number): Instant => instant(now - seconds * 1000)

/** A key that was configured an hour ago; used: it has been current since. */
const record = (id: string, more: Partial<MasterKeyRecord> = {}): MasterKeyRecord => ({
  id,
  checkValue: '',
  firstSeen: ago(3600),
  ...more,
})
const used = (id: string, more: Partial<MasterKeyRecord> = {}) => record(id, { currentSince: ago(3600), ...more })
const state = (current: string | undefined, ...keys: MasterKeyRecord[]): MasterKeyState => ({ current, keys })
const why = (...[known, configured, remaining]: [MasterKeyState, { key: string; previous?: string }, number?]) => {
  const plan = planRotation(known, configured, remaining ?? 0, now)
  return plan.kind === 'refuse' ? plan.why : plan
}

describe('a rotation', () => {
  it('waits until the new key has been configured for 300 seconds, then makes it current', () => {
    const seen = (seconds: number) => state('old', used('old'), record('new', { firstSeen: ago(seconds) }))
    expect(why(seen(0), { key: 'new', previous: 'old' })).toEqual({ kind: 'wait', seconds: 300 })
    expect(why(seen(299.5), { key: 'new', previous: 'old' })).toEqual({ kind: 'wait', seconds: 1 })
    expect(why(seen(300), { key: 'new', previous: 'old' })).toEqual({ kind: 'switch', from: 'old' })
  })

  it('seals anew once the key is current, also what is left after the key before has gone', () => {
    const known = state('new', used('old'), used('new'))
    expect(why(known, { key: 'new', previous: 'old' })).toEqual({ kind: 'reseal' })
    expect(why(state('new', used('new')), { key: 'new' }, 3)).toEqual({ kind: 'reseal' })
  })

  it('goes back without waiting to a key that is still in use: it was configured all the time', () => {
    expect(why(state('new', used('old'), used('new')), { key: 'old', previous: 'new' })).toEqual({
      kind: 'switch',
      from: 'new',
    })
  })

  it('is refused with one sentence where it cannot be meant', () => {
    expect(why(state('only', used('only')), { key: 'only' })).toMatch(
      /^there is nothing to rotate; set MASTER_KEY to the new key/,
    )
    expect(why(state('new', used('new')), { key: 'new', previous: 'typo' })).toMatch(
      /^MASTER_KEY_PREVIOUS is the key typo, which this database has never had/,
    )
    expect(why(state('only', used('only')), { key: 'only', previous: 'only' })).toBe(
      'MASTER_KEY_PREVIOUS is the same key as MASTER_KEY; set MASTER_KEY to the new one',
    )
    const unused = state('new', used('old', { unusedSince: ago(60) }), used('new'))
    expect(why(unused, { key: 'old', previous: 'new' })).toBe(
      'MASTER_KEY is the key old, which was rotated away from; make a new one',
    )
    const stolen = state('new', used('old', { compromisedAt: ago(60) }), used('new'))
    expect(why(stolen, { key: 'old', previous: 'new' })).toBe(
      'MASTER_KEY is the key old, which was reported as compromised; make a new one',
    )
    expect(why(state(undefined), { key: 'new' })).toMatch(/^this database has not taken MASTER_KEY yet/)
  })

  it('waits while values are still sealed in the form of the version before', () => {
    const fresh = state('only', used('only', { currentSince: instant(now + 100_000) }))
    expect(why(fresh, { key: 'only' }, 5)).toEqual({ kind: 'wait', seconds: 100 })
  })

  it('does not end while another isolate may still seal with the key before', () => {
    expect(settlesIn(state('new', used('new', { currentSince: ago(10) })), now)).toBe(20)
    expect(settlesIn(state('new', used('new', { currentSince: ago(30) })), now)).toBe(0)
  })
})

describe('the configured keys', () => {
  const rotating = state('new', used('old'), used('new'))

  it.each([
    ['the current key alone', state('only', used('only')), { key: 'only' }, undefined],
    ['a new key beside the current one', state('old', used('old')), { key: 'new', previous: 'old' }, undefined],
    ['both keys of a rotation', rotating, { key: 'new', previous: 'old' }, undefined],
    [
      'the new key, when nothing is sealed with the old',
      state('new', used('old', { unusedSince: now }), used('new')),
      { key: 'new' },
      undefined,
    ],
    [
      'a wrong key',
      state('only', used('only')),
      { key: 'typo' },
      /^MASTER_KEY: this database is sealed with the key only/,
    ],
    [
      'a new key whose previous one is mistyped',
      state('old', used('old')),
      { key: 'new', previous: 'typo' },
      /sealed with the key old/,
    ],
    [
      'the new key too early alone',
      rotating,
      { key: 'new' },
      /^MASTER_KEY_PREVIOUS: values may still be sealed with the key old/,
    ],
    ['the old key again', rotating, { key: 'old' }, /^MASTER_KEY: this database is sealed with the key new/],
    [
      'a third key in a half rotated database',
      rotating,
      { key: 'third', previous: 'new' },
      /set MASTER_KEY to new and MASTER_KEY_PREVIOUS to old/,
    ],
    [
      'a foreign key in a half rotated database',
      rotating,
      { key: 'third' },
      /half rotated from the key old to the key new/,
    ],
  ] as const)('%s', (_, known, configured, fault) => {
    const found = masterKeyFault(known, configured)
    if (fault === undefined) expect(found).toBeUndefined()
    else expect(found).toMatch(fault)
  })
})

describe('the check of the keys', () => {
  it.each([
    ['one key', state('only', used('only')), { key: 'only' }, true, /^MASTER_KEY \(only\) is the only key$/],
    [
      'a new key',
      state('old', used('old'), record('new')),
      { key: 'new', previous: 'old' },
      false,
      /the key old is current/,
    ],
    [
      'values left',
      state('new', used('old'), used('new')),
      { key: 'new', previous: 'old' },
      false,
      /has not ended: npm run/,
    ],
    [
      'a rotation that has ended',
      state('new', used('old', { unusedSince: now }), used('new')),
      { key: 'new', previous: 'old' },
      false,
      /nothing is sealed with MASTER_KEY_PREVIOUS \(old\): it may go/,
    ],
    [
      'the same key twice',
      state('only', used('only')),
      { key: 'only', previous: 'only' },
      false,
      /is the same key as MASTER_KEY/,
    ],
    [
      'the old key gone',
      state('new', used('old', { unusedSince: now }), used('new')),
      { key: 'new' },
      true,
      /only key/,
    ],
  ] as const)('tells of %s', (_, known, configured, isWell, info) => {
    expect(masterKeyHealth(known, configured)).toMatchObject({ isWell, info: expect.stringMatching(info) })
  })
})

it('the ids of a compromised key are accepted for as long as it is the current one', () => {
  const stolen = used('old', { compromisedAt: now })
  expect([...distrustedKeys(state('old', stolen))]).toEqual([])
  expect([...distrustedKeys(state('new', stolen, used('new')))]).toEqual(['old'])
})
