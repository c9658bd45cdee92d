import { describe, expect, it } from 'vitest'
import { searchRanges, textRanges } from '../../../src/rules/token/search-ranges.ts'

describe('the ranges of a beginning', () => {
  it('are one for letters from A to Z, in lower case', () => {
    expect(textRanges('Ada.L')).toEqual([{ from: 'ada.l', below: 'ada.l\u{10FFFF}' }])
  })

  it('are one for each way to write the other letters', () => {
    expect(textRanges('Özü').map(({ from }) => from)).toEqual(['özü', 'özÜ', 'Özü', 'ÖzÜ'])
  })

  it('are eight at most; further letters are compared', () => {
    const ranges = textRanges('Алексей 2')
    expect(ranges).toHaveLength(8)
    expect(ranges[0]?.tail).toEqual({ at: 4, letters: ['кК', 'сС', 'еЕ', 'йЙ', ' ', '2'] })
  })

  it('take a letter whose other case is longer as it is written', () => {
    expect(textRanges('Groß').map(({ from }) => from)).toEqual(['groß'])
  })
})

describe('the ranges of a search', () => {
  it('are of the user, the serial and the description, in this order', () => {
    expect(searchRanges('a', undefined, undefined).map(({ field, except }) => [field, except])).toEqual([
      ['user', []],
      ['serial', ['user']],
      ['description', ['user', 'serial']],
    ])
  })

  it('are those of each realm, where only these may be seen', () => {
    expect(searchRanges('a', 'serial', ['sales', 'branch']).map(({ realm }) => realm)).toEqual(['sales', 'branch'])
  })

  it('list everybody by user, and at the end the tokens of nobody', () => {
    expect(searchRanges('', undefined, undefined).map(({ id }) => id)).toEqual(['user 0 ', 'nobody'])
    expect(searchRanges('', undefined, ['sales'])).toHaveLength(1)
  })
})
