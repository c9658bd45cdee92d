import { texts } from '../../texts.ts'

export const t = texts({
  en: {
    title: 'First steps',
    lead: 'From nothing to the first login of one of your services. Each step ticks itself off.',
    done: 'done',
    next: 'next',
    later: 'later',
    steps: {
      signIn: ['Sign in', 'You are an administrator of this Nod.'],
      phone: [
        'Enroll your own phone',
        'From then on signing in takes your password and the code that your phone shows. It also shows you what your users will see.',
      ],
      ring: ['Ring it once', 'Nod rings your phone, you answer there, and you see how long each step took.'],
      key: [
        'Make the first service key',
        'Each service has a key of its own. You get the exact settings for Keycloak, FreeRADIUS, PAM, PHP and curl with it.',
      ],
      login: [
        'See its first login',
        'As soon as your service asks for a login, this step ticks itself off, and the login is on the page Logins.',
      ],
    },
    enroll: 'Enroll my phone',
    ring: 'Ring my phone',
    makeKey: 'Make a key',
    logins: 'Watch logins',
    seen: (when: string) => `The newest login: ${when}.`,
    all: 'Everything is set up. This page stays in the menu.',
    further: 'What to do next',
    more: [
      ['/enroll', 'Enroll the first users'],
      ['/policies', 'Decide by policies what applies to whom'],
      ['/doctor', 'Let the doctor look for what is missing'],
    ],
  },
  de: {
    title: 'Erste Schritte',
    lead: 'Von nichts bis zur ersten Anmeldung eines Ihrer Dienste. Jeder Schritt hakt sich selbst ab.',
    done: 'erledigt',
    next: 'als Nächstes',
    later: 'später',
    steps: {
      signIn: ['Anmelden', 'Sie sind Administrator dieses Nod.'],
      phone: [
        'Das eigene Telefon ausrollen',
        'Ab dann braucht das Anmelden Ihr Passwort und den Code, den Ihr Telefon zeigt. So sehen Sie auch, was Ihre Benutzer sehen werden.',
      ],
      ring: [
        'Einmal klingeln lassen',
        'Nod lässt Ihr Telefon klingeln, Sie antworten dort und sehen, wie lange jeder Schritt gedauert hat.',
      ],
      key: [
        'Den ersten Dienstschlüssel anlegen',
        'Jeder Dienst hat einen eigenen Schlüssel. Dazu gibt es die genauen Einstellungen für Keycloak, FreeRADIUS, PAM, PHP und curl.',
      ],
      login: [
        'Seine erste Anmeldung sehen',
        'Sobald Ihr Dienst eine Anmeldung anfragt, hakt sich dieser Schritt ab, und sie steht auf der Seite Anmeldungen.',
      ],
    },
    enroll: 'Mein Telefon ausrollen',
    ring: 'Mein Telefon klingeln lassen',
    makeKey: 'Schlüssel anlegen',
    logins: 'Anmeldungen ansehen',
    seen: (when: string) => `Die neueste Anmeldung: ${when}.`,
    all: 'Alles ist eingerichtet. Diese Seite bleibt im Menü.',
    further: 'Wie es weitergeht',
    more: [
      ['/enroll', 'Die ersten Benutzer ausrollen'],
      ['/policies', 'Mit Richtlinien festlegen, was für wen gilt'],
      ['/doctor', 'Die Diagnose nach Fehlendem suchen lassen'],
    ],
  },
})
