import { texts } from '../../texts.ts'

export const t = texts({
  en: {
    title: 'Bypass code',
    lead: 'With it the user logs in once without the phone. There is one at a time: a new one replaces the one before.',
    issue: 'Issue a code',
    issueTitle: (user: string) => `Issue a bypass code for ${user}`,
    issueText:
      'Make sure who asks you for it: whoever has the code gets in once in place of the phone. The user’s phones are told.',
    reason: 'Reason',
    reasonHint: 'For example “phone forgotten at home, called back”. It stands in the audit.',
    valid: 'Valid for',
    lifetimes: { 60: 'an hour', 240: '4 hours', 1440: 'a day', 4320: '3 days', 14400: '10 days' },
    code: (user: string) => `The bypass code of ${user}`,
    codeTitle: 'The code',
    done: 'I have told them',
    none: 'No code is valid.',
    valid_until: 'Valid until',
    by: 'Issued by',
    withdraw: 'Withdraw',
    withdrawTitle: (user: string) => `Withdraw the bypass code of ${user}`,
    withdrawText: 'Nobody gets in with it any more. This cannot be undone: another code can be issued.',
    withdrawn: 'The code is withdrawn.',
  },
  de: {
    title: 'Ersatzcode',
    lead: 'Damit meldet sich der Benutzer einmal ohne das Telefon an. Es gibt immer nur einen: Ein neuer ersetzt den vorigen.',
    issue: 'Code ausstellen',
    issueTitle: (user: string) => `Einen Ersatzcode für ${user} ausstellen`,
    issueText:
      'Vergewissern Sie sich, wer Sie darum bittet: Wer den Code hat, kommt einmal anstelle des Telefons herein. Die Telefone des Benutzers erfahren davon.',
    reason: 'Grund',
    reasonHint: 'Zum Beispiel „Telefon zu Hause vergessen, zurückgerufen“. Er steht im Audit.',
    valid: 'Gültig',
    lifetimes: { 60: 'eine Stunde', 240: '4 Stunden', 1440: 'einen Tag', 4320: '3 Tage', 14400: '10 Tage' },
    code: (user: string) => `Der Ersatzcode von ${user}`,
    codeTitle: 'Der Code',
    done: 'Ich habe ihn mitgeteilt',
    none: 'Kein Code ist gültig.',
    valid_until: 'Gültig bis',
    by: 'Ausgestellt von',
    withdraw: 'Zurückziehen',
    withdrawTitle: (user: string) => `Den Ersatzcode von ${user} zurückziehen`,
    withdrawText:
      'Niemand kommt mehr damit herein. Das lässt sich nicht rückgängig machen: Es kann ein anderer ausgestellt werden.',
    withdrawn: 'Der Code ist zurückgezogen.',
  },
})
