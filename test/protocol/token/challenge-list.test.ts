import { describe, expect, it } from 'vitest'
import { challengeItem, parseChallengeList } from '../../../src/protocol/token/challenge-list.ts'
import { instant, type Serial } from '../../../src/vocabulary.ts'

const listed = {
  transaction: '06069421650005980212',
  attemptId: '3ab6f87bb7582c9f53ad41b26f09086d',
  shown: { title: 'privacyIDEA', question: 'Do you want to confirm the login?' },
  serial: 'PIPU00001801' as Serial,
  mode: 'standard',
  state: 'pending',
  openedAt: instant(Date.UTC(2026, 8, 6, 0, 5, 9, 999)),
  validUntil: instant(Date.UTC(2026, 8, 6, 0, 7, 9)),
} as const

describe('a challenge in a list', () => {
  it('is as recorded, with times as HTTP dates', () => {
    expect(challengeItem(listed)).toEqual({
      transaction_id: '06069421650005980212',
      challenge: '***',
      serial: 'PIPU00001801',
      data: {
        type: 'push',
        mode: 'standard',
        attempt_id: '3ab6f87bb7582c9f53ad41b26f09086d',
        notification: { title: 'privacyIDEA', question: 'Do you want to confirm the login?' },
      },
      otp_received: false,
      received_count: 0,
      otp_valid: false,
      timestamp: 'Sun, 06 Sep 2026 00:05:09 GMT',
      expiration: 'Sun, 06 Sep 2026 00:07:09 GMT',
    })
    for (let month = 0; month < 12; month++) {
      const openedAt = instant(Date.UTC(2026, month, 28, 23, 59, 59))
      expect(challengeItem({ ...listed, openedAt }).timestamp).toBe(new Date(openedAt).toUTCString())
    }
  })

  it('says that it was accepted, and hides the option to tap and the code to type', () => {
    const shown = { ...listed.shown, options: ['L', 'O', 'C'] }
    expect(challengeItem({ ...listed, shown, mode: 'presence', state: 'accepted' })).toMatchObject({
      data: { type: 'push', mode: 'require_presence', options: ['L', 'O', 'C'], correct_answer: '***' },
      otp_received: true,
      received_count: 1,
      otp_valid: true,
    })
    expect(challengeItem({ ...listed, mode: 'code_to_phone', state: 'confirmed' })).toMatchObject({
      data: { mode: 'code_to_phone', display_code: '***', smartphone_confirmed: true },
      otp_valid: false,
    })
    expect(challengeItem({ ...listed, mode: 'code_to_phone', state: 'accepted' })).toMatchObject({
      data: { display_code: '***', smartphone_confirmed: true },
      otp_valid: true,
    })
    for (const state of ['pending', 'declined']) {
      const { data } = challengeItem({ ...listed, mode: 'code_to_phone', state })
      expect(data).not.toHaveProperty('display_code')
      expect(data).toHaveProperty('smartphone_confirmed', false)
    }
  })

  it('of a login that the version before opened, or of an enrollment, has what there is', () => {
    const { attemptId: _, shown: __, ...rest } = listed
    expect(challengeItem(rest).data).toEqual({ type: 'push', mode: 'standard' })
  })
})

describe('a list of challenges', () => {
  it.each([
    [{}, { descending: false, page: 1, pageSize: 15 }],
    [
      { serial: 'A-1', sortby: 'timestamp', sortdir: 'desc', page: '2', pagesize: '1000' },
      { serial: 'A-1', descending: true, page: 2, pageSize: 500 },
    ],
    [
      { user: 'ada', realm: 'sales', transaction_id: '06*' },
      { user: 'ada', realm: 'sales', transactionId: '06*', descending: false, page: 1, pageSize: 15 },
    ],
  ])('is asked for with %j', (params, value) => {
    expect(parseChallengeList(params)).toEqual({ ok: true, value })
  })

  it.each([
    [{ user: '' }, { reason: 'parameter_missing', name: 'user' }],
    [
      { user: 'ada', serial: 'A-1' },
      { reason: 'parameter_invalid', name: 'user' },
    ],
    [{ serial: 'A/1' }, { reason: 'token_unknown' }],
    [{ sortby: 'challenge' }, { reason: 'parameter_invalid', name: 'sortby' }],
    [{ page: '0' }, { reason: 'parameter_invalid', name: 'page' }],
    [{ pagesize: 'x' }, { reason: 'parameter_not_integer', name: 'pagesize' }],
  ])('is refused with %j', (params, refusal) => {
    expect(parseChallengeList(params)).toMatchObject({ ok: false, refusal })
  })
})
