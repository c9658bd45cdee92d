import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatTimestampMicros, parseDuration, parseTimestamp, formatTimestamp, isWithin } from '../src/timestamps.ts'
import { instant, addSeconds, seconds } from '../src/vocabulary.ts'
import { recording } from './protocol/recordings.ts'

const at = Date.UTC(2026, 10, 24, 7, 9, 4)

describe('a timestamp', () => {
  it.each([
    '2026-11-24T07:09:04Z',
    '2026-11-24T07:09:04+00:00',
    '2026-11-24T07:09:04+0000',
    '2026-11-24T07:09:04+00',
    '2026-11-24T07:09:04',
    '2026-11-24 07:09:04Z',
    '20261124T070904Z',
    '20261124T070904',
    '2026-11-24T09:09:04+02:00',
    '2026-11-24T01:39:04-0530',
    '2026-11-25T06:09:04+23',
  ])('can be written %s', (text) => {
    expect(parseTimestamp(text)).toBe(at)
  })

  it('may have a fraction of up to nine digits, of which milliseconds count', () => {
    expect(parseTimestamp('2026-11-24T07:09:04.5Z')).toBe(at + 500)
    expect(parseTimestamp('2026-11-24T07:09:04,123999Z')).toBe(at + 123)
    expect(parseTimestamp('20261124T070904.123456789+0000')).toBe(at + 123)
  })

  it('can leave out minutes, seconds or the time of day', () => {
    expect(parseTimestamp('2026-11-24T07:09Z')).toBe(at - 4_000)
    expect(parseTimestamp('2026-11-24T07')).toBe(Date.UTC(2026, 10, 24, 7))
    expect(parseTimestamp('2026-11-24')).toBe(Date.UTC(2026, 10, 24))
  })

  it('is read in every form that JavaScript writes', () => {
    const range = {
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    }
    fc.assert(
      fc.property(fc.date(range), (date) => {
        expect(parseTimestamp(date.toISOString())).toBe(date.getTime())
      }),
    )
  })

  it.each([
    'yesterday',
    'now',
    '',
    '1795504144',
    '1795504144.5',
    '2026-02-29T00:00:00Z',
    '2100-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2026-11-31T00:00:00Z',
    '2026-11-24T24:00:00Z',
    '2026-11-24T07:60:00Z',
    '2026-11-24T07:09:60Z',
    '2026-11-24T07:09:04.1234567890Z',
    '2026-11-24T07:09:04.Z',
    '2026-11-24T07:09:04+24:00',
    '2026-11-24T07:09:04 Z',
    '2026-11-24T07:09:04Z\n',
    '2026-1124T07:09:04Z',
    '٢٠٢٦-11-24T07:09:04Z',
  ])('is not %j', (text) => {
    expect(parseTimestamp(text)).toBeUndefined()
  })

  it('is read where privacyIDEA reads one, and not where it does not', () => {
    const polls = [...recording('09-poll').exchanges, ...recording('10-fbtoken-update').exchanges].flatMap((one) => {
      const text = (one.request.query ?? one.request.body)?.['timestamp']
      return text === undefined ? [] : [{ text, message: one.response.json?.result.error?.message ?? '' }]
    })
    expect(polls.length).toBeGreaterThan(20)
    for (const { text, message } of polls) {
      expect(parseTimestamp(text) === undefined).toBe(message.includes('Could not parse timestamp'))
    }
  })
})

describe('an instant', () => {
  it('is written to the second with its offset, or to the microsecond without a zone', () => {
    expect(formatTimestamp(instant(at + 56))).toBe('2026-11-24T07:09:04+00:00')
    expect(formatTimestampMicros(instant(at + 56))).toBe('2026-11-24T07:09:04.056000')
  })

  it('is read back as it was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) }), (milliseconds) => {
        const one = instant(milliseconds)
        expect(parseTimestamp(formatTimestampMicros(one))).toBe(one)
        expect(parseTimestamp(formatTimestamp(one))).toBe(one - (one % 1000))
      }),
    )
  })
})

describe('a duration', () => {
  it.each([
    ['30h', 108_000],
    [' 7 d ', 604_800],
    ['1y', 31_536_000],
    ['0s', 0],
    ['1w', undefined],
    ['7', undefined],
    ['d', undefined],
    ['-7d', undefined],
    ['1234567s', undefined],
    ['1x', undefined],
  ])('%j is %s seconds', (text, meant) => {
    expect(parseDuration(text)).toBe(meant)
  })

  it('is read in the units that are asked for, and in no others', () => {
    expect(parseDuration('2w', 'smhdwy')).toBe(1_209_600)
    expect(parseDuration('2y', 'smh')).toBeUndefined()
  })
})

describe('a time tolerance', () => {
  it('is as wide before as after, and includes its limits', () => {
    const now = instant(at)
    expect(isWithin(now, addSeconds(now, seconds(60)), seconds(60))).toBe(true)
    expect(isWithin(now, addSeconds(now, seconds(-60)), seconds(60))).toBe(true)
    expect(isWithin(now, instant(at + 60_001), seconds(60))).toBe(false)
    expect(isWithin(now, instant(at - 60_001), seconds(60))).toBe(false)
  })
})
