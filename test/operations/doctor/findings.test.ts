import { describe, expect, it } from 'vitest'
import { clockFinding } from '../../../src/operations/doctor/database.ts'
import { firebaseFinding } from '../../../src/operations/doctor/firebase.ts'
import { findingText } from '../../../src/protocol/administration/doctor-texts.ts'

const database = { primary: 20, nearest: 5, clockAhead: 40 }
const google = { project: 'nod', result: 'ready', isTokenRefused: false }

describe('the clock', () => {
  it('is right when D1 and Google agree with it to five seconds', () => {
    expect(clockFinding(database, [{ ...google, clockAhead: -900 }])).toMatchObject({ state: 'ok' })
  })

  it('is wrong when Google has another time, also where Google refuses the access token for that', () => {
    const refused = { project: 'nod', result: 'credentials', isTokenRefused: true, clockAhead: -120_000 }
    const finding = clockFinding(database, [refused])
    expect(finding).toMatchObject({ state: 'fail', text: 'clock_wrong', values: { seconds: '120.0' } })
  })

  it('is not judged when nobody tells the time', () => {
    expect(clockFinding(undefined, [google])).toMatchObject({ state: 'skip' })
  })
})

describe('a Firebase configuration', () => {
  it.each([
    ['ready', 'ok', 'firebase_ready'],
    ['credentials', 'fail', 'firebase_credentials'],
    ['not_found', 'fail', 'firebase_project'],
    ['sender_id_mismatch', 'fail', 'firebase_other_project'],
    ['unavailable', 'warn', 'firebase_unreachable'],
    ['timeout', 'warn', 'firebase_unreachable'],
  ])('that answers %s is %s', (result, state, text) => {
    expect(firebaseFinding('FB1', { ...google, result })).toMatchObject({ state, text })
  })

  it('is named in the sentence and in the command that mends it', () => {
    const { values = {}, text, next } = firebaseFinding('FB1', { ...google, result: 'credentials' })
    expect(findingText(text, values, 'en')).toContain('the service account of FB1, or it may not send for project nod')
    expect(next).toBe('wrangler secret put FIREBASE_FB1')
  })
})
