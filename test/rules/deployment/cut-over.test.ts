import { describe, expect, it } from 'vitest'
import {
  changeCutOver,
  cutOverSetting,
  isServedHere,
  mayRingPhones,
  OTHER_REALMS,
  type RealmCutOver,
  wasElsewhereLately,
} from '../../../src/rules/deployment/cut-over.ts'
import { instant } from '../../../src/vocabulary.ts'

const now = instant(1_800_000_000_000)
const settled: RealmCutOver = { share: 0, before: 0, at: instant(0), otherTokens: true }
const settings = (realm: string, more: Partial<RealmCutOver>) => cutOverSetting(realm, { ...settled, ...more })
const users = Array.from({ length: 2000 }, (_, index) => ({ login: `user${index}`, realm: 'corp' }))
const served = (share: number) => users.filter((owner) => isServedHere(settings('corp', { share }), owner))

describe('a share of a realm', () => {
  it('has about so many of its users', () => {
    for (const share of [1, 10, 50, 90])
      expect(Math.abs((served(share).length / users.length) * 100 - share)).toBeLessThan(3)
    expect(served(0)).toEqual([])
    expect(served(100)).toEqual(users)
  })

  it('has everybody whom a smaller one has', () => {
    expect(served(60)).toEqual(expect.arrayContaining(served(20)))
  })

  it('does not depend on capitals in the login, and does on the realm', () => {
    const half = settings('corp', { share: 50 })
    for (const { login, realm } of users.slice(0, 50))
      expect(isServedHere(half, { login: login.toUpperCase(), realm })).toBe(isServedHere(half, { login, realm }))
    const other = { ...half, ...settings('other', { share: 50 }) }
    expect(
      users.some(
        ({ login }) => isServedHere(other, { login, realm: 'other' }) !== isServedHere(other, { login, realm: 'corp' }),
      ),
    ).toBe(true)
  })

  it('is that of the other realms where none is set, and nobody where nothing is', () => {
    const owner = { login: 'ada', realm: 'new' }
    expect(isServedHere({}, owner)).toBe(false)
    expect(isServedHere(settings(OTHER_REALMS, { share: 100 }), owner)).toBe(true)
    expect(isServedHere({ ...settings(OTHER_REALMS, { share: 100 }), ...settings('new', {}) }, owner)).toBe(false)
    // A token of nobody, and an administrator's phone.
    expect(isServedHere(settings(OTHER_REALMS, { share: 100 }), undefined)).toBe(true)
    expect(isServedHere({}, { login: 'admin', realm: ':administrators' })).toBe(true)
  })
})

describe('a change', () => {
  it('keeps the earlier share and the time; a change of `otherTokens` alone moves nobody', () => {
    const first = changeCutOver({}, 'corp', { share: 20 }, now)
    expect(first).toEqual({ ok: true, value: { share: 20, before: 0, at: now, otherTokens: true } })
    const cutOver = { corp: { share: 20, before: 0, at: now, otherTokens: true } }
    expect(changeCutOver(cutOver, 'corp', { otherTokens: false }, instant(now + 1))).toEqual({
      ok: true,
      value: { share: 20, before: 0, at: now, otherTokens: false },
    })
    for (const share of [-1, 101, Number.NaN])
      expect(changeCutOver({}, 'corp', { share }, now)).toMatchObject({ ok: false })
  })

  it('is over after ten minutes: until then the upstream may finish what it has opened, for whom it has moved', () => {
    const moved = settings('corp', { share: 60, before: 20, at: now })
    const later = instant(now + 600_000)
    const stayed = served(20)[0]
    const mover = served(60).find((owner) => !served(20).includes(owner))
    expect(wasElsewhereLately(moved, mover, now)).toBe(true)
    expect(wasElsewhereLately(moved, mover, later)).toBe(false)
    expect(wasElsewhereLately(moved, stayed, now)).toBe(false)
  })

  it('lets phones be polled for there, until every realm has moved and ten minutes are over', () => {
    const all = {
      ...settings(OTHER_REALMS, { share: 100, before: 100 }),
      ...settings('corp', { share: 100, before: 0, at: now }),
    }
    expect(mayRingPhones({}, now)).toBe(true)
    expect(mayRingPhones(settings('corp', { share: 100, before: 100 }), now)).toBe(true)
    expect(mayRingPhones(all, now)).toBe(true)
    expect(mayRingPhones(all, instant(now + 600_000))).toBe(false)
  })
})
