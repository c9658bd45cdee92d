import { describe, expect, it } from 'vitest'
import { challengeDetail, statusDetail } from '../../../src/protocol/login/challenge-detail.ts'
import { enrollmentDetail } from '../../../src/protocol/login/enrollment-detail.ts'
import type { Serial, TransactionId } from '../../../src/vocabulary.ts'

const transaction = '02659936574063359702' as TransactionId
const tapped = { serial: 'PIPU1' as Serial, type: 'push', mode: 'standard', message: 'Tap.' } as const
const shown = { ...tapped, serial: 'PIPU2' as Serial, mode: 'presence', message: 'Tap C.', presence: 'C' } as const
const typed = { ...tapped, serial: 'PIPU3' as Serial, mode: 'code_to_phone', message: 'Type.' } as const
const detail = (challenges: Parameters<typeof challengeDetail>[0]['challenges'], preferredModes: string[] = []) =>
  challengeDetail({ transaction, message: 'Tap or type.', challenges, preferredModes })

describe('the answer to an opened login', () => {
  it('has a challenge for each phone, and repeats the last one at the top', () => {
    const tap = { transaction_id: transaction, serial: 'PIPU1', type: 'push', client_mode: 'poll', message: 'Tap.' }
    const type = { ...tap, serial: 'PIPU3', client_mode: 'interactive', message: 'Type.' }
    expect(detail([tapped, typed])).toEqual({
      ...type,
      message: 'Tap or type.',
      messages: ['Tap.', 'Type.'],
      transaction_ids: [transaction, transaction],
      multi_challenge: [tap, type],
      attributes: { hideResponseInput: false },
      preferred_client_mode: 'interactive',
    })
  })

  it('shows the option to tap with the challenge of its phone, and with no other', () => {
    expect(detail([shown, tapped])).toMatchObject({
      multi_challenge: [{ serial: 'PIPU2', client_mode: 'poll', presence_answer: 'C' }, { serial: 'PIPU1' }],
    })
    expect(detail([shown, tapped])).not.toHaveProperty('presence_answer')
    expect(detail([tapped, shown])).toHaveProperty('presence_answer', 'C')
  })

  it('hides the input where there is nothing to type', () => {
    expect(detail([tapped, shown])['attributes']).toEqual({ hideResponseInput: true })
  })

  it('offers the most wanted mode that a phone has, else that of the last challenge', () => {
    const offered = (...wanted: string[]) => detail([typed, tapped], wanted)['preferred_client_mode']
    expect(offered('webauthn', 'interactive', 'poll')).toBe('interactive')
    expect(offered('poll', 'interactive')).toBe('poll')
    expect(offered('webauthn')).toBe('poll')
    expect(detail([tapped], ['interactive'])['preferred_client_mode']).toBe('poll')
  })
})

describe('the status of a login', () => {
  it.each([
    ['accepted', true, 'accept'],
    ['declined', false, 'declined'],
    ['cancelled', false, 'cancelled'],
    ['pending', false, 'pending'],
    ['expired', false, 'pending'],
    ['finalized', false, 'pending'],
    ['unknown', false, 'pending'],
  ] as const)('that is %s reads %s and %s', (standing, value, status) => {
    expect(statusDetail(standing)).toEqual({ value, detail: { challenge_status: status } })
  })
})

describe('the answer to a login that enrolls a phone', () => {
  it('shows the QR code, and says whether the user may leave it', () => {
    const entry = {
      transaction_id: transaction,
      serial: 'PIPU1',
      type: 'push',
      client_mode: 'poll',
      message: 'Scan.',
      image: 'data:image/png;base64,AA==',
      link: 'otpauth://pipush/x',
    }
    const offer = { transaction, serial: 'PIPU1' as Serial, text: 'Scan.', uri: entry.link, image: entry.image }
    expect(enrollmentDetail({ ...offer, optional: false })).toEqual({
      ...entry,
      messages: ['Scan.'],
      transaction_ids: [transaction],
      multi_challenge: [entry],
      attributes: { hideResponseInput: true },
      preferred_client_mode: 'poll',
      enroll_via_multichallenge: true,
      enroll_via_multichallenge_optional: false,
    })
    expect(enrollmentDetail({ ...offer, optional: true })).toMatchObject({ enroll_via_multichallenge_optional: true })
  })
})
