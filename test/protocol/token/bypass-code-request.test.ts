import { describe, expect, it } from 'vitest'
import {
  bypassCodeIdOf,
  parseBypassCodeId,
  parseBypassCodeRequest,
} from '../../../src/protocol/token/bypass-code-request.ts'

const who = { user: 'ada', reason: 'phone lost' }
const invalid = (name: string) => ({ ok: false, refusal: { reason: 'parameter_invalid', name } })
const missing = (name: string) => ({ ok: false, refusal: { reason: 'parameter_missing', name } })

describe('a request for a bypass code', () => {
  it('names a user and a reason; the code is valid for a day', () => {
    expect(parseBypassCodeRequest({ user: ' ada ', realm: 'sales', reason: ' phone lost ' })).toEqual({
      ok: true,
      value: { user: 'ada', realm: 'sales', reason: 'phone lost', validFor: 86_400 },
    })
  })

  it.each([
    [{ validity_minutes: '1' }, 60],
    [{ validity_minutes: 90 }, 5400],
    [{ validity_minutes: '14400' }, 864_000],
    [{ validity_hours: '1' }, 3600],
    [{ validity_hours: '240' }, 864_000],
  ])('may say how long the code is valid: %j, that is %i seconds', (validity, validFor) => {
    expect(parseBypassCodeRequest({ ...who, ...validity })).toEqual({ ok: true, value: { ...who, validFor } })
  })

  it.each(['0', '14401', '-1', '1.5', '1e2', 'x', '5x', 'x5', ' 5', '9999999'])(
    'is refused for %j minutes',
    (minutes) => {
      expect(parseBypassCodeRequest({ ...who, validity_minutes: minutes })).toMatchObject(invalid('validity_minutes'))
    },
  )

  it.each(['0', '241', '0.5', '999999'])('is refused for %j hours', (hours) => {
    expect(parseBypassCodeRequest({ ...who, validity_hours: hours })).toMatchObject(invalid('validity_hours'))
  })

  it('is refused with minutes and hours', () => {
    expect(parseBypassCodeRequest({ ...who, validity_minutes: '60', validity_hours: '1' })).toMatchObject(
      invalid('validity_hours'),
    )
  })

  it('is refused without a user or a reason, and blanks are neither', () => {
    for (const user of [undefined, '', '  ']) expect(parseBypassCodeRequest({ ...who, user })).toEqual(missing('user'))
    for (const reason of [undefined, '', '  '])
      expect(parseBypassCodeRequest({ ...who, reason })).toEqual(missing('reason'))
  })
})

describe('the number of a bypass code', () => {
  it('is a whole number', () => {
    expect(parseBypassCodeId({ id: 12 })).toEqual({ ok: true, value: '12' })
    expect(parseBypassCodeId({})).toEqual(missing('id'))
    expect(bypassCodeIdOf('12')).toBe(12)
    expect(bypassCodeIdOf('9'.repeat(15))).toBe(999_999_999_999_999)
  })

  it.each(['', '-1', '1.5', '1x', 'x1', ' 1', '9'.repeat(16)])('cannot be %j', (text) => {
    expect(bypassCodeIdOf(text)).toBeUndefined()
  })
})
