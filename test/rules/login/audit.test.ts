import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareLines, linesOf, matches } from '../../../src/rules/login/audit.ts'
import { instant, addSeconds, seconds } from '../../../src/vocabulary.ts'
import type { AuditField, AuditLine, AuditRecord } from '../../../src/vocabulary/audit.ts'

const now = instant(Date.UTC(2026, 9, 20, 9))
const record: AuditRecord = {
  at: now,
  action: 'POST /auth',
  success: false,
  authentication: 'REJECT',
  owner: { login: 'Ada', realm: 'sales' },
  address: '192.0.2.7',
  userAgent: 'setup/1.2 (x)',
  info: 'Wrong credentials',
}
const [line] = linesOf(record, 'weur/0', 7)
if (line === undefined) throw new Error('no line')

const has = (field: AuditField, pattern: string, negated = false): boolean =>
  matches(line, { conditions: [{ field, pattern, negated }] })

describe('a record without steps', () => {
  it('is one line', () => {
    expect(linesOf(record, 'weur/0', 7)).toEqual([
      {
        at: now,
        record: 'weur/0/7',
        step: 0,
        shard: 'weur/0',
        action: 'POST /auth',
        success: false,
        authentication: 'REJECT',
        serial: '',
        user: 'Ada',
        realm: 'sales',
        administrator: '',
        detail: '',
        info: 'Wrong credentials',
        address: '192.0.2.7',
        userAgent: 'setup/1.2 (x)',
        transaction: '',
        service: '',
        policies: '',
        duration: 0,
      },
    ])
  })

  it('of requests that were counted together says how many', () => {
    expect(linesOf({ ...record, count: 17 }, 'weur/0', 7)[0]?.info).toBe('Wrong credentials (17 times)')
  })
})

describe('a record of a login', () => {
  const steps = [
    { at: now, kind: 'delivered' },
    {
      at: now,
      kind: 'accepted',
      action: 'POST /ttype/<ttype>',
      success: true,
      serial: 'PIPU2',
      address: '198.51.100.7',
    },
    {
      at: now,
      kind: 'finalized',
      action: 'POST /validate/check',
      userAgent: 'vpn/1',
      authentication: 'ACCEPT',
      info: 'x',
    },
  ] as const
  const of = (more: object) => linesOf({ ...record, serial: 'PIPU1', transaction: '0123', steps, ...more }, 'weur/0')

  it('is a line for each step that is a request, with what the record has where the step has nothing', () => {
    const lines = of({ owner: undefined })
    expect(lines).toMatchObject([
      {
        step: 1,
        record: '0123',
        serial: 'PIPU2',
        success: true,
        authentication: '',
        info: '',
        address: '198.51.100.7',
        userAgent: 'setup/1.2 (x)',
      },
      {
        step: 2,
        record: '0123',
        serial: 'PIPU1',
        success: false,
        authentication: 'ACCEPT',
        info: 'x',
        address: '192.0.2.7',
        userAgent: 'vpn/1',
      },
    ])
    expect(lines.map(({ user, realm, detail }) => [user, realm, detail])).toEqual([
      ['', '', 'transaction_id: 0123, status: accept'],
      ['', '', 'transaction_id: 0123'],
    ])
  })

  it('names the service whose key opened it', () => {
    expect(of({ service: 'vpn' })).toMatchObject([
      { service: 'vpn', detail: 'transaction_id: 0123, status: accept, service: vpn' },
      { service: 'vpn', detail: 'transaction_id: 0123, service: vpn' },
    ])
  })

  it.each([
    [{ kind: 'confirmed' }, ', status: confirmed'],
    [{ kind: 'declined' }, ', status: declined'],
    [{ kind: 'declined', reason: 'unknown_trigger' }, ', status: declined, reason: unknown_trigger'],
    [{ kind: 'declined', reason: 'cancelled' }, ', status: cancelled, reason: cancelled'],
    [{ kind: 'wrong_number' }, ''],
  ])('says of the phone’s answer %o what privacyIDEA says', (answer, said) => {
    const step = { ...answer, at: now, action: 'POST /ttype/<ttype>' }
    expect(of({ steps: [step] })[0]?.detail).toBe(`transaction_id: 0123${said}`)
  })
})

describe('a filter', () => {
  it.each([
    ['user', 'Ada', true],
    ['user', 'ada', true],
    ['user', 'ad', false],
    ['user', 'a*', true],
    ['user', '*d*', true],
    ['user', '*da', true],
    ['user', '*d', false],
    ['user', 'a*a', true],
    ['user', 'a*d*a', true],
    ['user', 'a*aa', false],
    ['user', 'a%', false],
    ['user', '_da', false],
    ['success', '0', true],
    ['success', '1', false],
    ['client', 'setup', true],
    ['client', 'setup/1.2', false],
    ['administrator', 'grace', false],
  ] as const)('on %s for %s matches: %s', (field, pattern, expected) => {
    expect(has(field, pattern)).toBe(expected)
    expect(has(field, pattern, true)).toBe(!expected)
  })

  it('reads a pattern as an expression with .* for each star would', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '.', '%'), maxLength: 8 })
    fc.assert(
      fc.property(letters, letters, (pattern, text) => {
        const pieces = pattern.split('*').map((piece) => piece.replaceAll('.', String.raw`\.`))
        const filter = { conditions: [{ field: 'info', pattern, negated: false }] } as const
        expect(matches({ ...line, info: text }, filter)).toBe(new RegExp(`^${pieces.join('.*')}$`, 's').test(text))
      }),
    )
  })

  it('matches from one time until another', () => {
    const soon = addSeconds(now, seconds(1))
    const within = (more: object): boolean => matches(line, { conditions: [], ...more })
    expect([within({ since: now }), within({ since: soon })]).toEqual([true, false])
    expect([within({ until: now }), within({ until: soon })]).toEqual([false, true])
  })

  it('on owners matches the lines of one of them, or of their whole realm', () => {
    const of = (...owners: { realm: string; login?: string }[]) => matches(line, { conditions: [], owners })
    expect(of({ realm: 'sales', login: 'Ada' })).toBe(true)
    expect(of({ realm: 'sales' })).toBe(true)
    expect(of({ realm: 'it', login: 'Ada' }, { realm: 'sales' })).toBe(true)
    expect(of({ realm: 'sales', login: 'bob' })).toBe(false)
    expect(of({ realm: 'it' })).toBe(false)
    expect(of()).toBe(false)
  })
})

describe('lines', () => {
  const at = (second: number, more: Partial<AuditLine> = {}): AuditLine => ({
    ...line,
    at: addSeconds(now, seconds(second)),
    ...more,
  })
  const times = (sorted: readonly AuditLine[]) => sorted.map((one) => (one.at - now) / 1000)

  it('are sorted by time, the newest first, or the oldest', () => {
    const some = [at(2), at(1), at(3)]
    expect(times(some.toSorted(compareLines({ field: 'at', ascending: false })))).toEqual([3, 2, 1])
    expect(times(some.toSorted(compareLines({ field: 'at', ascending: true })))).toEqual([1, 2, 3])
  })

  it('of one login and one moment keep the order of its steps', () => {
    const steps = [at(1, { step: 1 }), at(1, { step: 2 }), at(1, { step: 0 })]
    expect(steps.toSorted(compareLines({ field: 'at', ascending: false })).map(({ step }) => step)).toEqual([2, 1, 0])
  })

  it('are sorted by another field, and by time where that is the same', () => {
    const some = [at(1, { user: 'bob' }), at(2, { user: 'ada' }), at(3, { user: 'bob' })]
    expect(times(some.toSorted(compareLines({ field: 'user', ascending: true })))).toEqual([2, 1, 3])
  })
})
