import { texts } from '../../texts.ts'

export const t = texts({
  en: {
    title: 'Doctor',
    lead: 'What is configured, what is missing, and what to do next. On the command line:',
    again: 'Check again',
    states: { ok: 'All is well', warn: 'Something needs attention', fail: 'Something fails', skip: 'Nothing to check' },
    badges: { ok: 'good', warn: 'attention', fail: 'fails', skip: 'not used' },
    next: 'Next',
    push: 'Test push',
    pushText: 'Rings a phone for a login that lets nobody in, and shows how long each step takes.',
    serial: 'Serial of a token',
    serialHint: 'Empty: your own phone.',
    ring: 'Ring',
    ringing: 'The phone rings: answer there. If nothing appears, open the app and pull down to refresh.',
    answered: 'The phone has answered: it works. A code that it shows is not needed here.',
    number: 'Tap this on the phone',
  },
  de: {
    title: 'Diagnose',
    lead: 'Was eingerichtet ist, was fehlt, und was als Nächstes zu tun ist. Auf der Kommandozeile:',
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
    pushText:
      'Lässt ein Telefon für eine Anmeldung klingeln, die niemanden einlässt, und zeigt, wie lange jeder Schritt dauert.',
    serial: 'Seriennummer eines Tokens',
    serialHint: 'Leer: Ihr eigenes Telefon.',
    ring: 'Klingeln lassen',
    ringing:
      'Das Telefon klingelt: Antworten Sie dort. Erscheint nichts, öffnen Sie die App und ziehen Sie zum Aktualisieren nach unten.',
    answered: 'Das Telefon hat geantwortet: Es funktioniert. Einen Code, den es zeigt, brauchen Sie hier nicht.',
    number: 'Auf dem Telefon antippen',
  },
})
