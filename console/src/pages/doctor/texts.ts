import { texts } from '../../texts.ts'

export const t = texts({
  en: {
    title: 'Doctor',
    lead: 'What is configured, what is missing, and what comes next. The same as npm run nod -- doctor.',
    again: 'Check again',
    states: { ok: 'All is well', warn: 'Something to attend to', fail: 'Something fails', skip: 'Nothing to look at' },
    badges: { ok: 'well', warn: 'attend', fail: 'fails', skip: 'not used' },
    next: 'Next',
    push: 'Test push',
    pushText: 'Rings a phone for a login that lets nobody in, and shows the time of each leg.',
    serial: 'Serial of a token',
    serialHint: 'Empty: your own phone.',
    ring: 'Ring',
    number: 'Tap this on the phone',
  },
  de: {
    title: 'Diagnose',
    lead: 'Was eingerichtet ist, was fehlt, und was als Nächstes kommt. Dasselbe wie npm run nod -- doctor.',
    again: 'Erneut prüfen',
    states: {
      ok: 'Alles in Ordnung',
      warn: 'Es gibt etwas zu tun',
      fail: 'Etwas funktioniert nicht',
      skip: 'Nichts zu prüfen',
    },
    badges: { ok: 'gut', warn: 'beachten', fail: 'Fehler', skip: 'unbenutzt' },
    next: 'Als Nächstes',
    push: 'Test-Push',
    pushText: 'Klingelt ein Telefon für eine Anmeldung, die niemanden einlässt, und zeigt die Dauer jeder Strecke.',
    serial: 'Seriennummer eines Tokens',
    serialHint: 'Leer: Ihr eigenes Telefon.',
    ring: 'Klingeln',
    number: 'Auf dem Telefon antippen',
  },
})
