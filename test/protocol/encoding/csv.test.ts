import { describe, expect, it } from 'vitest'
import { csvCell } from '../../../src/protocol/encoding/csv.ts'
import { withoutInfo, tokenCsv } from '../../../src/protocol/token/token-table.ts'

describe('a CSV cell', () => {
  it.each([
    ['plain', `'plain'`],
    [7, `'7'`],
    [`it's`, `'it''s'`],
    ['two\r\nlines', `'two lines'`],
    ['=1+1', `'=1+1'`],
    ['a,=1+1', `'a,''=1+1'`],
    ['a,-1+1', `'a,''-1+1'`],
    ['a;+1+1', `'a;''+1+1'`],
    ['a;\t@SUM(1)', `'a;\t''@SUM(1)'`],
    ["','=cmd", `''',''=cmd'`],
    ['a,"=1+1",b', `'a,''"=1+1",b'`],
    ['a, " =1+1"', `'a,'' " =1+1"'`],
    ['a,"b"', `'a,"b"'`],
    ['a, b', `'a, b'`],
  ])('of %j is %s', (value, text) => {
    expect(csvCell(value)).toBe(text)
  })
})

describe('the CSV of tokens', () => {
  it('has a column for each key that clients know, and values that are no text as JSON', () => {
    const [head = '', line = ''] = tokenCsv([
      { id: 1, serial: 'A', active: false, info: { a: `x'y` }, realms: ['r'] },
    ]).split('\n')
    expect(head.startsWith(`'id', 'description', 'serial', 'tokentype', 'info', `)).toBe(true)
    expect(line.startsWith(`'1', '', 'A', '', '{"a":"x''y"}', `)).toBe(true)
    expect(line).toContain(`'False', `)
    expect(line.split(`', '`)).toHaveLength(head.split(`', '`).length)
  })

  it('without tokens has only the header line', () => {
    expect(tokenCsv([]).split('\n')).toHaveLength(2)
  })
})

describe('hidden token info', () => {
  it('is left out, of the lists of its keys too; the rest stays', () => {
    const item = { serial: 'A', info: { a: '1', b: '2' } }
    expect(withoutInfo(item, ['b', 'serial'])).toEqual({ serial: 'A', info: { a: '1' } })
    const lists = { readonly_info_keys: ['a', 'b'], undeletable_info_keys: ['b'], realms: ['b'] }
    expect(withoutInfo({ ...item, ...lists }, ['b'])).toEqual({
      serial: 'A',
      info: { a: '1' },
      readonly_info_keys: ['a'],
      undeletable_info_keys: [],
      realms: ['b'],
    })
    expect(withoutInfo(item, [])).toBe(item)
  })
})
