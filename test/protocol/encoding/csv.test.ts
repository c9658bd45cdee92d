import { describe, expect, it } from 'vitest'
import { csvCell } from '../../../src/protocol/encoding/csv.ts'
import { withoutInfo, tokenCsv } from '../../../src/protocol/token/token-table.ts'

describe('a value of a table', () => {
  it.each([
    ['plain', `'plain'`],
    [7, `'7'`],
    [`it's`, `'it''s'`],
    ['two\r\nlines', `'two lines'`],
    ['=1+1', `'=1+1'`],
    ['a,=1+1', `'a,''=1+1'`],
    ['a;\t@SUM(1)', `'a;\t''@SUM(1)'`],
    ["','=cmd", `''',''=cmd'`],
    ['a,"=1+1",b', `'a,''"=1+1",b'`],
    ['a, " =1+1"', `'a,'' " =1+1"'`],
    ['a,"b"', `'a,"b"'`],
    ['a, b', `'a, b'`],
  ])('%j is %s', (value, text) => {
    expect(csvCell(value)).toBe(text)
  })
})

describe('a table of tokens', () => {
  it('has a column for each key that clients know, and what is no text as JSON', () => {
    const [head = '', line = ''] = tokenCsv([
      { id: 1, serial: 'A', active: false, info: { a: `x'y` }, realms: ['r'] },
    ]).split('\n')
    expect(head.startsWith(`'id', 'description', 'serial', 'tokentype', 'info', `)).toBe(true)
    expect(line.startsWith(`'1', '', 'A', '', '{"a":"x''y"}', `)).toBe(true)
    expect(line).toContain(`'False', `)
    expect(line.split(`', '`)).toHaveLength(head.split(`', '`).length)
  })

  it('is its head alone where nothing is found', () => {
    expect(tokenCsv([]).split('\n')).toHaveLength(2)
  })
})

describe('what is hidden of the info', () => {
  it('is left out, and nothing else', () => {
    const item = { serial: 'A', info: { a: '1', b: '2' } }
    expect(withoutInfo(item, ['b', 'serial'])).toEqual({ serial: 'A', info: { a: '1' } })
    expect(withoutInfo(item, [])).toBe(item)
  })
})
