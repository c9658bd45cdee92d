/** What a phone shows of a notice, in each language. Times are UTC. */
import { formatTimestamp } from '../../timestamps.ts'
import type { Instant, Language } from '../../vocabulary.ts'
import type { Binding, NoticeSubject, OwnChange } from '../../vocabulary/notices.ts'

interface NoticeTexts {
  readonly title: string
  readonly bound: Readonly<Record<Binding, (serial: string) => string>>
  readonly codeIssued: string
  readonly codeUsed: string
  readonly pinStopped: string
  readonly changed: Readonly<Record<OwnChange, string>>
  /** On the user's own page. */
  readonly here: (serial: string, change: string) => string
  /** Follows what happened: when. */
  readonly at: (date: string, time: string) => string
  /** What a decline does. */
  readonly blocks: string
  readonly voids: string
  readonly reports: string
  readonly ends: string
  readonly acknowledge: string
}

const TEXTS: Readonly<Record<Language, NoticeTexts>> = {
  en: {
    title: 'Security notice, not a login',
    bound: {
      enrolled: (serial) => `Another phone (${serial}) was added and can confirm your logins`,
      re_enrolled: (serial) => `The token ${serial} was moved to another phone, which can confirm your logins`,
      enabled: (serial) => `Another phone (${serial}) was enabled and can confirm your logins`,
      assigned: (serial) => `Another phone (${serial}) was assigned to you and can confirm your logins`,
    },
    codeIssued: 'A code was issued that logs you in without a phone',
    codeUsed: 'A code was used that logs you in without a phone',
    pinStopped: 'Logins with your PIN were stopped, because you declined one. Somebody knows your PIN: have it changed',
    changed: {
      disabled: 'was disabled',
      revoked: 'was revoked',
      deleted: 'was removed',
      rings_paused: 'does not ring for a while',
      rings_resumed: 'rings again',
      renamed: 'was renamed',
      pin_changed: 'has another PIN',
    },
    here: (serial, change) => `Your phone ${serial} ${change}, as set on your own page`,
    at: (date, time) => ` (${date}, ${time} UTC).`,
    blocks: 'Was it not you? Decline, and that phone is blocked.',
    voids: 'Was it not you? Decline, and the code is void.',
    reports: 'Was it not you? Decline, and your administrators are told.',
    ends: 'Was it not you? Decline: whoever did it is signed out, and your administrators are told.',
    acknowledge: 'Accept to close this notice.',
  },
  de: {
    title: 'Sicherheitshinweis, keine Anmeldung',
    bound: {
      enrolled: (serial) => `Ein weiteres Telefon (${serial}) wurde hinzugefügt und kann Ihre Anmeldungen bestätigen`,
      re_enrolled: (serial) =>
        `Das Token ${serial} ist auf ein anderes Telefon umgezogen, das Ihre Anmeldungen bestätigen kann`,
      enabled: (serial) => `Ein weiteres Telefon (${serial}) wurde freigegeben und kann Ihre Anmeldungen bestätigen`,
      assigned: (serial) =>
        `Ein weiteres Telefon (${serial}) wurde Ihnen zugewiesen und kann Ihre Anmeldungen bestätigen`,
    },
    codeIssued: 'Ein Code wurde ausgestellt, mit dem Sie sich ohne Telefon anmelden können',
    codeUsed: 'Mit einem Code hat sich jemand unter Ihrem Namen ohne Telefon angemeldet',
    pinStopped:
      'Anmeldungen mit Ihrer PIN wurden gestoppt, weil Sie eine abgelehnt haben. Jemand kennt Ihre PIN: Lassen Sie sie ändern',
    changed: {
      disabled: 'wurde gesperrt',
      revoked: 'wurde widerrufen',
      deleted: 'wurde entfernt',
      rings_paused: 'klingelt eine Weile nicht',
      rings_resumed: 'klingelt wieder',
      renamed: 'wurde umbenannt',
      pin_changed: 'hat eine andere PIN',
    },
    here: (serial, change) => `Ihr Telefon ${serial} ${change}, so auf Ihrer eigenen Seite eingestellt`,
    at: (date, time) => ` (${date}, ${time} UTC).`,
    blocks: 'Waren Sie das nicht? Lehnen Sie ab, dann wird dieses Telefon gesperrt.',
    voids: 'Waren Sie das nicht? Lehnen Sie ab, dann ist der Code ungültig.',
    reports: 'Waren Sie das nicht? Lehnen Sie ab, dann erfährt es Ihre Administration.',
    ends: 'Waren Sie das nicht? Lehnen Sie ab: Dann wird abgemeldet, wer es war, und Ihre Administration erfährt es.',
    acknowledge: 'Nehmen Sie an, um diesen Hinweis zu schließen.',
  },
}

/** Composes what the phone shows: what happened, when, what a decline does, and whom to call. */
export function noticeTexts(
  subject: NoticeSubject,
  at: Instant,
  language: Language,
  contact?: string,
): { readonly title: string; readonly question: string } {
  const texts = TEXTS[language]
  const time = formatTimestamp(at)
  const [what, decline] = saying(subject, texts)
  const question = [what + texts.at(time.slice(0, 10), time.slice(11, 16)), decline, contact].join(' ').trimEnd()
  return { title: texts.title, question }
}

function saying(subject: NoticeSubject, texts: NoticeTexts): readonly [what: string, decline: string] {
  switch (subject.kind) {
    case 'phone_bound':
      return [texts.bound[subject.binding](subject.serial), texts.blocks]
    case 'bypass_code_issued':
      return [texts.codeIssued, texts.voids]
    case 'bypass_code_used':
      return [texts.codeUsed, subject.session === undefined ? texts.reports : texts.ends]
    case 'phone_changed':
      return [texts.here(subject.serial, texts.changed[subject.change]), texts.ends]
    case 'pin_stopped':
      return [texts.pinStopped, texts.acknowledge]
  }
}
