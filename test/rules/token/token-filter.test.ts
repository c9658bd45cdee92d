import { describe, expect, it } from 'vitest'
import { tokenFilter } from '../../../src/rules/token/token-filter.ts'

const realms = new Set(['sales', 'lab', 'defrealm'])
type Wish = Parameters<typeof tokenFilter>[0]
const filter = (...[wish, owner]: readonly [Wish, { login: string; realm: string }?]) =>
  tokenFilter(wish, owner, realms)

describe('the filter of a token list', () => {
  it('matches all tokens without criteria, or with a star', () => {
    const anything = { serial: '*', type: '*', types: ['push', 'edupush'], state: '*', realms: ['*'], container: '' }
    expect(filter({})).toEqual({})
    expect(filter(anything)).toEqual({})
  })

  it('distinguishes a serial, the beginning of one, and a pattern', () => {
    expect(filter({ serial: 'PIPU1' })).toEqual({ serials: ['PIPU1'] })
    expect(filter({ serial: 'PIPU**' })).toEqual({ beginning: 'PIPU' })
    expect(filter({ serial: 'PI*1' })).toEqual({ beginning: 'PI', texts: [{ text: 'serial', pattern: 'PI*1' }] })
    expect(filter({ serial: '*1' })).toEqual({ texts: [{ text: 'serial', pattern: '*1' }] })
    for (const serial of ['%', "' OR 1=1", 'ü*', `${'A'.repeat(41)}*`])
      expect(filter({ serial }), serial).toBeUndefined()
  })

  it('searches for a pattern in the description', () => {
    expect(filter({ description: '*of Ada*' })).toEqual({ texts: [{ text: 'description', pattern: '*of Ada*' }] })
  })

  it('takes a serial of forty characters, however many stars are in it', () => {
    const longest = 'A'.repeat(40)
    expect(filter({ serial: longest })).toEqual({ serials: [longest] })
    expect(filter({ serial: `${longest}**` })).toEqual({ beginning: longest })
    expect(filter({ serial: `*${longest}*` })).toEqual({ texts: [{ text: 'serial', pattern: `*${longest}*` }] })
  })

  it('names one state, or none if all are meant', () => {
    expect(filter({ state: 'enrolled' })).toEqual({ state: 'enrolled' })
    expect(filter({ type: 'push' })).toEqual({ types: ['push'] })
  })

  it('knows that a token with a realm or a resolver has an owner', () => {
    expect(filter({ realms: ['SALES', 'la*'] })).toEqual({ realms: ['sales', 'lab'], assigned: true })
    expect(filter({ resolver: 'nod' })).toEqual({ assigned: true })
    expect(filter({ realms: ['sales'], assigned: false })).toBeUndefined()
    expect(filter({ resolver: 'nod', assigned: false })).toBeUndefined()
    expect(filter({ userId: 'ada', assigned: false })).toBeUndefined()
  })

  it('looks for an owner in their realm, and for an id in all realms', () => {
    const ada = { login: 'ada', realm: 'sales' }
    expect(filter({}, ada)).toEqual({ login: 'ada', realms: ['sales'], assigned: true })
    expect(filter({ userId: 'ada' })).toMatchObject({ login: 'ada', realms: ['sales', 'lab', 'defrealm'] })
    expect(filter({ userId: 'ada', realms: ['lab'] })).toMatchObject({ login: 'ada', realms: ['lab'] })
    expect(filter({ userId: 'ben' }, ada)).toBeUndefined()
    expect(filter({ realms: ['lab'] }, ada)).toBeUndefined()
  })

  it('never leaves the realms the caller may read, and there matches no token without an owner', () => {
    const within = (wish: Wish, ...reach: readonly string[]) => tokenFilter(wish, undefined, realms, reach)
    const both = { realms: ['sales', 'lab'], assigned: true }
    expect(within({}, 'sales', 'lab')).toEqual(both)
    expect(within({ realms: ['*'] }, 'sales', 'lab')).toEqual(both)
    expect(within({ realms: ['lab', 'defrealm'] }, 'sales', 'lab')).toEqual({ realms: ['lab'], assigned: true })
    expect(within({ realms: ['defrealm'] }, 'sales', 'lab')).toBeUndefined()
    expect(within({ userId: 'ada' }, 'sales', 'lab')).toEqual({ login: 'ada', ...both })
    expect(within({ serial: 'PIPU1' }, 'sales', 'lab')).toEqual({ serials: ['PIPU1'], ...both })
    expect(within({ serials: ['PIPU1', 'PIPU2'], active: false }, 'sales')).toMatchObject({ realms: ['sales'] })
    expect(within({ assigned: false }, 'sales', 'lab')).toBeUndefined()
    expect(within({ realms: ['*'] }, ...realms)).toEqual({ realms: [...realms], assigned: true })
  })

  it('distinguishes Nod’s own info from entries of administrators', () => {
    expect(filter({ info: { key: 'last_auth', pattern: '2026*' } })).toEqual({
      texts: [{ text: 'last_auth', pattern: '2026*' }],
    })
    for (const key of ['inventory', 'pin', 'constructor'])
      expect(filter({ info: { key, pattern: '*' } })).toEqual({ texts: [{ note: key, pattern: '*' }] })
  })

  it('is undefined when no token can match', () => {
    for (const wish of [
      { type: 'hotp' },
      { type: 'push', types: ['edupush'] },
      { state: 'verify' },
      { realms: ['nosuch'] },
      { realms: [] },
      { resolver: 'ldap' },
      { container: 'SMPH1' },
    ])
      expect(filter(wish), JSON.stringify(wish)).toBeUndefined()
  })
})
