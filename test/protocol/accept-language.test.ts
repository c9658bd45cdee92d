import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { preferredLanguage } from '../../src/protocol/accept-language.ts'

describe('the language of a request', () => {
  it.each<[string | undefined, string]>([
    [undefined, 'en'],
    ['', 'en'],
    ['de', 'de'],
    ['DE-at', 'de'],
    ['de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7', 'de'],
    ['en-US,en;q=0.9,de;q=0.8', 'en'],
    ['en;q=0.5, de;q=0.8', 'de'],
    ['de, en', 'de'],
    ['en, de', 'en'],
    // French there is none of: what comes next.
    ['fr, de;q=0.4', 'de'],
    ['fr, de;q=0.4, en;q=0.6', 'en'],
    ['fr', 'en'],
    ['deu', 'en'],
    ['*', 'en'],
    ['*, en;q=0', 'de'],
    ['de;q=0, *', 'en'],
    ['de;q=0', 'en'],
    ['de;q=0.000', 'en'],
    ['de ; q = 0.3', 'de'],
    ['de;q=2', 'en'],
    ['de;level=1', 'en'],
    ['; ,, de', 'de'],
    [`${'fr,'.repeat(20)}de`, 'en'],
  ])('of %j is %s', (header, language) => {
    expect(preferredLanguage(header)).toBe(language)
  })

  it('is one there is, whatever the header', () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        expect(['en', 'de']).toContain(preferredLanguage(header))
      }),
    )
  })
})
