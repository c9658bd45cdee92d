import { describe, expect, it } from 'vitest'
import { noticeTexts } from '../../../src/protocol/phone/notice-texts.ts'
import { clipTexts, messageOverhead } from '../../../src/protocol/phone/prompt.ts'
import { DIALECTS } from '../../../src/protocol/phone/dialect.ts'
import { instant, LANGUAGES, type Serial } from '../../../src/vocabulary.ts'
import { BINDINGS, type NoticeSubject } from '../../../src/vocabulary/notices.ts'

const AT = instant(Date.UTC(2026, 10, 29, 8, 5))
const serial = 'PIPUC4TN0PWE' as Serial
const SUBJECTS: readonly NoticeSubject[] = [
  ...BINDINGS.map((binding): NoticeSubject => ({ kind: 'phone_bound', serial, binding })),
  { kind: 'bypass_code_issued', code: 4711 },
  { kind: 'bypass_code_used' },
  { kind: 'pin_stopped' },
]

describe('a notice', () => {
  it('says in English what happened, when, what a decline does and whom to call', () => {
    expect(noticeTexts({ kind: 'phone_bound', serial, binding: 'enrolled' }, AT, 'en', 'Helpdesk: 1234')).toEqual({
      title: 'Security notice, not a login',
      question:
        'Another phone (PIPUC4TN0PWE) was added and can confirm your logins (2026-11-29, 08:05 UTC). ' +
        'Was it not you? Decline, and that phone is blocked. Helpdesk: 1234',
    })
  })

  it('says so in German', () => {
    expect(noticeTexts({ kind: 'bypass_code_issued', code: 1 }, AT, 'de')).toEqual({
      title: 'Sicherheitshinweis, keine Anmeldung',
      question:
        'Ein Code wurde ausgestellt, mit dem Sie sich ohne Telefon anmelden können (2026-11-29, 08:05 UTC). ' +
        'Waren Sie das nicht? Lehnen Sie ab, dann ist der Code ungültig.',
    })
  })

  it.each(LANGUAGES)('fits whole into a message of FCM with the largest key, in %s', (language) => {
    for (const subject of SUBJECTS) {
      const texts = noticeTexts(subject, AT, language, 'x'.repeat(100))
      const parts = { url: `https://nod.example/${'p'.repeat(40)}/ttype/push`, serial, keyBits: 4096 }
      const overhead = messageOverhead(DIALECTS.push, { ...parts, registrationToken: 'r'.repeat(163) })
      expect(clipTexts(texts, overhead)).toEqual(texts)
    }
  })

  it('says something different about each change', () => {
    const questions = SUBJECTS.map((subject) => noticeTexts(subject, AT, 'en').question)
    expect(new Set(questions).size).toBe(SUBJECTS.length)
  })
})
