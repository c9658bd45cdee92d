import { describe, expect, it } from 'vitest'
import { nearest, suggestion } from '../src/nearest.ts'

describe('the name that a misspelled one is meant to be', () => {
  it.each([
    ['users', ['user', 'realm'], 'user'],
    ['Realm', ['user', 'realm'], 'realm'],
    ['raelm', ['user', 'realm'], 'realm'],
    ['slaes', ['sales', 'defrealm'], 'sales'],
    ['push_require_presense', ['push_require_presence', 'push_presence_options'], 'push_require_presence'],
    ['', ['user'], undefined],
    ['x', ['y'], undefined],
    ['colour', ['user', 'realm'], undefined],
    ['__proto__', ['user'], undefined],
  ])('of %j among %j is %j', (text, names, name) => {
    expect(nearest(text, names)).toBe(name)
  })

  it('is the first in the alphabet if several are as near', () => {
    expect(nearest('dav', ['day', 'dab'])).toBe('dab')
  })

  it('is not looked for past the first 64 characters', () => {
    expect(nearest('u'.repeat(60_000), ['user'])).toBeUndefined()
  })

  it('is offered as a question', () => {
    expect([suggestion('user'), suggestion(undefined)]).toEqual([" Did you mean 'user'?", ''])
  })
})
