import { describe, expect, it } from 'vitest'
import { readCsv, writeCsv } from '../../console/src/csv.ts'
import { readInvitees } from '../../console/src/pages/invitations/rows.ts'

describe('CSV', () => {
  it('is read with commas, semicolons or tabs, quotation marks and a byte order mark', () => {
    expect(readCsv('\uFEFFa,"b, ""c""",d\r\n\r\n"two\nlines",,\n')).toEqual([
      { line: 1, cells: ['a', 'b, "c"', 'd'] },
      { line: 3, cells: ['two\nlines', '', ''] },
    ])
    expect(readCsv('a;b,c;d\n')).toEqual([{ line: 1, cells: ['a', 'b,c', 'd'] }])
    expect(readCsv('a\tb')).toEqual([{ line: 1, cells: ['a', 'b'] }])
    expect(readCsv('a,"b\nc')).toEqual([{ line: 1, cells: ['a', 'b\nc'], isOpen: true }])
  })

  it('is written so that it is read the same, and no cell is a formula', () => {
    const rows = [['a', 'b,c', 'd "e"', 'f\ng', '']]
    expect(readCsv(writeCsv(rows)).map(({ cells }) => cells)).toEqual(rows)
    expect(writeCsv([['=1+1', '@x', '-2']])).toBe("'=1+1,'@x,'-2\r\n")
  })
})

describe('users to invite', () => {
  const read = (text: string) => readInvitees(text, 'sales', ['sales', 'Lab'])

  it('stand in the order user, realm, note, or under the names of a first line', () => {
    expect(read('ada\nbob,lab,monday')).toEqual({
      invitees: [
        { line: 1, user: 'ada', realm: 'sales', note: '' },
        { line: 2, user: 'bob', realm: 'lab', note: 'monday' },
      ],
      faulty: [],
    })
    expect(read('E-Mail;Anmeldename\nada@example.com;ada').invitees).toEqual([
      { line: 2, user: 'ada', realm: 'sales', note: 'ada@example.com' },
    ])
  })

  it('are left out where a line names nobody, an unknown realm, or somebody twice', () => {
    expect(read('user,realm\n,lab\nada,nowhere\nada,lab\nada,LAB\n"bob').faulty).toEqual([
      { line: 2, user: '', fault: 'no_user' },
      { line: 3, user: 'ada', fault: 'realm' },
      { line: 5, user: 'ada', fault: 'twice' },
      { line: 6, user: 'bob', fault: 'quote' },
    ])
  })
})
