import { describe, expect, it } from 'vitest'
import { parseTokenList } from '../../../src/protocol/token/token-list-request.ts'

const list = (params: Record<string, unknown>) => {
  const outcome = parseTokenList(params)
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.refusal))
  return outcome.value
}

describe('a list of tokens', () => {
  it('has all tokens by serial, fifteen on a page, unless it is filtered', () => {
    const everything = {
      hiddenInfo: [],
      order: { field: 'serial', ascending: true },
      page: 1,
      pageSize: 15,
      csv: false,
    }
    expect(list({})).toEqual(everything)
    expect(list({ user: '  ', serial: '', active: '', assigned: null })).toEqual(everything)
  })

  it('is filtered by every field that was sent', () => {
    expect(
      list({
        serial: 'PIPU*',
        type: 'push',
        type_list: 'push, edupush,',
        user: ' ada ',
        realm: 'sales',
        userid: 'ada',
        resolver: 'nod',
        tokenrealm: 'sales, corp*,',
        description: '*phone*',
        assigned: 'true',
        active: 'false',
        rollout_state: 'enrolled',
        infokey: 'note',
        infovalue: 'x*',
        container_serial: 'C1',
        hidden_tokeninfo: 'creation_date, note',
      }),
    ).toMatchObject({
      serial: 'PIPU*',
      serials: undefined,
      type: 'push',
      types: ['push', 'edupush'],
      user: 'ada',
      realm: 'sales',
      userId: 'ada',
      resolver: 'nod',
      realms: ['sales', 'corp*'],
      description: '*phone*',
      assigned: true,
      active: false,
      state: 'enrolled',
      info: { key: 'note', pattern: 'x*' },
      container: 'C1',
      hiddenInfo: ['creation_date', 'note'],
    })
  })

  it('may name several serials, without wildcards', () => {
    expect(list({ serial: 'A, B,' })).toMatchObject({ serials: ['A', 'B'], serial: undefined })
    // No serial is named: an empty list finds nothing, where a missing one would find every token.
    expect(list({ serial: ',' })).toMatchObject({ serials: [], serial: undefined })
    for (const serial of ['A,B*', '*,B'])
      expect(parseTokenList({ serial })).toMatchObject({ ok: false, refusal: { name: 'serial' } })
  })

  it('finds any value of an info entry that is named without one', () => {
    expect(list({ infokey: 'note' }).info).toEqual({ key: 'note', pattern: '*' })
    expect(list({ infovalue: 'x' }).info).toBeUndefined()
  })

  it.each([
    ['true', true],
    ['True', true],
    [1, true],
    [true, true],
    ['false', false],
    ['FALSE', false],
    [0, false],
    [false, false],
  ])('has tokens with an owner or without, enabled or not: %j', (value, meant) => {
    expect(list({ assigned: value, active: value })).toMatchObject({ assigned: meant, active: meant })
  })

  it.each([
    ['serial', 'serial'],
    ['tokentype', 'type'],
    ['description', 'description'],
    ['rollout_state', 'state'],
    ['active', 'active'],
    ['revoked', 'revoked'],
    ['locked', 'revoked'],
    ['failcount', 'attempts'],
    ['maxfail', 'maxAttempts'],
    ['count', 'serial'],
  ])('may be sorted by %s', (sortby, field) => {
    expect(list({ sortby, sortdir: 'DESC' }).order).toEqual({ field, ascending: false })
    expect(list({ sortby, sortdir: 'asc' }).order).toEqual({ field, ascending: true })
  })

  it('may be a CSV, or another page', () => {
    expect(list({ outform: 'csv', page: '2', pagesize: '1000' })).toMatchObject({ csv: true, page: 2, pageSize: 500 })
    expect(list({ outform: 'json' }).csv).toBe(false)
  })

  it.each([
    [{ assigned: 'yes' }, 'assigned'],
    [{ assigned: '00' }, 'assigned'],
    [{ active: 'falsey' }, 'active'],
    [{ active: '2' }, 'active'],
    [{ sortby: 'nosuch' }, 'sortby'],
    [{ sortby: 'constructor' }, 'sortby'],
    [{ sortdir: 'up' }, 'sortdir'],
    [{ page: '0' }, 'page'],
  ])('is refused: %j', (params, name) => {
    expect(parseTokenList(params)).toMatchObject({ ok: false, refusal: { reason: 'parameter_invalid', name } })
  })
})
